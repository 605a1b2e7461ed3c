"""Near duplicates: stems that say almost the same, found without comparing each with each.

Two stems are near when, of all the pairs of neighbouring characters in either (after `stem_fold`), at least seven in
ten stand in both: whole numbers only, no chance, the same everywhere. Only stems that share one of their rarest runs
of four characters are compared, the rarest first, and with a bounded number each: the work grows with the number of
stems, not with its square, whether they are 100,000 different ones or 100,000 variants of one.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from question_bank.canonical import stem_fold

NEAR_OF_TEN = 7
"""How many of ten pairs of characters, of those in either stem, stand in both."""
_RUN = 4
_MOST_RUNS = 24
_MOST_COMPARED = 50
_MOST_HEADS = 4
_WINDOW = 64
"""How many stems are kept under one run: of a common run the last ones."""
_LARGEST_PAIRED = 1_000
_BITS = 24
_BUCKETS = 1 << _BITS
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_PAIRS_KEPT = 4_096
_AT_ONCE = 4_096
_SIGNS = 509

Grams = frozenset[str]
Numbers = np.ndarray[Any, np.dtype[np.int64]]


def grams_of(stem: str) -> Grams:
    """The pairs of neighbouring characters of a stem; of a stem of one character, that character."""
    return _pairs(stem_fold(stem) or stem)


def likeness(one: Grams, other: Grams) -> int:
    """How much of two stems is shared, in thousandths, rounded down; 1000 for the same pairs."""
    shared = len(one & other)
    return 1000 * shared // (len(one) + len(other) - shared)


def is_near(one: Grams, other: Grams) -> bool:
    """Whether seven in ten of their pairs are shared."""
    shared = len(one & other)
    return 10 * shared >= NEAR_OF_TEN * (len(one) + len(other) - shared)


def near_groups(stems: Sequence[str]) -> list[tuple[int, ...]]:
    """Groups of near stems, as ascending positions in `stems`; all others of a group are near one of it, its head.

    Two near stems stand together in some group unless their rarest runs are very common ones. A stem may stand in
    several groups, in a few at most. A form should hold one item of a group at most.
    """
    read = _Read(stems)
    heads, members = _Shelf(), _Shelf()
    groups: dict[int, list[int]] = {}
    joined: list[set[int]] = []
    for at, runs in enumerate(read.rare):
        near = [head for head in heads.under(runs, _MOST_COMPARED) if read.are_near(at, head)][:_MOST_HEADS]
        mine = set(near)
        for head in near:
            groups[head].append(at)
        for other in members.under(runs, _MOST_COMPARED) if len(mine) < _MOST_HEADS else ():
            if mine.isdisjoint(joined[other]) and read.are_near(at, other):
                groups[other] = [other, at]
                joined[other].add(other)
                mine.add(other)
                heads.put(other, read.rare[other])
        if mine:
            members.put(at, runs)
        else:
            groups[at] = [at]
            mine.add(at)
            heads.put(at, runs)
        joined.append(mine)
    return [tuple(sorted(group)) for _, group in sorted(groups.items()) if len(group) > 1]


def near_pairs(stems: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of near stems, as ascending positions, in order: those within `near_groups`, each compared once more; of
    a group of more than 1,000, those among its first 1,000 and each later stem with the first."""
    grams = [grams_of(stem) for stem in stems]
    found: set[tuple[int, int]] = set()
    for group in near_groups(stems):
        first, later = group[:_LARGEST_PAIRED], group[_LARGEST_PAIRED:]
        pairs = [*combinations(first, 2), *((group[0], at) for at in later)]
        found |= {pair for pair in pairs if is_near(grams[pair[0]], grams[pair[1]])}
    return sorted(found)


def near_to(stems: Sequence[str], among: Sequence[str]) -> list[list[int]]:
    """For each stem the positions in `among` of those near it, the likest first; of very many, some."""
    read = _Read([*among, *stems])
    shelf = _Shelf()
    for at in range(len(among)):
        shelf.put(at, read.rare[at])
    found = []
    for at in range(len(among), len(read)):
        near = [other for other in shelf.under(read.rare[at], _MOST_COMPARED) if read.are_near(at, other)]
        found.append([other for _, other in sorted((-read.likeness(at, other), other) for other in near)])
    return found


