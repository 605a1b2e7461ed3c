"""组卷方案: what every form of an exam must contain, and how it counts.

A blueprint says nothing of which items exist: whether a pool can serve it is `assembly.feasibility`. Its level
names the exam that it is for; which levels' items may enter the pool is decided where the pool is gathered.
"""

from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from question_bank.canonical import Json, sha256_hex
from question_bank.errors import InvalidBlueprint
from question_bank.items import Item, ItemType, Level
from question_bank.kinds import NEEDS_MARKING, OBJECTIVE_KINDS, kind_of, objective_kind_of
from question_bank.kinds.content import LONGEST_NAME, is_showable
from question_bank.record import Record
from question_bank.scoring import ALL_OR_NOTHING, Scoring, ScoringRule
from question_bank.scoring_json import scoring_from_json, scoring_to_json

MOST_ITEMS = 500
MOST_POINTS_HUNDREDTHS = 1_000_000

_SCHEMA = "blueprint/1"


@dataclass(frozen=True, slots=True)
class Cell:
    """`count` items of one type below one topic, each worth `points_hundredths`; topic () is any topic."""

    topic: tuple[str, ...]
    item_type: ItemType
    count: int
    points_hundredths: int

    def takes(self, item: Item) -> bool:
        """Whether the item may stand in this cell: its type, and its topic at or below the cell's."""
        return item.item_type is self.item_type and item.topic[: len(self.topic)] == self.topic


@dataclass(frozen=True, slots=True)
class Section:
    """大题. `scoring` holds for the items whose points a rule can divide; the others are right or not."""

    title: str
    cells: tuple[Cell, ...]
    scoring: Scoring = ALL_OR_NOTHING

    def scoring_of(self, item_type: ItemType) -> Scoring:
        """How an item of that type in this section is scored."""
        takes_rule = self.scoring.rule in objective_kind_of(item_type).scoring_rules
        return self.scoring if takes_rule else ALL_OR_NOTHING


@dataclass(frozen=True, slots=True)
class Blueprint:
    """组卷方案. Valid only when `validate` returns."""

    name: str
    level: Level
    sections: tuple[Section, ...]
    cut_score_hundredths: int

    @property
    def item_count(self) -> int:
        """Items of one form."""
        return sum(cell.count for section in self.sections for cell in section.cells)

    @property
    def maximum_hundredths(self) -> int:
        """Full points of one form."""
        return sum(cell.count * cell.points_hundredths for section in self.sections for cell in section.cells)


def validate(blueprint: Blueprint) -> None:
    """Raise `InvalidBlueprint`, naming section and cell, if the blueprint contradicts itself or asks for nothing."""
    _check_title(blueprint.name, zh="方案名称", en="The name of the blueprint")
    if not blueprint.sections:
        _refuse("blueprint.no_sections", "方案没有大题。", "The blueprint has no section.")
    for number, section in enumerate(blueprint.sections, start=1):
        _check_title(section.title, zh=f"第 {number} 大题的名称", en=f"The title of section {number}")
        if not section.cells:
            _refuse(
                "blueprint.no_cells",
                f"第 {number} 大题「{section.title}」没有抽题要求。",
                f"Section {number} ({section.title}) asks for no items.",
            )
        for row, cell in enumerate(section.cells, start=1):
            _check_cell(cell, _Place(number, section.title, row))
        _check_scoring(section, number)
    if blueprint.item_count > MOST_ITEMS:
        _refuse(
            "blueprint.too_many_items",
            f"全卷共 {blueprint.item_count} 题，超过 {MOST_ITEMS} 题。",
            f"The form has {blueprint.item_count} items, more than {MOST_ITEMS}.",
        )
    if not 0 < blueprint.cut_score_hundredths <= blueprint.maximum_hundredths:
        _refuse(
            "blueprint.cut_score",
            "合格线应大于 0 且不超过满分。",
            "The cut score must be above 0 and at most the full points.",
        )


def to_json(blueprint: Blueprint) -> dict[str, Json]:
    """Every field of the blueprint."""
    return {
        "schema": _SCHEMA,
        "name": blueprint.name,
        "level": blueprint.level.value,
        "cut_score_hundredths": blueprint.cut_score_hundredths,
        "sections": [
            {
                "title": section.title,
                "scoring": scoring_to_json(section.scoring),
                "cells": [
                    {
                        "topic": [*cell.topic],
                        "item_type": cell.item_type.value,
                        "count": cell.count,
                        "points_hundredths": cell.points_hundredths,
                    }
                    for cell in section.cells
                ],
            }
            for section in blueprint.sections
        ],
    }


