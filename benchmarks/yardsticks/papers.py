"""Yardstick of a draw: dealt decks and trades between papers, in numpy, 100 items in 60 cells of a bank of 100,000.

Every paper has the blueprint's counts, no item and no enemy group twice, and a sum of difficulties within half a unit
of the target; items of one cell change places between papers, so that each is used as often as it was dealt.
"""

from typing import Any

import numpy as np

_TOLERANCE = 0.5
_TYPES, _TOPICS, _LEVELS = 5, 40, 5
_CELLS = _TYPES * _TOPICS * _LEVELS


class Dealer:
    """A bank of `size` items, a blueprint over it, and its decks."""

    def __init__(self, size: int = 100_000) -> None:
        self._chance = chance = np.random.default_rng(7)
        types = chance.choice(_TYPES, size, p=[0.4, 0.2, 0.2, 0.1, 0.1])
        levels = chance.integers(0, _LEVELS, size)
        cells = (types * _TOPICS + chance.integers(0, _TOPICS, size)) * _LEVELS + levels
        difficulty = levels - 2 + chance.normal(0, 0.35, size)
        enemies = np.full(size, -1)
        groups = size // 30
        enemies[chance.permutation(size)[: 3 * groups]] = np.repeat(np.arange(groups), 3)
        order = np.lexsort((difficulty, cells))
        self._difficulty, self._enemies = difficulty[order], enemies[order]
        self._counts = np.bincount(cells, minlength=_CELLS)
        self._starts = np.concatenate([[0], np.cumsum(self._counts)])
        self._wanted = self._blueprint()
        means = [
            self._difficulty[self._starts[cell] : self._starts[cell + 1]].mean() * count
            for cell, count in self._wanted.items()
        ]
        self._target = float(sum(means))
        self._decks = {cell: chance.permutation(int(self._counts[cell])) + self._starts[cell] for cell in self._wanted}
        self._at = dict.fromkeys(self._wanted, 0)

    def _blueprint(self) -> dict[int, int]:
        wanted: dict[int, int] = {}
        for kind, count in enumerate((40, 20, 20, 10, 10)):
            first = kind * _TOPICS * _LEVELS
            open_cells = [cell for cell in range(first, first + _TOPICS * _LEVELS) if self._counts[cell] >= 12]
            chosen = self._chance.choice(open_cells, size=int(count * 0.6), replace=False)
            for cell in (*chosen, *self._chance.choice(chosen, size=count - len(chosen))):
                wanted[int(cell)] = wanted.get(int(cell), 0) + 1
        return dict(sorted(wanted.items()))

    def draw(self, papers: int) -> Any:
        """That many papers, a row each; raises RuntimeError where the trades do not settle."""
        dealt = np.concatenate([self._deal(cell, count, papers) for cell, count in self._wanted.items()], axis=1)
        return self._trade(dealt)

    def _deal(self, cell: int, count: int, papers: int) -> Any:
        """A column for each item of the cell: its deck dealt on, shuffled anew for each pass."""
        rest, size = self._decks[cell][self._at[cell] :], int(self._counts[cell])
        passes = -(-max(0, papers * count - len(rest)) // size)
        if not passes:
            self._at[cell] += papers * count
            return rest[: papers * count].reshape(papers, count)
        fresh = self._chance.permuted(np.broadcast_to(np.arange(size) + self._starts[cell], (passes, size)), axis=1)
        dealt = np.concatenate([rest, fresh.ravel()])
        self._decks[cell], self._at[cell] = fresh[-1], size - (len(dealt) - papers * count)
        return dealt[: papers * count].reshape(papers, count)

    def _trade(self, papers: Any) -> Any:
        difficulty, chance, count = self._difficulty, self._chance, len(papers)
        for _ in range(400):
            rows, columns = np.nonzero(_repeats(papers, self._enemies[papers]))
            gap = difficulty[papers].sum(1) - self._target
            off = np.abs(gap) > _TOLERANCE
            if not len(rows) and not off.any():
                return papers
            touched: Any = np.zeros(count, bool)
            if len(rows):
                partners = chance.permutation(count)[: len(rows)]
                rows, columns = rows[: len(partners)], columns[: len(partners)]
                free = ~np.isin(partners, rows)
                rows, columns, partners = rows[free], columns[free], partners[free]
                _swap(papers, rows, partners, columns)
                touched[rows] = touched[partners] = True
            self._even_out(papers, gap, off, touched)
        raise RuntimeError("the trades between papers did not settle")

    def _even_out(self, papers: Any, gap: Any, off: Any, touched: Any) -> None:
        """Let the hardest papers trade with the easiest, each pair in the best of 24 columns."""
        order = np.argsort(gap)
        order = order[~touched[order]]
        half = len(order) // 2
        low, high = order[:half], order[::-1][:half]
        moved = off[low] | off[high]
        low, high = low[moved], high[moved]
        if not len(low):
            return
        columns = self._chance.integers(0, papers.shape[1], (len(low), 24))
        gain = (
            self._difficulty[np.take_along_axis(papers[high], columns, 1)]
            - self._difficulty[np.take_along_axis(papers[low], columns, 1)]
        )
        need = (gap[high] - gap[low]) / 2
        best = np.abs(gain - need[:, None]).argmin(1)
        each = np.arange(len(low))
        good = np.abs(gain[each, best] - need) < np.abs(need)
        _swap(papers, low[good], high[good], columns[each, best][good])


def _repeats(papers: Any, enemies: Any) -> Any:
    """True where a paper repeats an item or an enemy group, all but the first occurrence."""
    bad = np.zeros(papers.shape, bool)
    for keys in (papers, enemies):
        order = np.argsort(keys, axis=1, kind="stable")
        ordered = np.take_along_axis(keys, order, 1)
        same = np.zeros(papers.shape, bool)
        same[:, 1:] = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)
        placed = np.zeros(papers.shape, bool)
        np.put_along_axis(placed, order, same, 1)
        bad |= placed
    return bad


def _swap(papers: Any, ones: Any, others: Any, columns: Any) -> None:
    papers[ones, columns], papers[others, columns] = papers[others, columns], papers[ones, columns]
