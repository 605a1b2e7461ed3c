"""最优固定卷: of a blueprint the one form that measures best at its cut score, beside one that would be drawn.

Items follow the logistic model, ability standard normal, no scaling constant: with slope and location where an exam's
responses were enough to fit them (`statistics.calibration`), else with slope 1 and the location that gives the expected
share of the points, calibrated or the author's. Points do not weigh: what is added up is Fisher's information. The
ability at the cut score is where the average of the items that fit the blueprint earns just that.

Exact as far as the solver proves: a form of n items takes at most n families, so that beyond the n best families of a
cell none can be needed. What it promises is counted anew from the items themselves.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from math import exp
from statistics import NormalDist, fmean
from typing import NamedTuple

from question_bank.assembly.facts import FULL_EASINESS, PoolFacts, easiness_of, families, snapshot_hash
from question_bank.assembly.feasibility import fixed_entries
from question_bank.assembly.optimal import SCALING, Bound, NoOptimum, Optimum, choose_best, information
from question_bank.assembly.parallel import draw_parallel
from question_bank.assembly.pool import CellPlace, PoolItem, cell_places
from question_bank.assembly.supply import supply_of
from question_bank.blueprint import Blueprint, FixedItem, Section

ABILITIES = range(-3_000, 3_001, 250)
"""Where the curve of information is told, in thousandths."""
_WIDEST = 6.0
_HALVINGS = 40
_STEEPNESS = float(SCALING)
"""A normal ogive is nearly a logistic curve this much steeper."""


class Model(NamedTuple):
    """How an item behaves: slope and location of the logistic model without a scaling constant."""

    slope: float
    location: float

    def share(self, ability: float) -> float:
        """The expected share of its points."""
        return 1 / (1 + exp(self.slope * (self.location - ability)))

    def information(self, ability: float) -> float:
        """Fisher's information."""
        return information(ability, difficulty=self.location, slope=self.slope / float(SCALING))


@dataclass(frozen=True)
class Chosen:
    """An item of the form: its key, the number of its cell (None: the blueprint fixes it), its information at the cut
    score in thousandths, and whether that rests on responses."""

    key: str
    cell: int | None
    information: int
    calibrated: bool


@dataclass(frozen=True)
class BestForm:
    """The form and what it is worth. Abilities and information in thousandths, expected points in hundredths.

    `bound` is what no form can exceed; `proved` says that this one reaches it. `curve` is (ability, information of this
    form, of the one that was drawn). `available` items fit the blueprint.
    """

    chosen: tuple[Chosen, ...]
    ability: int
    information: int
    bound: int
    proved: bool
    expected_hundredths: int
    drawn_information: int
    drawn_expected_hundredths: int
    curve: tuple[tuple[int, int, int], ...]
    available: int


def find_best_form(
    pool: Sequence[PoolItem],
    blueprint: Blueprint,
    *,
    facts: PoolFacts,
    fitted: Mapping[str, tuple[int, int]],
    seconds: float,
    watch: Callable[[float], None] = lambda _: None,
) -> BestForm:
    """The best form that is found within `seconds`; `fitted` are slopes and locations in thousandths by key.

    `watch` is told now and then how many seconds went by, and may raise to stop. Raises `PoolTooSmall`,
    `InvalidBlueprint`, `InvalidPool` and `NoOptimum`.
    """
    supply = supply_of(pool, blueprint, facts)  # raises where the pool cannot serve the blueprint
    places, family_of = cell_places(blueprint), families(pool, facts)
    fixed = [*fixed_entries(blueprint, pool, facts, family_of).values()]
    models = {entry.key: _model_of(entry, facts, fitted) for entry in pool}
    held = {family_of[entry.key] for entry in fixed}
    free = [entry for entry in pool if entry.key not in facts.resting and family_of[entry.key] not in held]
    fitting = [[entry.key for entry in free if place.cell.takes(entry.item)] for place in places]
    points = {entry.key: one.points_hundredths for entry, one in zip(fixed, blueprint.fixed, strict=True)}
    ability = _ability_at_cut(blueprint, [*zip(places, fitting, strict=True)], points, models)
    worth = {key: model.information(ability) for key, model in models.items()}
    pairs = [
        (place.index, key)
        for place, keys in zip(places, fitting, strict=True)
        for key in _best_of_families(keys, worth, family_of)[: blueprint.item_count]
    ]
    best = _solve(pairs, places, worth=worth, family_of=family_of, seconds=seconds, watch=watch)
    taken = [pairs[at] for at in best.chosen]
    _check(taken, places, {entry.key: entry for entry in pool}, family_of)
    places_of = {entry.key: None for entry in fixed} | {key: cell for cell, key in taken}
    points |= {key: places[cell].cell.points_hundredths for cell, key in taken}
    seed = sha256(snapshot_hash(pool, facts).encode()).digest()
    drawn = draw_parallel(supply, blueprint=blueprint, seed=seed, label="best-form", form_count=1)
    others = [supply.keys[at] for at in drawn.items[0].tolist()]
    other_points = dict(zip(others, supply.column_points[drawn.columns[0]].tolist(), strict=True))
    always = sum(worth[entry.key] for entry in fixed)

    def total(keys: Sequence[str], at: int) -> int:
        return _thousandths(sum(models[key].information(at / 1000) for key in keys))

    def expected(counted: Mapping[str, int]) -> int:
        return round(sum(models[key].share(ability) * hundredths for key, hundredths in counted.items()))

    return BestForm(
        tuple(
            Chosen(key, cell, _thousandths(worth[key]), key in fitted or key in facts.easiness)
            for key, cell in places_of.items()
        ),
        ability=_thousandths(ability),
        information=_thousandths(sum(worth[key] for key in places_of)),
        bound=_thousandths(best.bound + always),
        proved=best.proved,
        expected_hundredths=expected(points),
        drawn_information=_thousandths(sum(worth[key] for key in others)),
        drawn_expected_hundredths=expected(other_points),
        curve=tuple((at, total([*places_of], at), total(others, at)) for at in ABILITIES),
        available=len({key for keys in fitting for key in keys}),
    )


