"""Rules of technical faults: what may be reported, the way to a decision, and which attempts can be lost at all.

A machine is swapped, time is granted, a room goes on on paper: that comes first, and nothing here asks for it, for only
people know whether it would have done. What is recognised takes an attempt out of the results for good (decision 0034).
"""

from collections.abc import Collection
from enum import StrEnum

from app.attempts.rules import AttemptState, Closing
from app.errors import Conflict, Forbidden


class FaultCause(StrEnum):
    """What broke: those causes of granted time (`TimeCause`, which has the words) that can cost an attempt."""

    POWER_FAILURE = "power_failure"
    NETWORK_FAILURE = "network_failure"
    MACHINE_FAILURE = "machine_failure"


class FaultState(StrEnum):
    """Where a report stands; before it is made there is no row."""

    REPORTED = "reported"
    RECOGNISED = "recognised"
    DECLINED = "declined"


STATE_WORDS: dict[FaultState, tuple[str, str]] = {
    FaultState.REPORTED: ("待认定", "To be decided"),
    FaultState.RECOGNISED: ("已认定，答卷不计成绩", "Recognised; the attempt does not count"),
    FaultState.DECLINED: ("不予认定", "Not recognised"),
}


class FaultAction(StrEnum):
    """What may be done about a report."""

    REPORT = "report"
    RECOGNISE = "recognise"
    DECLINE = "decline"


FAULT_TRANSITIONS: dict[tuple[FaultState | None, FaultAction], FaultState] = {
    (None, FaultAction.REPORT): FaultState.REPORTED,
    (FaultState.DECLINED, FaultAction.REPORT): FaultState.REPORTED,
    (FaultState.REPORTED, FaultAction.RECOGNISE): FaultState.RECOGNISED,
    (FaultState.REPORTED, FaultAction.DECLINE): FaultState.DECLINED,
}
"""What was recognised stays: the candidate was told, and a make-up exam may have been arranged."""


class FaultMoved(Conflict):
    """The report is not where this could be done."""

    code = "technical_fault.moved"
    zh = "技术故障报告的状态已变化，请刷新后再办理。"
    en = "The report of a technical fault has moved on meanwhile; please look again."


class NothingLost(Conflict):
    """Nobody has begun, or the attempt was finished: handed in, gone on on paper, or ended by a person."""

    code = "technical_fault.nothing_lost"
    zh = "该考生没有开始作答，或答卷已由本人交卷、转为纸笔、被终止，不属于因故障未能完成的答卷。"
    en = "Nothing was lost: the attempt never began, or was handed in, went on on paper, or was ended by a person."


class StillOpen(Conflict):
    """As long as an attempt runs nobody knows that it is lost."""

    code = "technical_fault.still_open"
    zh = "答卷尚未收卷，仍可换机、补时后继续作答；收卷以后再认定。"
    en = "The attempt is still open and may go on on another machine; please decide once it is closed."


class MisconductStands(Conflict):
    """A make-up exam by this way would undo what is being decided, or was."""

    code = "technical_fault.misconduct"
    zh = "该答卷有未决定的违纪记录，或已按违纪作出处理，不能认定为技术故障。"
    en = "A misconduct case on this attempt is undecided or has been ruled on; no technical fault can be recognised."


class OwnFault(Forbidden):
    """Nobody acts on their own attempt, nor on that of somebody close (P29)."""

    code = "technical_fault.own"
    zh = "本人或有回避关系人员的技术故障不能报告或认定，请回避。"
    en = "This attempt is one's own or that of somebody close; recusal applies."


def move_fault(state: FaultState | None, action: FaultAction) -> FaultState:
    """The state after `action`; raises FaultMoved where the table has no such move."""
    try:
        return FAULT_TRANSITIONS[state, action]
    except KeyError:
        raise FaultMoved from None


def may_be_lost(state: AttemptState, closing: Closing | None) -> bool:
    """Whether a fault can be reported of an attempt: it is open, or was closed at its deadline unfinished."""
    return state is AttemptState.OPEN or closing is Closing.AT_DEADLINE


def check_lost(state: AttemptState, closing: Closing | None) -> None:
    """Refuse to recognise before the end, and what its candidate finished. Raises StillOpen, NothingLost."""
    if not may_be_lost(state, closing):
        raise NothingLost
    if state is AttemptState.OPEN:
        raise StillOpen


def check_apart(actor: int | None, *, candidate: int, close_to: Collection[int]) -> None:
    """Raises OwnFault where the natural person who acts is the candidate, or one of those `close_to` them."""
    if actor == candidate or actor in close_to:
        raise OwnFault