def from_json(value: Json) -> Blueprint:
    """The blueprint that `to_json` wrote, validated. Raises `InvalidBlueprint`, naming the place."""
    record = Record(
        value,
        members=frozenset({"schema", "name", "level", "cut_score_hundredths", "sections"}),
        at="blueprint",
        refusal=InvalidBlueprint,
    )
    record.expect("schema", _SCHEMA)
    blueprint = Blueprint(
        name=record.text("name"),
        level=record.member("level", Level),
        sections=record.each("sections", _read_section),
        cut_score_hundredths=record.integer("cut_score_hundredths"),
    )
    validate(blueprint)
    return blueprint


def blueprint_hash(blueprint: Blueprint) -> str:
    """SHA-256 (hex) of the blueprint's canonical JSON."""
    return sha256_hex(to_json(blueprint))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a cell stands, for the sentence that refuses it."""

    section: int
    title: str
    row: int

    def refuse(self, code: str, zh: str, en: str) -> NoReturn:
        _refuse(
            code,
            f"第 {self.section} 大题「{self.title}」第 {self.row} 行：{zh}。",
            f"Section {self.section} ({self.title}), row {self.row}: {en}.",
        )


def _check_cell(cell: Cell, place: _Place) -> None:
    if not kind_of(cell.item_type).is_objective:
        place.refuse("blueprint.needs_marking", NEEDS_MARKING.zh, NEEDS_MARKING.en)
    if not all(name.strip() and len(name) <= LONGEST_NAME and is_showable(name) for name in cell.topic):
        place.refuse(
            "blueprint.topic",
            f"知识点名称应为 1 至 {LONGEST_NAME} 字",
            f"a topic has a name of 1 to {LONGEST_NAME} characters",
        )
    if not 1 <= cell.count <= MOST_ITEMS:
        place.refuse("blueprint.count", f"题数应为 1 至 {MOST_ITEMS}", f"the count must be 1 to {MOST_ITEMS}")
    if not 1 <= cell.points_hundredths <= MOST_POINTS_HUNDREDTHS:
        most = MOST_POINTS_HUNDREDTHS // 100
        place.refuse("blueprint.points", f"每题分值应为 0.01 至 {most} 分", f"points of an item must be 0.01 to {most}")


def _check_scoring(section: Section, number: int) -> None:
    scoring = section.scoring
    at_zh, at_en = f"第 {number} 大题「{section.title}」", f"Section {number} ({section.title})"
    divisible = [
        cell for cell in section.cells if section.scoring.rule in OBJECTIVE_KINDS[cell.item_type].scoring_rules
    ]
    if not divisible:
        _refuse(
            "blueprint.rule_without_items",
            f"{at_zh}没有多选题，不能使用部分得分规则。",
            f"{at_en} has no multiple-choice items; a rule of partial points does not apply to it.",
        )
    if not scoring.rule.takes_mark:
        if scoring.mark_hundredths is not None:
            _refuse(
                "blueprint.mark_unexpected",
                f"{at_zh}的评分规则不需要另设分值。",
                f"The scoring rule of {at_en} takes no set mark.",
            )
        return
    least = min(cell.points_hundredths for cell in divisible)
    # Less than the full points where it is given for an incomplete response; a wrong option may cost all of them.
    most = least if scoring.rule is ScoringRule.PER_OPTION_SIGNED else least - 1
    if scoring.mark_hundredths is None or not 1 <= scoring.mark_hundredths <= most:
        _refuse(
            "blueprint.mark",
            f"{at_zh}的评分规则应另设分值，大于 0 且低于每题满分。",
            f"The scoring rule of {at_en} needs a set mark above 0 and below the points of an item.",
        )


def _check_title(text: str, *, zh: str, en: str) -> None:
    if not text.strip() or len(text) > LONGEST_NAME or not is_showable(text):
        _refuse(
            "blueprint.title",
            f"{zh}应为 1 至 {LONGEST_NAME} 个可显示的字。",
            f"{en} must have 1 to {LONGEST_NAME} printable characters.",
        )


def _read_section(value: Json, at: str) -> Section:
    members = frozenset({"title", "scoring", "cells"})
    record = Record(value, members=members, at=at, refusal=InvalidBlueprint)
    return Section(
        title=record.text("title"),
        cells=record.each("cells", _read_cell),
        scoring=record.nested("scoring", partial(scoring_from_json, refusal=InvalidBlueprint)),
    )


def _read_cell(value: Json, at: str) -> Cell:
    members = frozenset({"topic", "item_type", "count", "points_hundredths"})
    record = Record(value, members=members, at=at, refusal=InvalidBlueprint)
    return Cell(
        topic=record.texts("topic"),
        item_type=record.member("item_type", ItemType),
        count=record.integer("count"),
        points_hundredths=record.integer("points_hundredths"),
    )


def _refuse(code: str, zh: str, en: str) -> NoReturn:
    raise InvalidBlueprint(code, zh=zh, en=en)
