"""Misconduct cases as their readers may see them, and what others must know of them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import Session

from app.attempts.misconduct.models import MisconductCase, MisconductCitation, MisconductProposal, MisconductWitness
from app.attempts.misconduct.rules import VOIDING, MisconductState
from app.database import find_one, locked
from app.exams.queries.seats import registrations_of, visible_rooms
from app.security.actor import Actor
from app.security.permissions import Capability

UNDECIDED = tuple(state for state in MisconductState if state is not MisconductState.SETTLED)
_UNDECIDED = MisconductCase.state.in_(UNDECIDED)
_VOIDING = MisconductCase.ruling.in_(VOIDING)


def visible(actor: Actor) -> Select[MisconductCase]:
    """All of them for who handles or decides; for who runs rooms, those recorded there. One's own see `own_cases`."""
    if actor.may(Capability.MISCONDUCT_HANDLE) or actor.may(Capability.MISCONDUCT_DECIDE):
        return select(MisconductCase)
    return select(MisconductCase).where(MisconductCase.room_id.in_(visible_rooms(actor, by=Capability.MISCONDUCT_READ)))


def list_cases(
    db: Session, actor: Actor, *, states: Collection[MisconductState], before: int, limit: int
) -> Sequence[MisconductCase]:
    """Visible cases in these states, the newest first, from behind `before` (0: from the top)."""
    query = visible(actor).where(MisconductCase.state.in_(states)).order_by(MisconductCase.id.desc()).limit(limit)
    return db.scalars(query.where(MisconductCase.id < before) if before else query).all()


def cases_in_room(db: Session, actor: Actor, room_id: int) -> Sequence[MisconductCase]:
    """The visible cases that were recorded in a room, the newest first."""
    return db.scalars(visible(actor).where(MisconductCase.room_id == room_id).order_by(MisconductCase.id.desc())).all()


def find_case(db: Session, actor: Actor, case_id: int, *, hold: bool = False) -> MisconductCase:
    """One visible case; with `hold`, held until the transaction ends. Raises NotFound."""
    return _one(db, visible(actor).where(MisconductCase.id == case_id), hold=hold)


def own_cases(db: Session, actor: Actor) -> Sequence[MisconductCase]:
    """The actor's own cases, the newest first."""
    return db.scalars(_own(actor).order_by(MisconductCase.id.desc())).all()


def own_case(db: Session, actor: Actor, case_id: int, *, hold: bool = False) -> MisconductCase:
    """One of the actor's own cases. Raises NotFound."""
    return _one(db, _own(actor).where(MisconductCase.id == case_id), hold=hold)


def witnesses_of(db: Session, case_ids: Collection[int]) -> dict[int, list[MisconductWitness]]:
    """Who witnessed these cases, in order, by case."""
    found: dict[int, list[MisconductWitness]] = {case_id: [] for case_id in case_ids}
    query = select(MisconductWitness).where(MisconductWitness.case_id.in_(case_ids)).order_by(MisconductWitness.id)
    for witness in db.scalars(query):
        found[witness.case_id].append(witness)
    return found


def citations_of(db: Session, case_id: int) -> Sequence[MisconductCitation]:
    """The signals that a case cites, in the order in which they were first noticed."""
    query = select(MisconductCitation).where(MisconductCitation.case_id == case_id)
    return db.scalars(query.order_by(MisconductCitation.first_at, MisconductCitation.kind)).all()


def proposals_of(db: Session, case_id: int) -> Sequence[MisconductProposal]:
    """What was proposed on a case, in order; the last one counts."""
    query = select(MisconductProposal).where(MisconductProposal.case_id == case_id)
    return db.scalars(query.order_by(MisconductProposal.id)).all()


def undecided() -> Select[int]:
    """Registrations with a case that nobody has decided yet: their results are withheld."""
    return select(MisconductCase.registration_id).where(_UNDECIDED)


def withheld_since(registration_id: int) -> ScalarSelect[datetime]:
    """When the first case of a registration that nobody has decided yet was recorded."""
    first = select(func.min(MisconductCase.reported_at))
    return first.where(MisconductCase.registration_id == registration_id, _UNDECIDED).scalar_subquery()


def voided() -> Select[int]:
    """Registrations whose result does not count by decision."""
    return select(MisconductCase.registration_id).where(_VOIDING)


def is_in_question(db: Session, registration_id: int) -> bool:
    """Whether a case of a registration is undecided, or was decided so that its result does not count."""
    case = MisconductCase.registration_id == registration_id
    return db.scalars(select(MisconductCase.id).where(case, _UNDECIDED | _VOIDING).limit(1)).first() is not None


def _own(actor: Actor) -> Select[MisconductCase]:
    return select(MisconductCase).where(MisconductCase.registration_id.in_(registrations_of(actor.person_id)))


def _one(db: Session, query: Select[MisconductCase], *, hold: bool) -> MisconductCase:
    if hold:
        query = locked(query, of=MisconductCase)
    return find_one(db, query)
