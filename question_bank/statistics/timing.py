"""Similar response times: pairs of candidates who were slow and quick on the same items more alike than chance lets
expect. Evidence for people to look at, never a finding; pure.

The model is that of van der Linden ("A bivariate lognormal response-time model for the detection of collusion between
test takers", Journal of Educational and Behavioral Statistics 34 (3), 2009, 378-394): the logarithm of a time is the
speed of its candidate plus the length of its item plus a residual, and the residuals of two who work alone are not
correlated. Speed and length are taken away as means, by turns until they settle, over everybody of a sitting. Instead
of his lognormal residuals their normal scores are correlated (van der Waerden: ranks as quantiles of the normal curve),
so that one long pause decides nothing. The p-value is the upper tail of the distribution that Fisher found for r where
there is no correlation ("Frequency distribution of the values of the correlation coefficient in samples from an
indefinitely large population", Biometrika 10 (4), 1915, 507-521).

Many pairs are compared; the chance of error is shared out among them as for similar responses (`similarity`): if all
worked alone, no pair at all is listed in at least 95 of 100 sittings.

Limits: who works through the same order of items under the same bell is slow and quick with everybody else, and a
network that fails makes a whole room slow on the same items, where the order is the same; a text that one class has
read is short for the whole class.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from question_bank.statistics.similarity import Nearness, count_pairs, find_suspects, limit_of

LEAST_SHARED = 20
"""Items that both must have timings of: with fewer a chance agreement looks like one that is none."""
LEAST_TIMED = 10
"""Candidates who must have timings of an item: with fewer its length would be made of the very two who are compared."""
SHORTEST = 1.0
"""Seconds; what came sooner after the response before it was not timed but sent again after the network was away."""
_ROUNDS = 50
_SLACK = 0.6
_NORMAL = NormalDist()
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(96)


@dataclass(frozen=True, slots=True)
class Timed:
    """The response times of one candidate: item → seconds from the response before it, or from the start, to the first
    one to it. `room` and `neighbours` (names of others) say where they sat."""

    name: int
    seconds: Mapping[str, float]
    room: int = 0
    neighbours: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class TimedPair:
    """Two candidates, the lower name first, with the correlation of their times over `shared` items; `chance` is the
    p-value, at most `limit` for a pair that is listed."""

    one: int
    other: int
    nearness: Nearness
    shared: int
    correlation: float
    chance: float
    limit: float


def residuals(seconds: Sequence[Mapping[str, float]]) -> tuple[list[str], NDArray[np.float64]]:
    """The items that enough candidates have timings of, and what speed and length do not explain of each logarithm: a
    row a candidate, a column an item, NaN where there is no timing. Times below SHORTEST are none."""
    counts: dict[str, int] = {}
    for times in seconds:
        for item, taken in times.items():
            counts[item] = counts.get(item, 0) + (taken >= SHORTEST)
    items = sorted(item for item, count in counts.items() if count >= LEAST_TIMED)
    column = {item: at for at, item in enumerate(items)}
    found = np.full((len(seconds), len(items)), np.nan)
    for row, times in enumerate(seconds):
        for item, taken in times.items():
            if item in column and taken >= SHORTEST:
                found[row, column[item]] = math.log(taken)
    known = ~np.isnan(found)
    values = np.where(known, found, 0.0)
    for _ in range(_ROUNDS):
        for axis in (0, 1):
            count = np.maximum(known.sum(axis=axis, keepdims=True), 1)
            values = np.where(known, values - values.sum(axis=axis, keepdims=True) / count, 0.0)
    return items, np.where(known, values, np.nan)


def normal_scores(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks as quantiles of the normal curve, the mean of theirs for values that are equal."""
    order = np.argsort(values, kind="stable")
    quantiles = np.array([_NORMAL.inv_cdf(rank / (len(values) + 1)) for rank in range(1, len(values) + 1)])
    scores = np.empty(len(values))
    scores[order] = quantiles
    _, group = np.unique(values, return_inverse=True)
    return (np.bincount(group, weights=scores) / np.bincount(group))[group]


def correlation_tail(correlation: float, count: int) -> float:
    """P(R ≥ correlation) for `count` (5 or more) pairs of values that are not correlated: Fisher's distribution of r,
    whose density is in proportion to (1 - r²) to the power of (count - 4) / 2, integrated by Gauss's rule."""
    if correlation >= 1:
        return 0.0
    if correlation < 0:
        return 1 - correlation_tail(-correlation, count)
    density = math.exp(math.lgamma((count - 1) / 2) - math.lgamma((count - 2) / 2)) / math.sqrt(math.pi)
    half = (1 - correlation) / 2
    at = correlation + half * (1 + _NODES)
    return min(1.0, float(density * half * (_WEIGHTS @ (1 - at * at) ** ((count - 4) / 2))))


def find_timed_alike(timed: Sequence[Timed]) -> tuple[TimedPair, ...]:
    """Compare the times of one sitting with each other: the pairs worth a look, the least likely first. Names differ,
    and each is a neighbour of its neighbours."""
    ordered = sorted(timed, key=lambda one: one.name)
    _, rest = residuals([one.seconds for one in ordered])
    compared = count_pairs(ordered)
    pairs = []
    for nearness, one, other in find_suspects(ordered, compared, _Rest(rest).excess, slack=_SLACK):
        both = ~np.isnan(rest[one]) & ~np.isnan(rest[other])
        shared = int(both.sum())
        scores = [normal_scores(rest[who][both]) for who in (one, other)]
        if shared < LEAST_SHARED or any(np.ptp(score) == 0 for score in scores):
            continue
        correlation = float(np.asarray(np.corrcoef(np.stack(scores)))[0, 1])
        chance, limit = correlation_tail(correlation, shared), limit_of(nearness, compared)
        if chance <= limit:
            names = ordered[one].name, ordered[other].name
            pairs.append(TimedPair(*names, nearness, shared, correlation, chance, limit))
    pairs.sort(key=lambda pair: (pair.chance / pair.limit, pair.one, pair.other))
    return tuple(pairs)


class _Rest:
    """Residuals, scored once for each candidate over all their items: near enough to say which pairs to test."""

    def __init__(self, rest: NDArray[np.float64]) -> None:
        scores = np.zeros(rest.shape, np.float32)
        for row, values in enumerate(rest):
            known = ~np.isnan(values)
            if known.any():
                scores[row, known] = normal_scores(values[known])
        self._scores, self._known = scores, (~np.isnan(rest)).astype(np.float32)

    def excess(self, first: int, last: int) -> NDArray[np.float32]:
        """For the candidates from `first` to before `last` against all: how many standard deviations their correlation
        lies above 0; 0 where they share too few items."""
        mine, known = self._scores[first:last], self._known[first:last]
        shared = known @ self._known.T
        spread = (mine * mine) @ self._known.T * (known @ (self._scores * self._scores).T)
        enough = (shared >= LEAST_SHARED) & (spread > 0)
        r = np.divide(mine @ self._scores.T, np.sqrt(spread), out=np.zeros(shared.shape, np.float32), where=enough)
        beyond: NDArray[np.float32] = np.arctanh(np.clip(r, -0.999, 0.999)) * np.sqrt(np.maximum(shared - 3, 0))
        return beyond
