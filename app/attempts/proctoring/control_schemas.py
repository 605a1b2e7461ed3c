"""What the control room is given and shows."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.attempts.hall.schemas import AnnouncementReceived
from app.attempts.proctoring.rules import Standing, TimeCause
from app.attempts.room_day.rules import RoomState
from app.attempts.switches.rules import SwitchKind
from app.shapes import Given, OptionalLine, Shown


class RoomFigures(Shown):
    """One room of a sitting: how many seats stand how, and since when it is paused."""

    room_id: int
    room_name: str
    remote: bool
    seats: int
    counts: dict[Standing, int]
    paused_at: datetime | None
    state: RoomState | None
    loud: bool
    """Nobody has opened it, and candidates stand before its door."""
    unfiled: bool
    """Its time is over, and its record is not signed by both."""
    switched: list[SwitchKind]
    """Which ways the room was switched, in order."""
    proctors: int
    hands: int
    """Hands that are up."""


class SittingFigures(Shown):
    """One sitting with its rooms; `paused` where any of them is, `runs` where I grant time to all of them."""

    sitting_id: int
    exam_id: int
    exam_name: str
    starts_at: datetime
    ends_at: datetime
    over: bool
    runs: bool
    seats: int
    counts: dict[Standing, int]
    paused: bool
    rooms: list[RoomFigures]
    announcements: list[AnnouncementReceived]
    """Those to the whole sitting or exam, with how far they have got in the rooms that are seen here."""


class InstanceLine(Shown):
    """One serving process as it last spoke of itself (microseconds, megabytes, counts a minute)."""

    name: str
    version: str
    said_seconds_ago: int
    silent: bool
    requests_per_minute: int
    saves_per_minute: int
    save_p99_us: int | None
    errors_per_minute: int
    clock_offset_us: int
    clock_off: bool
    database_us: int
    disk_free_mb: int
    disk_low: bool


class HappeningShown(Shown):
    """Something else that goes on upon this deployment, with what it does now, of a hundred how much is done, and where
    it can be watched."""

    zh: str
    en: str
    doing_zh: str
    doing_en: str
    done: int
    href: str


class ControlRoomShown(Shown):
    """The control room: the sittings near, and all processes; the figures above are of those that are heard."""

    now: datetime
    happenings: list[HappeningShown]
    sittings: list[SittingFigures]
    instances: list[InstanceLine]
    saves_per_minute: int
    save_p99_us: int | None
    errors_per_minute: int
    clock_offset_us: int


class GrantAllGiven(Given):
    """补时 for every running attempt of a sitting."""

    minutes: Annotated[int, Field(ge=1, le=180)]
    cause: TimeCause
    note: OptionalLine = ""


class PauseAllGiven(Given):
    """暂停 of every room of a sitting."""

    cause: TimeCause
    note: OptionalLine = ""


class TouchedShown(Shown):
    """How many attempts an act upon a sitting has touched."""

    sitting_id: int
    attempts: int
