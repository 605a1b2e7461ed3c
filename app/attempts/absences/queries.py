"""What is read of absences."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, delete, false, func, select
from sqlalchemy.orm import Session

from app.attempts.absences.models import Absence, AbsenceExcuse, AbsenceList
from app.attempts.absences.rules import CLOSED, ExcuseState, ListState
from app.database import find_one, locked
from app.exams.queries.seats import rooms_of_exam, visible_rooms
from app.security.actor import Actor
from app.security.permissions import Capability


def visible(actor: Actor) -> Select[AbsenceList]:
    """The lists of the rooms that this actor may see; every one for who reads results."""
    if actor.may(Capability.RESULT_READ):
        return select(AbsenceList)
    return select(AbsenceList).where(AbsenceList.room_id.in_(visible_rooms(actor)))


def list_of(db: Session, actor: Actor, room_id: int, *, lock: bool = False) -> AbsenceList | None:
    """The visible list of a room; None before it was stated."""
    query = visible(actor).where(AbsenceList.room_id == room_id)
    if lock:
        query = locked(query, of=AbsenceList)
    return db.scalars(query).one_or_none()


def states_of(db: Session, room_ids: Collection[int]) -> dict[int, ListState]:
    """Where the lists of these rooms stand; only those that were stated."""
    rows = db.execute(select(AbsenceList.room_id, AbsenceList.state).where(AbsenceList.room_id.in_(room_ids)))
    return {row.room_id: row.state for row in rows}


def absences_on(db: Session, list_id: int) -> Sequence[Absence]:
    """Who is on a list that the caller may see."""
    return db.scalars(select(Absence).where(Absence.list_id == list_id).order_by(Absence.registration_id)).all()


def absent_among(db: Session, registration_ids: Collection[int]) -> set[int]:
    """Those of these registrations whose absence two people have closed."""
    return set(
        db.scalars(
            select(Absence.registration_id)
            .join(AbsenceList, AbsenceList.id == Absence.list_id)
            .where(Absence.registration_id.in_(registration_ids), AbsenceList.state.in_(CLOSED))
        )
    )


def absences_of_exam(db: Session, actor: Actor, exam_id: int) -> Sequence[Absence]:
    """The closed absences of an exam, of the lists that this actor may see."""
    lists = visible(actor).where(AbsenceList.state.in_(CLOSED), AbsenceList.room_id.in_(rooms_of_exam(exam_id)))
    seen = lists.with_only_columns(AbsenceList.id)
    return db.scalars(select(Absence).where(Absence.list_id.in_(seen)).order_by(Absence.registration_id)).all()


def strike_list(db: Session, list_id: int) -> None:
    """Take everybody off a list that is stated anew; what it said before stands in the audit log."""
    db.execute(delete(Absence).where(Absence.list_id == list_id))


def visible_excuses(actor: Actor) -> Select[AbsenceExcuse]:
    """Every reason, for who reads results; none for others."""
    return select(AbsenceExcuse) if actor.may(Capability.RESULT_READ) else select(AbsenceExcuse).where(false())


def excuses_of(db: Session, actor: Actor, registration_ids: Collection[int]) -> dict[int, AbsenceExcuse]:
    """The visible reasons of these registrations."""
    rows = db.scalars(visible_excuses(actor).where(AbsenceExcuse.registration_id.in_(registration_ids)))
    return {row.registration_id: row for row in rows}


def hold_excuse(db: Session, actor: Actor, registration_id: int) -> AbsenceExcuse:
    """One visible reason, held until the transaction ends. Raises NotFound."""
    query = locked(visible_excuses(actor).where(AbsenceExcuse.registration_id == registration_id))
    return find_one(db, query)


def brought_forward(db: Session, registration_ids: Collection[int]) -> int:
    """For how many of these registrations a reason is proposed or recognised."""
    standing = AbsenceExcuse.registration_id.in_(registration_ids), AbsenceExcuse.state != ExcuseState.DECLINED
    return db.execute(select(func.count()).where(*standing)).scalar_one()


def excused() -> Select[int]:
    """Registrations whose absence has a recognised reason: a make-up exam is due to them."""
    return select(AbsenceExcuse.registration_id).where(AbsenceExcuse.state == ExcuseState.RECOGNISED)


def waiting_excuses(db: Session, actor: Actor) -> Sequence[AbsenceExcuse]:
    """The visible reasons that nobody has decided."""
    return db.scalars(visible_excuses(actor).where(AbsenceExcuse.state == ExcuseState.PROPOSED)).all()


def lists_to_confirm(db: Session, actor: Actor) -> Sequence[AbsenceList]:
    """The visible lists that wait for a second person."""
    waits = AbsenceList.state.in_({ListState.STATED, ListState.REOPENING})
    return db.scalars(visible(actor).where(waits).order_by(AbsenceList.id)).all()
