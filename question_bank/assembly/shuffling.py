"""Orders of options: which options may move, and the order that follows from one word.

Where one option is right, its place is dealt over the form, so that no letter is right much more often than another.
"""

import hashlib
from functools import lru_cache
from math import factorial
from typing import NamedTuple

from question_bank.items import Item
from question_bank.kinds import kind_of
from question_bank.kinds.case_analysis import Part

_MOST_FREE = 12
"""Twelve options have fewer orders than there are words; of more, only the first twelve free ones are moved."""


class Shuffle(NamedTuple):
    """How the options of an item may be shuffled: `free` places exchange what stands in them, `dealt` is whether the
    right one's place is dealt, `options` how many there are."""

    options: int
    free: tuple[int, ...]
    dealt: bool


def shuffle_of(content: Item | Part) -> Shuffle:
    """How what this item displays in an order of the form's own (options, elements, choices) may be shuffled."""
    kind, body = kind_of(content.item_type), content.body
    free = kind.free_places(body)[:_MOST_FREE]
    dealt = len(free) > 1 and kind.dealt_place(body) in free
    return Shuffle(kind.layout(body).extent.shown, free, dealt=dealt)


def part_word(word: int, part: int) -> int:
    """The word of a part of a case, from the word of the case: 32 bits of SHA-256 over both."""
    return int.from_bytes(hashlib.sha256(f"{word}/{part}".encode()).digest()[:4])


def order_of(content: Item | Part, shuffle: Shuffle, *, word: int, dealt: int) -> tuple[int, ...]:
    """The order of options that a word stands for, the right one at the free place of rank `dealt` (from 0) where its
    place is dealt."""
    order = [*_order(shuffle.options, shuffle.free, word * factorial(len(shuffle.free)) >> 32)]
    right = kind_of(content.item_type).dealt_place(content.body)
    if shuffle.dealt and right is not None:
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
