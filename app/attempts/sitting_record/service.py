"""Incidents written down, the record drawn up, signed by two, added to, filed; or done without by an approver."""

import hashlib
from datetime import datetime

from app.accounts.queries import person_of
from app.attempts.absences.queries import states_of as absence_states
from app.attempts.absences.rules import ListState
from app.attempts.room_day.queries import days_of
from app.attempts.room_day.rules import OPENS_BEFORE, RoomState
from app.attempts.sitting_record import queries
from app.attempts.sitting_record.compiling import compile_record
from app.attempts.sitting_record.models import RecordSignature, RecordWaiver, RoomIncident, SittingRecord
from app.attempts.sitting_record.rules import (
    RecordAction,
    RecordMoved,
    RecordState,
    RecordTooEarly,
    check_signer,
    check_when,
    move_record,
    signing,
)
from app.attempts.sitting_record.schemas import RecordContent
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import NotFound
from app.exams.queries import seats as seat_queries
from app.exams.queries.seats import RoomInfo, rooms_of_exam
from app.exams.reading import RecordsDestroyed
from app.operation import Operation, Task
from app.security.permissions import Capability
from question_bank.canonical import canonical_json


def note_incident(op: Operation, *, room_id: int, happened_at: datetime, words: str) -> RoomIncident:
    """Write down what happened in a room. Raises NotFound, Invalid naming happened_at."""
    room = seat_queries.find_room(op.db, op.actor, room_id, by=Capability.ROOM_RUN)
    check_when(happened_at, opens=room.starts_at - OPENS_BEFORE, now=op.now)
    row = RoomIncident(
        room_id=room_id,
        happened_at=happened_at,
        words=words,
        written_by=op.actor.account_id or 0,
        written_at=op.now,
    )
    op.db.add(row)
    op.db.flush()
    after = {"kind": "room", "incident_id": row.id, "words_hash": hashlib.sha256(words.encode()).hexdigest()}
    record(op, AuditAction.INCIDENT_NOTE, subject=("room", room_id), after=after)
    return row


def is_ready(op: Operation, room: RoomInfo) -> bool:
    """Whether the day of a room is over: it is closed, and two people have confirmed its absences."""
    day = days_of(op.db, [room]).get(room.room_id)
    closed = day is not None and day.state is RoomState.CLOSED
    return closed and absence_states(op.db, [room.room_id]).get(room.room_id) is ListState.CONFIRMED


def draw_up(op: Operation, *, room_id: int) -> SittingRecord:
    """Draw the record up from what happened; anew, while nobody has signed it. Raises NotFound, RecordTooEarly,
    RecordMoved."""
    room = _hold(op, room_id)
    known = queries.records_of(op.db, op.actor, room_id, lock=True)
    state = move_record(known[0].state if known else None, RecordAction.DRAW_UP)
    if not is_ready(op, room):
        raise RecordTooEarly
    content = compile_record(op, room, days_of(op.db, [room])[room_id])
    row = known[0] if known else SittingRecord(room_id=room_id, number=1)
    return _keep(op, row, content, state)


def add(op: Operation, *, room_id: int, words: str) -> SittingRecord:
    """Correct or complete a record that both have signed, by an addition that is signed anew; the record itself never
    changes. Raises NotFound, RecordMoved."""
    room = _hold(op, room_id)
    known = queries.records_of(op.db, op.actor, room_id, lock=True)
    if not known or known[-1].state is not RecordState.SIGNED:
        raise RecordMoved
    content = RecordContent(
        exam_name=room.exam_name,
        room_name=room.room_name,
        room_id=room_id,
        number=known[-1].number + 1,
        starts_at=room.starts_at,
        ends_at=room.ends_at,
        drawn_up_at=op.now,
        facts=None,
        words=words,
        previous_hash=known[-1].content_hash,
    )
    row = SittingRecord(room_id=room_id, number=content.number)
    return _keep(op, row, content, move_record(None, RecordAction.DRAW_UP))


