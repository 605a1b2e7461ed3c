"""公平性报告: how alike the forms of one exam are, in whole numbers, with the data that plots are drawn from.

Expected points are in hundredths, rounded half up, where they are shown, and exact (permille of hundredths) where they
are judged. Means of overlap are in thousandths of an item.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from question_bank.assembly.parallel import Drawn
from question_bank.assembly.pool import CellPlace, cell_places
from question_bank.blueprint import EVERY_FORM
from question_bank.canonical import Json
from question_bank.kinds import KINDS
from question_bank.scoring import points_text
from question_bank.wording import Wording

_BANDS = 20
_MOST_NAMED = 5
_PAIR_WORK = 60_000_000
"""Words compared for the distribution of overlaps; of larger exams the first forms are compared with all."""
_OVERLAP_SLACK = (11, 10, 1000)
"""The mean overlap may be 11/10 of what even use of the pool gives, every family dealt as one, and one item more."""


@dataclass(frozen=True)
class Lack:
    """One thing outside its tolerance: where, and by how much."""

    measure: str
    place: Wording
    excess: Wording


@dataclass(frozen=True)
class CellFairness:
    """How a cell's items were used: `items` of them, the least and the most used in how many forms; `cap` is the most
    that is allowed. Subtopics with the fewest and the most items of a form."""

    section: str
    topic: str
    item_type: str
    difficulty: str | None
    count: int
    items: int
    least_used: int
    most_used: int
    cap: int
    subtopics: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class FairnessReport:
    """What the forms of an exam have in common and what sets them apart.

    `expected` is (least, mean, most), `expected_bands` (from, forms) in bands of equal width; `overlaps` (items in
    common, pairs); `uses` (forms, items); `right_places` for each number of free places how often each was right.
    `calibrated` is (items whose expected share rests on responses, items that could be drawn).
    """

    forms: int
    item_count: int
    target_hundredths: int
    tolerance_hundredths: int
    expected: tuple[int, int, int]
    expected_bands: tuple[tuple[int, int], ...]
    cells: tuple[CellFairness, ...]
    overlap_mean: int
    overlap_floor: int
    overlap_most: int
    pairs: int
    overlaps: tuple[tuple[int, int], ...]
    uses: tuple[tuple[int, int], ...]
    right_places: tuple[tuple[int, tuple[int, ...]], ...]
    calibrated: tuple[int, int]
    lacks: tuple[Lack, ...]

    @property
    def within(self) -> bool:
        """Whether everything is within its tolerance."""
        return not self.lacks


def report_fairness(drawn: Drawn) -> FairnessReport:
    """Measure the forms of one exam."""
    supply, blueprint, count = drawn.supply, drawn.blueprint, len(drawn)
    totals = supply.worth[drawn.items].sum(axis=1)
    used = np.bincount(drawn.items.ravel(), minlength=len(supply.keys))
    cells = tuple(_measure_cells(drawn, used))
    pairs_of = int((used * (used - 1) // 2).sum())
    floor_of = sum(_least_pairs(cell.items, count * cell.count) for cell in cells)
    floor_of += len(supply.fixed) * (count * (count - 1) // 2)
    all_pairs = max(1, count * (count - 1) // 2)
    pairs, overlaps = _compare(drawn.items)
    mean, floor = pairs_of * 1000 // all_pairs, floor_of * 1000 // all_pairs
    lacks = [*_uneven(drawn, totals), *_enemies(drawn), *_overused(cells), *_unbalanced(drawn)]
    more, less, items = _OVERLAP_SLACK
    allowed = max(floor, _strict_pairs(drawn) * 1000 // all_pairs) * more // less + items
    if mean > allowed:
        excess = f"{(mean - allowed) / 1000:.3f}"
        lacks.append(
            Lack(
                "overlap",
                Wording("任两份试卷", "any two forms"),
                Wording(f"平均多 {excess} 题相同", f"{excess} too many"),
            )
        )
    return FairnessReport(
        forms=count,
        item_count=blueprint.item_count,
        target_hundredths=_rounded(drawn.target),
        tolerance_hundredths=blueprint.tolerance_hundredths,
        expected=(_rounded(int(totals.min())), _rounded(int(totals.sum()) // count), _rounded(int(totals.max()))),
        expected_bands=_bands(totals, drawn.target, blueprint.tolerance_hundredths * EVERY_FORM),
        cells=cells,
        overlap_mean=mean,
        overlap_floor=floor,
        overlap_most=max((common for common, _ in overlaps), default=0),
        pairs=pairs,
        overlaps=overlaps,
        uses=_histogram(used[np.unique(drawn.items)]),
        right_places=tuple(_right_places(drawn)),
        calibrated=(supply.calibrated, len(supply.keys)),
        lacks=tuple(lacks),
    )


def fairness_to_json(report: FairnessReport) -> dict[str, Json]:
    """Every figure of the report.

    "fairness/2" tells how many items were calibrated; where none was, it is "fairness/1" as ever, so that the report of
    an exam that was sealed before there were calibrations is recomputed byte for byte.
    """
    calibrated, drawable = report.calibrated
    told: dict[str, Json] = {"calibrated": calibrated, "drawable": drawable} if calibrated else {}
    return {
        "schema": "fairness/2" if calibrated else "fairness/1",
        **told,
        "within_tolerance": report.within,
        "forms": report.forms,
        "items": report.item_count,
        "expected": {
            "target_hundredths": report.target_hundredths,
            "tolerance_hundredths": report.tolerance_hundredths,
            "least_hundredths": report.expected[0],
            "mean_hundredths": report.expected[1],
            "most_hundredths": report.expected[2],
            "bands": [[*band] for band in report.expected_bands],
        },
        "cells": [
            {
                "section": cell.section,
                "topic": cell.topic,
                "item_type": cell.item_type,
                "difficulty": cell.difficulty,
                "count": cell.count,
                "items": cell.items,
                "least_used": cell.least_used,
                "most_used": cell.most_used,
                "cap": cell.cap,
                "subtopics": [[*subtopic] for subtopic in cell.subtopics],
            }
            for cell in report.cells
        ],
        "overlap": {
            "mean_thousandths": report.overlap_mean,
            "floor_thousandths": report.overlap_floor,
            "most": report.overlap_most,
            "pairs": report.pairs,
            "distribution": [[*bar] for bar in report.overlaps],
        },
        "uses": [[*bar] for bar in report.uses],
        "right_places": [[places, [*counts]] for places, counts in report.right_places],
        "lacks": [
            {
                "measure": lack.measure,
                "place": {"zh": lack.place.zh, "en": lack.place.en},
                "excess": {"zh": lack.excess.zh, "en": lack.excess.en},
            }
            for lack in report.lacks
        ],
    }


def _rounded(exact: int) -> int:
    return (2 * exact + EVERY_FORM) // (2 * EVERY_FORM)


def _least_pairs(items: int, uses: int) -> int:
    """How many pairs of forms share an item at the least, where `items` are used `uses` times together."""
    each, more = divmod(uses, items)
    return items * (each * (each - 1) // 2) + more * each


def _strict_pairs(drawn: Drawn) -> int:
    """How many pairs of forms share an item where families are dealt evenly, and the members of each in turn."""
    count = len(drawn)
    fixed = len(drawn.supply.fixed) * (count * (count - 1) // 2)
    decks = drawn.supply.decks(strictly=True)
    uses = [-(-count * deck.columns // len(deck.size)) for deck in decks]
    pairs = (_least_pairs(size, use) for deck, use in zip(decks, uses, strict=True) for size in deck.size.tolist())
    return fixed + sum(pairs)


def _bands(totals: np.ndarray, target: int, tolerance: int) -> tuple[tuple[int, int], ...]:
    """How the expected points spread over the tolerance, in bands; the outermost take whatever lies beyond."""
    width = max(1, -(-2 * tolerance // _BANDS))
    at = np.clip((totals - (target - tolerance)) // width, 0, _BANDS - 1)
    counts = np.bincount(at, minlength=_BANDS).tolist()
    return tuple((_rounded(target - tolerance + band * width), found) for band, found in enumerate(counts))


def _measure_cells(drawn: Drawn, used: np.ndarray) -> Iterator[CellFairness]:
    supply, cap = drawn.supply, -(-len(drawn) * drawn.blueprint.evenness.exposure_permille // EVERY_FORM)
    for place in cell_places(drawn.blueprint):
        members = np.flatnonzero(supply.owner == place.index)
        uses = used[members]
        yield CellFairness(
            section=place.section.title,
            topic="/".join(place.cell.topic),
            item_type=place.cell.item_type.value,
            difficulty=place.cell.difficulty.value if place.cell.difficulty else None,
            count=place.cell.count,
            items=len(members),
            least_used=int(uses.min()) if len(members) else 0,
            most_used=int(uses.max(initial=0)),
            cap=cap,
            subtopics=tuple(_subtopics(drawn, place)),
        )


def _subtopics(drawn: Drawn, place: CellPlace) -> Iterator[tuple[str, int, int]]:
    """Each subtopic that the cell draws from, with the fewest and the most items that a form has of it there."""
    supply = drawn.supply
    in_cell = supply.owner[drawn.items] == place.index
    for stratum in np.unique(supply.stratum[supply.owner == place.index]).tolist():
        alike = np.flatnonzero((supply.stratum == stratum) & (supply.owner == place.index)).tolist()
        counts = (in_cell & (supply.stratum[drawn.items] == stratum)).sum(axis=1)
        yield "/".join(_shared([supply.items[at].topic for at in alike])), int(counts.min()), int(counts.max())


def _shared(topics: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The topic that all of these stand under."""
    first, last = min(topics), max(topics)
    depth = next((at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first))
    return first[:depth]


