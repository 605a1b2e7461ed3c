"""What is read of the records of rooms."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.attempts.models import Attempt, GrantedTime
from app.attempts.sitting_record.models import RecordSignature, RecordWaiver, RoomIncident, SittingRecord
from app.attempts.sitting_record.rules import RecordState, is_filed
from app.database import find_one, locked
from app.exams.queries.seats import visible_rooms
from app.security.actor import Actor
from app.security.permissions import Capability


def visible(actor: Actor) -> Select[SittingRecord]:
    """The records of the rooms that this actor may see; every one for who reads results."""
    if actor.may(Capability.RESULT_READ):
        return select(SittingRecord)
    return select(SittingRecord).where(SittingRecord.room_id.in_(visible_rooms(actor)))


def records_of(db: Session, actor: Actor, room_id: int, *, lock: bool = False) -> Sequence[SittingRecord]:
    """The visible record of a room and the additions to it, in order."""
    query = visible(actor).where(SittingRecord.room_id == room_id).order_by(SittingRecord.number)
    if lock:
        query = locked(query, of=SittingRecord)
    return db.scalars(query).all()


def find_record(db: Session, actor: Actor, room_id: int, number: int) -> SittingRecord:
    """One visible record or addition. Raises NotFound."""
    one = SittingRecord.room_id == room_id, SittingRecord.number == number
    return find_one(db, visible(actor).where(*one))


def signatures_of(db: Session, record: SittingRecord) -> Sequence[RecordSignature]:
    """The signatures under what a record says now, in order."""
    under = RecordSignature.record_id == record.id, RecordSignature.content_hash == record.content_hash
    return db.scalars(select(RecordSignature).where(*under).order_by(RecordSignature.id)).all()


def incidents_in(db: Session, room_id: int) -> Sequence[RoomIncident]:
    """The incidents of a room that the caller may see, in order."""
    query = select(RoomIncident).where(RoomIncident.room_id == room_id)
    return db.scalars(query.order_by(RoomIncident.happened_at, RoomIncident.id)).all()


def waiver_of(db: Session, room_id: int) -> RecordWaiver | None:
    """Why an approver does without the record of a room."""
    return db.scalars(select(RecordWaiver).where(RecordWaiver.room_id == room_id)).one_or_none()


def waived_among(db: Session, room_ids: Collection[int]) -> set[int]:
    """Those of these rooms whose record an approver does without."""
    return set(db.scalars(select(RecordWaiver.room_id).where(RecordWaiver.room_id.in_(room_ids))))


def states_of(db: Session, room_ids: Collection[int]) -> dict[int, list[RecordState]]:
    """Where the record of each of these rooms and its additions stand; for the service's own work."""
    found: dict[int, list[RecordState]] = {room_id: [] for room_id in room_ids}
    rows = select(SittingRecord.room_id, SittingRecord.state).where(SittingRecord.room_id.in_(room_ids))
    for room_id, state in db.execute(rows.order_by(SittingRecord.number)):
        found[room_id].append(state)
    return found


def unfiled(db: Session, room_ids: Collection[int]) -> set[int]:
    """Those of these rooms whose record is missing, or is not signed by both."""
    states, waived = states_of(db, room_ids), waived_among(db, room_ids)
    return {room_id for room_id in room_ids if not is_filed(states[room_id], waived=room_id in waived)}


def granted_to(db: Session, registration_ids: Collection[int]) -> Sequence[tuple[int, GrantedTime]]:
    """The granted time of these registrations as it stands in the ledger, with whose it is."""
    rows = db.execute(
        select(Attempt.registration_id, GrantedTime)
        .join(GrantedTime, GrantedTime.attempt_id == Attempt.id)
        .where(Attempt.registration_id.in_(registration_ids))
        .order_by(GrantedTime.id)
    )
    return [(row[0], row[1]) for row in rows]
