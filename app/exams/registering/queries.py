"""What a person sees of the exams that they may enter, and of their own registrations."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, false, or_, select
from sqlalchemy.orm import Session

from app.exams.models import Exam, Registration
from app.exams.registering.rules import RegistrationWay
from app.exams.registration_models import Consent
from app.exams.rules import ExamState
from app.security.actor import Actor
from app.security.permissions import Capability


def visible(actor: Actor) -> Select[Registration]:
    """The registrations that are the actor's own."""
    own = Registration.person_id == actor.person_id
    return select(Registration).where(own if actor.may(Capability.REGISTRATION_OWN) else false())


def own_registrations(db: Session, actor: Actor) -> Sequence[Registration]:
    """The actor's own registrations, the newest first."""
    return db.scalars(visible(actor).order_by(Registration.id.desc())).all()


def open_to_persons(db: Session, now: datetime, also: Collection[int] = ()) -> Sequence[Exam]:
    """The exams that persons may enter themselves now, and those of these ids; the first to close first."""
    is_open = (
        (Exam.state == ExamState.PUBLISHED)
        & (Exam.way != RegistrationWay.UNIT)
        & (Exam.registration_opens_at <= now)
        & (Exam.registration_closes_at > now)
    )
    query = select(Exam).where(or_(is_open, Exam.id.in_(also))).order_by(Exam.registration_closes_at, Exam.id)
    return db.scalars(query).all()


def consents_of(db: Session, registration_ids: Collection[int]) -> dict[int, Consent]:
    """The consent that each of these registrations rests on, by registration; those without are left out."""
    rows = db.scalars(select(Consent).where(Consent.registration_id.in_(registration_ids)))
    return {row.registration_id: row for row in rows}
