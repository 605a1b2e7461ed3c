"""Whether a pool can serve a blueprint, and how its stems are shared out among the cells.

Cells compete: one that takes any topic wants the same stems as one that takes a chapter, and no stem may stand
twice in a form. So the question is a bipartite flow from cells to classes of stems, answered exactly by augmenting
paths. (Topics are nested, so serving the deepest first would do, were it not for stems that stand in the pool twice
under different topics or types.) The deepest topics are served first; an augmenting path only exchanges what a
cell was served, it never takes it back.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from question_bank.assembly.facts import NO_FACTS, PoolFacts, families
from question_bank.assembly.pool import CellPlace, PoolItem, StemClass, cell_places, classify
from question_bank.blueprint import EVERY_FORM, Blueprint, Cell, validate
from question_bank.errors import InvalidBlueprint, PoolTooSmall, Shortfall
from question_bank.kinds import is_objective

Shares = list[dict[int, int]]
"""shares[c][k]: how many stems of class k belong to cell c."""


@dataclass(frozen=True, slots=True)
class CellReport:
    """How one cell fares.

    `available` stems fit it if it were alone; `served` of the `stock` that it needs are left to it beside the other
    cells. The stock is the count of `wanted` items, or more where no item may stand in every form.
    """

    section: str
    cell: Cell
    wanted: int
    available: int
    served: int
    stock: int

    @property
    def short(self) -> int:
        """Items that are missing; 0 where the cell can be served."""
        return self.stock - self.served


def feasibility(blueprint: Blueprint, pool: Sequence[PoolItem], facts: PoolFacts = NO_FACTS) -> tuple[CellReport, ...]:
    """One report for each cell, in the order of the blueprint. The pool can serve it if no cell is short.

    Items of one family count once; items that rest, and families of fixed items, do not count. Raises
    `InvalidBlueprint` and `InvalidPool`.
    """
    validate(blueprint)
    places = cell_places(blueprint)
    classes = classify_drawable(blueprint, pool, facts, families(pool, facts))
    stocks = stocks_of(blueprint)
    return _report(places, classes, serve(places, classes, stocks), stocks)


def stocks_of(blueprint: Blueprint) -> list[int]:
    """How many items each cell needs, so that dealt evenly none stands in more forms than the cap allows."""
    cap = blueprint.evenness.exposure_permille
    return [-(-place.cell.count * EVERY_FORM // cap) for place in cell_places(blueprint)]


def classify_drawable(
    blueprint: Blueprint, pool: Sequence[PoolItem], facts: PoolFacts, family_of: Mapping[str, str]
) -> tuple[StemClass, ...]:
    """The classes of families that may be drawn: without those of fixed items, and without items that rest."""
    held = {family_of[entry.key] for entry in fixed_entries(blueprint, pool, facts, family_of).values()}
    drawable = [entry for entry in pool if entry.key not in facts.resting and family_of[entry.key] not in held]
    return classify(drawable, cell_places(blueprint), family_of)


def fixed_entries(
    blueprint: Blueprint, pool: Sequence[PoolItem], facts: PoolFacts, family_of: Mapping[str, str]
) -> dict[str, PoolItem]:
    """The fixed items by the blueprint's names.

    Raises `InvalidBlueprint` where one is not in the pool, cannot be scored by machine, or may not meet another.
    """
    by_key = {entry.key: entry for entry in pool} if blueprint.fixed else {}
    found: dict[str, PoolItem] = {}
    held: dict[str, str] = {}
    for fixed in blueprint.fixed:
        entry = by_key.get(facts.named.get(fixed.name, fixed.name))
        if entry is None or not is_objective(entry.item):
            raise InvalidBlueprint(
                "blueprint.fixed_missing",
                zh=f"必考题「{fixed.name}」不在备选题集中，或不能入卷（须全部按规则评分，不含简答题、实操题）。",
                en=f"The fixed item {fixed.name} is not in the pool, or cannot stand in a form (all of it must be "
                "scored by rule, without a short-answer or practical part).",
            )
        other = held.setdefault(family_of[entry.key], fixed.name)
        if other != fixed.name:
            raise InvalidBlueprint(
                "blueprint.fixed_apart",
                zh=f"必考题「{other}」与「{fixed.name}」不得同卷。",
                en=f"The fixed items {other} and {fixed.name} must not stand in one form.",
            )
        found[fixed.name] = entry
    return found


def share_out(places: Sequence[CellPlace], classes: Sequence[StemClass], stocks: Sequence[int] | None = None) -> Shares:
    """Every stem to one cell: each cell gets at least its stock (without one: its count), and no single move would make
    exposure more even.

    Raises `PoolTooSmall`, naming every cell that falls short.
    """
    stocks = [place.cell.count for place in places] if stocks is None else stocks
    shares = serve(places, classes, stocks)
    shortfalls = tuple(
        Shortfall(
            report.section, " / ".join(report.cell.topic), report.cell.item_type.value, report.stock, report.served
        )
        for report in _report(places, classes, shares, stocks)
        if report.short
    )
    if shortfalls:
        raise PoolTooSmall(shortfalls)
    sizes = [sum(share.values()) for share in shares]
    for number, stems in enumerate(classes):
        rest = len(stems.stems) - sum(share.get(number, 0) for share in shares)
        _give(shares, stems.fits[0], number, rest)
        sizes[stems.fits[0]] += rest
    _even_out(places, classes, shares, sizes, stocks)
    return shares


def serve(places: Sequence[CellPlace], classes: Sequence[StemClass], stocks: Sequence[int]) -> Shares:
    """A largest service: as many stems for each cell as can be had, never more than its stock."""
    shares: Shares = [{} for _ in places]
    unused = [len(stems.stems) for stems in classes]
    fitting: list[list[int]] = [[] for _ in places]
    for number, stems in enumerate(classes):
        for cell in stems.fits:
            fitting[cell].append(number)
    for place in sorted(places, key=lambda place: (-len(place.cell.topic), place.index)):
        for _ in range(stocks[place.index]):
            if not _augment(place.index, classes, fitting, shares, unused):
                break
    return shares


def _augment(
    start: int, classes: Sequence[StemClass], fitting: Sequence[Sequence[int]], shares: Shares, unused: list[int]
) -> bool:
    """Serve one more stem to cell `start`, others exchanging theirs where needed; False if that cannot be."""
    reached_from: dict[int, tuple[int, int]] = {}  # cell → (class that it gives up, cell that takes it)
    waiting = deque([start])
    seen_cells, seen_classes = {start}, set[int]()
    while waiting:
        cell = waiting.popleft()
        for number in fitting[cell]:
            if number in seen_classes:
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
            for holder in classes[number].fits:
                if holder not in seen_cells and shares[holder].get(number):
                    seen_cells.add(holder)
                    reached_from[holder] = (number, cell)
                    waiting.append(holder)
    return False


def _even_out(
    places: Sequence[CellPlace],
    classes: Sequence[StemClass],
    shares: Shares,
    sizes: list[int],
    stocks: Sequence[int],
) -> None:
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
                        and sizes[giver] > stocks[giver]
                        and Fraction(counts[giver], sizes[giver] - 1) < Fraction(counts[taker], sizes[taker])
                    ):
                        _give(shares, giver, number, -1)
                        _give(shares, taker, number, 1)
                        sizes[giver] -= 1
                        sizes[taker] += 1
                        moved = True


def _give(shares: Shares, cell: int, number: int, count: int) -> None:
    shares[cell][number] = shares[cell].get(number, 0) + count


def _report(
    places: Sequence[CellPlace], classes: Sequence[StemClass], shares: Shares, stocks: Sequence[int]
) -> tuple[CellReport, ...]:
    return tuple(
        CellReport(
            section=place.section.title,
            cell=place.cell,
            wanted=place.cell.count,
            available=sum(len(stems.stems) for stems in classes if place.index in stems.fits),
            served=sum(shares[place.index].values()),
            stock=stocks[place.index],
        )
        for place in places
    )
