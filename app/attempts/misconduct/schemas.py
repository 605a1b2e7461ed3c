"""What goes into and comes out of misconduct cases."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.attempts.misconduct.rules import Category, Grade, MisconductState, Ruling
from app.attempts.signals.rules import SignalKind
from app.attempts.signals.schemas import SignalShown
from app.shapes import Done, Given, Key, Line, Moment, OptionalLine, OptionalProse, Prose, Shown


class RecordGiven(Given):
    """What a proctor writes down. `end` ends the running attempt at once."""

    registration_id: Key
    category: Category
    happened_at: Moment
    facts: Prose
    evidence: OptionalProse = ""
    cited: Annotated[list[SignalKind], Field(max_length=len(SignalKind), default_factory=list)]
    """Signals of the candidate that are cited as evidence."""
    end: bool = False


class NotifyGiven(Given):
    """The number of the notice."""

    document_number: Line


class RulingGiven(Given):
    """What should follow, under which number, and why."""

    ruling: Ruling
    document_number: Line
    reason: Prose


class RulingSettlementGiven(Given):
    """Whether the second person agrees."""

    agreed: bool
    note: OptionalLine = ""


class MisconductStatementGiven(Given):
    """What the person says to the notice."""

    text: Prose


class RecordTaken(Done):
    """Which case was opened, in which room."""

    room_id: int


class MisconductLine(Shown):
    """One case on a list."""

    id: int
    name: str
    ticket_number: str
    exam_name: str
    room_name: str
    seat: int | None
    category: Category
    grade: Grade
    happened_at: datetime
    ended: bool
    state: MisconductState
    ruling: Ruling | None
    signatures: int
    """Of witnesses."""
    signed_by_candidate: bool
    statement_due_at: datetime | None
    stated: bool


class SeatChoice(Shown):
    """A candidate of the room, for the form of a record."""

    registration_id: int
    label: str
    running: bool
    signals: list[SignalShown]


class RoomMisconductShown(Shown):
    """The records of a room, and who may be named in a new one."""

    room_id: int
    room_name: str
    now: datetime
    seats: list[SeatChoice]
    cases: list[MisconductLine]
    candidate: int | None
    """Whom the page was opened for."""


class MisconductListShown(Shown):
    """Cases that wait, and decided ones below."""

    open: list[MisconductLine]
    settled: list[MisconductLine]
    next_before: int | None


class ProposalShown(Shown):
    """What was proposed, and what the second person said. Names are those of staff."""

    ruling: Ruling
    document_number: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    agreed: bool | None
    decided_by: str
    decided_at: datetime | None
    bar_until: date | None


class SignatureShown(Shown):
    """Who signed a record, and when."""

    name: str
    at: datetime


class MisconductShown(Shown):
    """One case as those see it who run the room, handle it or decide it; `may_…` is what the actor may do now."""

    case: MisconductLine
    room_id: int
    unit_name: str
    facts: str
    evidence: str
    cited: list[SignalShown]
    """The signals that are cited, as they stood then, each with what the person has said to it since."""
    reporter: str
    reported_at: datetime
    candidate_signed_at: datetime | None
    witnesses: list[SignatureShown]
    notice_number: str
    notified_at: datetime | None
    statement: str
    stated_at: datetime | None
    proposals: list[ProposalShown]
    may_witness: bool
    may_notify: bool
    may_propose: bool
    rulings: list[Ruling]
    """What may be proposed now."""
    bar_months: int
    """How long a bar for this category lasts; 0 where there is none."""
    may_settle: bool


class OwnMisconductShown(Shown):
    """One's own case: what was recorded, what one may do, what was decided. No names of staff, no drafts."""

    case: MisconductLine
    facts: str
    evidence: str
    cited: list[SignalShown]
    """The signals that are cited, as they stood then, each with what the person has said to it since."""
    reported_at: datetime
    candidate_signed_at: datetime | None
    may_sign: bool
    notice_number: str
    notified_at: datetime | None
    statement: str
    stated_at: datetime | None
    may_state: bool
    decision: str
    """The number of the decision; empty until there is one."""
    reason: str
    decided_at: datetime | None
    bar_until: date | None


class OwnMisconductListShown(Shown):
    """One's own cases, the newest first."""

    cases: list[OwnMisconductShown]
