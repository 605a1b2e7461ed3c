"""What would help a cell that falls short, and what it would cost."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from question_bank.assembly.facts import NO_FACTS, PoolFacts, easiness_of
from question_bank.assembly.feasibility import CellReport, feasibility
from question_bank.assembly.pool import PoolItem, cell_places
from question_bank.blueprint import EVERY_FORM, Blueprint, Cell, Evenness, Section

_MOST_CELLS = 12


class Easing(StrEnum):
    """What may be relaxed."""

    TOPIC = "topic"
    DIFFICULTY = "difficulty"
    EXPOSURE = "exposure"
    REST = "rest"
    COUNT = "count"


@dataclass(frozen=True)
class Relaxation:
    """One way to help one cell: with `cell` in its place it would be `short` by that many items.

    `shift_permille` is by how much the expected share of the points of its items would rise (or fall, below 0); None
    where there is nothing to compare. `number` counts cells through the blueprint, from 0.
    """

    number: int
    easing: Easing
    cell: Cell
    short: int
    shift_permille: int | None


def relaxations(
    blueprint: Blueprint,
    pool: Sequence[PoolItem],
    facts: PoolFacts = NO_FACTS,
    *,
    reports: Sequence[CellReport] | None = None,
) -> tuple[Relaxation, ...]:
    """For each of the first twelve cells that fall short every step that would help it, each taken alone.

    `reports` are those of `feasibility`, where they are at hand. Raises as `feasibility` does.
    """
    reports = feasibility(blueprint, pool, facts) if reports is None else reports
    short = [number for number, report in enumerate(reports) if report.short][:_MOST_CELLS]
    found = []
    for number in short:
        cell, lacking = reports[number].cell, reports[number].short
        for easing, eased in _steps(cell, reports[number]):
            left = feasibility(_with(blueprint, number, eased), pool, facts)[number].short if eased.count else 0
            if left < lacking:
                found.append(Relaxation(number, easing, eased, left, _shift(cell, eased, pool, facts)))
        if facts.resting:
            left = feasibility(blueprint, pool, replace(facts, resting=frozenset()))[number].short
            if left < lacking:
                found.append(Relaxation(number, Easing.REST, cell, left, 0))
        if blueprint.evenness.exposure_permille < EVERY_FORM:
            open_to_all = replace(blueprint, evenness=replace(blueprint.evenness, exposure_permille=EVERY_FORM))
            left = feasibility(open_to_all, pool, facts)[number].short
            if left < lacking:
                found.append(Relaxation(number, Easing.EXPOSURE, cell, left, 0))
    return tuple(found)


def _steps(cell: Cell, report: CellReport) -> list[tuple[Easing, Cell]]:
    """Any difficulty, the topics above one by one, and as many items as there are."""
    steps = []
    if cell.difficulty is not None:
        steps.append((Easing.DIFFICULTY, replace(cell, difficulty=None)))
    steps += [(Easing.TOPIC, replace(cell, topic=cell.topic[:depth])) for depth in range(len(cell.topic) - 1, -1, -1)]
    fewer = report.served * cell.count // report.stock
    if 0 < fewer < cell.count:
        steps.append((Easing.COUNT, replace(cell, count=fewer)))
    return steps


def _with(blueprint: Blueprint, number: int, cell: Cell) -> Blueprint:
    """The blueprint with another cell at that place; its cut score and minima are left out of account."""
    sections: list[Section] = []
    for index, section in enumerate(blueprint.sections):
        cells = [
            cell if place.index == number else place.cell
            for place in cell_places(blueprint)
            if place.section_index == index
        ]
        sections.append(replace(section, cells=tuple(cells), minimum_hundredths=0))
    evenness = Evenness(exposure_permille=blueprint.evenness.exposure_permille)
    return replace(blueprint, sections=tuple(sections), cut_score_hundredths=1, evenness=evenness)


def _shift(cell: Cell, eased: Cell, pool: Sequence[PoolItem], facts: PoolFacts) -> int | None:
    before = [easiness_of(entry, facts) for entry in pool if cell.takes(entry.item)]
    after = [easiness_of(entry, facts) for entry in pool if eased.takes(entry.item)]
    return sum(after) // len(after) - sum(before) // len(before) if before and after else None
