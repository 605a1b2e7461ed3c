"""批量处理: what may be done to many items at once, by whom, and the life of such an act."""

from enum import StrEnum

from app.errors import Conflict, Invalid
from app.security.permissions import Capability

DONE_AT_ONCE = 100
"""As many as two pages of a list hold: each is locked, changed and audited by itself. More are left to the worker."""
MOST_TOGETHER = 100_000
MOST_TAGS = 50
"""How many tags an item may be filed with."""


class TogetherAct(StrEnum):
    """What may be done to many items at once."""

    SUBMIT = "submit"
    RETIRE = "retire"
    ASSIGN = "assign"
    DISTRIBUTE = "distribute"
    """Assign them evenly to several reviewers."""
    TAG = "tag"
    UNTAG = "untag"
    FILE = "file"
    """File them under another topic."""
    CLASSIFY = "classify"


NEEDED: dict[TogetherAct, Capability] = {
    TogetherAct.SUBMIT: Capability.ITEM_WRITE,
    TogetherAct.RETIRE: Capability.ITEM_WRITE,
    TogetherAct.ASSIGN: Capability.REVIEW_ASSIGN,
    TogetherAct.DISTRIBUTE: Capability.REVIEW_ASSIGN,
    TogetherAct.TAG: Capability.ITEM_WRITE,
    TogetherAct.UNTAG: Capability.ITEM_WRITE,
    TogetherAct.FILE: Capability.REGISTER_WRITE,
    TogetherAct.CLASSIFY: Capability.ITEM_WRITE,
}
"""What each act demands of who does it, as the same act on one item does. Whoever keeps the tree files items in it."""


class BulkState(StrEnum):
    """Where an act on many items stands."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class BulkAction(StrEnum):
    """What happens to it."""

    START = "start"
    FINISH = "finish"
    CANCEL = "cancel"


BULK_TRANSITIONS: dict[tuple[BulkState | None, BulkAction], BulkState] = {
    (None, BulkAction.START): BulkState.OPEN,
    (BulkState.OPEN, BulkAction.FINISH): BulkState.DONE,
    (BulkState.OPEN, BulkAction.CANCEL): BulkState.CANCELLED,
}


class BulkOver(Conflict):
    """It has ended."""

    code = "bulk.over"
    zh = "该批量处理已结束。"
    en = "This act on many items has ended."


class NothingChosen(Invalid):
    """No item was chosen, or none is found any more."""

    code = "bulk.nothing"
    zh = "没有选中试题。"
    en = "No item was chosen."


class FoundChanged(Conflict):
    """The filter finds something else than it did when one looked."""

    code = "bulk.found_changed"
    zh = "情况有变：现在符合条件的有 {now} 道，之前为 {seen} 道。请重新查看后再处理。"
    en = "Things have changed: {now} items are found now, {seen} then. Please look again."


class WordMissing(Invalid):
    """The act needs to be told more: the field says what."""

    code = "bulk.word_missing"
    zh = "请补充所需内容。"
    en = "Something is missing that this act needs."


class TooManyTags(Conflict):
    """An item holds no more tags."""

    code = "item.too_many_tags"
    zh = "一道试题最多 {limit} 个标签。"
    en = "An item holds at most {limit} tags."


class NotTagged(Conflict):
    """The item does not have that tag."""

    code = "item.not_tagged"
    zh = "该试题没有这个标签。"
    en = "The item does not have this tag."


class AlreadyThere(Conflict):
    """The item is as it was to become already."""

    code = "item.already_there"
    zh = "该试题已是如此，不需改动。"
    en = "The item is so already; there is nothing to change."


def move_bulk(state: BulkState | None, action: BulkAction) -> BulkState:
    """The state after `action`; raises BulkOver where the table has no such move."""
    try:
        return BULK_TRANSITIONS[state, action]
    except KeyError:
        raise BulkOver from None
