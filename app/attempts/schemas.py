"""What the pages of attempts are given and show."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.attempts.hall.schemas import AnnouncementReceived, CannedReplyShown, HandLine
from app.attempts.lockdown.rules import WaiverCause
from app.attempts.proctoring.rules import Standing, TimeCause
from app.attempts.room_day.rules import RoomState
from app.attempts.rules import AttemptState, Closing, Phase
from app.attempts.signals.rules import SignalKind
from app.attempts.switches.rules import SwitchKind
from app.attempts.technical_faults.rules import FaultState
from app.shapes import Given, OptionalLine, Shown


class Entrance(Shown):
    """The way into an exam: who, where, when, and how far it is; nothing of the form."""

    exam_id: int
    exam_name: str
    registration_id: int
    candidate_name: str
    ticket_number: str
    room_name: str
    seat: int | None
    remote: bool
    starts_at: datetime
    ends_at: datetime
    entry_until: datetime
    hand_in_from: datetime
    duration_minutes: int
    extra_minutes: int
    large_print: bool
    lockdown: bool
    now: datetime
    phase: Phase
    phase_until: datetime | None
    paused: bool
    attempt_id: int | None
    attempt_state: AttemptState | None
    writing: bool
    checked_in: bool
    receipt_code: str | None
    closed_at: datetime | None
    announced: int
    """The number of the newest announcement to one's room; 0 where there is none."""
    closing: Closing | None
    signals: list[SignalKind]
    """What the exam takes down of what it notices."""


class RoomLine(Shown):
    """One room in the list of those that the actor runs."""

    room_id: int
    room_name: str
    exam_name: str
    remote: bool
    starts_at: datetime
    ends_at: datetime
    state: RoomState | None
    loud: bool
    """Candidates stand before its door, and nobody has opened it."""
    candidates: int
    arrived: int
    running: int
    closed: int


class RoomsShown(Shown):
    """The actor's rooms."""

    now: datetime
    rooms: list[RoomLine]


class CandidateLine(Shown):
    """One candidate on the board; `needs_a_hand` where the proctor should look."""

    registration_id: int
    candidate_name: str
    has_photo: bool
    ticket_number: str
    seat: int | None
    standing: Standing
    needs_a_hand: bool
    answered: int
    started_at: datetime | None
    deadline_at: datetime | None
    closed_at: datetime | None
    seen_at: datetime | None
    saved_at: datetime | None
    granted_minutes: int
    refused_saves: int
    signals: int
    """How much was noticed; what it was stands on a page of its own."""
    code: str | None
    code_until: datetime | None
    waived: WaiverCause | None
    """Why the seat does without the exam's browser, where it does."""
    fault: FaultState | None
    """How the report of a technical fault stands, where there is one."""


class RoomSwitched(Shown):
    """That the room was switched to reserve forms, when, and for how many candidates of it and its sitting."""

    kind: SwitchKind
    at: datetime
    switched: int
    whole_sitting: bool


class RoomShown(Shown):
    """The proctor's board of one room. `called` is the registration whose ticket number was typed or scanned."""

    room_id: int
    room_name: str
    sitting_id: int
    exam_id: int
    exam_name: str
    remote: bool
    starts_at: datetime
    ends_at: datetime
    phase: Phase
    paused_at: datetime | None
    state: RoomState | None
    """Where its day stands; None where nobody has opened it."""
    now: datetime
    runs: bool
    lockdown: bool
    quit_password: str
    """To leave the exam's browser; for those who run the room, empty otherwise."""
    items_in_form: int
    show: str
    ticket: str
    called: int | None
    switches: list[RoomSwitched]
    sees_switches: bool
    candidates: list[CandidateLine]
    counts: dict[Standing, int]
    announcements: list[AnnouncementReceived]
    hands: list[HandLine]
    canned: list[CannedReplyShown]


class BoardLine(Shown):
    """What changes of one seat. `answered` is empty until the start; the time left runs to `left_until`, from
    `left_from` where the clock stands still; `since` is when it was closed, stopped, or last heard of."""

    registration_id: int
    standing: Standing
    answered: int | None
    left_from: datetime | None
    left_until: datetime | None
    saved_at: datetime | None
    since: datetime | None
    signals: int


class BoardShown(Shown):
    """What changes on a board from second to second."""

    now: datetime
    paused_at: datetime | None
    counts: dict[Standing, int]
    lines: list[BoardLine]
    announcements: list[AnnouncementReceived]
    hands: list[HandLine]


class CodeIssued(Shown):
    """That a code was made; the code itself stands on the board alone, and is kept nowhere in clear."""

    room_id: int
    registration_id: int
    ends_at: datetime


class GrantGiven(Given):
    """补时: minutes with a cause; for one registration, or for every running attempt of the room."""

    minutes: Annotated[int, Field(ge=1, le=180)]
    cause: TimeCause
    note: OptionalLine = ""
    registration_id: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None


class PauseGiven(Given):
    """暂停: of one registration's attempt, or of the room; the cause from the list."""

    cause: TimeCause
    note: OptionalLine = ""
    registration_id: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None


class ResumeGiven(Given):
    """恢复: of one registration's attempt, or of the room with all that were stopped together with it."""

    registration_id: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None


class GrantShown(Shown):
    """How many attempts were given the time, stopped, or let go on."""

    room_id: int
    attempts: int
