"""Rules of terms and destruction lists: proposed by one, approved by others, carried out entry by entry. Pure."""

from enum import StrEnum

from app.errors import Conflict, Forbidden


class TermsState(StrEnum):
    """Where a set of terms stands. An approved one is a version, and stays as it is for good."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"


class TermsAction(StrEnum):
    """What may be done to one."""

    APPROVE = "approve"
    DECLINE = "decline"


TERMS_TRANSITIONS: dict[tuple[TermsState, TermsAction], TermsState] = {
    (TermsState.PROPOSED, TermsAction.APPROVE): TermsState.APPROVED,
    (TermsState.PROPOSED, TermsAction.DECLINE): TermsState.DECLINED,
}


class ListState(StrEnum):
    """Where a destruction list stands."""

    DRAWN_UP = "drawn_up"
    APPROVED_ONCE = "approved_once"
    APPROVED = "approved"
    CARRIED_OUT = "carried_out"
    DECLINED = "declined"


class ListAction(StrEnum):
    """What may be done with a destruction list."""

    DRAW_UP = "draw_up"
    APPROVE = "approve"
    APPROVE_AGAIN = "approve_again"
    DECLINE = "decline"
    FINISH = "finish"


LIST_TRANSITIONS: dict[tuple[ListState | None, ListAction], ListState] = {
    (None, ListAction.DRAW_UP): ListState.DRAWN_UP,
    (ListState.DRAWN_UP, ListAction.APPROVE): ListState.APPROVED_ONCE,
    (ListState.DRAWN_UP, ListAction.DECLINE): ListState.DECLINED,
    (ListState.APPROVED_ONCE, ListAction.APPROVE_AGAIN): ListState.APPROVED,
    (ListState.APPROVED_ONCE, ListAction.DECLINE): ListState.DECLINED,
    (ListState.APPROVED, ListAction.FINISH): ListState.CARRIED_OUT,
}


class Fate(StrEnum):
    """What became of one entry of a list."""

    LISTED = "listed"
    DESTROYED = "destroyed"
    HELD = "held"
    """Something that holds it was opened after the list was drawn up."""
    CHANGED = "changed"
    """What stands there is not what was approved, or is not due by the terms of that day, and so it stays."""


def judge_entry(*, approved: str, found: str, held: bool) -> Fate:
    """What becomes of an entry when the list is carried out; `approved` and `found` are the digests of its records."""
    if held:
        return Fate.HELD
    return Fate.DESTROYED if approved == found else Fate.CHANGED


class RetentionMoved(Conflict):
    """The state does not allow this."""

    code = "retention.moved"
    zh = "这项已由他人办理，请刷新后再看。"
    en = "Somebody has dealt with this meanwhile; please reload."


class NothingDue(Conflict):
    """There is nothing to list."""

    code = "retention.nothing_due"
    zh = "这类记录目前没有到期可销毁的。"
    en = "Nothing of these records is due now."


class ListWaits(Conflict):
    """One list of a class at a time: two would name the same records."""

    code = "retention.list_waits"
    zh = "这类记录还有一份销毁清单未办结。"
    en = "Another destruction list of these records has not been dealt with yet."


class ListAltered(Conflict):
    """The entries are not those that were listed."""

    code = "retention.list_altered"
    zh = "清单内容与拟定时的校验值不符，不能批准。请选择不予批准，并报告审计管理员。"
    en = "The entries are not those that were listed. Please decline the list and tell the audit administrator."


class SameAdministrator(Forbidden):
    """Proposing and approving, drawing up and each approval, are done by different people (P24, P37)."""

    code = "retention.same_person"
    zh = "提出和每次批准须由不同的人办理。"
    en = "Proposing and each approval are done by different people."


def move_terms(state: TermsState, action: TermsAction) -> TermsState:
    """The state after `action`; raises RetentionMoved where the table has no such move."""
    try:
        return TERMS_TRANSITIONS[state, action]
    except KeyError:
        raise RetentionMoved from None


def move_list(state: ListState | None, action: ListAction) -> ListState:
    """The state after `action`; raises RetentionMoved where the table has no such move."""
    try:
        return LIST_TRANSITIONS[state, action]
    except KeyError:
        raise RetentionMoved from None


def check_people(*others: int | None, decider: int | None) -> None:
    """Raises SameAdministrator where the person who decides is one of those who acted before them."""
    if decider is None or decider in others:
        raise SameAdministrator