def _compare(items: np.ndarray) -> tuple[int, tuple[tuple[int, int], ...]]:
    """How many pairs of forms were compared, and how many of them share how many items."""
    known, at = np.unique(items, return_inverse=True)
    width = -(-len(known) // 64)
    sets = np.zeros((len(items), width), dtype=np.uint64)
    at = at.reshape(items.shape)
    for column in range(items.shape[1]):
        place = at[:, column]
        sets[np.arange(len(items)), place // 64] |= np.uint64(1) << (place % 64).astype(np.uint64)
    counts = np.zeros(items.shape[1] + 1, dtype=np.int64)
    for row in range(min(len(items) - 1, max(1, _PAIR_WORK // (len(items) * width)))):
        shared = np.bitwise_count(sets[row + 1 :] & sets[row]).sum(axis=1, dtype=np.int64)
        counts += np.bincount(shared, minlength=len(counts))
    return int(counts.sum()), tuple((common, pairs) for common, pairs in enumerate(counts.tolist()) if pairs)


def _histogram(values: np.ndarray) -> tuple[tuple[int, int], ...]:
    found, counts = np.unique(values, return_counts=True)
    return tuple(zip(found.tolist(), counts.tolist(), strict=True))


def _right_places(drawn: Drawn) -> Iterator[tuple[int, tuple[int, ...]]]:
    shuffles = drawn.supply.shuffles
    kinds = drawn.supply.shuffle[drawn.items]
    for size in sorted({len(one.free) for one in shuffles if one.dealt}):
        alike = [number for number, one in enumerate(shuffles) if one.dealt and len(one.free) == size]
        counts = np.bincount(drawn.places[np.isin(kinds, alike)], minlength=size)
        yield size, tuple(counts.tolist())


def _uneven(drawn: Drawn, totals: np.ndarray) -> Iterator[Lack]:
    """The forms outside the tolerance, with the cells that carry them furthest from what their decks lead to expect."""
    tolerance = drawn.blueprint.tolerance_hundredths * EVERY_FORM
    gaps = totals - drawn.target
    for row in np.flatnonzero(np.abs(gaps) > tolerance).tolist()[:_MOST_NAMED]:
        gap = int(gaps[row])
        over = points_text(max(1, _rounded(abs(gap) - tolerance)))
        places = "；".join(place.zh for place in _carriers(drawn, row, gap))
        places_en = "; ".join(place.en for place in _carriers(drawn, row, gap))
        number = drawn.start + row
        yield Lack(
            "expected",
            Wording(f"第 {number} 份试卷（{places}）", f"form {number} ({places_en})"),
            Wording(f"预期分超出允差 {over} 分", f"expected points {over} outside the tolerance"),
        )


def _carriers(drawn: Drawn, row: int, gap: int) -> list[Wording]:
    """The three cells of a form whose items stray furthest from the mean of their cell, in the form's direction."""
    supply = drawn.supply
    strays = []
    for place in cell_places(drawn.blueprint):
        mine = drawn.items[row][supply.owner[drawn.items[row]] == place.index]
        members = np.flatnonzero(supply.owner == place.index)
        stray = int(supply.worth[mine].sum()) - len(mine) * int(supply.worth[members].sum()) // max(1, len(members))
        strays.append((-stray if gap > 0 else stray, place))
    strays.sort(key=lambda found: (found[0], found[1].index))
    return [name_cell(place) for _, place in strays[:3]]


def name_cell(place: CellPlace) -> Wording:
    """A cell as people call it: section, topic, type."""
    topic, kind = "/".join(place.cell.topic), KINDS[place.cell.item_type].name
    return Wording(
        f"{place.section.title}「{topic or '全部知识点'}」{kind.zh}",
        f"{place.section.title} / {topic or 'any topic'} / {kind.en}",
    )


def _enemies(drawn: Drawn) -> Iterator[Lack]:
    """Forms in which two of a family meet."""
    supply = drawn.supply
    kin = np.sort(supply.kin[drawn.items], axis=1)
    for row in np.flatnonzero((kin[:, 1:] == kin[:, :-1]).any(axis=1)).tolist()[:_MOST_NAMED]:
        entries = drawn.items[row].tolist()
        meeting = [(a, b) for a, b in combinations(entries, 2) if supply.kin[a] == supply.kin[b]]
        places = cell_places(drawn.blueprint)
        named = [name_cell(places[int(supply.owner[at])]) for at in meeting[0] if supply.owner[at] >= 0]
        number = drawn.start + row
        yield Lack(
            "enemies",
            Wording(
                f"第 {number} 份试卷（{'；'.join(one.zh for one in named)}）",
                f"form {number} ({'; '.join(one.en for one in named)})",
            ),
            Wording(f"{len(meeting)} 对互斥或近似试题同卷", f"{len(meeting)} pairs of enemies or near-duplicates"),
        )


def _overused(cells: tuple[CellFairness, ...]) -> Iterator[Lack]:
    for cell in cells:
        if cell.most_used > cell.cap:
            excess = cell.most_used - cell.cap
            yield Lack(
                "exposure",
                Wording(
                    f"{cell.section}「{cell.topic or '全部知识点'}」", f"{cell.section} / {cell.topic or 'any topic'}"
                ),
                Wording(
                    f"最多用于 {cell.most_used} 份，超出 {excess} 份", f"used in {cell.most_used}, {excess} too many"
                ),
            )


def _unbalanced(drawn: Drawn) -> Iterator[Lack]:
    """Forms in which one free place is right more often than dealing allows."""
    shuffles = drawn.supply.shuffles
    kinds = drawn.supply.shuffle[drawn.items]
    for number, one in enumerate(shuffles):
        if not one.dealt:
            continue
        mine = kinds == number
        most = -(-mine.sum(axis=1) // len(one.free)) + 1
        for rank in range(len(one.free)):
            over = ((drawn.places == rank) & mine).sum(axis=1) - most
            for row in np.flatnonzero(over > 0).tolist()[:_MOST_NAMED]:
                form = drawn.start + row
                yield Lack(
                    "right_places",
                    Wording(f"第 {form} 份试卷", f"form {form}"),
                    Wording(f"同一答案位置多出 {over[row]} 题", f"one place is right {over[row]} times too often"),
                )
