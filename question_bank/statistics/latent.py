"""Item response theory for right-or-wrong items: one slope, or a slope per item, by marginal maximum likelihood.

P(right | theta) = 1 / (1 + exp(-slope * (theta - location))), theta standard normal, no scaling constant.
Bock and Aitkin, Psychometrika 46 (1981): EM over a fixed grid; here the M step solves every item by Newton's method.
"""

from dataclasses import dataclass

import numpy as np

from question_bank.errors import InvalidMatrix
from question_bank.statistics.matrix import Floats, MarkMatrix

_NODES = np.linspace(-6.0, 6.0, 121)
_WEIGHTS = np.exp(-(_NODES**2) / 2) / np.exp(-(_NODES**2) / 2).sum()
_STEEPEST = 10.0
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class LatentItem:
    """`slope` (a) and `location` (b) of one item; `intercept` is -a*b."""

    name: str
    slope: float
    location: float
    intercept: float


@dataclass(frozen=True)
class Pattern:
    """The expected ability (EAP) of candidates with these marks (1 right, 0 wrong), and its standard deviation."""

    marks: tuple[int, ...]
    count: int
    ability: float
    deviation: float


@dataclass(frozen=True)
class LatentFit:
    """A fitted model. `converged` is False where `cycles` ran out first; the figures are then not final.

    `reliability` is the marginal one: the mean of I/(I + 1) over the normal distribution of ability.
    `sum_reliability` is that of abilities estimated from the sum of marks alone (EAP for sum scores): the variance of
    these estimates in the population, of which the ability's own variance is 1. It is what some packages print as the
    marginal reliability; Thissen et al., Applied Psychological Measurement 19 (1995).
    """

    log_likelihood: float
    cycles: int
    converged: bool
    reliability: float
    sum_reliability: float
    items: tuple[LatentItem, ...]
    patterns: tuple[Pattern, ...]


def fit(matrix: MarkMatrix, *, one_slope: bool, most_cycles: int = 2_000) -> LatentFit:
    """Fit one slope for all items, or one for each.

    Raises `InvalidMatrix` for marks between right and wrong, and for items that all got right or all got wrong: no
    location is finite there.
    """
    folded = matrix.collapse()
    right = (folded.marks == folded.maxima).astype(np.float64)
    _check(matrix, right, folded.counts)
    counts = folded.counts.astype(np.float64)
    slopes, intercepts, cycles, risen = _fit(right, np.ones_like(right), counts, one_slope, most_cycles)
    posterior, likelihood = _expect(right, np.ones_like(right), counts, slopes, intercepts)
    abilities = posterior @ _NODES
    deviations = np.sqrt(posterior @ _NODES**2 - abilities**2)
    return LatentFit(
        log_likelihood=likelihood,
        cycles=cycles,
        converged=risen < 1e-6 * abs(likelihood) and cycles < most_cycles,
        reliability=_reliability(slopes, intercepts),
        sum_reliability=_sum_reliability(slopes, intercepts),
        items=tuple(
            LatentItem(name, float(slope), float(-intercept / slope), float(intercept))
            for name, slope, intercept in zip(matrix.names, slopes, intercepts, strict=True)
        ),
        patterns=tuple(
            Pattern(tuple(int(mark) for mark in marks), int(count), float(ability), float(deviation))
            for marks, count, ability, deviation in zip(right, counts, abilities, deviations, strict=True)
        ),
    )


def fit_incomplete(right: Floats, seen: Floats, *, most_cycles: int = 500) -> tuple[Floats, Floats, bool]:
    """A slope for each item where every candidate saw items of their own: (slopes, locations, whether it converged).

    `right[candidate, item]` is 1 or 0, `seen` likewise; what was not seen says nothing. Which items a candidate sees
    must not depend on their ability, as it does not where forms are drawn by chance. Every item is seen by somebody,
    and neither all right nor all wrong.
    """
    slopes, intercepts, cycles, _ = _fit(right * seen, seen, np.ones(len(right)), False, most_cycles)
    return slopes, -intercepts / slopes, cycles < most_cycles


def _fit(
    right: Floats, seen: Floats, counts: Floats, one_slope: bool, most_cycles: int
) -> tuple[Floats, Floats, int, float]:
    """(slopes, intercepts, cycles, by how much the last cycle raised the log-likelihood)."""
    share = counts @ right / (counts @ seen)
    slopes, intercepts = np.ones(right.shape[1]), np.log(share / (1 - share))
    likelihood, previous, cycles = -np.inf, -np.inf, 0
    for cycles in range(1, most_cycles + 1):  # noqa: B007 the count is reported
        previous = likelihood
        posterior, likelihood = _expect(right, seen, counts, slopes, intercepts)
        if likelihood - previous < _TOLERANCE * abs(likelihood):
            break
        tried = posterior.T @ (seen * counts[:, None])
        hits = posterior.T @ (right * counts[:, None])
        slopes, intercepts = _maximise(tried, hits, slopes, intercepts, one_slope=one_slope)
    return slopes, intercepts, cycles, likelihood - previous


