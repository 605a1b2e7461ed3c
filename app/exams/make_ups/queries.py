"""What is read of make-up exams."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, delete, exists, false, or_, select
from sqlalchemy.orm import Session, aliased

from app.database import locked
from app.exams.emergencies import ChangeKind, ChangeState
from app.exams.make_ups.models import MakeUp, MakeUpEntitlement
from app.exams.make_ups.rules import Cause, EntitlementState, first_cause
from app.exams.models import Exam, ExamChange, Registration
from app.exams.rules import PUBLIC_STATES, ExamState
from app.security.actor import Actor
from app.security.permissions import Capability

_MAKING_UP = aliased(Registration)
"""The registration that makes up for another, beside that one."""


def visible(actor: Actor) -> Select[MakeUpEntitlement]:
    """Every entitlement, for officers and approvers of exams; one's own is told with one's way."""
    return select(MakeUpEntitlement).where(*([] if actor.may(Capability.EXAM_PRINT) else [false()]))


@dataclass(frozen=True)
class Line:
    """An entitlement, the registration that is made up for, and the one that makes up for it, if any."""

    entitlement: MakeUpEntitlement
    original: Registration
    used_by: Registration | None


def lines_of(db: Session, actor: Actor, exam_id: int) -> list[Line]:
    """The visible entitlements that registrations of an exam have, by person and cause."""
    query = (
        visible(actor)
        .join(Registration, Registration.id == MakeUpEntitlement.registration_id)
        .outerjoin(MakeUp, MakeUp.original_id == MakeUpEntitlement.registration_id)
        .outerjoin(_MAKING_UP, _MAKING_UP.id == MakeUp.registration_id)
        .where(Registration.exam_id == exam_id)
        .order_by(Registration.id, MakeUpEntitlement.id)
        .with_only_columns(MakeUpEntitlement, Registration, _MAKING_UP)
    )
    return [Line(row[0], row[1], row[2]) for row in db.execute(query)]


def usable(db: Session, exam: Exam, person_ids: Collection[int]) -> dict[int, MakeUpEntitlement]:
    """The entitlement that each of these persons has for a make-up exam, by person: due, and their registration made
    up for by none but the one for this exam. Of several the first by `Cause`; an exam that is no make-up has none."""
    query = (
        select(Registration.person_id, MakeUpEntitlement)
        .join(MakeUpEntitlement, MakeUpEntitlement.registration_id == Registration.id)
        .outerjoin(MakeUp, MakeUp.original_id == MakeUpEntitlement.registration_id)
        .outerjoin(_MAKING_UP, _MAKING_UP.id == MakeUp.registration_id)
        .where(
            Registration.exam_id == exam.makes_up_for,
            Registration.person_id.in_(person_ids),
            MakeUpEntitlement.state == EntitlementState.DUE,
            or_(_MAKING_UP.id.is_(None), _MAKING_UP.exam_id == exam.id),
        )
    )
    found: dict[int, dict[Cause, MakeUpEntitlement]] = {}
    for person_id, entitlement in db.execute(query):
        found.setdefault(person_id, {})[entitlement.cause] = entitlement
    return {person_id: by_cause[first_cause(by_cause)] for person_id, by_cause in found.items()}


def entitled_persons(db: Session, exam: Exam) -> list[int]:
    """Everybody to whom a make-up for this exam's original is due, in the order of their registrations there."""
    query = (
        select(Registration.person_id)
        .where(
            Registration.exam_id == exam.makes_up_for,
            exists().where(
                MakeUpEntitlement.registration_id == Registration.id, MakeUpEntitlement.state == EntitlementState.DUE
            ),
        )
        .order_by(Registration.id)
    )
    return list(dict.fromkeys(db.scalars(query)))


def hold_original(db: Session, registration_id: int) -> None:
    """Hold a registration until the transaction ends: two exams that would make up for it come one after the other."""
    db.execute(select(Registration.id).where(Registration.id == registration_id).with_for_update())


def by_registration(db: Session, cause: Cause, registration_ids: Collection[int]) -> dict[int, MakeUpEntitlement]:
    """The entitlements of one cause that these registrations have, lapsed ones too, held until the transaction ends."""
    query = select(MakeUpEntitlement).where(
        MakeUpEntitlement.cause == cause, MakeUpEntitlement.registration_id.in_(registration_ids)
    )
    rows = db.scalars(locked(query.order_by(MakeUpEntitlement.id)))
    return {row.registration_id: row for row in rows}


