"""Whether a pool can serve a blueprint, and how its stems are shared out among the cells.

Cells compete: one that takes any topic wants the same stems as one that takes a chapter, and no stem may stand
twice in a form. So the question is a bipartite flow from cells to classes of stems, answered exactly by augmenting
paths. (Topics are nested, so serving the deepest first would do, were it not for stems that stand in the pool twice
under different topics or types.) The deepest topics are served first; an augmenting path only exchanges what a
cell was served, it never takes it back.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from question_bank.assembly.pool import CellPlace, PoolItem, StemClass, cell_places, classify
from question_bank.blueprint import Blueprint, Cell, validate
from question_bank.errors import PoolTooSmall, Shortfall

Shares = list[dict[int, int]]
"""shares[c][k]: how many stems of class k belong to cell c."""


@dataclass(frozen=True, slots=True)
class CellReport:
    """How one cell fares.

    `available` stems fit it if it were alone; `served` of the `wanted` ones are left to it beside the other cells.
    """

    section: str
    cell: Cell
    wanted: int
    available: int
    served: int

    @property
    def short(self) -> int:
        """Items that are missing; 0 where the cell can be served."""
        return self.wanted - self.served


def feasibility(blueprint: Blueprint, pool: Sequence[PoolItem]) -> tuple[CellReport, ...]:
    """One report for each cell, in the order of the blueprint. The pool can serve it if no cell is short.

    Items with one stem count once. Raises `InvalidBlueprint` and `InvalidPool`.
    """
    validate(blueprint)
    places = cell_places(blueprint)
    classes = classify(pool, places)
    return _report(places, classes, serve(places, classes))


def share_out(places: Sequence[CellPlace], classes: Sequence[StemClass]) -> Shares:
    """Every stem to one cell: each cell gets at least its count, and no single move would make exposure more even.

    Raises `PoolTooSmall`, naming every cell that falls short.
    """
    shares = serve(places, classes)
    shortfalls = tuple(
        Shortfall(
            report.section, " / ".join(report.cell.topic), report.cell.item_type.value, report.wanted, report.served
        )
        for report in _report(places, classes, shares)
        if report.short
    )
    if shortfalls:
        raise PoolTooSmall(shortfalls)
    sizes = [sum(share.values()) for share in shares]
    for number, stems in enumerate(classes):
        rest = len(stems.stems) - sum(share.get(number, 0) for share in shares)
        _give(shares, stems.fits[0], number, rest)
        sizes[stems.fits[0]] += rest
    _even_out(places, classes, shares, sizes)
    return shares


def serve(places: Sequence[CellPlace], classes: Sequence[StemClass]) -> Shares:
    """A largest service: as many stems for each cell as can be had, never more than its count."""
    shares: Shares = [{} for _ in places]
    unused = [len(stems.stems) for stems in classes]
    for place in sorted(places, key=lambda place: (-len(place.cell.topic), place.index)):
        for _ in range(place.cell.count):
            if not _augment(place.index, classes, shares, unused):
                break
    return shares


def _augment(start: int, classes: Sequence[StemClass], shares: Shares, unused: list[int]) -> bool:
    """Serve one more stem to cell `start`, others exchanging theirs where needed; False if that cannot be."""
    reached_from: dict[int, tuple[int, int]] = {}  # cell → (class that it gives up, cell that takes it)
    waiting = deque([start])
    seen_cells, seen_classes = {start}, set[int]()
    while waiting:
        cell = waiting.popleft()
        for number, stems in enumerate(classes):
            if cell not in stems.fits or number in seen_classes:
                continue
            seen_classes.add(number)
            if unused[number]:
                unused[number] -= 1
                _give(shares, cell, number, 1)
                while cell != start:
                    given_up, taker = reached_from[cell]
                    _give(shares, cell, given_up, -1)
                    _give(shares, taker, given_up, 1)
                    cell = taker
                return True
            for holder in stems.fits:
                if holder not in seen_cells and shares[holder].get(number):
                    seen_cells.add(holder)
                    reached_from[holder] = (number, cell)
                    waiting.append(holder)
    return False


def _even_out(places: Sequence[CellPlace], classes: Sequence[StemClass], shares: Shares, sizes: list[int]) -> None:
    """Move stems to cells whose items are seen more often, while the giver stays below the taker.

    Each move lowers the sorted list of loads, so the moves come to an end.
    """
    counts = [place.cell.count for place in places]
    moved = True
    while moved:
        moved = False
        for number, stems in enumerate(classes):
            for giver in stems.fits:
                for taker in stems.fits:
                    while (
                        shares[giver].get(number)
                        and sizes[giver] > counts[giver]
                        and Fraction(counts[giver], sizes[giver] - 1) < Fraction(counts[taker], sizes[taker])
                    ):
                        _give(shares, giver, number, -1)
                        _give(shares, taker, number, 1)
                        sizes[giver] -= 1
                        sizes[taker] += 1
                        moved = True


def _give(shares: Shares, cell: int, number: int, count: int) -> None:
    shares[cell][number] = shares[cell].get(number, 0) + count


def _report(places: Sequence[CellPlace], classes: Sequence[StemClass], shares: Shares) -> tuple[CellReport, ...]:
    return tuple(
        CellReport(
            section=place.section.title,
            cell=place.cell,
            wanted=place.cell.count,
            available=sum(len(stems.stems) for stems in classes if place.index in stems.fits),
            served=sum(shares[place.index].values()),
        )
        for place in places
    )
