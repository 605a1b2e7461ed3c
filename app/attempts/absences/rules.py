"""Rules of absences: the list of a room, closed by two people, and reasons that are recognised afterwards.

Nobody is absent by the machine's word alone where a proctor has stood in the room (decision 0026).
"""

from collections.abc import Collection
from enum import StrEnum

from app.errors import Conflict


class AbsenceCause(StrEnum):
    """Why somebody has no attempt, as the proctor saw it."""

    NO_SHOW = "no_show"
    TOO_LATE = "too_late"
    NO_DOCUMENT = "no_document"
    LEFT = "left"
    """Was there, and never began."""
    OTHER = "other"


class ListState(StrEnum):
    """Where the list of a room stands; before it is stated there is no row."""

    STATED = "stated"
    RETURNED = "returned"
    CONFIRMED = "confirmed"
    REOPENING = "reopening"
    """Somebody asks that it be opened again."""


class ListAction(StrEnum):
    """What may be done about a list."""

    STATE = "state"
    RETURN = "return"
    CONFIRM = "confirm"
    ASK_REOPENING = "ask_reopening"
    KEEP = "keep"
    REOPEN = "reopen"


LIST_TRANSITIONS: dict[tuple[ListState | None, ListAction], ListState] = {
    (None, ListAction.STATE): ListState.STATED,
    (ListState.RETURNED, ListAction.STATE): ListState.STATED,
    (ListState.STATED, ListAction.RETURN): ListState.RETURNED,
    (ListState.STATED, ListAction.CONFIRM): ListState.CONFIRMED,
    (ListState.CONFIRMED, ListAction.ASK_REOPENING): ListState.REOPENING,
    (ListState.REOPENING, ListAction.KEEP): ListState.CONFIRMED,
    (ListState.REOPENING, ListAction.REOPEN): ListState.RETURNED,
}
CLOSED = frozenset({ListState.CONFIRMED, ListState.REOPENING})
"""While a list stands so, who is on it is absent."""


class ExcuseCause(StrEnum):
    """Reasons that the department may recognise."""

    ILLNESS = "illness"
    DUTY = "duty"
    BEREAVEMENT = "bereavement"
    DISASTER = "disaster"
    OTHER = "other"


class ExcuseState(StrEnum):
    """Where a reason stands that somebody brought forward."""

    PROPOSED = "proposed"
    RECOGNISED = "recognised"
    DECLINED = "declined"


class ExcuseAction(StrEnum):
    """What may be done about a reason."""

    PROPOSE = "propose"
    RECOGNISE = "recognise"
    DECLINE = "decline"


EXCUSE_TRANSITIONS: dict[tuple[ExcuseState | None, ExcuseAction], ExcuseState] = {
    (None, ExcuseAction.PROPOSE): ExcuseState.PROPOSED,
    (ExcuseState.DECLINED, ExcuseAction.PROPOSE): ExcuseState.PROPOSED,
    (ExcuseState.PROPOSED, ExcuseAction.RECOGNISE): ExcuseState.RECOGNISED,
    (ExcuseState.PROPOSED, ExcuseAction.DECLINE): ExcuseState.DECLINED,
}


class AbsencesMoved(Conflict):
    """The list, or the reason, is not where this could be done."""

    code = "absence.moved"
    zh = "缺考名单或事由的状态已变化，请刷新后再办理。"
    en = "The list of absences, or the reason, has moved on meanwhile; please look again."


class EntryNotOver(Conflict):
    """While somebody may still enter nobody is absent."""

    code = "absence.entry_not_over"
    zh = "最迟入场时间未过，还有 {count} 名考生可以入场，不能确认缺考。"
    en = "Entry is not over: {count} candidates may still come, and nobody is absent yet."


class AbsencesDiffer(Conflict):
    """What was stated is not what the room shows."""

    code = "absence.differs"
    zh = "名单与考场情况不一致：{missing} 人没有答卷而未列入，{extra} 人已有答卷或不在本考场而被列入。请刷新核对。"
    en = (
        "The list is not what the room shows: {missing} have no attempt and are not on it, {extra} are on it and have "
        "one or are not of this room. Please look again."
    )


class ReasonPending(Conflict):
    """A reason was brought forward for somebody on the list."""

    code = "absence.reason_pending"
    zh = "名单中有人已提出或已认定缺考事由，不能重新开启。"
    en = "A reason has been brought forward for somebody on this list; it cannot be opened again."


def move_list(state: ListState | None, action: ListAction) -> ListState:
    """The state after `action`; raises AbsencesMoved where the table has no such move."""
    try:
        return LIST_TRANSITIONS[state, action]
    except KeyError:
        raise AbsencesMoved from None


def move_excuse(state: ExcuseState | None, action: ExcuseAction) -> ExcuseState:
    """The state after `action`; raises AbsencesMoved where the table has no such move."""
    try:
        return EXCUSE_TRANSITIONS[state, action]
    except KeyError:
        raise AbsencesMoved from None


def check_stated(stated: Collection[int], *, absent: Collection[int], may_come: int) -> None:
    """Refuse a list that is early, or is not exactly those without an attempt. Raises EntryNotOver, AbsencesDiffer."""
    if may_come:
        raise EntryNotOver(count=may_come)
    missing, extra = set(absent) - set(stated), set(stated) - set(absent)
    if missing or extra:
        raise AbsencesDiffer(missing=len(missing), extra=len(extra))
