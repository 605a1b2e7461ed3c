"""Classical item analysis and reliability, with population variances (divisor N) unless said otherwise.

Sources: Lord and Novick, Statistical Theories of Mental Test Scores (1968); Guttman, Psychometrika 10 (1945) for
lambda 2; Kelley, J. Educ. Psychol. 30 (1939) for the upper and lower 27 per cent.
"""

from dataclasses import dataclass

import numpy as np

from question_bank.statistics.matrix import Floats, MarkMatrix

_GROUP = 0.27


@dataclass(frozen=True)
class ItemAnalysis:
    """One item. None where the figure is undefined, for instance when everyone got the same mark.

    `facility`: mean mark / maximum, 0 to 1. `deviation`: of the marks. `item_total` and `item_rest`: correlation with
    the total, and with the total without the item. `upper_lower`: facility of the best 27 per cent of candidates less
    that of the weakest, -1 to 1. `alpha_if_deleted`: Cronbach's alpha of the other items.
    """

    name: str
    facility: float
    deviation: float
    item_total: float | None
    item_rest: float | None
    upper_lower: float | None
    alpha_if_deleted: float | None


@dataclass(frozen=True)
class Analysis:
    """A whole form: `mean` and `deviation` of totals in marks, `standard_error` of measurement likewise.

    `alpha` is Cronbach's, `lambda2` Guttman's second lower bound; None with one item or without spread.
    """

    candidates: int
    mean: float
    deviation: float
    alpha: float | None
    lambda2: float | None
    standard_error: float | None
    items: tuple[ItemAnalysis, ...]


@dataclass(frozen=True)
class ChoiceCount:
    """How often one option was chosen: of all, and of the upper and lower 27 per cent by total."""

    choice: str
    is_key: bool
    count: int
    upper: int
    lower: int


def analyse(matrix: MarkMatrix) -> Analysis:
    """Figures of every item and of the whole."""
    weights = matrix.counts / matrix.candidates
    totals = matrix.totals
    mean = float(weights @ totals)
    spread = totals - mean
    total_variance = float(weights @ spread**2)
    means = weights @ matrix.marks
    centred = matrix.marks - means
    weighted = centred * weights[:, None]
    covariance = centred.T @ weighted
    variances = np.diag(covariance).copy()
    with_total = covariance.sum(axis=0)
    upper, lower = _groups(totals, matrix.counts)
    gap = (upper @ matrix.marks / upper.sum() - lower @ matrix.marks / lower.sum()) / matrix.maxima
    rest_variances = total_variance + variances - 2 * with_total
    alpha = _alpha(variances.sum(), total_variance, len(matrix.names))
    items = tuple(
        ItemAnalysis(
            name=name,
            facility=float(means[at] / matrix.maxima[at]),
            deviation=float(np.sqrt(variances[at])),
            item_total=_ratio(with_total[at], variances[at] * total_variance),
            item_rest=_ratio(with_total[at] - variances[at], variances[at] * rest_variances[at]),
            upper_lower=float(gap[at]),
            alpha_if_deleted=_alpha(variances.sum() - variances[at], rest_variances[at], len(matrix.names) - 1),
        )
        for at, name in enumerate(matrix.names)
    )
    return Analysis(
        candidates=matrix.candidates,
        mean=mean,
        deviation=float(np.sqrt(total_variance)),
        alpha=alpha,
        lambda2=_lambda2(covariance, total_variance),
        standard_error=None if alpha is None else float(np.sqrt(total_variance * max(0.0, 1 - alpha))),
        items=items,
    )


def analyse_choices(matrix: MarkMatrix) -> tuple[tuple[ChoiceCount, ...], ...]:
    """Per item, every option that anyone chose or that is key, by name; () where choices are not known."""
    if matrix.choices is None:
        return ()
    upper, lower = _groups(matrix.totals, matrix.counts)
    found = []
    for at, key in enumerate(matrix.keys):
        chosen = matrix.choices[:, at]
        options = sorted({*np.unique(chosen).tolist(), *key})
        found.append(
            tuple(
                ChoiceCount(
                    choice=option,
                    is_key=option in key,
                    count=int(matrix.counts[chosen == option].sum()),
                    upper=round(float(upper[chosen == option].sum())),
                    lower=round(float(lower[chosen == option].sum())),
                )
                for option in options
            )
        )
    return tuple(found)


def _groups(totals: Floats, counts: np.ndarray) -> tuple[Floats, Floats]:
    """How much of each row belongs to the best and to the weakest 27 per cent, at least one candidate each.

    Candidates with the total at the border share the places left there, so that the order of rows says nothing.
    """
    size = max(1.0, round(_GROUP * float(counts.sum())))
    return _share(-totals, counts, size), _share(totals, counts, size)


def _share(ranked_by: Floats, counts: np.ndarray, size: float) -> Floats:
    levels, level = np.unique(ranked_by, return_inverse=True)
    crowd = np.bincount(level.ravel(), weights=counts, minlength=len(levels))
    before = np.concatenate(([0.0], np.cumsum(crowd)[:-1]))
    fraction = np.clip((size - before) / crowd, 0.0, 1.0)
    shares: Floats = fraction[level.ravel()] * counts
    return shares


def _alpha(item_variance: float, total_variance: float, items: int) -> float | None:
    if items < 2 or total_variance <= 1e-15:
        return None
    return float(items / (items - 1) * (1 - item_variance / total_variance))


def _lambda2(covariance: Floats, total_variance: float) -> float | None:
    items = len(covariance)
    if items < 2 or total_variance <= 1e-15:
        return None
    between = covariance - np.diag(np.diag(covariance))
    squared = float((between**2).sum())
    return float((between.sum() + np.sqrt(items / (items - 1) * squared)) / total_variance)


def _ratio(covariance: float, product_of_variances: float) -> float | None:
    if product_of_variances <= 1e-15:
        return None
    return float(covariance / np.sqrt(product_of_variances))
