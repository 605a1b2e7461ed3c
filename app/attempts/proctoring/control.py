"""The control room: every room of the day at once, the processes that serve them, and acts upon a whole sitting."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.attempts import queries
from app.attempts.hall.announcements import received
from app.attempts.hall.queries import hands_up
from app.attempts.hall.rules import Place
from app.attempts.models import RoomSwitch
from app.attempts.proctoring import ledger
from app.attempts.proctoring.board import SeatLine, read_boards
from app.attempts.proctoring.control_schemas import (
    ControlRoomShown,
    HappeningShown,
    InstanceLine,
    RoomFigures,
    SittingFigures,
)
from app.attempts.proctoring.rules import Standing, TimeCause
from app.attempts.room_day.queries import states_of
from app.attempts.room_day.rules import RoomState, is_loud
from app.attempts.sitting_record.queries import unfiled
from app.attempts.switches.queries import carried_out
from app.errors import Conflict, NotFound
from app.exams.queries import seats as seat_queries
from app.exams.queries.seats import RoomInfo
from app.observability.health import CLOCK_OFFSET, DISK_FREE_MB
from app.observability.instances import SILENT_AFTER, Instance, instances
from app.operation import Operation
from app.security.permissions import Capability

NEAR = timedelta(hours=12)
"""How long before its start and after its end a sitting stands in the control room."""


class Happenings(tuple[Callable[[Operation], Sequence[HappeningShown]], ...]):
    """Each feature's answer to "what else goes on here?", as `app.wiring` put them together."""

    __slots__ = ()


@dataclass(frozen=True)
class Day:
    """Where the day of a room stands, and whether its time is over and its record is missing."""

    state: RoomState | None
    unfiled: bool


def show_control_room(op: Operation) -> ControlRoomShown:
    """Every room of a sitting near, that the actor may see, and every process that serves them."""
    rooms = [
        room
        for room in seat_queries.list_rooms(op.db, op.actor, by=Capability.CONTROL_READ)
        if room.starts_at - NEAR <= op.now <= room.ends_at + NEAR
    ]
    grace = timedelta(seconds=op.settings.grace_seconds)
    boards = read_boards(op.db, [room.room_id for room in rooms], grace=grace, now=op.now)
    by_sitting: dict[int, list[RoomInfo]] = {}
    for room in sorted(rooms, key=lambda room: (room.starts_at, room.exam_id, room.room_name)):
        by_sitting.setdefault(room.sitting_id, []).append(room)
    run = set(op.db.scalars(seat_queries.sittings_with_rooms_of(op.actor, by=Capability.CONTROL_RUN)))
    sittings = [
        _sitting(op, sitting_id, found, boards, runs=sitting_id in run) for sitting_id, found in by_sitting.items()
    ]
    processes = [_instance(op, one) for one in instances(op.db)]
    heard = [one for one in processes if not one.silent]
    waits = [one.save_p99_us for one in heard if one.save_p99_us is not None]
    return ControlRoomShown(
        now=op.now,
        happenings=[one for ask in op.house.tool(Happenings) for one in ask(op)],
        sittings=sittings,
        instances=processes,
        saves_per_minute=sum(one.saves_per_minute for one in heard),
        save_p99_us=max(waits, default=None),
        errors_per_minute=sum(one.errors_per_minute for one in heard),
        clock_offset_us=max((abs(one.clock_offset_us) for one in heard), default=0),
    )


def grant_time(op: Operation, *, sitting_id: int, minutes: int, cause: TimeCause, note: str) -> int:
    """Grant time to every running attempt of a sitting; returns how many. Raises NotFound, NothingToGrant."""
    return _in_each_room(
        op,
        sitting_id,
        lambda room_id: ledger.grant_time(
            op, room_id=room_id, minutes=minutes, cause=cause, note=note, registration_id=None
        ),
    )


def pause(op: Operation, *, sitting_id: int, cause: TimeCause, note: str) -> int:
    """Pause every room of a sitting that is not paused yet; returns how many attempts. Raises NotFound,
    NothingToPause."""
    return _in_each_room(
        op,
        sitting_id,
        lambda room_id: ledger.pause(op, room_id=room_id, cause=cause, note=note, registration_id=None),
    )


