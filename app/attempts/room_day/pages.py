"""The page on which a proctor opens, begins and closes a room."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.accounts.queries import persons_of
from app.attempts import queries as attempts
from app.attempts.proctoring.rules import Standing
from app.attempts.room_day import queries, service
from app.attempts.room_day.models import RoomDay
from app.attempts.room_day.rules import OPENS_BEFORE, RoomCheck, RoomState, asked_of, is_loud
from app.exams.queries import proctors_by_room
from app.exams.queries.seats import RoomInfo, find_room, may_in_room
from app.operation import Operation
from app.people.queries import names_of
from app.security.permissions import Capability
from app.shapes import Given, Key, OptionalLine, Prose, Shown
from app.web.desk import Desk

desk = Desk("attempts")
_HERE = "/rooms/{room_id}/day"
_Count = Annotated[int, Field(ge=0, le=100_000)]


class InvigilatorLine(Shown):
    """An invigilator of the room; `present` where they were there at the opening."""

    account_id: int
    name: str
    present: bool


class RoomDayShown(Shown):
    """The day of a room: what was done by whom and when, and what can be done now."""

    room_id: int
    room_name: str
    sitting_id: int
    exam_name: str
    remote: bool
    starts_at: datetime
    ends_at: datetime
    """With what the room has stood still."""
    opens_from: datetime
    now: datetime
    runs: bool
    state: RoomState | None
    loud: bool
    asked: list[RoomCheck]
    invigilators: list[InvigilatorLine]
    opened_by: str
    opened_at: datetime | None
    started_by: str
    started_at: datetime | None
    closed_by: str
    closed_at: datetime | None
    last_hand_in: datetime | None
    expected: int
    present: int
    unfinished: int
    expected_sheets: int
    sheets: int | None
    slips: int | None
    note: str


class OpeningGiven(Given):
    """What was checked, and who is there beside the one who opens."""

    checks: list[RoomCheck] = Field(default_factory=list, max_length=len(RoomCheck))
    present: list[Key] = Field(default_factory=list, max_length=50)


class ClosingGiven(Given):
    """What was counted."""

    sheets: _Count = 0
    slips: _Count = 0
    note: OptionalLine = ""


class ReopeningGiven(Given):
    """Why it was a mistake to close it."""

    reason: Prose


class RoomMovedOn(Shown):
    """Where the room stands now."""

    room_id: int
    state: RoomState


@desk.view(_HERE, Capability.ROOM_READ, template="attempts/room_day.html")
def show_room_day(op: Operation, *, room_id: int) -> RoomDayShown:
    """How far the day of a room is, and what its proctor does next."""
    room = find_room(op.db, op.actor, room_id)
    day = queries.days_of(op.db, [room]).get(room_id)
    seats = service.seats_of(op, room)
    absent = sum(line.standing in {Standing.ABSENT, Standing.NOT_ARRIVED} for line in seats)
    state = day.state if day else None
    names = _names(op, room, day)
    return RoomDayShown(
        room_id=room_id,
        room_name=room.room_name,
        sitting_id=room.sitting_id,
        exam_name=room.exam_name,
        remote=room.remote,
        starts_at=room.starts_at,
        ends_at=room.ends_at + attempts.room_shift(op.db, room_id),
        opens_from=room.starts_at - OPENS_BEFORE,
        now=op.now,
        runs=may_in_room(op.db, op.actor, room_id, Capability.ROOM_RUN),
        state=state,
        loud=is_loud(state, starts_at=room.starts_at, ends_at=room.ends_at, now=op.now),
        asked=[check for check in RoomCheck if check in asked_of(remote=room.remote)],
        invigilators=_invigilators(op, room, day, names),
        opened_by=names.get(day.opened_by, "") if day else "",
        opened_at=day.opened_at if day else None,
        started_by=names.get(day.started_by or 0, "") if day else "",
        started_at=day.started_at if day else None,
        closed_by=names.get(day.closed_by or 0, "") if day else "",
        closed_at=day.closed_at if day else None,
        last_hand_in=service.last_hand_in(seats),
        expected=len(seats),
        present=len(seats) - absent,
        unfinished=service.count_unfinished(seats),
        expected_sheets=service.expected_sheets(op, seats),
        sheets=day.sheets if day else None,
        slips=day.slips if day else None,
        note=day.note if day else "",
    )


@desk.command(f"{_HERE}/open", Capability.ROOM_RUN, then=_HERE, retry=show_room_day, said="考场已开启，可以发签到码。")
def open_room(op: Operation, *, room_id: int, given: OpeningGiven) -> RoomMovedOn:
    """Open a room whose invigilators, machines and seats are ready."""
    return _moved(service.open_room(op, room_id=room_id, checks=given.checks, present=given.present))


@desk.command(f"{_HERE}/start", Capability.ROOM_RUN, then=_HERE, retry=show_room_day, said="已登记宣布开考。")
def start_room(op: Operation, *, room_id: int) -> RoomMovedOn:
    """Say that the exam has begun in this room."""
    return _moved(service.start_room(op, room_id=room_id))


@desk.command(f"{_HERE}/close", Capability.ROOM_RUN, then=_HERE, retry=show_room_day, said="考场已关闭。")
def close_room(op: Operation, *, room_id: int, given: ClosingGiven) -> RoomMovedOn:
    """Close a room in which everybody is done, with what was counted."""
    return _moved(service.close_room(op, room_id=room_id, **given.model_dump()))


@desk.command(
    f"{_HERE}/reopen", Capability.ROOM_RUN, then=_HERE, retry=show_room_day, said="考场已重新开启，原因已记入日志。"
)
def reopen_room(op: Operation, *, room_id: int, given: ReopeningGiven) -> RoomMovedOn:
    """Open a room again that was closed by mistake."""
    return _moved(service.reopen_room(op, room_id=room_id, reason=given.reason))


def _moved(day: RoomDay) -> RoomMovedOn:
    return RoomMovedOn(room_id=day.room_id, state=day.state)


def _names(op: Operation, room: RoomInfo, day: RoomDay | None) -> dict[int, str]:
    """The names of all who have to do with the room's day, by account."""
    accounts = set(proctors_by_room(op.db, [room.room_id])[room.room_id])
    if day:
        accounts |= {*day.present, day.opened_by, day.started_by or 0, day.closed_by or 0} - {0}
    persons = persons_of(op.db, accounts)
    names = names_of(op.db, set(persons.values()))
    return {account: names[person] for account, person in persons.items()}


def _invigilators(op: Operation, room: RoomInfo, day: RoomDay | None, names: dict[int, str]) -> list[InvigilatorLine]:
    there = set(day.present) if day else set()
    listed = sorted({*proctors_by_room(op.db, [room.room_id])[room.room_id], *there})
    return [InvigilatorLine(account_id=one, name=names[one], present=one in there) for one in listed]
