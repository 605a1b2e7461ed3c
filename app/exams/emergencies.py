"""应急处置: an exam that was announced is postponed, or a sealed one called off, by two people. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from app.errors import Conflict, FieldProblem, Invalid
from app.exams.planning import LONGEST_SITTING


class ChangeKind(StrEnum):
    """What is proposed."""

    POSTPONE = "postpone"
    CALL_OFF = "call_off"


class ChangeState(StrEnum):
    """Where a proposal stands; an approved one has been carried out."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"


class ChangeAction(StrEnum):
    """What may be done with a proposal."""

    APPROVE = "approve"
    DECLINE = "decline"


CHANGE_TRANSITIONS: dict[tuple[ChangeState, ChangeAction], ChangeState] = {
    (ChangeState.PROPOSED, ChangeAction.APPROVE): ChangeState.APPROVED,
    (ChangeState.PROPOSED, ChangeAction.DECLINE): ChangeState.DECLINED,
}


class ChangeSettled(Conflict):
    """The proposal was approved or declined already."""

    code = "emergency.settled"
    zh = "这项申请已经办结。"
    en = "This proposal has been settled already."


class ChangeWaits(Conflict):
    """One proposal at a time."""

    code = "emergency.waits"
    zh = "已有一项待批准的申请，请先办结。"
    en = "A proposal waits for its approval already; please settle that one first."


class BegunAlready(Conflict):
    """Once a sitting has begun it is neither postponed nor called off."""

    code = "emergency.begun"
    zh = "考试已经开始，不能延期或取消；考场内的问题请用暂停和补时处理。"
    en = "The sitting has begun: it is neither postponed nor called off. Pause the room, or grant time."


def move_change(state: ChangeState, action: ChangeAction) -> ChangeState:
    """The state after `action`; raises ChangeSettled where the table has no such move."""
    try:
        return CHANGE_TRANSITIONS[state, action]
    except KeyError:
        raise ChangeSettled from None


def check_postponed(
    starts_at: datetime | None, ends_at: datetime | None, *, before: datetime, now: datetime, duration_minutes: int
) -> None:
    """Raises Invalid, naming fields, unless the new sitting is later than the old one and long enough."""
    if starts_at is None or ends_at is None:
        raise Invalid(FieldProblem("starts_at", "延期须写明新的开考和结束时间。", "Give the new start and end."))
    if starts_at <= max(before, now):
        raise Invalid(
            FieldProblem("starts_at", "新的开考时间应晚于原定时间。", "The new start is later than the old one.")
        )
    if not timedelta(minutes=duration_minutes) <= ends_at - starts_at <= LONGEST_SITTING:
        raise Invalid(
            FieldProblem(
                "ends_at",
                "结束时间不早于开考加考试时长，且整场不超过 12 小时。",
                "The end is at least the duration after the start, and at most 12 hours.",
            )
        )
