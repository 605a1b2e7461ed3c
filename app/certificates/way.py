"""The candidate's way, 报名 → 考试 → 成绩 → 审查 → 公示 → 证书: what a candidate may see of it, and when. Pure.

The rule of every stage: what is not the candidate's to know yet is not among what this gives. Before the release there
is no result (P18); while offices are at work there is no word of either; a certificate shows what the public page does.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.certificates.rules import Standing


class Stage(StrEnum):
    """A station of the way."""

    REGISTRATION = "registration"
    EXAM = "exam"
    RESULT = "result"
    CLEARANCE = "clearance"
    NOTICE = "notice"
    CERTIFICATE = "certificate"


STAGE_WORDS: dict[Stage, tuple[str, str]] = {
    Stage.REGISTRATION: ("报名", "Registration"),
    Stage.EXAM: ("考试", "Exam"),
    Stage.RESULT: ("成绩", "Result"),
    Stage.CLEARANCE: ("审查", "Clearance"),
    Stage.NOTICE: ("公示", "Public notice"),
    Stage.CERTIFICATE: ("证书", "Certificate"),
}


class StageState(StrEnum):
    """How a station stands, in the words of `components/way.html`."""

    DONE = "done"
    NOW = "now"
    """The candidate has something to do."""
    WAIT = "wait"
    """An office has."""
    AHEAD = "todo"
    STOP = "stop"


class Word(StrEnum):
    """What is said of a station."""

    APPLIED = "applied"
    REGISTERED = "registered"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    TO_SIT = "to_sit"
    SITTING = "sitting"
    HANDED_IN = "handed_in"
    ENDED = "ended"
    ABSENT = "absent"
    CALLED_OFF = "called_off"
    LOST = "lost"
    AWAITING_RELEASE = "awaiting_release"
    WITHHELD = "withheld"
    VOID = "void"
    PASSED = "passed"
    FAILED = "failed"
    UNDER_CLEARANCE = "under_clearance"
    STATEMENT = "statement"
    CLEARED = "cleared"
    NOT_CLEARED = "not_cleared"
    SHOWN = "shown"
    NOTICE_ENDED = "notice_ended"
    AWAITING_ISSUE = "awaiting_issue"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    RETIRED = "retired"
    NOT_YET = "not_yet"


class Entry(StrEnum):
    """How a registration stands."""

    APPLIED = "applied"
    REGISTERED = "registered"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Case(StrEnum):
    """How a clearance case stands, as far as the person may know."""

    AT_WORK = "at_work"
    """Checks and joint review: one word for all of it."""
    STATEMENT = "statement"
    """An adverse outcome may be answered."""
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Facts:
    """Everything that is known of one registration; moments are aware. Much of it is not the candidate's to see."""

    entry: Entry
    registered_at: datetime
    settled_at: datetime | None
    starts_at: datetime
    ends_at: datetime
    attempt_started_at: datetime | None = None
    attempt_closed_at: datetime | None = None
    released_at: datetime | None = None
    passed: bool = False
    total: int | None = None
    counted: int | None = None
    """What a pass counts where the policy lets it count less than `total`."""
    attempt_ended: bool = False
    """For misconduct, by a person."""
    called_off: bool = False
    """Whether the exam was cancelled."""
    lost_at: datetime | None = None
    """When two people found that the attempt was lost to a technical fault."""
    withheld: bool = False
    void: bool = False
    case: Case | None = None
    case_opened_at: datetime | None = None
    case_decided_at: datetime | None = None
    statement_due_at: datetime | None = None
    notice_published_at: datetime | None = None
    notice_last_day: date | None = None
    notice_ends_at: datetime | None = None
    certificate: Standing | None = None
    certificate_issued_at: datetime | None = None
    certificate_moved_at: datetime | None = None


@dataclass(frozen=True)
class Station:
    """One station as the candidate sees it: `at` when it came to stand so, `due` a date that matters next; `total` is
    hundredths of a point, once released, `counted` what a pass counts where that is less."""

    stage: Stage
    state: StageState
    word: Word
    at: datetime | None = None
    due: date | datetime | None = None
    total: int | None = None
    counted: int | None = None


