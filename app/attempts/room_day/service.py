"""A room opened, begun, closed by its proctor, and opened again where it was closed by mistake."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.attempts import queries as attempts
from app.attempts.models import CheckInCode
from app.attempts.proctoring.board import SeatLine, read_boards
from app.attempts.proctoring.rules import UNFINISHED
from app.attempts.room_day import queries
from app.attempts.room_day.models import RoomDay
from app.attempts.room_day.rules import (
    RoomAction,
    RoomCheck,
    RoomNotOpened,
    RoomState,
    check_beginning,
    check_checked,
    check_closing,
    check_counted,
    check_opening,
    is_loud,
    lets_in,
    move_room,
)
from app.attempts.rules import AttemptState, Closing
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import FieldProblem, Invalid
from app.exams.queries import proctors_by_room
from app.exams.queries import seats as seat_queries
from app.exams.queries.seats import RoomInfo
from app.operation import Operation, Task
from app.security.permissions import Capability


@dataclass(frozen=True)
class Held:
    """A room that this transaction holds, with its day, where it was opened for its present start."""

    room: RoomInfo
    day: RoomDay | None

    @property
    def state(self) -> RoomState | None:
        """Where the room stands."""
        return self.day.state if self.day else None


def hold(op: Operation, room_id: int) -> Held:
    """A room that the actor runs, held so that what is done about its day comes one after the other. Raises
    NotFound."""
    room = seat_queries.find_room(op.db, op.actor, room_id, by=Capability.ROOM_RUN)
    seat_queries.hold_room(op.db, room_id)
    row = queries.row_of(op.db, op.actor, room_id)
    return Held(room, row if row is not None and row.starts_at == room.starts_at else None)


def open_room(op: Operation, *, room_id: int, checks: Collection[RoomCheck], present: Collection[int]) -> RoomDay:
    """开考场: the proctor has checked all that is asked; `present` are the invigilators beside them.

    Raises NotFound, RoomMoved, RoomNotYet, RoomOver, Invalid naming `checks` or `present`.
    """
    held = hold(op, room_id)
    state = move_room(held.state, RoomAction.OPEN)
    check_opening(starts_at=held.room.starts_at, ends_at=end_of(op, held.room), now=op.now)
    check_checked(checks, remote=held.room.remote)
    assigned = set(proctors_by_room(op.db, [room_id])[room_id])
    if not set(present) <= assigned:
        raise Invalid(FieldProblem("present", "只能选择本考场的监考员。", "Only invigilators of this room."))
    there = sorted({*present, op.actor.account_id or 0})
    row = queries.row_of(op.db, op.actor, room_id)
    if row is None:
        row = RoomDay(room_id=room_id)
        op.db.add(row)
    row.starts_at, row.state, row.present = held.room.starts_at, state, there
    row.opened_by, row.opened_at = op.actor.account_id or 0, op.now
    row.started_by = row.started_at = row.closed_by = row.closed_at = row.sheets = row.slips = None
    row.note = ""
    op.db.flush()
    after = {"state": state, "present": there, "checks": sorted(set(checks)), "starts_at": held.room.starts_at}
    record(op, AuditAction.ROOM_OPEN, subject=("room", room_id), after=after)
    return row


def start_room(op: Operation, *, room_id: int) -> RoomDay:
    """宣布开考: a statement of fact. Whoever waits enters by the clock of the sitting, whether it is made or not.

    Raises NotFound, RoomMoved, RoomNotYet, RoomOver.
    """
    held = hold(op, room_id)
    state = move_room(held.state, RoomAction.START)
    check_beginning(starts_at=held.room.starts_at, ends_at=end_of(op, held.room), now=op.now)
    day = _day(held)
    day.state, day.started_by, day.started_at = state, op.actor.account_id, op.now
    op.db.flush()
    record(op, AuditAction.ROOM_START, subject=("room", room_id), after={"state": state})
    return day


def close_room(op: Operation, *, room_id: int, sheets: int, slips: int, note: str) -> RoomDay:
    """关闭考场: everybody is done; sheets of paper and slips are counted. Codes that were not used end.

    Raises NotFound, RoomMoved, RoomNotDone, Invalid naming `note`.
    """
    held = hold(op, room_id)
    state = move_room(held.state, RoomAction.CLOSE)
    seats = seats_of(op, held.room)
    check_closing(unfinished=count_unfinished(seats))
    check_counted(sheets, expected=expected_sheets(op, seats), note=note)
    day = _day(held)
    day.state, day.closed_by, day.closed_at = state, op.actor.account_id, op.now
    day.sheets, day.slips, day.note = sheets, slips, note
    _end_codes(op, seats)
    op.db.flush()
    after = {"state": state, "sheets": sheets, "slips": slips, "last_hand_in": last_hand_in(seats)}
    record(op, AuditAction.ROOM_CLOSE, subject=("room", room_id), after=after, reason=note)
    return day


def reopen_room(op: Operation, *, room_id: int, reason: str) -> RoomDay:
    """Open a room again that was closed by mistake. Raises NotFound, RoomMoved."""
    held = hold(op, room_id)
    state = move_room(held.state, RoomAction.REOPEN)
    day = _day(held)
    before = {"state": day.state, "sheets": day.sheets, "slips": day.slips}
    day.state, day.closed_by, day.closed_at, day.sheets, day.slips, day.note = state, None, None, None, None, ""
    op.db.flush()
    record(op, AuditAction.ROOM_REOPEN, subject=("room", room_id), before=before, after={"state": state}, reason=reason)
    return day


def check_lets_in(op: Operation, room_id: int, *, starts_at: datetime) -> None:
    """Raises RoomNotOpened unless the room stands open. The room is held: a close comes wholly before or after."""
    seat_queries.hold_room(op.db, room_id)
    if not lets_in(queries.state_of(op.db, room_id, starts_at=starts_at)):
        raise RoomNotOpened


def end_of(op: Operation, room: RoomInfo) -> datetime:
    """When the room's time is over, with what it has stood still."""
    pause = attempts.room_pause(op.db, room.room_id)
    standing = op.now - pause.began_at if pause else timedelta()
    return room.ends_at + attempts.room_shift(op.db, room.room_id) + standing


