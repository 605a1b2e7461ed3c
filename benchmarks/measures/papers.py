"""Parallel forms for a whole exam: 100 items in 60 cells of a large bank, every constraint held and judged."""

import time
from collections.abc import Callable
from dataclasses import replace

from benchmarks.generator import Tally
from benchmarks.measures.yards import R, lacking
from benchmarks.pairs import PRODUCT, show, take_turns
from benchmarks.stage import Stage
from question_bank.assembly import PoolFacts, PoolItem, Supply, check_forms, draw_parallel, supply_of
from question_bank.blueprint import Blueprint, Cell, Evenness, Section
from question_bank.items import Difficulty, Item, ItemType, Level
from tests.support.bank import MULTIPLE, SEED, SINGLE, TRUE_FALSE, multiple, single, true_false

_TYPES = (SINGLE, MULTIPLE, TRUE_FALSE)
_TOPICS, _LEVELS = 111, tuple(Difficulty)
_CELLS = len(_TYPES) * _TOPICS * len(_LEVELS)
_FORMS = 1000
_TOLERANCE = 11
"""Hundredths of a point, a seventh of what undirected forms scatter by, as the yardstick's half unit is."""


class Exam:
    """A bank of `size` items in 999 cells, a tenth of them in threes that must not meet; as the product gathers it,
    only what fits the blueprint's cells is made ready."""

    def __init__(self, size: int, *, judged: int) -> None:
        self._judged = judged
        import numpy as np

        chance = np.random.default_rng(7)
        cells = chance.integers(0, _CELLS, size)
        easiness = np.clip(650 - 150 * (cells % 3 - 1) + chance.normal(0, 80, size), 1, 999).astype(int)
        wanted = chance.choice(_CELLS, 60, replace=False)
        counts = 1 + np.bincount(chance.integers(0, 60, 40), minlength=60)
        self.blueprint = _blueprint({int(cell): int(count) for cell, count in zip(wanted, counts, strict=True)})
        chosen = np.flatnonzero(np.isin(cells, wanted)).tolist()
        self.pool = [PoolItem(f"{at:07}", _item(at, int(cells[at]))) for at in chosen]
        enemies = chance.permutation(size)[: size // 30 * 3].reshape(-1, 3)
        held = np.isin(enemies, chosen)
        apart = [
            (f"{one:07}", f"{other:07}")
            for row, kept in zip(enemies[held.sum(1) > 1].tolist(), held[held.sum(1) > 1].tolist(), strict=True)
            for at, one in enumerate(row)
            for then, other in enumerate(row)
            if at < then and kept[at] and kept[then]
        ]
        self.facts = PoolFacts(easiness={f"{at:07}": int(easiness[at]) for at in chosen}, apart=apart)
        before = time.process_time()
        self.supply: Supply = supply_of(self.pool, self.blueprint, self.facts)
        self.prepared = time.process_time() - before

    def draw(self, turn: int) -> Tally:
        """A thousand forms, timed; some of them judged, untimed."""
        label = f"bench-{turn}"
        before = time.process_time()
        drawn = draw_parallel(self.supply, blueprint=self.blueprint, seed=SEED, label=label, form_count=_FORMS)
        spent = time.process_time() - before
        forms = [drawn.form(number) for number in range(1, self._judged + 1)]
        found = check_forms(forms, blueprint=self.blueprint, pool=self.pool, facts=self.facts)
        if found:
            raise RuntimeError(f"{len(found)} findings, the first: {found[0].en}")
        return Tally(requests=_FORMS, seconds=spent)


def measure_papers(stage: Stage) -> list[str]:
    """A thousand parallel forms by processor time, beside dealt decks and trades in numpy, and of a pool ten times as
    large beside the smaller one."""
    title = "parallel forms of 100 items, version cz2, all constraints held"
    if sentence := lacking("numpy"):
        return [title, f"  {sentence}"]
    from benchmarks.yardsticks.papers import Dealer

    sizes, pairs = stage.scale.banks, stage.scale.pairs
    small, large = (Exam(size, judged=stage.scale.forms) for size in sizes)
    dealer = Dealer(sizes[0])
    beside = take_turns(
        {PRODUCT: (small.draw, None), R: (lambda _: _timed(lambda: len(dealer.draw(_FORMS))), None)}, pairs=pairs
    )
    larger = take_turns({PRODUCT: (large.draw, None), f"{sizes[0]:,}": (small.draw, None)}, pairs=pairs)
    rate = beside.tallies[PRODUCT][-1].rate
    return [
        *show(f"{title}, pool of {sizes[0]:,}", beside),
        f"  {1e6 / rate:.0f} µs a form; made ready once in {small.prepared:.2f} s",
        *show(f"{title}, pool of {sizes[1]:,}", larger),
        f"  made ready once in {large.prepared:.2f} s",
    ]


def _timed(act: Callable[[], int]) -> Tally:
    before = time.process_time()
    done = act()
    return Tally(requests=done, seconds=time.process_time() - before)


def _item(at: int, cell: int) -> Item:
    kind, topic, level = cell // (_TOPICS * 3), ("党务", f"第{cell // 3 % _TOPICS}章"), _LEVELS[cell % 3]
    stem = f"{at:07}"
    if _TYPES[kind] is ItemType.SINGLE_CHOICE:
        made = single(stem, right=at % 4, topic=topic)
    elif _TYPES[kind] is ItemType.MULTIPLE_CHOICE:
        made = multiple(stem, right=(at % 4, (at + 1) % 4), topic=topic)
    else:
        made = true_false(stem, right=at % 2, topic=topic)
    return replace(made, difficulty=level)


def _blueprint(wanted: dict[int, int]) -> Blueprint:
    sections: dict[int, list[Cell]] = {}
    for cell, count in sorted(wanted.items()):
        kind, topic = cell // (_TOPICS * 3), ("党务", f"第{cell // 3 % _TOPICS}章")
        sections.setdefault(kind, []).append(Cell(topic, _TYPES[kind], count, 100, _LEVELS[cell % 3]))
    return Blueprint(
        "一百题",
        Level.PRIMARY,
        tuple(Section(_TYPES[kind].value, tuple(cells)) for kind, cells in sorted(sections.items())),
        6000,
        evenness=Evenness(tolerance_hundredths=_TOLERANCE),
    )
