"""What goes into and comes out of signals."""

from datetime import datetime

from app.attempts.signals.rules import SignalKind
from app.shapes import Given, Prose, Shown


class SignalAnswerGiven(Given):
    """What the candidate says to the signals of one kind."""

    words: Prose


class SignalShown(Shown):
    """What was noticed, of one kind: how often, for how many seconds by the device's own account, between which moments
    of the server's clock; `more` where there may have been more. `answer` is what the candidate says to it."""

    kind: SignalKind
    count: int
    seconds: int
    first_at: datetime
    last_at: datetime
    more: bool
    answer: str
    answered_at: datetime | None


class SeatSignals(Shown):
    """What was noticed of one candidate of a room."""

    registration_id: int
    candidate_name: str
    ticket_number: str
    seat: int | None
    signals: list[SignalShown]


class RoomSignalsShown(Shown):
    """What was noticed in a room: evidence, no verdict."""

    room_id: int
    room_name: str
    exam_name: str
    runs: bool
    seats: list[SeatSignals]


class OwnSignalShown(SignalShown):
    """The same for the candidate: whether it may be answered now."""

    may_answer: bool


class OwnSittingSignals(Shown):
    """What was noticed of one's own attempt, and until when it may be answered; empty while it runs."""

    registration_id: int
    exam_name: str
    room_name: str
    due_at: datetime | None
    signals: list[OwnSignalShown]


class OwnSignalsShown(Shown):
    """One's own exams in which anything was noticed, the latest first."""

    sittings: list[OwnSittingSignals]