def sign(op: Operation, *, room_id: int, number: int, content_hash: str) -> SittingRecord:
    """Sign what one has read, with one's own account and a fresh second factor; the second signature files it.

    Raises NotFound, RecordMoved, SameSigner, RecordChanged.
    """
    row = _find(op, room_id, number)
    action = signing(row.state)
    state = move_record(row.state, action)
    signed = {person_of(op.db, one.account_id) for one in queries.signatures_of(op.db, row)}
    check_signer(op.actor.person_id, signed=signed, read=content_hash, stands=row.content_hash)
    op.db.add(
        RecordSignature(record_id=row.id, account_id=op.actor.account_id or 0, content_hash=row.content_hash, at=op.now)
    )
    before, row.state = row.state, state
    op.db.flush()
    after = {"state": state, "number": number, "content_hash": row.content_hash}
    record(op, AuditAction.RECORD_SIGN, subject=("room", room_id), before={"state": before}, after=after)
    return row


def return_record(op: Operation, *, room_id: int, number: int, reason: str) -> SittingRecord:
    """Do not sign as the second: it is drawn up anew, or the addition is written anew. Raises NotFound, RecordMoved."""
    row = _find(op, room_id, number)
    state = move_record(row.state, RecordAction.RETURN)
    before, row.state = row.state, state
    op.db.flush()
    after = {"state": state, "number": number, "content_hash": row.content_hash}
    record(
        op, AuditAction.RECORD_RETURN, subject=("room", room_id), before={"state": before}, after=after, reason=reason
    )
    return row


def rewrite(op: Operation, *, room_id: int, number: int, words: str) -> SittingRecord:
    """Write an addition anew while nobody has signed it. Raises NotFound, RecordMoved."""
    row = _find(op, room_id, number)
    state = move_record(row.state, RecordAction.DRAW_UP)
    content = read_content(row)
    if content.facts is not None:
        raise RecordMoved
    return _keep(op, row, content.model_copy(update={"words": words, "drawn_up_at": op.now}), state)


def waive(op: Operation, *, exam_id: int, room_id: int, reason: str) -> RecordWaiver:
    """Do without the record of a room, as an approver, with a reason; once. Raises NotFound, RecordMoved where it is
    filed, or done without already."""
    if room_id not in set(op.db.scalars(rooms_of_exam(exam_id))):
        raise NotFound
    seat_queries.hold_room(op.db, room_id)
    if not queries.unfiled(op.db, [room_id]):
        raise RecordMoved
    row = RecordWaiver(room_id=room_id, reason=reason, waived_by=op.actor.account_id or 0, waived_at=op.now)
    op.db.add(row)
    op.db.flush()
    record(op, AuditAction.RECORD_WAIVE, subject=("room", room_id), after={"exam_id": exam_id}, reason=reason)
    return row


def read_content(row: SittingRecord) -> RecordContent:
    """What a record says. Raises RecordsDestroyed."""
    if not row.content:
        raise RecordsDestroyed
    return RecordContent.model_validate_json(row.content)


def waiting(op: Operation) -> list[Task]:
    """What waits: records to draw up or to sign, of rooms whose day is over."""
    if not op.may(Capability.ROOM_RUN):
        return []
    rooms = seat_queries.list_rooms(op.db, op.actor, by=Capability.ROOM_RUN)
    closed = {at for at, day in days_of(op.db, rooms).items() if day.state is RoomState.CLOSED}
    found = sorted(queries.unfiled(op.db, closed))
    link = f"/rooms/{found[0]}/record" if found else ""
    return [Task("份考场记录表待生成或签字", "records of rooms to draw up or to sign", len(found), link)]


def _hold(op: Operation, room_id: int) -> RoomInfo:
    room = seat_queries.find_room(op.db, op.actor, room_id, by=Capability.ROOM_RUN)
    seat_queries.hold_room(op.db, room_id)
    return room


def _find(op: Operation, room_id: int, number: int) -> SittingRecord:
    _hold(op, room_id)
    found = {row.number: row for row in queries.records_of(op.db, op.actor, room_id, lock=True)}
    if number not in found:
        raise NotFound
    return found[number]


def _keep(op: Operation, row: SittingRecord, content: RecordContent, state: RecordState) -> SittingRecord:
    written = canonical_json(content.model_dump(mode="json"))
    row.state, row.content, row.content_hash = state, written.decode(), hashlib.sha256(written).hexdigest()
    row.drawn_up_by, row.drawn_up_at = op.actor.account_id or 0, op.now
    op.db.add(row)
    op.db.flush()
    after = {"state": state, "number": row.number, "content_hash": row.content_hash}
    record(op, AuditAction.RECORD_DRAW_UP, subject=("room", row.room_id), after=after)
    return row
