"""Rules of an attempt: its lifecycle, its time, which saves count, who writes, and how each refusal is said."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from app.errors import Conflict, Forbidden, Invalid, Unauthenticated
from app.people.calendar import LOCAL

CODE_LIFE = timedelta(minutes=10)
"""How long a check-in code may be used after the proctor's board showed it."""
WAITING_ROOM_OPENS = timedelta(minutes=30)
"""How long before the start the waiting room opens."""
SETTLING = timedelta(seconds=10)
"""How long the sweeper waits past deadline and grace: saves that arrived in time may still be queued (P2, P10)."""


class AttemptState(StrEnum):
    """Where an attempt stands; one that has not begun has no row."""

    OPEN = "open"
    CLOSED = "closed"
    ON_PAPER = "on_paper"
    """Goes on as a sheet of paper; what was saved online stands as it was."""


class AttemptAction(StrEnum):
    """What may be done to an attempt."""

    START = "start"
    SAVE = "save"
    TAKE_OVER = "take_over"
    GRANT_TIME = "grant_time"
    PAUSE = "pause"
    RESUME = "resume"
    HAND_IN = "hand_in"
    CLOSE_AT_DEADLINE = "close_at_deadline"
    END = "end"
    """By a person, for misconduct; never by the machine."""
    MOVE_TO_PAPER = "move_to_paper"
    CLOSE_ON_PAPER = "close_on_paper"


class Closing(StrEnum):
    """How an attempt ended."""

    HANDED_IN = "handed_in"
    AT_DEADLINE = "at_deadline"
    ENDED = "ended"
    """For misconduct, by a person."""
    ON_PAPER = "on_paper"
    """As its sheet was keyed."""
    ABSENT = "absent"
    """Its room went over to paper, and there is neither a sheet nor a start."""


class RefusedWhy(StrEnum):
    """Why a save was refused; kept as evidence (P9)."""

    LATE = "late"
    CLOSED = "closed"
    OTHER_SESSION = "other_session"
    BROWSER = "browser"


TRANSITIONS: dict[tuple[AttemptState | None, AttemptAction], AttemptState] = {
    (None, AttemptAction.START): AttemptState.OPEN,
    (AttemptState.OPEN, AttemptAction.SAVE): AttemptState.OPEN,
    (AttemptState.OPEN, AttemptAction.TAKE_OVER): AttemptState.OPEN,
    (AttemptState.OPEN, AttemptAction.GRANT_TIME): AttemptState.OPEN,
    (AttemptState.OPEN, AttemptAction.PAUSE): AttemptState.OPEN,
    (AttemptState.OPEN, AttemptAction.RESUME): AttemptState.OPEN,
    (AttemptState.OPEN, AttemptAction.HAND_IN): AttemptState.CLOSED,
    (AttemptState.OPEN, AttemptAction.CLOSE_AT_DEADLINE): AttemptState.CLOSED,
    (AttemptState.OPEN, AttemptAction.END): AttemptState.CLOSED,
    (None, AttemptAction.MOVE_TO_PAPER): AttemptState.ON_PAPER,
    (AttemptState.OPEN, AttemptAction.MOVE_TO_PAPER): AttemptState.ON_PAPER,
    (AttemptState.ON_PAPER, AttemptAction.CLOSE_ON_PAPER): AttemptState.CLOSED,
}


class Phase(StrEnum):
    """What time alone makes of an attempt, or of the way to it; computed, never stored."""

    NOT_OPEN = "not_open"
    WAITING = "waiting"
    OPEN = "open"
    LATE_ENTRY_OVER = "late_entry_over"
    GRACE = "grace"
    OVER = "over"


@dataclass(frozen=True)
class Window:
    """考试时段 of a sitting with the settings of its exam; moments are aware. `shift` is how long its room has stood
    still before this candidate's entry: the last moment of entry and the end move by it."""

    starts_at: datetime
    ends_at: datetime
    late_entry: timedelta
    earliest_hand_in: timedelta
    grace: timedelta
    shift: timedelta = timedelta()

    @property
    def opens_at(self) -> datetime:
        """When the waiting room opens."""
        return self.starts_at - WAITING_ROOM_OPENS

    @property
    def entry_until(self) -> datetime:
        """The last moment of entry; never after the window's end."""
        return min(self.starts_at + self.late_entry, self.ends_at) + self.shift

    @property
    def closes_at(self) -> datetime:
        """The end for who enters now."""
        return self.ends_at + self.shift

    @property
    def hand_in_from(self) -> datetime:
        """The first moment at which anyone may hand in."""
        return self.starts_at + self.earliest_hand_in


@dataclass(frozen=True)
class Stage:
    """A phase, since when it lasts and until when (None: always was, or always will be)."""

    phase: Phase
    since: datetime | None
    until: datetime | None