def stages(facts: Facts, *, now: datetime) -> tuple[Station, ...]:
    """The six stations as the candidate may see them at `now`."""
    found = [_registration(facts)]
    for stage, ask in (
        (Stage.EXAM, _exam),
        (Stage.RESULT, _result),
        (Stage.CLEARANCE, _clearance),
        (Stage.NOTICE, _notice),
        (Stage.CERTIFICATE, _certificate),
    ):
        reached = found[-1].state is StageState.DONE
        found.append(ask(facts, now) if reached else Station(stage, StageState.AHEAD, Word.NOT_YET))
    return tuple(found)


def _registration(facts: Facts) -> Station:
    state, at = {
        Entry.APPLIED: (StageState.WAIT, facts.registered_at),
        Entry.REGISTERED: (StageState.WAIT, facts.registered_at),
        Entry.CONFIRMED: (StageState.DONE, facts.settled_at or facts.registered_at),
        Entry.REFUSED: (StageState.STOP, facts.settled_at),
        Entry.WITHDRAWN: (StageState.STOP, facts.settled_at),
    }[facts.entry]
    if state is StageState.WAIT and facts.called_off:  # nobody will confirm it any more
        return Station(Stage.REGISTRATION, StageState.STOP, Word.CALLED_OFF)
    return Station(Stage.REGISTRATION, state, Word(facts.entry.value), at)


def _exam(facts: Facts, now: datetime) -> Station:
    if facts.lost_at is not None:
        return Station(Stage.EXAM, StageState.STOP, Word.LOST, facts.lost_at)
    if facts.attempt_closed_at is not None:
        word = Word.ENDED if facts.attempt_ended else Word.HANDED_IN
        return Station(Stage.EXAM, StageState.DONE, word, facts.attempt_closed_at)
    if facts.attempt_started_at is not None:
        return Station(Stage.EXAM, StageState.NOW, Word.SITTING, facts.attempt_started_at)
    if facts.called_off:
        return Station(Stage.EXAM, StageState.STOP, Word.CALLED_OFF)
    if now >= facts.ends_at:
        return Station(Stage.EXAM, StageState.STOP, Word.ABSENT, facts.ends_at)
    return Station(Stage.EXAM, StageState.NOW, Word.TO_SIT, due=facts.starts_at)


def _result(facts: Facts, now: datetime) -> Station:
    if facts.released_at is None or facts.released_at > now:
        return Station(Stage.RESULT, StageState.WAIT, Word.AWAITING_RELEASE)
    if facts.withheld:
        return Station(Stage.RESULT, StageState.WAIT, Word.WITHHELD)
    if facts.void:
        return Station(Stage.RESULT, StageState.STOP, Word.VOID, facts.released_at)
    state, word = (StageState.DONE, Word.PASSED) if facts.passed else (StageState.STOP, Word.FAILED)
    return Station(Stage.RESULT, state, word, facts.released_at, total=facts.total, counted=facts.counted)


def _clearance(facts: Facts, _now: datetime) -> Station:
    match facts.case:
        case Case.APPROVED if facts.notice_published_at is not None or facts.certificate is not None:
            return Station(Stage.CLEARANCE, StageState.DONE, Word.CLEARED, facts.case_decided_at)
        case Case.REJECTED:
            return Station(Stage.CLEARANCE, StageState.STOP, Word.NOT_CLEARED, facts.case_decided_at)
        case Case.STATEMENT:
            return Station(
                Stage.CLEARANCE, StageState.NOW, Word.STATEMENT, facts.case_opened_at, due=facts.statement_due_at
            )
        case _:
            return Station(Stage.CLEARANCE, StageState.WAIT, Word.UNDER_CLEARANCE, facts.case_opened_at)


def _notice(facts: Facts, now: datetime) -> Station:
    if facts.certificate is not None or (facts.notice_ends_at is not None and facts.notice_ends_at <= now):
        return Station(Stage.NOTICE, StageState.DONE, Word.NOTICE_ENDED, facts.notice_ends_at)
    return Station(Stage.NOTICE, StageState.WAIT, Word.SHOWN, facts.notice_published_at, due=facts.notice_last_day)


def _certificate(facts: Facts, _now: datetime) -> Station:
    if facts.certificate is None:
        return Station(Stage.CERTIFICATE, StageState.WAIT, Word.AWAITING_ISSUE)
    if facts.certificate is Standing.ACTIVE:
        return Station(Stage.CERTIFICATE, StageState.DONE, Word.ACTIVE, facts.certificate_issued_at)
    return Station(Stage.CERTIFICATE, StageState.STOP, Word(facts.certificate.value), facts.certificate_moved_at)
