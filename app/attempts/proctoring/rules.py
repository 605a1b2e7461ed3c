"""Rules of the proctor's desk: granted time, pauses, and how a seat stands."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.attempts.rules import TRANSITIONS, AttemptAction, AttemptState, Closing, is_late, reckon
from app.errors import Conflict

SILENCE = timedelta(seconds=25)
"""A page asks for the time every eight seconds, and what it asked is gathered for a few more: who was not heard of for
three rounds is shown as offline."""


class TimeCause(StrEnum):
    """Why time was granted (补时), or why it stood still (暂停)."""

    POWER_FAILURE = "power_failure"
    NETWORK_FAILURE = "network_failure"
    MACHINE_FAILURE = "machine_failure"
    ACCOMMODATION = "accommodation"
    OTHER = "other"


CAUSE_WORDS: dict[TimeCause, tuple[str, str]] = {
    TimeCause.POWER_FAILURE: ("停电", "Power failure"),
    TimeCause.NETWORK_FAILURE: ("网络故障", "Network failure"),
    TimeCause.MACHINE_FAILURE: ("机器故障", "Machine failure"),
    TimeCause.ACCOMMODATION: ("合理便利", "Accommodation"),
    TimeCause.OTHER: ("其他", "Other"),
}


class NothingToGrant(Conflict):
    """Nobody in the room has a running attempt."""

    code = "attempt.nothing_to_grant"
    zh = "没有正在进行的答卷，无法补时。"
    en = "There is no running attempt to grant time to."


class NothingToPause(Conflict):
    """There is nobody whose clock could be stopped: nothing runs, or it stands still already."""

    code = "attempt.nothing_to_pause"
    zh = "没有可以暂停的答卷：考试未开始、已结束，或已经暂停。"
    en = "There is nothing to pause: it has not begun, it is over, or it is paused already."


class NothingToResume(Conflict):
    """There is nobody whose clock stands still."""

    code = "attempt.nothing_to_resume"
    zh = "没有暂停中的答卷，可能已由他人恢复。"
    en = "Nothing is paused; somebody else may have let it go on already."


def may_grant(
    state: AttemptState, *, deadline: datetime, grace: timedelta, now: datetime, paused_at: datetime | None = None
) -> bool:
    """Whether time can be granted: to a running or paused attempt, never to one that is over (P11)."""
    return (state, AttemptAction.GRANT_TIME) in TRANSITIONS and not is_late(
        deadline=deadline, grace=grace, arrived=reckon(now, paused_at=paused_at)
    )


def may_pause(
    state: AttemptState, *, deadline: datetime, grace: timedelta, now: datetime, paused_at: datetime | None
) -> bool:
    """Whether its clock can be stopped: it runs, and is neither paused nor over."""
    runs = (state, AttemptAction.PAUSE) in TRANSITIONS and paused_at is None
    return runs and not is_late(deadline=deadline, grace=grace, arrived=now)


def may_resume(state: AttemptState, *, paused_at: datetime | None) -> bool:
    """Whether its clock can go on."""
    return (state, AttemptAction.RESUME) in TRANSITIONS and paused_at is not None


def seconds_of_pause(*, began: datetime, ended: datetime) -> int:
    """What a pause adds to the deadline: whole seconds, rounded up, so that nobody loses one."""
    return max(0, math.ceil((ended - began).total_seconds()))


class Standing(StrEnum):
    """What a proctor sees of a seat; computed at every look, never stored."""

    NOT_ARRIVED = "not_arrived"
    CHECKED_IN = "checked_in"
    RUNNING = "running"
    OFFLINE = "offline"
    PAUSED = "paused"
    OVER = "over"
    """Its time is over; it is closed within the minute."""
    ON_PAPER = "on_paper"
    HANDED_IN = "handed_in"
    CLOSED = "closed"
    ENDED = "ended"
    """For misconduct, by a person."""
    ABSENT = "absent"


_CLOSED = {
    Closing.HANDED_IN: Standing.HANDED_IN,
    Closing.AT_DEADLINE: Standing.CLOSED,
    Closing.ENDED: Standing.ENDED,
    Closing.ON_PAPER: Standing.CLOSED,
    Closing.ABSENT: Standing.ABSENT,
}
UNFINISHED = frozenset(
    {
        Standing.NOT_ARRIVED,
        Standing.CHECKED_IN,
        Standing.RUNNING,
        Standing.OFFLINE,
        Standing.PAUSED,
        Standing.OVER,
    }
)
"""While a seat stands so its room is not closed: somebody writes, or may still come."""
NEEDS_A_HAND = frozenset({Standing.OFFLINE, Standing.PAUSED})
"""What alone has colour on the board."""


@dataclass(frozen=True, slots=True)
class Run:
    """An attempt as far as the board must know it; `heard_at` is when its page last asked or saved."""

    state: AttemptState
    closing: Closing | None
    deadline_at: datetime
    paused_at: datetime | None
    heard_at: datetime


def standing_of(run: Run | None, *, arrived: bool, entry_over: bool, grace: timedelta, now: datetime) -> Standing:
    """How a seat stands at `now`. Offline is told from silence alone: whoever is heard again is running again."""
    if run is None:
        if entry_over:
            return Standing.ABSENT
        return Standing.CHECKED_IN if arrived else Standing.NOT_ARRIVED
    if run.state is not AttemptState.OPEN:
        return _CLOSED[run.closing] if run.closing else Standing.ON_PAPER
    if run.paused_at is not None:
        return Standing.PAUSED
    if is_late(deadline=run.deadline_at, grace=grace, arrived=now):
        return Standing.OVER
    return Standing.OFFLINE if now - run.heard_at > SILENCE else Standing.RUNNING