def _check(matrix: MarkMatrix, right: Floats, counts: np.ndarray) -> None:
    if not matrix.is_dichotomous:
        raise InvalidMatrix(
            "matrix.not_dichotomous",
            zh="项目反应理论只用于答对或答错的试题，这里有部分得分。",
            en="Item response theory is offered for right-or-wrong items; there are marks in between.",
        )
    hits = counts @ right
    for name, hit in zip(matrix.names, hits, strict=True):
        if hit in {0, counts.sum()}:
            raise InvalidMatrix(
                "matrix.no_spread",
                zh=f"「{name}」全部答对或全部答错，无法估计难度参数。",
                en=f'"{name}" was answered alike by all; it has no finite location.',
            )


def _chances(slopes: Floats, intercepts: Floats) -> Floats:
    """P(right) by node and item, kept away from 0 and 1 so that logarithms stay finite."""
    logits = _NODES[:, None] * slopes[None, :] + intercepts[None, :]
    chances: Floats = np.clip(1 / (1 + np.exp(-np.clip(logits, -35, 35))), 1e-12, 1 - 1e-12)
    return chances


def _expect(right: Floats, seen: Floats, counts: Floats, slopes: Floats, intercepts: Floats) -> tuple[Floats, float]:
    """(posterior weight of each node by pattern, log-likelihood of all candidates)."""
    chances = _chances(slopes, intercepts)
    logs = right @ np.log(chances).T + (seen - right) @ np.log(1 - chances).T + np.log(_WEIGHTS)[None, :]
    peak = logs.max(axis=1, keepdims=True)
    mass = np.exp(logs - peak)
    total = mass.sum(axis=1, keepdims=True)
    return mass / total, float(counts @ (np.log(total) + peak).ravel())


def _maximise(
    tried: Floats, hits: Floats, slopes: Floats, intercepts: Floats, *, one_slope: bool
) -> tuple[Floats, Floats]:
    """One Newton step on the expected log-likelihood: a system of two for each item, or one bordered system."""
    chances = _chances(slopes, intercepts)
    residual = hits - tried * chances
    curve = tried * chances * (1 - chances)
    slope_gradient, intercept_gradient = _NODES @ residual, residual.sum(axis=0)
    slope_curve, mixed, intercept_curve = _NODES**2 @ curve, _NODES @ curve, curve.sum(axis=0)
    if one_slope:
        # The common slope once the intercepts are eliminated, then each intercept.
        top = (slope_gradient - mixed / intercept_curve * intercept_gradient).sum()
        step = top / (slope_curve - mixed**2 / intercept_curve).sum()
        slope_step = np.full_like(slopes, step)
    else:
        determinant = slope_curve * intercept_curve - mixed**2
        slope_step = (intercept_curve * slope_gradient - mixed * intercept_gradient) / determinant
    intercept_step = (intercept_gradient - mixed * slope_step) / intercept_curve
    return (
        np.clip(slopes + np.clip(slope_step, -1, 1), 0.01, _STEEPEST),
        intercepts + np.clip(intercept_step, -2, 2),
    )


def _reliability(slopes: Floats, intercepts: Floats) -> float:
    chances = _chances(slopes, intercepts)
    information = (chances * (1 - chances)) @ slopes**2
    return float(_WEIGHTS @ (information / (information + 1)))


def _sum_reliability(slopes: Floats, intercepts: Floats) -> float:
    """Lord and Wingersky, Applied Psychological Measurement 8 (1984): the chance of every sum at every node."""
    sums = np.ones((len(_NODES), 1))
    for chance in _chances(slopes, intercepts).T:
        wrong = np.pad(sums * (1 - chance)[:, None], ((0, 0), (0, 1)))
        sums = wrong + np.pad(sums * chance[:, None], ((0, 0), (1, 0)))
    mass = _WEIGHTS[:, None] * sums
    share = mass.sum(axis=0)
    # Of many items the highest sums may be rarer than a float can tell.
    found = share > 0
    abilities = (_NODES @ mass)[found] / share[found]
    return float(share[found] @ abilities**2 - (share[found] @ abilities) ** 2)
