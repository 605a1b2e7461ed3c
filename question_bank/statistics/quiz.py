"""The figures of a quiz report as Moodle defines them (formats.md D10; Moodle's "Quiz statistics calculations").

Sample variances (divisor N - 1) and k-statistics. Percentages where the definition has the factor 100.
"""

from dataclasses import dataclass

import numpy as np

from question_bank.statistics.matrix import Floats, MarkMatrix


@dataclass(frozen=True)
class QuizItem:
    """One item; None where a figure is undefined (no spread; a negative covariance under a root)."""

    name: str
    facility: float
    deviation: float
    discrimination_index: float | None
    discriminative_efficiency: float | None
    effective_weight: float | None


@dataclass(frozen=True)
class Quiz:
    """The whole: marks for median, mean, deviation and standard error; per cent for consistency and error ratio."""

    candidates: int
    median: float
    mean: float
    deviation: float
    skewness: float | None
    kurtosis: float | None
    internal_consistency: float | None
    error_ratio: float | None
    standard_error: float | None
    items: tuple[QuizItem, ...]


def describe_quiz(matrix: MarkMatrix) -> Quiz:
    """Figures of every item and of the whole."""
    marks = np.repeat(matrix.marks, matrix.counts, axis=0)
    totals = marks.sum(axis=1)
    candidates, items = marks.shape
    variance = float(totals.var(ddof=1))
    item_variances = marks.var(axis=0, ddof=1)
    centred = totals - totals.mean()
    with_total = (marks - marks.mean(axis=0)).T @ centred / (candidates - 1)
    roots = np.sqrt(np.where(with_total >= 0, with_total, np.nan))
    sum_of_roots = float(np.nansum(roots))
    weights = 100 * roots / sum_of_roots if sum_of_roots > 0 else np.full_like(roots, np.nan)
    consistency = None
    if items > 1 and variance > 0:
        consistency = 100 * items / (items - 1) * (1 - float(item_variances.sum()) / variance)
    error_ratio = None if consistency is None else 100 * float(np.sqrt(max(0.0, 1 - consistency / 100)))
    third, fourth = _moments(centred)
    return Quiz(
        candidates=candidates,
        median=float(np.median(totals)),
        mean=float(totals.mean()),
        deviation=float(np.sqrt(variance)),
        skewness=third,
        kurtosis=fourth,
        internal_consistency=consistency,
        error_ratio=error_ratio,
        standard_error=None if error_ratio is None else error_ratio * float(np.sqrt(variance)) / 100,
        items=tuple(
            _describe_item(
                name, marks[:, at], totals - marks[:, at], maximum=float(matrix.maxima[at]), weight=weights[at]
            )
            for at, name in enumerate(matrix.names)
        ),
    )


def _describe_item(name: str, marks: Floats, rest: Floats, *, maximum: float, weight: float) -> QuizItem:
    covariance = float(np.cov(marks, rest)[0, 1])
    most = float(np.cov(np.sort(marks), np.sort(rest))[0, 1])
    spread = float(marks.var(ddof=1) * rest.var(ddof=1))
    return QuizItem(
        name=name,
        facility=float(marks.mean()) / maximum,
        deviation=float(marks.std(ddof=1)) / maximum,
        discrimination_index=100 * covariance / float(np.sqrt(spread)) if spread > 0 else None,
        discriminative_efficiency=100 * covariance / most if most > 0 else None,
        effective_weight=None if np.isnan(weight) else float(weight),
    )


def _moments(centred: Floats) -> tuple[float | None, float | None]:
    """Skewness k3 / k2^1.5 and kurtosis k4 / k2^2 from the unbiased k-statistics; need 3 and 4 candidates."""
    n = len(centred)
    second, third, fourth = (float((centred**power).mean()) for power in (2, 3, 4))
    k2 = second * n / (n - 1)
    if n < 4 or k2 <= 0:
        return None, None
    k3 = n * n * third / ((n - 1) * (n - 2))
    k4 = n * n * ((n + 1) * fourth - 3 * (n - 1) * second**2) / ((n - 1) * (n - 2) * (n - 3))
    return k3 / k2**1.5, k4 / k2**2