def fix_form(blueprint: Blueprint, name: str, cells: Sequence[tuple[str, int]]) -> Blueprint:
    """The blueprint under another name, with items fixed in the place of its cells: (item, number of its cell)."""
    places = cell_places(blueprint)

    def fixed_in(index: int, section: Section) -> Section:
        items = [
            FixedItem(item, places[cell].cell.points_hundredths)
            for item, cell in cells
            if places[cell].section_index == index
        ]
        return replace(section, cells=(), fixed=(*section.fixed, *items))

    sections = tuple(fixed_in(index, section) for index, section in enumerate(blueprint.sections))
    return replace(blueprint, name=name, sections=sections)


def _model_of(entry: PoolItem, facts: PoolFacts, fitted: Mapping[str, tuple[int, int]]) -> Model:
    if entry.key in fitted:
        slope, location = fitted[entry.key]
        return Model(slope / 1000, location / 1000)
    share = min(max(easiness_of(entry, facts) / FULL_EASINESS, 0.01), 0.99)
    # Averaged over abilities a curve is flatter than it is for one: so far out it lies where it gives that share.
    return Model(1.0, -((_STEEPNESS**2 + 1) ** 0.5) * NormalDist().inv_cdf(share))


def _ability_at_cut(
    blueprint: Blueprint,
    fitting: Sequence[tuple[CellPlace, Sequence[str]]],
    fixed: Mapping[str, int],
    models: Mapping[str, Model],
) -> float:
    """Where a form of the `fixed` items (hundredths by key) and of average others earns the cut score; -6 to 6."""

    def expected(ability: float) -> float:
        drawn = sum(
            place.cell.count * place.cell.points_hundredths * fmean(models[key].share(ability) for key in keys)
            for place, keys in fitting
        )
        return drawn + sum(models[key].share(ability) * points for key, points in fixed.items())

    low, high = -_WIDEST, _WIDEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if expected(middle) < blueprint.cut_score_hundredths else (low, middle)
    return (low + high) / 2


def _best_of_families(keys: Sequence[str], worth: Mapping[str, float], family_of: Mapping[str, str]) -> list[str]:
    """The best item of each family, the best first."""
    ranked = sorted(keys, key=lambda key: (-worth[key], key))
    first: dict[str, str] = {}
    for key in ranked:
        first.setdefault(family_of[key], key)
    return [*first.values()]


def _solve(
    pairs: Sequence[tuple[int, str]],
    places: Sequence[CellPlace],
    *,
    worth: Mapping[str, float],
    family_of: Mapping[str, str],
    seconds: float,
    watch: Callable[[float], None],
) -> Optimum:
    """Which pairs of cell and item: each cell its count, of a family one item in one cell."""
    if not pairs:
        return Optimum((), 0.0, proved=True, bound=0.0)
    groups: dict[str, list[int]] = {}
    for at, (_, key) in enumerate(pairs):
        groups.setdefault(family_of[key], []).append(at)
    return choose_best(
        [worth[key] for _, key in pairs],
        count=sum(place.cell.count for place in places),
        bounds=[
            Bound([float(cell == place.index) for cell, _ in pairs], place.cell.count, place.cell.count)
            for place in places
        ],
        apart=[group for group in groups.values() if len(group) > 1],
        seconds=seconds,
        watch=watch,
    )


def _check(
    taken: Sequence[tuple[int, str]],
    places: Sequence[CellPlace],
    entries: Mapping[str, PoolItem],
    family_of: Mapping[str, str],
) -> None:
    """Count anew what was promised; the solver's arithmetic is inexact. Raises `NoOptimum`."""
    counts = Counter(cell for cell, _ in taken)
    served = all(counts[place.index] == place.cell.count for place in places)
    fits = all(places[cell].cell.takes(entries[key].item) for cell, key in taken)
    if not served or not fits or len({family_of[key] for _, key in taken}) < len(taken):
        raise NoOptimum(
            "optimum.broken",
            zh="求得的组卷没有通过复核，未采用。",
            en="The form that was found did not pass the check.",
        )


def _thousandths(number: float) -> int:
    return round(number * 1000)
