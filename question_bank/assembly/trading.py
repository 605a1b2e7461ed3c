"""Rows made right by trades: two rows exchange items of one column, so that no item is used more or less often.

First enemies are parted, then expected points are evened out. A trade that would bring two of a family together is
undone. Integers only, no chance beyond the words handed in: the outcome is the same everywhere.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

_TURNS = 240
_COLUMN_BITS = 9


@dataclass(frozen=True)
class Ledger:
    """What trading needs to know of items, by item: `kin` (equal for items that must not meet), `worth` (expected
    points, any integer unit) and `stratum` (only items of one stratum change places for balance)."""

    kin: np.ndarray
    worth: np.ndarray
    stratum: np.ndarray


def part(rows: np.ndarray, ledger: Ledger, chance: Callable[[int], np.ndarray]) -> int:
    """Trade until no row holds two of one kin; returns how many rows still do. `chance(turn)` orders the rows."""
    dirty = np.arange(len(rows))
    for turn in range(_TURNS):
        at, column = _clashes(ledger.kin[rows[dirty]], second=turn % 2 == 0)
        if not len(at):
            return 0
        at, one = np.unique(at, return_index=True)
        bad, column = dirty[at], column[one]
        clean = np.ones(len(rows), bool)
        clean[bad] = False
        order = chance(turn)
        partners = order[clean[order]][: len(bad)]
        dirty = bad
        if not len(partners):
            return len(bad)
        # Where there are more bad rows than others, another part of them has its turn each time.
        take = np.roll(np.arange(len(bad)), -turn)[: len(partners)]
        _try(rows, ledger.kin, bad[take], partners, column[take])
    at, _ = _clashes(ledger.kin[rows], second=True)
    return len(np.unique(at))


def even_out(rows: np.ndarray, ledger: Ledger, *, target: int, tolerance: int, count: int) -> int:
    """Trade until the first `count` rows are worth target ± tolerance; returns how many are not."""
    columns = np.arange(rows.shape[1])
    shift = 0
    totals = ledger.worth[rows].sum(axis=1)
    for _ in range(_TURNS):
        gap = totals - target
        off = np.abs(gap) > tolerance
        off[count:] = False
        if not off.any():
            return 0
        order = np.argsort(gap, kind="stable")
        half = len(order) // 2
        low, high = np.roll(order[:half], shift), order[::-1][:half]
        moved = (off[low] | off[high]) & (gap[high] > gap[low])
        low, high = low[moved], high[moved]
        if not len(low):
            return int(off.sum())
        ours, theirs = rows[low], rows[high]
        gain = ledger.worth[theirs] - ledger.worth[ours]
        gain[ledger.stratum[theirs] != ledger.stratum[ours]] = 0
        chosen = _choose(gain, gap[high] - gap[low], columns)
        rows[low], rows[high] = np.where(chosen, theirs, ours), np.where(chosen, ours, theirs)
        undo = _is_clashing(ledger.kin[rows[low]]) | _is_clashing(ledger.kin[rows[high]])
        rows[low[undo]], rows[high[undo]] = ours[undo], theirs[undo]
        change = np.where(chosen, gain, 0).sum(axis=1)
        change[undo] = 0
        totals[low] += change
        totals[high] -= change
        # Pairs that could not help each other are mixed; others meet again in the order of what they lack.
        shift = 0 if change.any() and not undo.any() else shift + 1
    return int((np.abs(totals[:count] - target) > tolerance).sum())


def _choose(gain: np.ndarray, apart: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Which columns each pair trades: the largest gains that together stay within half of what sets the two apart, or
    else the one gain that brings them nearest, if it brings them nearer at all."""
    need = (apart // 2)[:, None]
    useful = np.where((gain > 0) & (gain <= need), gain, 0)
    ranked = np.sort(useful << _COLUMN_BITS | columns, axis=1)[:, ::-1]
    worth, column = ranked >> _COLUMN_BITS, ranked & ((1 << _COLUMN_BITS) - 1)
    taken = (np.cumsum(worth, axis=1) <= need) & (worth > 0)
    chosen = np.zeros(gain.shape, bool)
    np.put_along_axis(chosen, column, taken, axis=1)
    none = np.flatnonzero(~taken[:, 0])
    if len(none):
        rest = np.abs(2 * gain[none] - apart[none, None])
        best = rest.argmin(axis=1)
        chosen[none, best] = rest[np.arange(len(none)), best] < apart[none]
    return chosen


def _clashes(kin: np.ndarray, *, second: bool) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of every item whose kin stands in its row already (or, without `second`, stands there again)."""
    ranked = np.sort(kin << _COLUMN_BITS | np.arange(kin.shape[1]), axis=1)
    families = ranked >> _COLUMN_BITS
    row, place = np.nonzero(families[:, 1:] == families[:, :-1])
    return row, ranked[row, place + second] & ((1 << _COLUMN_BITS) - 1)


def _is_clashing(kin: np.ndarray) -> np.ndarray:
    ranked = np.sort(kin, axis=1)
    found: np.ndarray = (ranked[:, 1:] == ranked[:, :-1]).any(axis=1)
    return found


def _count(kin: np.ndarray) -> np.ndarray:
    ranked = np.sort(kin, axis=1)
    found: np.ndarray = (ranked[:, 1:] == ranked[:, :-1]).sum(axis=1)
    return found


def _try(rows: np.ndarray, kin: np.ndarray, bad: np.ndarray, partners: np.ndarray, column: np.ndarray) -> None:
    """Trade each bad row with its partner; undo what does not lessen its clashes, or gives the partner one."""
    before = _count(kin[rows[bad]])
    rows[bad, column], rows[partners, column] = rows[partners, column], rows[bad, column]
    undo = (_count(kin[rows[bad]]) >= before) | (_count(kin[rows[partners]]) > 0)
    bad, partners, column = bad[undo], partners[undo], column[undo]
    rows[bad, column], rows[partners, column] = rows[partners, column], rows[bad, column]
