"""Rules of make-up exams: which causes entitle, how an entitlement stands, and what a plan of one keeps to.

An entitlement belongs to a registration, the one that is made up for. It is granted by what has happened, never typed.
A registration is made up once: by one live registration for an exam that makes up for its exam.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from app.errors import Conflict, FieldProblem, Invalid


class Cause(StrEnum):
    """Why a make-up exam is due; in the order in which a person's entitlements are used up."""

    CALLED_OFF = "called_off"
    """The exam was called off, or cancelled, after the registration had been confirmed."""
    EXCUSED = "excused"
    """Absent, with a reason that two people have recognised."""
    POSTPONED = "postponed"
    """Absent from a sitting that had been postponed after the registration was confirmed."""
    UNFOUNDED = "unfounded"
    """The attempt was ended for misconduct, and two people have found none."""
    TECHNICAL = "technical"
    """The attempt was lost to a machine, the network or the power, as two people have recognised."""
    FAILED = "failed"
    """The result is no pass, and the policy that the exam was announced under allows a make-up after failing."""


CAUSE_WORDS: dict[Cause, tuple[str, str]] = {
    Cause.CALLED_OFF: ("考试取消", "The exam was called off"),
    Cause.EXCUSED: ("缺考事由已认定", "Absent with a recognised reason"),
    Cause.POSTPONED: ("考试延期后未能参加", "Absent after the exam was postponed"),
    Cause.UNFOUNDED: ("答卷被终止，经查不予处理", "Attempt ended, and no misconduct found"),
    Cause.TECHNICAL: ("技术故障，未能完成作答", "Attempt lost to a technical fault"),
    Cause.FAILED: ("成绩不合格，按政策可补考", "Not passed; the policy allows a make-up"),
}


class EntitlementState(StrEnum):
    """Whether the cause of an entitlement holds. That it is used is no state: the registration that uses it says so."""

    DUE = "due"
    LAPSED = "lapsed"
    """The cause is gone: a correction has made a pass of the result, a list of absences was opened again."""


class EntitlementAction(StrEnum):
    """What a cause does to an entitlement."""

    GRANT = "grant"
    LAPSE = "lapse"


ENTITLEMENT_TRANSITIONS: dict[tuple[EntitlementState | None, EntitlementAction], EntitlementState] = {
    (None, EntitlementAction.GRANT): EntitlementState.DUE,
    (EntitlementState.DUE, EntitlementAction.LAPSE): EntitlementState.LAPSED,
    (EntitlementState.LAPSED, EntitlementAction.GRANT): EntitlementState.DUE,
}


class EntitlementMoved(Conflict):
    """The entitlement is not where this could be done."""

    code = "make_up.moved"
    zh = "补考资格的状态已变化，请刷新后再办理。"
    en = "The entitlement to a make-up exam has moved on meanwhile; please look again."


class EntitlementUsed(Conflict):
    """An exam that somebody sat or missed is made up once."""

    code = "make_up.used"
    zh = "该人员的补考资格已用于另一场补考，或已失效。"
    en = "The person's entitlement is used by another make-up exam, or has lapsed."


class NoMakeUp(Conflict):
    """Candidates are entered from their causes into an exam that makes up for another, and into no other."""

    code = "make_up.not_one"
    zh = "本场考试不是补考，不能按补考资格登记。"
    en = "This exam makes up for none; nobody can be entered by an entitlement."


class NobodyEntitled(Conflict):
    """There is nobody whom a cause entitles, and who is eligible and not yet entered."""

    code = "make_up.nobody"
    zh = "没有可以登记的补考人员。"
    en = "There is nobody left to enter for this make-up exam."


def move_entitlement(state: EntitlementState | None, action: EntitlementAction) -> EntitlementState:
    """The state after `action`; raises EntitlementMoved where the table has no such move."""
    try:
        return ENTITLEMENT_TRANSITIONS[state, action]
    except KeyError:
        raise EntitlementMoved from None


def allowed_after_failing(failings_before: int, *, allowed: int) -> bool:
    """Whether one more make-up follows a failing, where `failings_before` make-ups were already due to failing and the
    policy allows so many in all."""
    return failings_before < allowed


def check_original(*, ends_at: datetime | None, starts_at: datetime) -> None:
    """Raises Invalid unless a make-up begins when the exam that it makes up for has ended; `ends_at` is None for one
    that was cancelled."""
    if ends_at is not None and starts_at < ends_at:
        raise Invalid(
            FieldProblem(
                "starts_at",
                "补考不早于所补考试结束时开考。",
                "A make-up exam begins when the exam that it makes up for has ended, or later.",
            )
        )


def first_cause(causes: Iterable[Cause]) -> Cause:
    """Which of a person's causes is used up first: those that the house answers for before those of the person."""
    order = list(Cause)
    return min(causes, key=order.index)
