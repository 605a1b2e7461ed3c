"""Orders of options: which options may move, and the order that follows from one word.

Where one option is right, its place is dealt over the form, so that no letter is right much more often than another.
"""

from functools import lru_cache
from math import factorial
from typing import NamedTuple

from question_bank.items import Item, ItemType
from question_bank.kinds import objective_kind_of

_MOST_FREE = 12
"""Twelve options have fewer orders than there are words; of more, only the first twelve free ones are moved."""


class Shuffle(NamedTuple):
    """How the options of an item may be shuffled: `free` places exchange what stands in them, `dealt` is whether the
    right one's place is dealt, `options` how many there are."""

    options: int
    free: tuple[int, ...]
    dealt: bool


def shuffle_of(item: Item) -> Shuffle:
    """How this item's options may be shuffled."""
    if not objective_kind_of(item.item_type).shuffles_options:
        return Shuffle(len(item.options), (), dealt=False)
    free = tuple(place for place, option in enumerate(item.options) if not option.pinned)[:_MOST_FREE]
    dealt = item.item_type is ItemType.SINGLE_CHOICE and item.key <= set(free) and len(free) > 1
    return Shuffle(len(item.options), free, dealt=dealt)


def order_of(item: Item, shuffle: Shuffle, *, word: int, dealt: int) -> tuple[int, ...]:
    """The order of options that a word stands for, the right one at the free place of rank `dealt` (from 0) where its
    place is dealt."""
    order = [*_order(shuffle.options, shuffle.free, word * factorial(len(shuffle.free)) >> 32)]
    if shuffle.dealt:
        (right,) = item.key
        here, there = order.index(right), shuffle.free[dealt]
        order[here], order[there] = order[there], order[here]
    return tuple(order)


@lru_cache(maxsize=8192)
def _order(options: int, free: tuple[int, ...], number: int) -> tuple[int, ...]:
    """The order of that number among all orders of the free places, in lexicographic order."""
    order, left = list(range(options)), [*free]
    for place in free:
        at, number = divmod(number, factorial(len(left) - 1))
        order[place] = left.pop(at)
    return tuple(order)
