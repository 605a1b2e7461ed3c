"""组卷方案: what every form of an exam must contain, and how it counts.

A blueprint says nothing of which items exist: whether a pool can serve it is `assembly.feasibility`. Its level
names the exam that it is for; which levels' items may enter the pool is decided where the pool is gathered.
"""

from dataclasses import dataclass
from typing import NoReturn

from question_bank.errors import InvalidBlueprint
from question_bank.items import Difficulty, Item, ItemType, Level
from question_bank.kinds import kind_of
from question_bank.kinds.limits import LONGEST_NAME, is_showable
from question_bank.scoring import ALL_OR_NOTHING, Scoring, ScoringRule, points_text

MOST_ITEMS = 500
MOST_POINTS_HUNDREDTHS = 1_000_000
LEAST_OF_CASE_HUNDREDTHS = 200
MOST_MINUTES = 600
MOST_REST_DAYS = 3650
EVERY_FORM = 1000
"""The exposure of an item that stands in every form, in permille."""

_DEFAULT_TOLERANCE_DIVISOR = 50
_STEPS_OF_DIFFICULTY = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """`count` items of one type below one topic, each worth `points_hundredths`; topic () is any topic, and
    `difficulty` None is any difficulty."""

    topic: tuple[str, ...]
    item_type: ItemType
    count: int
    points_hundredths: int
    difficulty: Difficulty | None = None

    def takes(self, item: Item) -> bool:
        """Whether the item may stand in this cell: its type, its difficulty, and its topic at or below the cell's."""
        return (
            item.item_type is self.item_type
            and item.topic[: len(self.topic)] == self.topic
            and self.difficulty in (None, item.difficulty)
        )


@dataclass(frozen=True, slots=True)
class FixedItem:
    """必考题: one item that stands in every form, by the name that the bank knows it by, whatever its version."""

    name: str
    points_hundredths: int


@dataclass(frozen=True, slots=True)
class Section:
    """大题. `scoring` holds for the items whose points a rule can divide; the others are right or not.

    Whoever earns less than `minimum_hundredths` in the section does not pass, whatever the total; 0 asks for nothing.
    """

    title: str
    cells: tuple[Cell, ...]
    scoring: Scoring = ALL_OR_NOTHING
    fixed: tuple[FixedItem, ...] = ()
    minimum_hundredths: int = 0

    @property
    def item_count(self) -> int:
        """Items of the section, drawn and fixed."""
        return sum(cell.count for cell in self.cells) + len(self.fixed)

    @property
    def maximum_hundredths(self) -> int:
        """Full points of the section."""
        drawn = sum(cell.count * cell.points_hundredths for cell in self.cells)
        return drawn + sum(fixed.points_hundredths for fixed in self.fixed)

    def scoring_of(self, item_type: ItemType) -> Scoring:
        """How an item of that type in this section is scored."""
        takes_rule = self.scoring.rule in kind_of(item_type).scoring_rules
        return self.scoring if takes_rule else ALL_OR_NOTHING


@dataclass(frozen=True, slots=True)
class Evenness:
    """How alike the forms of one exam must be.

    The expected points of every form lie within `tolerance_hundredths` of what the pool leads to expect (None: two per
    cent of the full points, or a fifth of the points of the weightiest item if that is more); no item stands in more
    than `exposure_permille` of the forms; an item that was used within `rest_days` days before is not drawn.
    """

    tolerance_hundredths: int | None = None
    exposure_permille: int = EVERY_FORM
    rest_days: int = 0