def resume(op: Operation, *, sitting_id: int) -> int:
    """Let every paused room of a sitting go on; returns how many attempts. Raises NotFound, NothingToResume."""
    return _in_each_room(op, sitting_id, lambda room_id: ledger.resume(op, room_id=room_id, registration_id=None))


def _in_each_room(op: Operation, sitting_id: int, act: Callable[[int], int]) -> int:
    """Do it in every room, in the order of ids; rooms in which there is nothing to do are passed over, unless it is
    all of them."""
    room_ids = sorted(
        room.room_id
        for room in seat_queries.list_rooms(op.db, op.actor, by=Capability.CONTROL_RUN)
        if room.sitting_id == sitting_id
    )
    if not room_ids:
        raise NotFound
    touched, done, refusal = 0, False, None
    for room_id in room_ids:
        try:
            touched += act(room_id)
            done = True
        except Conflict as error:
            refusal = error
    if not done and refusal is not None:
        raise refusal
    return touched


def _sitting(
    op: Operation, sitting_id: int, rooms: Sequence[RoomInfo], boards: dict[int, list[SeatLine]], *, runs: bool
) -> SittingFigures:
    done = carried_out(op.db, [sitting_id])
    states = states_of(op.db, rooms)
    missing = unfiled(op.db, [room.room_id for room in rooms if room.ends_at < op.now])
    lines = [
        _room(op, room, boards[room.room_id], done, Day(states[room.room_id], room.room_id in missing))
        for room in rooms
    ]
    first = rooms[0]
    return SittingFigures(
        sitting_id=sitting_id,
        exam_id=first.exam_id,
        exam_name=first.exam_name,
        starts_at=first.starts_at,
        ends_at=first.ends_at,
        over=first.ends_at < op.now,
        runs=runs,
        seats=sum(line.seats for line in lines),
        counts={standing: sum(line.counts[standing] for line in lines) for standing in Standing},
        paused=any(line.paused_at for line in lines),
        rooms=lines,
        announcements=received(
            op.db,
            Place(first.exam_id, sitting_id),
            [(line.seat, line.standing) for room in rooms for line in boards[room.room_id]],
        ),
    )


def _room(
    op: Operation, room: RoomInfo, seats: Sequence[SeatLine], done: Sequence[RoomSwitch], day: Day
) -> RoomFigures:
    counted = Counter(line.standing for line in seats)
    pause = queries.room_pause(op.db, room.room_id)
    return RoomFigures(
        room_id=room.room_id,
        room_name=room.room_name,
        remote=room.remote,
        seats=len(seats),
        counts={standing: counted[standing] for standing in Standing},
        paused_at=pause.began_at if pause else None,
        state=day.state,
        loud=is_loud(day.state, starts_at=room.starts_at, ends_at=room.ends_at, now=op.now),
        unfiled=day.unfiled,
        switched=[one.kind for one in done if one.room_id in {None, room.room_id}],
        proctors=seat_queries.count_proctors(op.db, room.room_id),
        hands=len(hands_up(op.db, [room.room_id])),
    )


def _instance(op: Operation, one: Instance) -> InstanceLine:
    return InstanceLine(
        name=one.name,
        version=one.version,
        said_seconds_ago=max(0, int((op.now - one.said_at).total_seconds())),
        silent=op.now - one.said_at > SILENT_AFTER,
        requests_per_minute=one.requests_per_minute,
        saves_per_minute=one.saves_per_minute,
        save_p99_us=one.save_p99_us,
        errors_per_minute=one.errors_per_minute,
        clock_offset_us=one.clock_offset_us,
        clock_off=abs(timedelta(microseconds=one.clock_offset_us)) > CLOCK_OFFSET,
        database_us=one.database_us,
        disk_free_mb=one.disk_free_mb,
        disk_low=one.disk_free_mb < DISK_FREE_MB,
    )
