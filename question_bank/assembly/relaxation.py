"""What would help a cell that falls short, and what it would cost."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from question_bank.assembly.facts import NO_FACTS, PoolFacts, easiness_of
from question_bank.assembly.feasibility import CellReport, feasibility
from question_bank.assembly.pool import PoolItem, cell_places
from question_bank.blueprint import EVERY_FORM, Blueprint, Cell, Evenness, Section
from question_bank.items import Difficulty

_MOST_CELLS = 12


class Easing(StrEnum):
    """What may be relaxed."""

    TOPIC = "topic"
    NEIGHBOUR = "neighbour"
    """What is short is drawn from the next difficulty; the rest of the cell stays as it is."""
    DIFFICULTY = "difficulty"
    EXPOSURE = "exposure"
    REST = "rest"
    COUNT = "count"


@dataclass(frozen=True)
class Relaxation:
    """One way to help one cell: with `cell` in its place (a neighbouring difficulty: beside what is left of it) it
    would be `short` by that many items.

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
        served = _served(reports[number])
        for neighbour in _neighbours(cell.difficulty):
            moved = replace(cell, difficulty=neighbour, count=cell.count - served)
            kept = (replace(cell, count=served),) if served else ()
            split = feasibility(_with(blueprint, number, *kept, moved), pool, facts)
            left = sum(report.short for report in split[number : number + 1 + len(kept)])
            if left < lacking:
                shift = _shift(cell, moved, pool, facts)
                share = None if shift is None else shift * moved.count // cell.count
                found.append(Relaxation(number, Easing.NEIGHBOUR, moved, left, share))
        for easing, eased in _steps(cell, served):
            left = feasibility(_with(blueprint, number, eased), pool, facts)[number].short
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


def _served(report: CellReport) -> int:
    """How many items of every form the cell can have."""
    return report.served * report.cell.count // report.stock


def _neighbours(difficulty: Difficulty | None) -> tuple[Difficulty, ...]:
    """The difficulties next to one, the easier first."""
    order = tuple(Difficulty)
    if difficulty is None:
        return ()
    at = order.index(difficulty)
    return tuple(order[near] for near in (at - 1, at + 1) if 0 <= near < len(order))


def _steps(cell: Cell, served: int) -> list[tuple[Easing, Cell]]:
    """Any difficulty, the topics above one by one, and as many items as there are."""
    steps = []
    if cell.difficulty is not None:
        steps.append((Easing.DIFFICULTY, replace(cell, difficulty=None)))
    steps += [(Easing.TOPIC, replace(cell, topic=cell.topic[:depth])) for depth in range(len(cell.topic) - 1, -1, -1)]
    if 0 < served < cell.count:
        steps.append((Easing.COUNT, replace(cell, count=served)))
    return steps


def _with(blueprint: Blueprint, number: int, *eased: Cell) -> Blueprint:
    """The blueprint with other cells at that place; its cut score and minima are left out of account."""
    sections: list[Section] = []
    for index, section in enumerate(blueprint.sections):
        cells = [
            cell
            for place in cell_places(blueprint)
            if place.section_index == index
            for cell in (eased if place.index == number else (place.cell,))
        ]
        sections.append(replace(section, cells=tuple(cells), minimum_hundredths=0))
    evenness = Evenness(exposure_permille=blueprint.evenness.exposure_permille)
    return replace(blueprint, sections=tuple(sections), cut_score_hundredths=1, evenness=evenness)


def _shift(cell: Cell, eased: Cell, pool: Sequence[PoolItem], facts: PoolFacts) -> int | None:
    before = [easiness_of(entry, facts) for entry in pool if cell.takes(entry.item)]
    after = [easiness_of(entry, facts) for entry in pool if eased.takes(entry.item)]
    return sum(after) // len(after) - sum(before) // len(before) if before and after else None
