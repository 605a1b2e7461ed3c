"""Rules of switching rooms: what can be proposed, why, when, and what each refusal says."""

from enum import StrEnum

from app.errors import Conflict


class SwitchKind(StrEnum):
    """What is proposed."""

    RESERVE_FORMS = "reserve_forms"
    ON_PAPER = "on_paper"


class SwitchCause(StrEnum):
    """Why: the coded list."""

    LEAK = "leak"
    WRONG_FORMS = "wrong_forms"
    POWER_FAILURE = "power_failure"
    NETWORK_FAILURE = "network_failure"
    MACHINE_FAILURE = "machine_failure"
    OTHER = "other"


class SwitchState(StrEnum):
    """Where a proposal stands; an approved one has been carried out."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"


class SwitchAction(StrEnum):
    """What may be done with a proposal."""

    APPROVE = "approve"
    DECLINE = "decline"


SWITCH_TRANSITIONS: dict[tuple[SwitchState, SwitchAction], SwitchState] = {
    (SwitchState.PROPOSED, SwitchAction.APPROVE): SwitchState.APPROVED,
    (SwitchState.PROPOSED, SwitchAction.DECLINE): SwitchState.DECLINED,
}


class SwitchSettled(Conflict):
    """The proposal was approved or declined already."""

    code = "switch.settled"
    zh = "这项换卷申请已经办结。"
    en = "This proposal to switch has been settled already."


class SwitchWaits(Conflict):
    """One proposal at a time for a sitting."""

    code = "switch.waits"
    zh = "本场次已有一项待批准的申请，请先办结。"
    en = "A proposal for this sitting waits for its approval already; please settle that one first."


class NoReserveSet(Conflict):
    """The exam was sealed without a reserve set."""

    code = "switch.no_reserve_set"
    zh = "本次考试封卷时没有抽取成套备用卷，不能启用。"
    en = "This exam was sealed without a reserve set; there is nothing to switch to."


class NobodyToSwitch(Conflict):
    """Everybody has begun, has a reserve form already, or can no longer enter."""

    code = "switch.nobody"
    zh = "没有可以换卷的考生：都已开始答题、已换过备用卷，或已不能入场。"
    en = "There is nobody to switch: all have begun, have a reserve form already, or can no longer enter."


class NobodyForPaper(Conflict):
    """Everybody has handed in, is on paper already, or time is over."""

    code = "switch.nobody_for_paper"
    zh = "没有可以转为纸笔作答的考生：都已交卷、已转为纸笔，或本场已结束。"
    en = "There is nobody to finish on paper: all have handed in or are on paper already, or the sitting is over."


def move_switch(state: SwitchState, action: SwitchAction) -> SwitchState:
    """The state after `action`; raises SwitchSettled where the table has no such move."""
    try:
        return SWITCH_TRANSITIONS[state, action]
    except KeyError:
        raise SwitchSettled from None


def check_on_paper(*, unfinished: int, over: bool) -> None:
    """Refuse a switch to paper where nobody is `unfinished` (without an attempt, or with one that runs), or the room's
    time is over."""
    if not unfinished or over:
        raise NobodyForPaper


def check_reserve(*, has_set: bool, waiting: int, over: bool) -> None:
    """Refuse a switch to reserve forms where none were drawn, nobody could begin with one (`waiting`: who has not begun
    and has a form beside theirs), or the room's time is over."""
    if not has_set:
        raise NoReserveSet
    if not waiting or over:
        raise NobodyToSwitch