class _Read:
    """Stems taken apart: the pairs that decide, worked out when they are asked for, and the rarest runs under which
    stems are looked for. Runs are kept as numbers, and how many there are of each beside them in one array: for a bank
    of 100,000 that is a tenth of the memory, and of the time, that the runs themselves would take."""

    def __init__(self, stems: Sequence[str]) -> None:
        self._folds = [stem_fold(stem) or stem for stem in stems]
        self._grams = lru_cache(_PAIRS_KEPT)(lambda at: _pairs(self._folds[at]))
        self._signs = [_sign(fold) for fold in self._folds]
        counts = np.zeros(_BUCKETS, np.uint32)
        blocks = [self._folds[start : start + _AT_ONCE] for start in range(0, len(self._folds), _AT_ONCE)]
        for block in blocks:
            met, times = np.unique(_run_numbers(block)[1], return_counts=True)
            counts[met] += times.astype(np.uint32)
        self.rare = [rare for block in blocks for rare in _rarest(block, counts)]

    def __len__(self) -> int:
        return len(self._folds)

    def are_near(self, at: int, other: int) -> bool:
        """Whether the stems at two places are near."""
        sign, size = self._signs[at]
        other_sign, other_size = self._signs[other]
        # Where seven in ten are shared, 3 of 17 of both together at most are not, and each bit that differs is one.
        if 17 * (sign ^ other_sign).bit_count() > 3 * (size + other_size):
            return False
        return is_near(self._grams(at), self._grams(other))

    def likeness(self, at: int, other: int) -> int:
        """That of the stems at two places."""
        return likeness(self._grams(at), self._grams(other))


@dataclass(frozen=True)
class _Shelf:
    """Positions of stems under their rare runs."""

    kept: dict[int, deque[int]] = field(default_factory=dict)

    def put(self, at: int, runs: Sequence[int]) -> None:
        """Keep a stem under its runs."""
        for run in runs:
            self.kept.setdefault(run, deque(maxlen=_WINDOW)).append(at)

    def under(self, runs: Sequence[int], most: int) -> Iterator[int]:
        """Whoever is kept under one of these runs, each once, `most` at most."""
        met: set[int] = set()
        for run in runs:
            for other in tuple(self.kept.get(run, ())):
                if other not in met:
                    if len(met) == most:
                        return
                    met.add(other)
                    yield other


def _sign(fold: str) -> tuple[int, int]:
    """A bit for each pair, of which several may share one; and how many pairs there are."""
    pairs = _pairs(fold)
    sign = 0
    for pair in pairs:
        sign |= 1 << ((sum(map(ord, pair)) * 31 + ord(pair[-1:] or " ")) % _SIGNS)
    return sign, len(pairs)


def _pairs(fold: str) -> Grams:
    if len(fold) <= 2:
        return frozenset({fold})
    return frozenset([fold[at : at + 2] for at in range(len(fold) - 1)])


def _run_numbers(folds: Sequence[str]) -> tuple[Numbers, Numbers]:
    """A number for each run of four characters, each once in a stem, by stem and ascending: the places of the stems,
    and the numbers. Two runs may have one number."""
    padded = [fold if len(fold) >= _RUN else fold.ljust(_RUN, "\0") for fold in folds]
    letters = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    lengths = np.array([len(text) for text in padded])
    stems = np.repeat(np.arange(len(padded)), lengths)
    mixed = letters[: len(letters) - _RUN + 1].copy()
    for step in range(1, _RUN):
        mixed = (mixed * _FACTOR) ^ letters[step : len(letters) - _RUN + 1 + step]
    numbers = ((mixed * _FACTOR) >> np.uint64(64 - _BITS)).astype(np.int64)
    first, last = stems[: len(numbers)], stems[_RUN - 1 :]
    whole = first == last  # a run of the end of one stem and the beginning of the next is none
    told_apart = np.unique((first[whole].astype(np.int64) << _BITS) | numbers[whole])
    return told_apart >> _BITS, told_apart & (_BUCKETS - 1)


def _rarest(folds: Sequence[str], counts: "np.ndarray[Any, np.dtype[np.uint32]]") -> list[list[int]]:
    """The rarest two fifths of each stem's runs and one more, without those that stand in no other stem: where seven in
    ten pairs are shared, some of them are. Of a long stem the rarest that are left."""
    stems, runs = _run_numbers(folds)
    own = counts[runs]
    order = np.lexsort((runs, own, stems))
    bounds = np.arange(len(folds) + 1)
    begins = np.searchsorted(stems, bounds)
    wanted = 2 * np.diff(begins) // 5 + 2
    shared = order[(np.arange(len(stems)) - begins[stems] < wanted[stems]) & (own[order] > 1)]
    begins = np.searchsorted(stems[shared], bounds)
    kept = shared[np.arange(len(shared)) - begins[stems[shared]] < _MOST_RUNS]
    ends = np.searchsorted(stems[kept], bounds).tolist()
    found: list[int] = runs[kept].tolist()
    return [found[begin:end] for begin, end in pairwise(ends)]
