"""Near duplicates: stems that say almost the same, found without comparing each with each.

Two stems are near when, of all the pairs of neighbouring characters in either (after `stem_fold`), at least seven in
ten stand in both: whole numbers only, no chance, the same everywhere. Only stems that share one of their rarest runs
of four characters are compared, the rarest first, and with a bounded number each: the work grows with the number of
stems, not with its square, whether they are 100,000 different ones or 100,000 variants of one.
"""

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

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

Grams = frozenset[str]


def grams_of(stem: str) -> Grams:
    """The pairs of neighbouring characters of a stem; of a stem of one character, that character."""
    return _runs(stem_fold(stem) or stem, 2)


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
    read = _Read.of(stems)
    heads, members = _Shelf(), _Shelf()
    groups: dict[int, list[int]] = {}
    joined: list[set[int]] = []
    for at, own in enumerate(read.grams):
        runs = read.rare[at]
        near = [head for head in heads.under(runs, _MOST_COMPARED) if is_near(own, read.grams[head])][:_MOST_HEADS]
        mine = set(near)
        for head in near:
            groups[head].append(at)
        for other in members.under(runs, _MOST_COMPARED) if len(mine) < _MOST_HEADS else ():
            if mine.isdisjoint(joined[other]) and is_near(own, read.grams[other]):
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
    read = _Read.of([*among, *stems])
    shelf = _Shelf()
    for at in range(len(among)):
        shelf.put(at, read.rare[at])
    found = []
    for at in range(len(among), len(read.grams)):
        own = read.grams[at]
        near = [other for other in shelf.under(read.rare[at], _MOST_COMPARED) if is_near(own, read.grams[other])]
        found.append(sorted(near, key=lambda other: (-likeness(own, read.grams[other]), other)))
    return found


@dataclass(frozen=True)
class _Read:
    """Stems taken apart: the pairs that decide, and the rarest runs under which they are looked for."""

    grams: list[Grams]
    rare: list[list[str]]

    @staticmethod
    def of(stems: Sequence[str]) -> "_Read":
        folds = [stem_fold(stem) or stem for stem in stems]
        runs = [_runs(fold, _RUN) for fold in folds]
        counts: Counter[str] = Counter()
        for own in runs:
            counts.update(own)
        return _Read([_runs(fold, 2) for fold in folds], [_rarest(own, counts) for own in runs])


@dataclass(frozen=True)
class _Shelf:
    """Positions of stems under their rare runs."""

    kept: dict[str, deque[int]] = field(default_factory=dict)

    def put(self, at: int, runs: Sequence[str]) -> None:
        """Keep a stem under its runs."""
        for run in runs:
            self.kept.setdefault(run, deque(maxlen=_WINDOW)).append(at)

    def under(self, runs: Sequence[str], most: int) -> Iterator[int]:
        """Whoever is kept under one of these runs, each once, `most` at most."""
        met: set[int] = set()
        for run in runs:
            for other in tuple(self.kept.get(run, ())):
                if other not in met:
                    if len(met) == most:
                        return
                    met.add(other)
                    yield other


def _runs(fold: str, length: int) -> Grams:
    if len(fold) <= length:
        return frozenset({fold})
    return frozenset(fold[at : at + length] for at in range(len(fold) - length + 1))


def _rarest(runs: Grams, counts: Mapping[str, int]) -> list[str]:
    """The rarest two fifths of a stem's runs and one more, without those that stand in no other stem: a change of a
    character or two leaves some of them."""
    ordered = sorted(sorted(runs), key=counts.__getitem__)
    wanted = ordered[: min(_MOST_RUNS, 2 * len(runs) // 5 + 2)]
    return sorted((run for run in wanted if counts[run] > 1), key=lambda run: (counts[run], run))
