"""Similar wrong responses: pairs of candidates whose wrong responses agree more often than chance lets expect. Evidence
for people to look at, never a finding; pure.

The statistic is that of error-similarity analysis (Bellezza and Bellezza, "Detection of cheating on multiple-choice
tests by using error-similarity analysis", Teaching of Psychology 16 (3), 1989, 151-155): of the items that both
candidates got wrong, on how many did both give the very same wrong response. There the p-value is the upper tail of a
binomial distribution, with one chance for all items. Here each item has a chance of its own that two wrong responses
agree, the sum of the squared shares of its wrong responses, so that the distribution is the generalized binomial one,
as in van der Linden and Sotaridona ("Detecting answer copying when the regular response process follows a known
response model", Journal of Educational and Behavioral Statistics 31 (3), 2006, 283-304), who take it of all matches,
right and wrong, their chances from a response model. An item on which all who were wrong said the same (any true or
false item) agrees with certainty, and so says nothing.

Many pairs are compared, so the chance of error is shared out: a pair is listed if its p-value is at most `ALPHA` times
its own share, and the shares of all pairs add up to 1 (weighted Bonferroni; Roeder and Wasserman, "Genome-wide
significance levels and weighted hypothesis testing", Statistical Science 24 (4), 2009, 398-413). Neighbours share one
half of it, others of one room a quarter, everybody else a quarter.
If all worked alone, no pair at all is listed in at least 95 of 100 sittings.

Limits: candidates of one training class share misconceptions, and so agree without any copying; a common source
outside the room looks like copying from each other; a short form with few wrong responses shows nothing.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

ALPHA = 0.05
MOST_TOGETHER = 12_000
"""Candidates of one sitting who are all compared with each other; beyond, only those of the same room are, which keeps
the work within bounds."""
MOST_TESTED = 5_000
"""Pairs of one nearness that are tested exactly: those that agree most beyond expectation."""
_BLOCK = 1_000
_SLACK = 0.75


class Nearness(StrEnum):
    """How near two candidates sat."""

    NEIGHBOURS = "neighbours"
    SAME_ROOM = "same_room"
    APART = "apart"


SHARES = {Nearness.NEIGHBOURS: 0.5, Nearness.SAME_ROOM: 0.25, Nearness.APART: 0.25}
"""Of the chance of error; that of a nearness of which there are no pairs is not used."""


class Seated(Protocol):
    """A candidate who is compared with others, and where they sat."""

    @property
    def name(self) -> int:
        """Unlike that of any other."""

    @property
    def room(self) -> int:
        """The same for all of one room."""

    @property
    def neighbours(self) -> frozenset[int]:
        """The names of those who sat next to them."""


@dataclass(frozen=True, slots=True)
class Script:
    """The wrong responses of one candidate: item → response, in whatever words say the same thing in every form. What
    was right or left out is not in it. `room` and `neighbours` (names of other scripts) say where they sat."""

    name: int
    wrong: Mapping[str, str]
    room: int = 0
    neighbours: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class SimilarPair:
    """Two candidates, the lower name first. Of `both_wrong` items that both got wrong, on `same` both said the same,
    where `expected` was to be expected; `chance` is the p-value, at most `limit` for a pair that is listed."""

    one: int
    other: int
    nearness: Nearness
    both_wrong: int
    same: int
    expected: float
    chance: float
    limit: float
    items: tuple[str, ...]
    """Those on which both said the same wrong thing."""


@dataclass(frozen=True, slots=True)
class Similarity:
    """What a comparison of scripts found: how many pairs of each nearness were compared, and the pairs worth a look,
    the least likely first."""

    compared: Mapping[Nearness, int]
    pairs: tuple[SimilarPair, ...]


def agreement_chances(scripts: Collection[Script]) -> dict[str, float]:
    """Per item the chance, 0 to 1, that two wrong responses to it agree: the sum of the squared shares."""
    counts: dict[str, dict[str, int]] = {}
    for script in scripts:
        for item, response in script.wrong.items():
            of_item = counts.setdefault(item, {})
            of_item[response] = of_item.get(response, 0) + 1
    return {
        item: sum(count * count for count in of_item.values()) / sum(of_item.values()) ** 2
        for item, of_item in counts.items()
    }


def upper_tail(chances: Sequence[float], at_least: int) -> float:
    """P(X ≥ at_least) where X is the number of successes of independent trials with these chances (the generalized
    or Poisson binomial), by convolution; exact but for rounding, and never below 0 or above 1."""
    spread = np.zeros(len(chances) + 1)
    spread[0] = 1.0
    for trial, chance in enumerate(chances, start=1):
        spread[1 : trial + 1] = spread[1 : trial + 1] * (1 - chance) + spread[:trial] * chance
        spread[0] *= 1 - chance
    return float(min(1.0, spread[max(0, at_least) :].sum()))


def find_similar(scripts: Sequence[Script]) -> Similarity:
    """Compare the scripts of one sitting with each other; names differ, and each is a neighbour of its neighbours."""
    ordered = sorted(scripts, key=lambda script: script.name)
    chances = agreement_chances(ordered)
    compared = count_pairs(ordered)
    pairs = []
    for nearness, one, other in find_suspects(ordered, compared, _Wrong(ordered, chances).excess, slack=_SLACK):
        found = _test(ordered[one], ordered[other], nearness, chances, limit_of(nearness, compared))
        if found.chance <= found.limit:
            pairs.append(found)
    pairs.sort(key=lambda pair: (pair.chance / pair.limit, pair.one, pair.other))
    return Similarity(compared, tuple(pairs))


def limit_of(nearness: Nearness, compared: Mapping[Nearness, int]) -> float:
    """The p-value up to which a pair of that nearness is listed, where so many of each were compared."""
    return ALPHA * SHARES[nearness] / compared[nearness]


def count_pairs(scripts: Sequence[Seated]) -> dict[Nearness, int]:
    """How many pairs of each nearness are compared."""
    names = {script.name for script in scripts}
    rooms: dict[int, int] = {}
    for script in scripts:
        rooms[script.room] = rooms.get(script.room, 0) + 1
    beside = sum(len(script.neighbours & names) for script in scripts) // 2
    within = sum(size * (size - 1) // 2 for size in rooms.values())
    every = len(scripts) * (len(scripts) - 1) // 2
    apart = every - within if len(scripts) <= MOST_TOGETHER else 0
    return {Nearness.NEIGHBOURS: beside, Nearness.SAME_ROOM: within - beside, Nearness.APART: apart}


def _test(one: Script, other: Script, nearness: Nearness, chances: Mapping[str, float], limit: float) -> SimilarPair:
    both = sorted(one.wrong.keys() & other.wrong.keys())
    same = tuple(item for item in both if one.wrong[item] == other.wrong[item])
    trials = [chances[item] for item in both]
    chance = upper_tail(trials, len(same))
    return SimilarPair(one.name, other.name, nearness, len(both), len(same), sum(trials), chance, limit, same)


def find_suspects(
    scripts: Sequence[Seated],
    compared: Mapping[Nearness, int],
    excess_of: Callable[[int, int], NDArray[np.float32]],
    *,
    slack: float,
) -> list[tuple[Nearness, int, int]]:
    """The pairs, by their places in `scripts`, that are worth the exact test: those that lie so many standard
    deviations above expectation as their limit asks for, less some `slack`, for the upper tail is longer than that of
    the normal curve. `excess_of(first, last)` says it of the candidates from `first` to before `last` against all."""
    where = {script.name: at for at, script in enumerate(scripts)}
    rooms = np.array([script.room for script in scripts])
    least = {
        nearness: slack * NormalDist().inv_cdf(1 - min(0.4, limit_of(nearness, compared)))
        for nearness, count in compared.items()
        if count
    }
    kept: dict[Nearness, list[tuple[float, int, int]]] = {nearness: [] for nearness in least}
    for first in range(0, len(scripts), _BLOCK):
        last = min(first + _BLOCK, len(scripts))
        excess = excess_of(first, last)
        for row in range(first, last):
            line = excess[row - first]
            near = [where[name] for name in scripts[row].neighbours if name in where and where[name] > row]
            kinds = np.where(rooms == rooms[row], 1, 2)
            kinds[near] = 0
            kinds[: row + 1] = 3
            for kind, nearness in enumerate(Nearness):
                if nearness in least:
                    found = np.flatnonzero((kinds == kind) & (line >= least[nearness]))
                    kept[nearness] += [(-float(line[at]), row, int(at)) for at in found]
        for nearness, found_pairs in kept.items():
            if len(found_pairs) > MOST_TESTED:
                kept[nearness] = sorted(found_pairs)[:MOST_TESTED]
    return [(nearness, one, other) for nearness, found in kept.items() for _, one, other in sorted(found)]


class _Wrong:
    """Who gave which wrong response, item by item, as arrays: what is counted of pairs is counted from these lists, so
    that forms with few items in common cost little."""

    def __init__(self, scripts: Sequence[Script], chances: Mapping[str, float]) -> None:
        self._size = len(scripts)
        lists: dict[str, dict[str, list[int]]] = {}
        for at, script in enumerate(scripts):
            for item, response in script.wrong.items():
                if chances[item] < 1:
                    lists.setdefault(item, {}).setdefault(response, []).append(at)
        self._items = [
            (chances[item], np.concatenate(groups), groups)
            for item, responses in lists.items()
            for groups in [[np.array(holders) for holders in responses.values()]]
        ]

    def excess(self, first: int, last: int) -> NDArray[np.float32]:
        """For the candidates from `first` to before `last` against all: how many standard deviations the number of
        agreements lies above what is expected; 0 where nothing is. Shape (last - first, all)."""
        shape = (last - first, self._size)
        beyond, variance = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        for chance, holders, groups in self._items:
            rows = holders[(holders >= first) & (holders < last)] - first
            beyond[np.ix_(rows, holders)] -= chance
            variance[np.ix_(rows, holders)] += chance * (1 - chance)
            for group in groups:
                beyond[np.ix_(group[(group >= first) & (group < last)] - first, group)] += 1
        return np.divide(beyond, np.sqrt(variance), out=np.zeros(shape, np.float32), where=variance > 0)
