"""The marks of many candidates on the same items."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from question_bank.errors import InvalidMatrix

Floats = NDArray[np.float64]
MOST_ITEMS = 2_000


@dataclass(frozen=True)
class MarkMatrix:
    """`marks[row, item]`, from 0 to `maxima[item]`; row r stands for `counts[r]` candidates with the same marks.

    `choices` holds what was chosen where that is known: one row a candidate, "" for no response.
    Raises `InvalidMatrix` for fewer than two candidates or no item, and for a mark outside its range.
    """

    names: tuple[str, ...]
    marks: Floats
    counts: NDArray[np.int64]
    maxima: Floats
    choices: NDArray[np.str_] | None = field(default=None)
    keys: tuple[frozenset[str], ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no figure could be computed from."""
        rows, items = self.marks.shape
        if items < 1 or int(self.counts.sum()) < 2 or rows < 1:
            raise InvalidMatrix(
                "matrix.too_small",
                zh="至少需要两名考生和一道试题的作答，才能作统计。",
                en="At least two candidates and one item are needed for statistics.",
            )
        if items > MOST_ITEMS:
            raise InvalidMatrix(
                "matrix.too_wide",
                zh=f"试题列超过 {MOST_ITEMS} 列。",
                en=f"There are more than {MOST_ITEMS} columns of items.",
            )
        outside = ~((self.marks >= 0) & (self.marks <= self.maxima))
        if outside.any():
            row, item = (int(at[0]) for at in np.nonzero(outside))
            raise InvalidMatrix(
                "matrix.mark_range",
                zh=f"第 {row + 1} 名考生的「{self.names[item]}」得分不在 0 与满分之间。",
                en=f'Candidate {row + 1}: the mark of "{self.names[item]}" is not between 0 and its maximum.',
            )

    @property
    def candidates(self) -> int:
        """How many candidates the rows stand for."""
        return int(self.counts.sum())

    @property
    def totals(self) -> Floats:
        """The total mark of each row."""
        total: Floats = self.marks.sum(axis=1)
        return total

    @property
    def is_dichotomous(self) -> bool:
        """Whether every mark is either 0 or its item's maximum."""
        return bool(((self.marks == 0) | (self.marks == self.maxima)).all())

    def collapse(self) -> "MarkMatrix":
        """The same candidates with equal rows told once; choices are left out."""
        rows, group = np.unique(self.marks, axis=0, return_inverse=True)
        counts = np.bincount(group.ravel(), weights=self.counts, minlength=len(rows)).astype(np.int64)
        return MarkMatrix(self.names, rows, counts, self.maxima)