@dataclass(frozen=True, slots=True)
class Blueprint:
    """组卷方案. Valid only when `validate` returns; `duration_minutes` None leaves the time to the exam."""

    name: str
    level: Level
    sections: tuple[Section, ...]
    cut_score_hundredths: int
    duration_minutes: int | None = None
    evenness: Evenness = Evenness()

    @property
    def item_count(self) -> int:
        """Items of one form."""
        return sum(section.item_count for section in self.sections)

    @property
    def maximum_hundredths(self) -> int:
        """Full points of one form."""
        return sum(section.maximum_hundredths for section in self.sections)

    @property
    def fixed(self) -> tuple[FixedItem, ...]:
        """The fixed items of every section, in their order."""
        return tuple(fixed for section in self.sections for fixed in section.fixed)

    @property
    def tolerance_hundredths(self) -> int:
        """How far the expected points of a form may lie from the target."""
        stated = self.evenness.tolerance_hundredths
        if stated is not None:
            return stated
        # One step of an author's difficulty is a fifth of an item's points: less could not be held where only authors
        # have judged.
        cells = [cell.points_hundredths for section in self.sections for cell in section.cells]
        step = max([*cells, *(fixed.points_hundredths for fixed in self.fixed)]) // _STEPS_OF_DIFFICULTY
        return max(1, step, self.maximum_hundredths // _DEFAULT_TOLERANCE_DIVISOR)


def validate(blueprint: Blueprint) -> None:
    """Raise `InvalidBlueprint`, naming section and cell, if the blueprint contradicts itself or asks for nothing."""
    _check_title(blueprint.name, zh="方案名称", en="The name of the blueprint")
    if not blueprint.sections:
        _refuse("blueprint.no_sections", "方案没有大题。", "The blueprint has no section.")
    for number, section in enumerate(blueprint.sections, start=1):
        _check_title(section.title, zh=f"第 {number} 大题的名称", en=f"The title of section {number}")
        if not section.cells and not section.fixed:
            _refuse(
                "blueprint.no_cells",
                f"第 {number} 大题「{section.title}」没有抽题要求。",
                f"Section {number} ({section.title}) asks for no items.",
            )
        for row, cell in enumerate(section.cells, start=1):
            _check_cell(cell, _Place(number, section.title, row))
        for row, fixed in enumerate(section.fixed, start=1):
            _check_points(fixed.points_hundredths, _Place(number, section.title, row, fixed=True), least=1)
        _check_scoring(section, number)
        if not 0 <= section.minimum_hundredths <= section.maximum_hundredths:
            _refuse(
                "blueprint.minimum",
                f"第 {number} 大题「{section.title}」的最低分应为 0 至该大题满分。",
                f"The minimum of section {number} ({section.title}) must be 0 to the full points of the section.",
            )
    _check_fixed(blueprint)
    _check_evenness(blueprint)
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


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a cell stands, for the sentence that refuses it."""

    section: int
    title: str
    row: int
    fixed: bool = False

    def refuse(self, code: str, zh: str, en: str) -> NoReturn:
        row_zh, row_en = ("必考题第", "fixed item") if self.fixed else ("第", "row")
        _refuse(
            code,
            f"第 {self.section} 大题「{self.title}」{row_zh} {self.row} 行：{zh}。",
            f"Section {self.section} ({self.title}), {row_en} {self.row}: {en}.",
        )


def _check_cell(cell: Cell, place: _Place) -> None:
    if not all(name.strip() and len(name) <= LONGEST_NAME and is_showable(name) for name in cell.topic):
        place.refuse(
            "blueprint.topic",
            f"知识点名称应为 1 至 {LONGEST_NAME} 字",
            f"a topic has a name of 1 to {LONGEST_NAME} characters",
        )
    if not 1 <= cell.count <= MOST_ITEMS:
        place.refuse("blueprint.count", f"题数应为 1 至 {MOST_ITEMS}", f"the count must be 1 to {MOST_ITEMS}")
    # Every part of a case gets its share, and the smallest of the smallest shares is not below a hundredth.
    _check_points(cell.points_hundredths, place, least=_least_points(cell.item_type))


def _least_points(item_type: ItemType) -> int:
    return LEAST_OF_CASE_HUNDREDTHS if item_type is ItemType.CASE_ANALYSIS else 1


def _check_points(points_hundredths: int, place: _Place, *, least: int) -> None:
    if not least <= points_hundredths <= MOST_POINTS_HUNDREDTHS:
        lowest, most = points_text(least), MOST_POINTS_HUNDREDTHS // 100
        place.refuse(
            "blueprint.points",
            f"每题分值应为 {lowest} 至 {most} 分",
            f"points of an item must be {lowest} to {most}",
        )


def _rules_of(item_type: ItemType) -> frozenset[ScoringRule]:
    """The rules that a section may set for the type; for a case, those that its parts may have."""
    if item_type is ItemType.CASE_ANALYSIS:
        return frozenset(rule for rule in ScoringRule if not rule.takes_weights)
    return frozenset(rule for rule in kind_of(item_type).scoring_rules if not rule.takes_weights)


def _check_fixed(blueprint: Blueprint) -> None:
    names = [fixed.name for fixed in blueprint.fixed]
    for name in names:
        if not name.strip() or len(name) > LONGEST_NAME or not is_showable(name):
            _refuse("blueprint.fixed_name", "必考题未指明试题。", "A fixed item does not name an item.")
        if names.count(name) > 1:
            _refuse(
                "blueprint.fixed_twice",
                f"必考题「{name}」列了两次。",
                f"The fixed item {name} is listed twice.",
            )


def _check_evenness(blueprint: Blueprint) -> None:
    evenness, minutes = blueprint.evenness, blueprint.duration_minutes
    tolerance = evenness.tolerance_hundredths
    if tolerance is not None and not 0 <= tolerance <= blueprint.maximum_hundredths:
        _refuse(
            "blueprint.tolerance",
            "预期分允差应为 0 至满分。",
            "The tolerance of expected points must be 0 to the full points.",
        )
    if not 1 <= evenness.exposure_permille <= EVERY_FORM:
        _refuse(
            "blueprint.exposure",
            "曝光上限应为全部试卷的 0.1% 至 100%。",
            "The exposure cap must be 0.1 to 100 per cent of the forms.",
        )
    if not 0 <= evenness.rest_days <= MOST_REST_DAYS:
        _refuse(
            "blueprint.rest_days",
            f"停用天数应为 0 至 {MOST_REST_DAYS}。",
            f"The days of rest must be 0 to {MOST_REST_DAYS}.",
        )
    if minutes is not None and not 1 <= minutes <= MOST_MINUTES:
        _refuse(
            "blueprint.duration",
            f"考试时长应为 1 至 {MOST_MINUTES} 分钟。",
            f"The duration must be 1 to {MOST_MINUTES} minutes.",
        )


def _check_scoring(section: Section, number: int) -> None:
    scoring = section.scoring
    at_zh, at_en = f"第 {number} 大题「{section.title}」", f"Section {number} ({section.title})"
    divisible = [cell for cell in section.cells if section.scoring.rule in _rules_of(cell.item_type)]
    if not divisible and not section.fixed:
        _refuse(
            "blueprint.rule_without_items",
            f"{at_zh}没有适用该评分规则的题型。",
            f"{at_en} has no items that its scoring rule applies to.",
        )
    if not scoring.rule.takes_mark:
        if scoring.mark_hundredths is not None:
            _refuse(
                "blueprint.mark_unexpected",
                f"{at_zh}的评分规则不需要另设分值。",
                f"The scoring rule of {at_en} takes no set mark.",
            )
        return
    least = min([cell.points_hundredths for cell in divisible] + [fixed.points_hundredths for fixed in section.fixed])
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


def _refuse(code: str, zh: str, en: str) -> NoReturn:
    raise InvalidBlueprint(code, zh=zh, en=en)