class NotOpen(Conflict):
    """Before the start."""

    code = "attempt.not_open"
    zh = "考试尚未开始，开始时间为 {starts_at}，请稍候。"
    en = "The exam has not begun; it begins at {starts_at}. Please wait."


class Paused(Conflict):
    """While the clock stands still nobody enters and nobody hands in; what is typed is saved all the same."""

    code = "attempt.paused"
    zh = "考试已暂停，计时已停，请听监考员安排，恢复后再操作。"
    en = "The exam is paused and the clock stands still; please wait until the proctor lets it go on."


class LateEntryOver(Conflict):
    """After the last moment of entry."""

    code = "attempt.late_entry_over"
    zh = "已过最迟入场时间（{entry_until}），不能再进入考试。"
    en = "Entry ended at {entry_until}; the exam can no longer be entered."


class Over(Conflict):
    """After the end."""

    code = "attempt.over"
    zh = "考试时间已到，答卷按截止时的内容收取。"
    en = "The time is over; your attempt is taken as it stood at the deadline."


class Late(Conflict):
    """A save that arrived after deadline and grace (P9)."""

    code = "attempt.late"
    zh = "考试时间已到，此次作答未被接收。"
    en = "The time is over; this response was not accepted."


class Closed(Conflict):
    """The attempt was handed in, or closed."""

    code = "attempt.closed"
    zh = "答卷已交，不能再作答。"
    en = "The attempt has been handed in; nothing more can be changed."


class OtherSession(Conflict):
    """Another computer, or another tab, writes this attempt (P12)."""

    code = "attempt.other_session"
    zh = "本次考试已在另一台电脑或另一个页面上继续，此处不能再作答。"
    en = "This exam continues on another computer or page; nothing can be written here."


class RevisionConflict(Invalid):
    """The same revision came before with another response; `fields` says which changes."""

    code = "attempt.revision_conflict"
    status = 409
    zh = "同一版本号已保存过不同的作答，请读取已保存的内容后再试。"
    en = "The same revision was saved with another response; please read what is stored and try again."


class HandInTooEarly(Conflict):
    """Before the first moment of handing in."""

    code = "attempt.hand_in_too_early"
    zh = "开考初期不能交卷，{hand_in_from} 之后可以交卷。"
    en = "Handing in is possible from {hand_in_from}."


class ReleaseNeeded(Forbidden):
    """Another computer continues only after the proctor's release."""

    code = "attempt.release_needed"
    zh = "换机继续考试须由监考员核验后放行，请输入监考员给出的签到码。"
    en = "To continue on this computer, please enter the code that the proctor gives you."


class NotCheckedIn(Forbidden):
    """In a room, an attempt is started only by who checked in there."""

    code = "attempt.not_checked_in"
    zh = "请先向监考员报到，用准考证号和签到码登录后再开始考试。"
    en = "Please check in with the proctor and sign in with ticket number and check-in code first."


class CheckInRefused(Unauthenticated):
    """Ticket number or code are not right; which of them is nobody's business (P38)."""

    code = "attempt.check_in_refused"
    zh = "准考证号或签到码不正确，或签到码已失效，请向监考员重新领取。"
    en = "The ticket number or the code is not right, or the code has expired; please ask the proctor for a new one."


class NoForm(Conflict):
    """No form was sealed for this registration."""

    code = "attempt.no_form"
    zh = "尚未为您分配试卷，请举手示意监考员。"
    en = "No form has been assigned to you yet; please raise your hand."


class DeclarationMissing(Conflict):
    """A start before the promise."""

    code = "attempt.declaration_missing"
    zh = "请先阅读并作出诚信承诺，再进入考试。"
    en = "Please read and make the declaration before you enter the exam."


def deadline_of(
    window: Window, *, started: datetime, duration: timedelta, granted: timedelta, paused: timedelta = timedelta()
) -> datetime:
    """截止时间: min(entry + duration, window end) + granted + paused."""
    return min(started + duration, window.closes_at) + granted + paused


def reckon(now: datetime, *, paused_at: datetime | None) -> datetime:
    """The moment that counts: while an attempt or a room is paused, its time stands still (P11)."""
    return now if paused_at is None else min(now, paused_at)


