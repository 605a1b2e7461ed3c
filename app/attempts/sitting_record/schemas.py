"""What a record says, and what its pages are given and show."""

from datetime import datetime

from pydantic import Field

from app.attempts.absences.rules import AbsenceCause
from app.attempts.misconduct.rules import Category
from app.attempts.proctoring.rules import TimeCause
from app.attempts.sitting_record.rules import RecordState
from app.attempts.switches.rules import SwitchKind
from app.attempts.technical_faults.rules import FaultCause, FaultState
from app.shapes import Given, Moment, Prose, Shown


class GrantedLine(Shown):
    """Time that one seat was granted."""

    seat: int | None
    ticket_number: str
    seconds: int
    cause: TimeCause


class PausedLine(Shown):
    """A pause of the whole room (`ticket_number` empty) or of one seat."""

    ticket_number: str
    began_at: datetime
    ended_at: datetime | None
    cause: TimeCause


class SwitchedLine(Shown):
    """That the room was switched."""

    kind: SwitchKind
    at: datetime


class SeatMoment(Shown):
    """A seat and a moment: of a late start, or of an attempt that was ended."""

    seat: int | None
    ticket_number: str
    at: datetime


class SeatCount(Shown):
    """How often the machine of a seat was swapped."""

    seat: int | None
    ticket_number: str
    count: int


class AbsenceNoted(Shown):
    """Who was absent, and why as far as it was seen."""

    seat: int | None
    ticket_number: str
    cause: AbsenceCause


class MisconductNoted(Shown):
    """A misconduct record that was made in the room."""

    case_id: int
    seat: int | None
    category: Category
    ended: bool


class FaultNoted(Shown):
    """A technical fault that an attempt was lost to as somebody reported, and how the report stood then."""

    seat: int | None
    ticket_number: str
    cause: FaultCause
    state: FaultState


class WordsNoted(Shown):
    """An announcement or an incident."""

    at: datetime
    words: str


class RecordFacts(Shown):
    """What happened in a room, as the tables have it. Nobody is named: accounts, seats and ticket numbers."""

    expected: int
    present: int
    handed_in: int
    """By the candidates themselves."""
    collected: int
    """Closed at the deadline, or as a sheet of paper."""
    on_paper: int
    """Sheets that are still to be keyed."""
    present_invigilators: list[int]
    opened_at: datetime
    started_at: datetime | None
    closed_at: datetime
    last_hand_in: datetime | None
    sheets: int
    slips: int
    note: str
    absent: list[AbsenceNoted]
    late: list[SeatMoment]
    ended: list[SeatMoment]
    granted: list[GrantedLine]
    paused: list[PausedLine]
    switched: list[SwitchedLine]
    swapped: list[SeatCount]
    misconduct: list[MisconductNoted]
    faults: list[FaultNoted] = Field(default_factory=list)
    """Empty in records that were drawn up before faults could be reported."""
    announcements: list[WordsNoted]
    incidents: list[WordsNoted]


class RecordContent(Shown):
    """What is signed. An addition (`facts` empty) says in `words` what corrects or completes the record before it,
    which it names by its hash."""

    exam_name: str
    room_name: str
    room_id: int
    number: int
    starts_at: datetime
    ends_at: datetime
    drawn_up_at: datetime
    facts: RecordFacts | None
    words: str
    previous_hash: str


class SignatureLine(Shown):
    """Who signed, and when."""

    name: str
    at: datetime


class RecordShown(Shown):
    """A record or an addition; `may_sign`: this person may sign it now."""

    number: int
    state: RecordState
    content: RecordContent
    content_hash: str
    signatures: list[SignatureLine]
    may_sign: bool
    may_return: bool


class RoomRecordShown(Shown):
    """The record of a room with everything added to it; `ready`: it can be drawn up (anew) now."""

    room_id: int
    room_name: str
    exam_id: int
    exam_name: str
    now: datetime
    runs: bool
    ready: bool
    may_draw_up: bool
    may_add: bool
    waiver: str
    records: list[RecordShown]
    incidents: list[WordsNoted]


class IncidentGiven(Given):
    """What happened, in free words."""

    happened_at: Moment
    words: Prose


class SignGiven(Given):
    """The hash of what was read."""

    content_hash: str


class RecordReason(Given):
    """Why it is returned, or done without."""

    reason: Prose


class AdditionGiven(Given):
    """What is to be corrected or added."""

    words: Prose


class FiledLine(Shown):
    """How the record of one room of an exam stands."""

    room_id: int
    room_name: str
    candidates: int
    states: list[RecordState]
    filed: bool
    waiver: str


class ExamRecordsShown(Shown):
    """The records of all rooms of an exam; the results are released once all are filed."""

    exam_id: int
    exam_name: str
    rooms: list[FiledLine]
    may_waive: bool