def granted_in(db: Session, exam_id: int, cause: Cause) -> set[int]:
    """The registrations of an exam that one cause entitles now."""
    query = (
        select(MakeUpEntitlement.registration_id)
        .join(Registration, Registration.id == MakeUpEntitlement.registration_id)
        .where(
            Registration.exam_id == exam_id,
            MakeUpEntitlement.cause == cause,
            MakeUpEntitlement.state == EntitlementState.DUE,
        )
    )
    return set(db.scalars(query))


def made_up_by(db: Session, registration_ids: Collection[int]) -> dict[int, MakeUpEntitlement]:
    """The entitlement that each of these registrations uses; those that make up for nothing are left out."""
    query = (
        select(MakeUp.registration_id, MakeUpEntitlement)
        .join(MakeUpEntitlement, MakeUpEntitlement.id == MakeUp.entitlement_id)
        .where(MakeUp.registration_id.in_(registration_ids))
    )
    return {row[0]: row[1] for row in db.execute(query)}


def strike(db: Session, registration_ids: Collection[int]) -> None:
    """Let registrations make up for nothing any more; that they did stands in the audit log."""
    db.execute(delete(MakeUp).where(MakeUp.registration_id.in_(registration_ids)))


def postponed_for(db: Session, exam_id: int, registration_ids: Collection[int]) -> dict[int, int]:
    """Which of these registrations had been confirmed when their exam was postponed: the change, by registration."""
    query = (
        select(Registration.id, ExamChange.id)
        .join(ExamChange, ExamChange.exam_id == Registration.exam_id)
        .where(
            Registration.exam_id == exam_id,
            Registration.id.in_(registration_ids),
            ExamChange.kind == ChangeKind.POSTPONE,
            ExamChange.state == ChangeState.APPROVED,
            ExamChange.settled_at >= Registration.settled_at,
        )
        .order_by(ExamChange.id)
    )
    return {row[0]: row[1] for row in db.execute(query)}


def originals(db: Session) -> Sequence[Exam]:
    """The exams that another may make up for: announced, also where they were cancelled since; the newest first."""
    announced = or_(Exam.state.in_(PUBLIC_STATES), (Exam.state == ExamState.CANCELLED) & Exam.published_at.is_not(None))
    return db.scalars(select(Exam).where(announced).order_by(Exam.id.desc())).all()


@dataclass(frozen=True)
class Told:
    """What the person of a registration is told of make-ups: the exam and cause that it makes up for, the cause for
    which one is due, and the exam in which it is made up."""

    makes_up_for: str = ""
    makes_up_cause: Cause | None = None
    due: Cause | None = None
    made_up_in: str = ""


def told_of(db: Session, registration_ids: Collection[int]) -> dict[int, Told]:
    """What there is to tell of these registrations, by registration; those with nothing are left out."""
    making = (
        select(MakeUp.registration_id, Exam.name, MakeUpEntitlement.cause)
        .join(MakeUpEntitlement, MakeUpEntitlement.id == MakeUp.entitlement_id)
        .join(Registration, Registration.id == MakeUp.original_id)
        .join(Exam, Exam.id == Registration.exam_id)
        .where(MakeUp.registration_id.in_(registration_ids))
    )
    due = (
        select(MakeUpEntitlement.registration_id, MakeUpEntitlement.cause, Exam.name)
        .outerjoin(MakeUp, MakeUp.original_id == MakeUpEntitlement.registration_id)
        .outerjoin(_MAKING_UP, _MAKING_UP.id == MakeUp.registration_id)
        .outerjoin(Exam, Exam.id == _MAKING_UP.exam_id)
        .where(MakeUpEntitlement.registration_id.in_(registration_ids), MakeUpEntitlement.state == EntitlementState.DUE)
    )
    made: dict[int, tuple[str, Cause | None]] = {row[0]: (row[1], row[2]) for row in db.execute(making)}
    granted: dict[int, dict[Cause, str]] = {}
    for registration_id, cause, name in db.execute(due):
        granted.setdefault(registration_id, {})[cause] = name or ""
    found = {}
    for registration_id in made.keys() | granted.keys():
        name, made_cause = made.get(registration_id, ("", None))
        causes = granted.get(registration_id, {})
        first = first_cause(causes) if causes else None
        found[registration_id] = Told(name, made_cause, first, causes[first] if first else "")
    return found