def phase(
    window: Window,
    *,
    started: datetime | None,
    duration: timedelta,
    granted: timedelta,
    now: datetime,
    paused: timedelta = timedelta(),
) -> Stage:
    """Where the candidate stands at `now`, which is reckoned (`reckon`). A moment that is exactly a limit is still
    within it: what comes *after* entry's end, or after deadline and grace, is refused."""
    if started is not None:
        deadline = deadline_of(window, started=started, duration=duration, granted=granted, paused=paused)
        return _running(window, deadline, started, now)
    if now < window.starts_at:
        if now < window.opens_at:
            return Stage(Phase.NOT_OPEN, None, window.opens_at)
        return Stage(Phase.WAITING, window.opens_at, window.starts_at)
    if now >= window.closes_at:
        return Stage(Phase.OVER, window.closes_at, None)
    if now > window.entry_until:
        return Stage(Phase.LATE_ENTRY_OVER, window.entry_until, window.closes_at)
    return Stage(Phase.OPEN, window.starts_at, window.entry_until)


def _running(window: Window, deadline: datetime, started: datetime, now: datetime) -> Stage:
    if now < deadline:
        return Stage(Phase.OPEN, started, deadline)
    if now <= deadline + window.grace:
        return Stage(Phase.GRACE, deadline, deadline + window.grace)
    return Stage(Phase.OVER, deadline + window.grace, None)


def check_start(
    stage: Stage, window: Window, *, checked_in: bool, declared: bool, has_form: bool, room_paused: bool = False
) -> None:
    """Refuse a start that time, a pause of the room, a missing check-in or declaration, or the want of a form does not
    allow; `stage` is that of who has not started."""
    if stage.phase in {Phase.NOT_OPEN, Phase.WAITING}:
        raise NotOpen(starts_at=clock_text(window.starts_at))
    if stage.phase is Phase.LATE_ENTRY_OVER:
        raise LateEntryOver(entry_until=clock_text(window.entry_until))
    if stage.phase is Phase.OVER:
        raise Over
    if room_paused:
        raise Paused
    if not checked_in:
        raise NotCheckedIn
    if not declared:
        raise DeclarationMissing
    if not has_form:
        raise NoForm


def is_late(*, deadline: datetime, grace: timedelta, arrived: datetime) -> bool:
    """Whether what arrived then came after deadline and grace (P9)."""
    return arrived > deadline + grace


def check_writing(*, writes: bool, epoch: int, sent_epoch: int) -> None:
    """Refuse who is not the writing session, or no longer in its epoch (P12)."""
    if not writes or epoch != sent_epoch:
        raise OtherSession


def check_hand_in(
    state: AttemptState,
    *,
    window: Window,
    deadline: datetime,
    now: datetime,
    writes: bool,
    epoch: int,
    sent_epoch: int,
    paused: bool = False,
) -> None:
    """Refuse a hand-in that is too early, too late, during a pause, or from the wrong place."""
    if (state, AttemptAction.HAND_IN) not in TRANSITIONS:
        raise Closed
    check_writing(writes=writes, epoch=epoch, sent_epoch=sent_epoch)
    if paused:
        raise Paused
    if is_late(deadline=deadline, grace=window.grace, arrived=now):
        raise Over
    if now < min(window.hand_in_from, deadline):
        raise HandInTooEarly(hand_in_from=clock_text(window.hand_in_from))


def check_take_over(
    state: AttemptState, *, deadline: datetime, grace: timedelta, now: datetime, writes: bool, released: bool
) -> None:
    """Refuse a take-over of a closed attempt, after its time, or without the proctor's release. The writing session
    itself may always continue in another of its pages."""
    if (state, AttemptAction.TAKE_OVER) not in TRANSITIONS:
        raise Closed
    if is_late(deadline=deadline, grace=grace, arrived=now):
        raise Over
    if not writes and not released:
        raise ReleaseNeeded


def is_due(state: AttemptState, *, deadline: datetime, grace: timedelta, now: datetime) -> bool:
    """Whether the sweeper closes it now."""
    return (state, AttemptAction.CLOSE_AT_DEADLINE) in TRANSITIONS and is_late(
        deadline=deadline, grace=grace + SETTLING, arrived=now
    )


class Verdict(StrEnum):
    """What becomes of one change of a save."""

    STORED = "stored"
    REPEATED = "repeated"
    SUPERSEDED = "superseded"
    CONFLICT = "conflict"


class Stored(msgspec.Struct, frozen=True):
    """The newest stored revision of a position; `response` is canonical JSON text."""

    revision: int
    response: str
    at: datetime


def judge_revision(newest: Stored | None, *, revision: int, response: str) -> Verdict:
    """Keep what is newer, acknowledge again what is the same, pass over what is older; the same revision with another
    response is a conflict (P3)."""
    if newest is None or revision > newest.revision:
        return Verdict.STORED
    if revision < newest.revision:
        return Verdict.SUPERSEDED
    return Verdict.REPEATED if response == newest.response else Verdict.CONFLICT


def clock_text(moment: datetime) -> str:
    """The time of day as people in the room read it."""
    return moment.astimezone(LOCAL).strftime("%H:%M")
