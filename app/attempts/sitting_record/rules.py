"""Rules of the record of a room: when it is drawn up, who signs it, and what it takes to do without."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from app.errors import Conflict, FieldProblem, Forbidden, Invalid

LATE_AFTER = timedelta(minutes=1)
"""Everyone starts in the same minute; who starts later came late."""


class RecordState(StrEnum):
    """Where a record stands; what both have signed never changes."""

    DRAWN_UP = "drawn_up"
    SIGNED_ONCE = "signed_once"
    RETURNED = "returned"
    SIGNED = "signed"


class RecordAction(StrEnum):
    """What may be done about a record."""

    DRAW_UP = "draw_up"
    SIGN = "sign"
    COUNTERSIGN = "countersign"
    RETURN = "return"


RECORD_TRANSITIONS: dict[tuple[RecordState | None, RecordAction], RecordState] = {
    (None, RecordAction.DRAW_UP): RecordState.DRAWN_UP,
    (RecordState.DRAWN_UP, RecordAction.DRAW_UP): RecordState.DRAWN_UP,
    (RecordState.RETURNED, RecordAction.DRAW_UP): RecordState.DRAWN_UP,
    (RecordState.DRAWN_UP, RecordAction.SIGN): RecordState.SIGNED_ONCE,
    (RecordState.SIGNED_ONCE, RecordAction.COUNTERSIGN): RecordState.SIGNED,
    (RecordState.SIGNED_ONCE, RecordAction.RETURN): RecordState.RETURNED,
}


class RecordMoved(Conflict):
    """The record is not where this could be done."""

    code = "record.moved"
    zh = "考场记录表的状态已变化，请刷新后再办理。"
    en = "The record has moved on meanwhile; please look again."


class RecordTooEarly(Conflict):
    """It is made from what happened, and something may still happen."""

    code = "record.too_early"
    zh = "关闭考场并由两人确认缺考名单之后，才能生成考场记录表。"
    en = "The record is drawn up once the room is closed and two people have confirmed its absences."


class RecordChanged(Conflict):
    """What is signed must be what was read."""

    code = "record.changed"
    zh = "考场记录表在您阅读之后重新生成过，请重新阅读后再签字。"
    en = "The record was drawn up anew after you read it; please read it again before you sign."


class SameSigner(Forbidden):
    """Each of two invigilators signs for themselves."""

    code = "record.same_person"
    zh = "考场记录表须由两名监考员分别签字，您已签过。"
    en = "Two invigilators sign the record, each for themselves; you have signed it."


def move_record(state: RecordState | None, action: RecordAction) -> RecordState:
    """The state after `action`; raises RecordMoved where the table has no such move."""
    try:
        return RECORD_TRANSITIONS[state, action]
    except KeyError:
        raise RecordMoved from None


def signing(state: RecordState) -> RecordAction:
    """Whether a signature is the first or the second."""
    return RecordAction.COUNTERSIGN if state is RecordState.SIGNED_ONCE else RecordAction.SIGN


def check_signer(signer: int | None, *, signed: Collection[int], read: str, stands: str) -> None:
    """Refuse who has signed already, and who read something else. `read` and `stands` are hashes. Raises SameSigner,
    RecordChanged."""
    if signer is None or signer in signed:
        raise SameSigner
    if read != stands:
        raise RecordChanged


def check_when(happened: datetime, *, opens: datetime, now: datetime) -> None:
    """Raises Invalid unless an incident happened between the opening of the room's day and now."""
    if not opens <= happened <= now + timedelta(minutes=1):
        raise Invalid(
            FieldProblem("happened_at", "发生时间应在本场当日、现在之前。", "The time lies on the day, and before now.")
        )


def is_filed(states: Collection[RecordState], *, waived: bool) -> bool:
    """Whether a room's record and every addition to it are signed, or an approver does without."""
    return waived or (bool(states) and all(state is RecordState.SIGNED for state in states))
