"""备用卷: a second set of forms for a whole exam, of other items as far as the pool allows.

The pool is divided before anything is drawn: within each class of families (those that fit the same cells) families
that are alike in difficulty lie together, and by lot one of every `every` of them is held back for the reserve. So both
sets are drawn from pools of one make, each by the version that the facts name, the reserve under the label "…/reserve".

One in four is held back, or one in three, or one in two: the first division counts from which both sets can be drawn
within their tolerances, with targets no further apart than the tolerance. Where even halves do not serve, the cells
that fall short draw both sets from all their items; and where that is not even enough, both sets draw from the whole
pool. Fixed items stand in both. Integers only: the same on every machine (P16).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from question_bank.assembly.facts import PoolFacts, easiness_of, families
from question_bank.assembly.fairness import FairnessReport, report_fairness
from question_bank.assembly.feasibility import classify_drawable, feasibility, fixed_entries
from question_bank.assembly.parallel import Drawn, draw_parallel
from question_bank.assembly.pool import PoolItem, StemClass
from question_bank.assembly.stream import SeedStream
from question_bank.assembly.supply import supply_of
from question_bank.blueprint import EVERY_FORM, Blueprint

_DIVISIONS = (4, 3, 2)


@dataclass(frozen=True)
class TwoSets:
    """The forms of an exam and, numbered after them, as many of the reserve, each with its report; `common` counts the
    items that stand in forms of both."""

    main: Drawn
    reserve: Drawn
    main_report: FairnessReport
    reserve_report: FairnessReport
    common: int


def draw_two_sets(
    pool: Sequence[PoolItem], *, blueprint: Blueprint, facts: PoolFacts, seed: bytes, label: str, form_count: int
) -> TwoSets:
    """`form_count` forms for the exam and as many for the reserve: form n and form n + `form_count` belong together.

    Raises `InvalidBlueprint`, `InvalidPool`, `InvalidSeed`, and `PoolTooSmall` with every cell that falls short. The
    last resort, both sets from the whole pool, stands as it is: the reports say what it lacks.
    """
    sets = None
    for main_pool, reserve_pool in _divisions(pool, blueprint, facts, seed=seed, label=label):
        main, reserve = (
            draw_parallel(
                supply_of(part, blueprint, facts), blueprint=blueprint, seed=seed, label=name, form_count=form_count
            )
            for part, name in ((main_pool, label), (reserve_pool, f"{label}/reserve"))
        )
        sets = _measure(main, reserve)
        alike = abs(main.target - reserve.target) <= blueprint.tolerance_hundredths * EVERY_FORM
        if alike and sets.main_report.within and sets.reserve_report.within:
            return sets
    if sets is None:
        message = "a pool is always divided at least one way"
        raise AssertionError(message)
    return sets


def _measure(main: Drawn, reserve: Drawn) -> TwoSets:
    used, held = ({drawn.supply.keys[at] for at in set(drawn.items.ravel().tolist())} for drawn in (main, reserve))
    numbered = replace(reserve, start=main.start + len(main))
    return TwoSets(main, numbered, report_fairness(main), report_fairness(numbered), len(used & held))


def _divisions(
    pool: Sequence[PoolItem], blueprint: Blueprint, facts: PoolFacts, *, seed: bytes, label: str
) -> Iterator[tuple[list[PoolItem], list[PoolItem]]]:
    """The ways of dividing the pool that serve the blueprint twice, the one that keeps most apart first; at the end the
    whole pool for both."""
    family_of = families(pool, facts)
    classes = classify_drawable(blueprint, pool, facts, family_of)
    fixed = [*fixed_entries(blueprint, pool, facts, family_of).values()]
    for every in _DIVISIONS:
        divided = _divide(classes, frozenset(), every=every, facts=facts, seed=seed, label=label)
        if not any(_short_cells(part + fixed, blueprint, facts) for part in divided):
            yield divided[0] + fixed, divided[1] + fixed
    shared: frozenset[int] = frozenset()
    while True:
        divided = _divide(classes, shared, every=_DIVISIONS[-1], facts=facts, seed=seed, label=label)
        short = {cell for part in divided for cell in _short_cells(part + fixed, blueprint, facts)}
        more = shared | {number for number, one in enumerate(classes) if short.intersection(one.fits)}
        if more == shared:
            break
        shared = more
    if shared and len(shared) < len(classes):
        yield divided[0] + fixed, divided[1] + fixed
    yield list(pool), list(pool)


def _short_cells(pool: Sequence[PoolItem], blueprint: Blueprint, facts: PoolFacts) -> list[int]:
    return [cell for cell, report in enumerate(feasibility(blueprint, pool, facts)) if report.short]


def _divide(
    classes: Sequence[StemClass], shared: frozenset[int], *, every: int, facts: PoolFacts, seed: bytes, label: str
) -> tuple[list[PoolItem], list[PoolItem]]:
    """The pools of both sets; classes that are `shared` go into both."""
    main: list[PoolItem] = []
    reserve: list[PoolItem] = []
    for number, one in enumerate(classes):
        if number in shared:
            entries = [entry for stem in one.stems for entry in stem]
            main += entries
            reserve += entries
            continue
        stream = SeedStream(seed, f"{label}/divide/{every}/{number}")
        # Alike in difficulty and topic side by side: what is held back is a sample of everything.
        stems = sorted(one.stems, key=lambda stem: (easiness_of(stem[0], facts), stem[0].item.topic, stem[0].key))
        for first in range(0, len(stems), every):
            group = stems[first : first + every]
            held = stream.below(every)
            for at, stem in enumerate(group):
                (reserve if at == held else main).extend(stem)
    return main, reserve