def seats_of(op: Operation, room: RoomInfo) -> list[SeatLine]:
    """How every seat of a room stands now."""
    grace = timedelta(seconds=op.settings.grace_seconds)
    return read_boards(op.db, [room.room_id], grace=grace, now=op.now)[room.room_id]


def count_unfinished(seats: Collection[SeatLine]) -> int:
    """How many of these seats still write, wait to be closed, or may still be taken."""
    return sum(line.standing in UNFINISHED for line in seats)


def expected_sheets(op: Operation, seats: Collection[SeatLine]) -> int:
    """How many sheets of paper there should be: one for each attempt that went on on paper and is not known to be
    nobody's."""
    found = attempts.attempts_of(op.db, [line.seat.registration_id for line in seats])
    return sum(one.state is AttemptState.ON_PAPER or one.closing is Closing.ON_PAPER for one in found.values())


def last_hand_in(seats: Collection[SeatLine]) -> datetime | None:
    """When the last attempt was closed, as of when it counts."""
    return max((line.running.closed_at for line in seats if line.running and line.running.closed_at), default=None)


def unopened(op: Operation, rooms: Collection[RoomInfo]) -> list[RoomInfo]:
    """Those of these rooms before whose door candidates stand and that nobody has opened."""
    rooms = list(rooms)
    states = queries.states_of(op.db, rooms)
    return [
        room
        for room in rooms
        if is_loud(states[room.room_id], starts_at=room.starts_at, ends_at=room.ends_at, now=op.now)
    ]


def waiting(op: Operation) -> list[Task]:
    """What waits: rooms to open."""
    if not op.may(Capability.ROOM_RUN):
        return []
    found = unopened(op, seat_queries.list_rooms(op.db, op.actor, by=Capability.ROOM_RUN))
    link = f"/rooms/{found[0].room_id}/day" if len(found) == 1 else "/rooms"
    first = min((room.starts_at for room in found), default=None)
    return [Task("个考场待开启", "rooms to be opened", len(found), link, due=first, urgent=True)]


def _day(held: Held) -> RoomDay:
    if held.day is None:  # the table of moves has refused a room that was never opened
        raise RoomNotOpened
    return held.day


def _end_codes(op: Operation, seats: Collection[SeatLine]) -> None:
    codes: Collection[CheckInCode] = attempts.codes_of(op.db, [line.seat.registration_id for line in seats], now=op.now)
    for code in codes:
        code.ends_at = op.now
