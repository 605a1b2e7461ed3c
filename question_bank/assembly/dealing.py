"""Decks dealt to many forms at once, as arrays: every item of a cell once before any twice, wherever one begins.

Slot t of a cell with k columns is column t mod k of row t div k. Where a cell has at least four times as many units as
columns, slot t holds place t mod n of the shuffle of pass t div n. Where it has fewer, rows would often meet one unit
at the end of a pass and again at the beginning of the next: there, n ÷ gcd(n, k) rows go round one shuffle without a
break, using every unit equally often and none twice in a row, and then comes the next shuffle.

Both follow from the number of the row alone, so that rows can be dealt from anywhere.
"""

from dataclasses import dataclass
from math import gcd

import numpy as np

from question_bank.assembly.counter import orders, words

_ROOMY = 4


@dataclass(frozen=True)
class Deck:
    """A cell as the deal sees it.

    Unit u stands for the items members[first[u]] to members[first[u] + size[u] - 1], pass by pass in turn. `strata[u]`
    numbers the subtopic of unit u from 0 without a gap: each hand takes of every subtopic what is its share.
    """

    name: str
    columns: int
    members: np.ndarray
    first: np.ndarray
    size: np.ndarray
    strata: np.ndarray


def deal(decks: list[Deck], *, seed: bytes, label: str, start: int, rows: int) -> np.ndarray:
    """Rows start to start + rows - 1: items, one column after the other in the order of the decks."""
    dealt = np.empty((rows, sum(deck.columns for deck in decks)), dtype=np.int64)
    column = 0
    for deck in decks:
        dealt[:, column : column + deck.columns] = _hands(deck, seed=seed, label=label, start=start, rows=rows)
        column += deck.columns
    return dealt


def _hands(deck: Deck, *, seed: bytes, label: str, start: int, rows: int) -> np.ndarray:
    units, columns = len(deck.first), deck.columns
    slots = np.arange(start * columns, (start + rows) * columns, dtype=np.int64)
    if units >= _ROOMY * columns:
        shuffle, place = slots // units, slots % units
    else:
        lap = units // gcd(units, columns)
        row = slots // columns
        shuffle, place = row // lap, (slots - row // lap * lap * columns) % units
    begin, end = int(shuffle[0]), int(shuffle[-1]) + 1
    name = f"{label}/deck/{deck.name}"
    drawn = words(seed, name, begin * units, (end - begin) * units).reshape(end - begin, units)
    shuffled = orders(drawn)
    if deck.strata[-1] or deck.strata.any():
        shuffled = _spread(shuffled, deck.strata, seed=seed, name=name, begin=begin)
    unit = shuffled[shuffle - begin, place]
    turn = (slots // units) % deck.size[unit]
    hands: np.ndarray = deck.members[deck.first[unit] + turn].reshape(rows, columns)
    return hands


def _spread(shuffled: np.ndarray, strata: np.ndarray, *, seed: bytes, name: str, begin: int) -> np.ndarray:
    """Each shuffle reordered so that the units of every stratum lie at even distances, from a phase drawn for it."""
    sizes = np.bincount(strata).astype(np.uint64)
    passes = len(shuffled)
    phases = words(seed, f"{name}/phase", begin * len(sizes), passes * len(sizes)).reshape(passes, len(sizes))
    by_stratum = np.take_along_axis(shuffled, np.argsort(strata[shuffled], axis=1, kind="stable"), 1)
    owner = np.repeat(np.arange(len(sizes)), sizes.astype(np.int64))
    starts = np.cumsum(sizes) - sizes
    rank = np.arange(shuffled.shape[1], dtype=np.uint64) - starts[owner]
    place = ((rank << np.uint64(32)) + phases[:, owner]) // sizes[owner]
    ranked = np.sort(place << np.uint64(32) | by_stratum.astype(np.uint64), axis=1)
    return (ranked & np.uint64(0xFFFFFFFF)).astype(np.int64)
