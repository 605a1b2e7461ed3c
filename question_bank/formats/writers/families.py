"""The sheets of our workbooks: which types share one, and its columns.

The types that most authors write stand on the first; those that need columns of their own have a sheet each, so that
no author looks at a column that means nothing for the item at hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from question_bank.formats.spellings import LETTERS
from question_bank.formats.table_headers import Column, Layout, Role
from question_bank.items import ItemType
from question_bank.kinds import kind_of
from question_bank.kinds.case_analysis import CaseAnalysis
from question_bank.kinds.limits import DEEPEST_TOPIC
from question_bank.kinds.matching import MOST_CHOICES, MOST_PREMISES
from question_bank.kinds.short_answer import MOST_SCORING_POINTS
from question_bank.wording import Wording

MOST_OF = {
    Role.OPTION: len(LETTERS),
    Role.POINT: MOST_SCORING_POINTS,
    Role.PREMISE: MOST_PREMISES,
    Role.COUNTERPART: MOST_PREMISES + MOST_CHOICES,
    Role.TOPIC: DEEPEST_TOPIC,
}
"""Roles of which there are several columns, and how many there may be."""

_ABOUT = (Role.TOPIC, Role.DIFFICULTY, Role.LEVEL, Role.TAGS, Role.BASIS, Role.CLAUSE)


@dataclass(frozen=True, eq=False)
class Family:
    """One sheet. `own` are its columns before those that all items have; roles within brackets take turns. `fewest`
    says how many columns of a role there always are; `types` is what a row of it may be."""

    name: Wording
    types: tuple[ItemType, ...]
    own: tuple[Role | tuple[Role, ...], ...]
    fewest: Mapping[Role, int]

    def columns(self, needed: Mapping[Role, int]) -> list[Column]:
        """The columns, in order, of a sheet whose items need so many of each role."""
        columns: list[Column] = []
        for entry in (*self.own, *_ABOUT):
            roles = entry if isinstance(entry, tuple) else (entry,)
            counts = [self._count(role, needed) for role in roles]
            columns += [
                Column(role, at)
                for at in range(max(counts))
                for role, count in zip(roles, counts, strict=True)
                if at < count
            ]
        return columns

    def _count(self, role: Role, needed: Mapping[Role, int]) -> int:
        if role not in MOST_OF:
            return 1
        least = 3 if role is Role.TOPIC else self.fewest.get(role, 0)
        return max(least, needed.get(role, 0))

    @cached_property
    def widest(self) -> Layout:
        """The layout of a sheet with every column that it may have."""
        return Layout(dict(enumerate(self.columns(MOST_OF))), None, {})


def _types_of_parts() -> tuple[ItemType, ...]:
    kind = kind_of(ItemType.CASE_ANALYSIS)
    return tuple(kind.types) if isinstance(kind, CaseAnalysis) else ()


_PAIRS = (Role.PREMISE, Role.COUNTERPART)

FAMILIES = (
    Family(
        Wording("试题", "Items"),
        (
            ItemType.SINGLE_CHOICE,
            ItemType.MULTIPLE_CHOICE,
            ItemType.TRUE_FALSE,
            ItemType.FILL_BLANK,
            ItemType.ORDERING,
        ),
        (Role.TYPE, Role.STEM, Role.OPTION, Role.KEY, Role.EXPLANATION),
        {Role.OPTION: 6},
    ),
    Family(
        kind_of(ItemType.NUMERIC).name,
        (ItemType.NUMERIC,),
        (Role.STEM, Role.KEY, Role.TOLERANCE, Role.EXPLANATION),
        {},
    ),
    Family(
        kind_of(ItemType.SHORT_ANSWER).name,
        (ItemType.SHORT_ANSWER,),
        (Role.STEM, Role.KEY, Role.POINT, Role.EXPLANATION),
        {Role.POINT: 6},
    ),
    Family(
        kind_of(ItemType.MATCHING).name,
        (ItemType.MATCHING,),
        (Role.STEM, _PAIRS, Role.EXPLANATION),
        {Role.PREMISE: 5, Role.COUNTERPART: 6},
    ),
    Family(
        kind_of(ItemType.PRACTICAL).name,
        (ItemType.PRACTICAL,),
        (Role.STEM, Role.CONDITIONS, Role.POINT, Role.EXPLANATION),
        {Role.POINT: 8},
    ),
    Family(
        kind_of(ItemType.CASE_ANALYSIS).name,
        _types_of_parts(),
        (
            Role.CASE,
            Role.CASE_TITLE,
            Role.STIMULUS,
            Role.TYPE,
            Role.STEM,
            Role.SHARE,
            Role.OPTION,
            Role.KEY,
            Role.TOLERANCE,
            _PAIRS,
            Role.POINT,
            Role.EXPLANATION,
            Role.CASE_EXPLANATION,
        ),
        {Role.OPTION: 4, Role.POINT: 4},
    ),
)
"""The sheets, in their order."""

_CASES = FAMILIES[-1]
_FAMILY_OF = {item_type: family for family in FAMILIES[:-1] for item_type in family.types}


def family_of(item_type: ItemType) -> Family:
    """The sheet that holds items of the type."""
    return _FAMILY_OF.get(item_type, _CASES)


def header_of(column: Column, family: Family, *, english: bool = False) -> str:
    """The header under which the reader finds the column."""
    zh, en = _HEADERS[column.role]
    number = column.index + 1
    if column.role is Role.OPTION:
        letter = LETTERS[column.index]
        return f"{en} {letter}" if english else f"{zh}{letter}"
    if column.role is Role.TOPIC:
        return f"{en} (level {number})" if english else f"{'一二三四五六七八'[column.index]}级{zh}"
    if column.role is Role.POINT and ItemType.PRACTICAL in family.types:
        zh, en = "步骤", "Step"
    if column.role in MOST_OF:
        return f"{en} {number}" if english else f"{zh}{number}"
    return en if english else zh


_HEADERS = {
    Role.TYPE: ("题型", "Type"),
    Role.STEM: ("题干", "Stem"),
    Role.OPTION: ("选项", "Option"),
    Role.KEY: ("答案", "Key"),
    Role.TOLERANCE: ("误差", "Tolerance"),
    Role.POINT: ("采分点", "Scoring point"),
    Role.PREMISE: ("左", "Premise"),
    Role.COUNTERPART: ("右", "Match"),
    Role.CONDITIONS: ("考核条件", "Conditions"),
    Role.CASE: ("材料编号", "Case number"),
    Role.CASE_TITLE: ("案例名称", "Case title"),
    Role.STIMULUS: ("材料", "Stimulus"),
    Role.CASE_EXPLANATION: ("案例解析", "Case explanation"),
    Role.SHARE: ("小题分值", "Part marks"),
    Role.EXPLANATION: ("解析", "Explanation"),
    Role.TOPIC: ("知识点", "Topic"),
    Role.DIFFICULTY: ("难度", "Difficulty"),
    Role.LEVEL: ("等级", "Level"),
    Role.TAGS: ("标签", "Tags"),
    Role.BASIS: ("依据", "Basis"),
    Role.CLAUSE: ("条款", "Clause"),
}
