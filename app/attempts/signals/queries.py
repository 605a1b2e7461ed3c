"""What is read of signals, and of what candidates say to them."""

from collections.abc import Collection

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.attempts.signals.models import Signal, SignalAnswer
from app.attempts.signals.rules import Noticed, SignalKind, SignalSum, add_up
from app.exams.queries.seats import registrations_in_rooms, registrations_of
from app.security.actor import Actor, ActorKind
from app.security.permissions import Capability


def visible(actor: Actor) -> Select[Signal]:
    """The signals of the rooms that this actor may see, and one's own; all of them for who handles misconduct."""
    wide = actor.may(Capability.MISCONDUCT_HANDLE) or actor.may(Capability.MISCONDUCT_DECIDE)
    if actor.kind is ActorKind.SERVICE or wide:
        return select(Signal)
    seen = [Signal.registration_id.in_(registrations_of(actor.person_id))]
    if actor.may(Capability.ROOM_READ):
        seen.append(Signal.registration_id.in_(registrations_in_rooms(actor)))
    return select(Signal).where(or_(*seen))


def sums_of(db: Session, actor: Actor, registration_ids: Collection[int]) -> dict[int, list[SignalSum]]:
    """What was noticed of these candidates, as far as the actor may see it; only those of whom anything was."""
    rows: dict[int, list[Noticed]] = {}
    query = visible(actor).where(Signal.registration_id.in_(registration_ids)).order_by(Signal.at)
    for row in db.scalars(query):
        noticed = Noticed(row.kind, row.source, row.count, row.seconds, row.at)
        rows.setdefault(row.registration_id, []).append(noticed)
    return {registration_id: add_up(noticed) for registration_id, noticed in rows.items()}


def count_signals(db: Session, registrations: Select[int]) -> dict[int, int]:
    """How much was noticed of each of these registrations, which the caller may see: as `add_up` counts."""
    of_source = (
        select(Signal.registration_id, func.max(Signal.count).label("most"))
        .where(Signal.registration_id.in_(registrations))
        .group_by(Signal.registration_id, Signal.kind, Signal.source)
        .subquery()
    )
    rows = db.execute(
        select(of_source.c.registration_id, func.sum(of_source.c.most)).group_by(of_source.c.registration_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def answers_of(db: Session, registration_ids: Collection[int]) -> dict[int, dict[SignalKind, SignalAnswer]]:
    """What the candidates said, by registration and kind; who may read it, the caller judges by the signals."""
    found: dict[int, dict[SignalKind, SignalAnswer]] = {}
    for row in db.scalars(select(SignalAnswer).where(SignalAnswer.registration_id.in_(registration_ids))):
        found.setdefault(row.registration_id, {})[row.kind] = row
    return found
