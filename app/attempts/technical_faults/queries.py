"""What is read of technical faults."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.attempts.technical_faults.models import TechnicalFault
from app.attempts.technical_faults.rules import FaultState
from app.database import find_one, locked
from app.exams.queries.seats import rooms_of_exam, visible_rooms
from app.security.actor import Actor


def visible(actor: Actor) -> Select[TechnicalFault]:
    """Those of the rooms that this actor may see. One's own is told with one's way."""
    return select(TechnicalFault).where(TechnicalFault.room_id.in_(visible_rooms(actor)))


def faults_in(db: Session, actor: Actor, room_id: int) -> Sequence[TechnicalFault]:
    """The visible faults of a room, in the order in which they were reported."""
    return db.scalars(visible(actor).where(TechnicalFault.room_id == room_id).order_by(TechnicalFault.id)).all()


def find_fault(db: Session, actor: Actor, room_id: int, registration_id: int) -> TechnicalFault:
    """The visible fault of a registration in a room, held until the transaction ends. Raises NotFound."""
    one = TechnicalFault.room_id == room_id, TechnicalFault.registration_id == registration_id
    return find_one(db, locked(visible(actor).where(*one)))


def faults_of(db: Session, registration_ids: Collection[int]) -> dict[int, TechnicalFault]:
    """The faults of these registrations, which the caller may see."""
    rows = db.scalars(select(TechnicalFault).where(TechnicalFault.registration_id.in_(registration_ids)))
    return {row.registration_id: row for row in rows}


def waiting_faults(db: Session, actor: Actor) -> Sequence[TechnicalFault]:
    """The visible faults that nobody has decided, by id."""
    waits = TechnicalFault.state == FaultState.REPORTED
    return db.scalars(visible(actor).where(waits).order_by(TechnicalFault.id)).all()


def count_undecided(db: Session, exam_id: int) -> int:
    """How many faults of an exam nobody has decided: its results wait for them."""
    waits = TechnicalFault.room_id.in_(rooms_of_exam(exam_id)), TechnicalFault.state == FaultState.REPORTED
    return db.execute(select(func.count()).where(*waits)).scalar_one()


def lost() -> Select[int]:
    """Registrations whose attempt was lost to a recognised fault: what was scored of it is no result."""
    return select(TechnicalFault.registration_id).where(TechnicalFault.state == FaultState.RECOGNISED)
