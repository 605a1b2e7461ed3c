"""标定: what the responses of real exams say of items, each candidate having sat a form of their own.

Everything that the draw goes by is in whole numbers, from sums that can be added up over exams. A candidate's share of
an item's points is told in permille.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isqrt

import numpy as np

from question_bank.statistics.latent import fit_incomplete
from question_bank.statistics.matrix import Floats

FULL_SHARE = 1000
LEAST_FOR_SLOPE = 200
"""Responses of an item from which its slope is estimated: with fewer the two-parameter model says little."""
LEAST_RESPONSES, MOST_ERROR = 50, 50
"""What a calibration needs to stand for the author's word: so many responses, a standard error of so many permille."""
_LEAST_ITEMS = 5


@dataclass(frozen=True)
class Tally:
    """Responses to one item: how many, the sum of their shares (permille), and of the squares of these."""

    responses: int = 0
    shares: int = 0
    squares: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        """Both taken together, as if it had been one exam."""
        return Tally(self.responses + other.responses, self.shares + other.shares, self.squares + other.squares)

    @property
    def suffices(self) -> bool:
        """Whether it stands for the author's word from now on: a rule, so that nobody chooses which figures count."""
        return self.responses >= LEAST_RESPONSES and self.standard_error <= MOST_ERROR

    @property
    def easiness(self) -> int:
        """The mean share in permille, rounded half up. ZeroDivisionError without a response."""
        return (2 * self.shares + self.responses) // (2 * self.responses)

    @property
    def standard_error(self) -> int:
        """The standard error of the mean share in permille, rounded up; the whole range below two responses.

        One response that was right by half is counted with them: that all did alike in a small group proves little.
        """
        if self.responses < 2:
            return FULL_SHARE
        count, half = self.responses + 1, FULL_SHARE // 2
        shares, squares = self.shares + half, self.squares + half * half
        scatter = count * squares - shares * shares
        root = isqrt(scatter // (count * count * (count - 1)))
        return root if root * root * count * count * (count - 1) == scatter else root + 1


class CalibrationMethod(StrEnum):
    """How figures of an item were made: mean shares alone, or the two-parameter logistic model beside them."""

    CLASSICAL = "classical"
    TWO_PARAMETER = "two_parameter"


@dataclass(frozen=True)
class ItemFigures:
    """One item in one exam.

    `item_rest`: correlation of its shares with the mean shares of the candidates' other items, in thousandths; None
    where it is undefined. `slope` and `location` of the two-parameter logistic model (no scaling constant, ability
    standard normal), in thousandths; None where fewer than `LEAST_FOR_SLOPE` right-or-wrong responses are there, or
    the model did not settle.
    """

    tally: Tally
    item_rest: int | None
    slope: int | None
    location: int | None

    @property
    def method(self) -> CalibrationMethod:
        """Classical where the model was not fitted."""
        return CalibrationMethod.CLASSICAL if self.slope is None else CalibrationMethod.TWO_PARAMETER


def calibrate(candidates: Sequence[Mapping[str, int]]) -> dict[str, ItemFigures]:
    """The figures of every item that anyone sat, by its key; a candidate is the shares (permille) by item."""
    names = sorted({key for candidate in candidates for key in candidate})
    if not names:
        return {}
    at = {name: number for number, name in enumerate(names)}
    shares = np.zeros((len(candidates), len(names)), dtype=np.int64)
    seen = np.zeros((len(candidates), len(names)), dtype=bool)
    for row, candidate in enumerate(candidates):
        columns = [at[key] for key in candidate]
        shares[row, columns], seen[row, columns] = [*candidate.values()], True
    tallies = [
        Tally(*counts)
        for counts in zip(
            seen.sum(axis=0).tolist(), shares.sum(axis=0).tolist(), (shares**2).sum(axis=0).tolist(), strict=True
        )
    ]
    rests = _item_rests(shares.astype(np.float64), seen.astype(np.float64))
    latent = _latent(shares, seen)
    return {
        name: ItemFigures(tallies[number], rests[number], *latent.get(number, (None, None)))
        for number, name in enumerate(names)
    }


def _item_rests(shares: Floats, seen: Floats) -> list[int | None]:
    sat, total = seen.sum(axis=1, keepdims=True), shares.sum(axis=1, keepdims=True)
    others = np.maximum(sat - 1, 1)
    rest = np.where(seen > 0, (total - shares) / others, 0.0)
    counts = np.maximum(seen.sum(axis=0), 1)
    own_gap = np.where(seen > 0, shares - shares.sum(axis=0) / counts, 0.0)
    rest_gap = np.where(seen > 0, rest - rest.sum(axis=0) / counts, 0.0)
    spread = (own_gap**2).sum(axis=0) * (rest_gap**2).sum(axis=0)
    together = (own_gap * rest_gap).sum(axis=0)
    return [
        round(FULL_SHARE * float(both / np.sqrt(of))) if of > 1e-9 else None
        for both, of in zip(together, spread, strict=True)
    ]


def _latent(shares: np.ndarray, seen: np.ndarray) -> dict[int, tuple[int, int]]:
    """Slope and location, in thousandths, of the items that the model can be fitted for."""
    plain = (~seen | (shares == 0) | (shares == FULL_SHARE)).all(axis=0)
    responses, rights = seen.sum(axis=0), ((shares == FULL_SHARE) & seen).sum(axis=0)
    fitting = np.flatnonzero(plain & (responses >= LEAST_FOR_SLOPE) & (rights > 0) & (rights < responses))
    if len(fitting) < _LEAST_ITEMS:
        return {}
    right = (shares[:, fitting] == FULL_SHARE).astype(np.float64)
    slopes, locations, settled = fit_incomplete(right, seen[:, fitting].astype(np.float64))
    if not settled:
        return {}
    return {
        int(number): (round(FULL_SHARE * float(slope)), round(FULL_SHARE * float(location)))
        for number, slope, location in zip(fitting, slopes, locations, strict=True)
    }
