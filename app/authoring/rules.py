"""Rules of the bank: the lifecycle of an item, and who may move it."""

from enum import StrEnum

from app.errors import Conflict, Forbidden


class ItemState(StrEnum):
    """Where an item stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    RETIRED = "retired"


class ItemAction(StrEnum):
    """What may be done to an item."""

    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    REVISE = "revise"
    RETIRE = "retire"


TRANSITIONS: dict[tuple[ItemState, ItemAction], ItemState] = {
    (ItemState.DRAFT, ItemAction.SUBMIT): ItemState.SUBMITTED,
    (ItemState.DRAFT, ItemAction.REVISE): ItemState.DRAFT,
    (ItemState.RETURNED, ItemAction.REVISE): ItemState.DRAFT,
    (ItemState.SUBMITTED, ItemAction.APPROVE): ItemState.APPROVED,
    (ItemState.SUBMITTED, ItemAction.RETURN): ItemState.RETURNED,
    (ItemState.APPROVED, ItemAction.REVISE): ItemState.DRAFT,
    (ItemState.APPROVED, ItemAction.RETIRE): ItemState.RETIRED,
    (ItemState.DRAFT, ItemAction.RETIRE): ItemState.RETIRED,
    (ItemState.RETURNED, ItemAction.RETIRE): ItemState.RETIRED,
}


class ImportState(StrEnum):
    """Where an import stands: read and shown, then committed as a whole, or put aside."""

    CHECKED = "checked"
    COMMITTED = "committed"
    DISCARDED = "discarded"


class Involvement(StrEnum):
    """What a person had to do with an item: whoever had anything may not sit an exam drawn from it (回避)."""

    WROTE = "wrote"
    REVIEWED = "reviewed"
    IMPORTED = "imported"
    EXPORTED = "exported"


class ItemMoveRefused(Conflict):
    """The item's state does not allow this action."""

    code = "item.move_refused"
    zh = "试题当前状态不能执行此操作。"
    en = "The item's present state does not allow this."


class OwnItem(Forbidden):
    """Author and reviewer of one item are two people."""

    code = "item.own"
    zh = "不能审核自己命制或导入的试题，请由另一位审题员审核。"
    en = "One's own items are reviewed by somebody else."


def move(state: ItemState, action: ItemAction) -> ItemState:
    """The state after `action`; raises ItemMoveRefused where the table has no such move."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise ItemMoveRefused from None
