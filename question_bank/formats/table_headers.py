"""What the columns of a table hold: by their headers, or, where there are none, by what stands in them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from question_bank.formats.spellings import (
    LETTERS,
    TYPE_WORD,
    fold_width,
    read_judge,
    read_letters,
    read_type,
)
from question_bank.items import ItemType


class Role(StrEnum):
    """What a column may hold. OPTION, OPTION_RIGHT and BLANK come with an index from 0.

    So do POINT (采分点, 步骤), POINT_SHARE (its marks), PREMISE and COUNTERPART (the sides of a pair).
    """

    STEM = "stem"
    TYPE = "type"
    OPTION = "option"
    OPTION_RIGHT = "option_right"
    OPTIONS = "options"
    OPTION_TEXT = "option_text"
    RIGHT = "right"
    KEY = "key"
    BLANK = "blank"
    EXPLANATION = "explanation"
    DIFFICULTY = "difficulty"
    TOPIC = "topic"
    TAGS = "tags"
    LEVEL = "level"
    BASIS = "basis"
    CLAUSE = "clause"
    NUMBER = "number"
    POINT = "point"
    POINT_SHARE = "point_share"
    PREMISE = "premise"
    COUNTERPART = "counterpart"
    CASE = "case"
    CASE_TITLE = "case_title"
    STIMULUS = "stimulus"
    CASE_EXPLANATION = "case_explanation"
    SHARE = "share"
    TOLERANCE = "tolerance"
    UNIT = "unit"
    CONDITIONS = "conditions"
    PICTURE = "picture"
    NOT_KEPT = "not_kept"


_ALIASES: dict[Role, str] = {
    Role.STEM: "题干 题干内容 题目 题目内容 题目标题 题目题干 题目描述 题面 "
    "试题 试题内容 试题题干 问题 问题描述 问题内容 stem question",
    Role.TYPE: "题型 题目类型 试题类型 题类 类型 type itemtype questiontype",
    Role.OPTIONS: "选项 备选项 备选答案 候选项 选项列表 全部选项 options",
    Role.OPTION_TEXT: "选项内容 选项文本",
    Role.RIGHT: "是否正确项 是否正确 是否正确答案 是否答案 是否正确选项",
    Role.KEY: "答案 正确答案 正确选项 标准答案 参考答案 正确项 试题答案 题目答案 key answer answers",
    Role.EXPLANATION: "解析 答案解析 整体解析 试题解析 题目解析 详解 答案说明 explanation",
    Role.DIFFICULTY: "难度 题目难度 试题难度 难易度 难易程度 难度系数 难度等级 difficulty",
    Role.TOPIC: "知识点 知识点名称 一级知识点 二级知识点 三级知识点 四级知识点 五级知识点 六级知识点 七级知识点 "
    "八级知识点 题目分类 试题分类 分类 章节 所属章节 章节名称 章 节 考点 topic",
    Role.TAGS: "标签 关键词 tags",
    Role.LEVEL: "等级 级别 level",
    Role.BASIS: "依据 出处 来源 文件依据 法规依据 依据文件 出题依据 命题依据 basis",
    Role.CLAUSE: "条款 依据条款 条目 clause",
    Role.NUMBER: "序号 题号 题目序号 题目编号 试题编号 编号 no no. id number",
    Role.CASE: "材料编号 案例编号 题组编号 casenumber",
    Role.CASE_TITLE: "案例名称 案例标题 材料标题 casetitle",
    Role.STIMULUS: "材料 材料内容 案例材料 stimulus",
    Role.CASE_EXPLANATION: "案例解析 材料解析 caseexplanation",
    Role.SHARE: "小题分值 小题分数 partmarks",
    Role.TOLERANCE: "误差 允许误差 tolerance",
    Role.UNIT: "单位 答案单位 unit",
    Role.CONDITIONS: "考核条件 conditions",
    Role.PICTURE: "图片 题目图片 题干图片 选项图片 题目视频 视频 附件",
    Role.NOT_KEPT: "分数 分值 得分 单空分数 目录 所属题库 题库 备注 选项解析 作者 "
    "所属范围 考试人员类型 是否多选 mark points score",
}
_ROLE_OF = {alias: role for role, aliases in _ALIASES.items() for alias in aliases.split()}
_STEM_WORD = re.compile("|".join(map(re.escape, _ALIASES[Role.STEM].split())))
_BETWEEN = re.compile(r"[ \n*:_#]|\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_STEM_FIRST = {alias[0] for alias in _ALIASES[Role.STEM].split()} | set(" \n*:_#([【")
STEM_HEADER_FIRST = frozenset(
    one
    for one in (
        *_STEM_FIRST,
        *map(chr, (*range(128), *range(0xFF01, 0xFF5F))),
        *"\u3000\u00a0\u2002\u2003\u2009\u202f\u2005",
    )
    if fold_width(one).lower() in _STEM_FIRST
)
"""What a header of stems may begin with, in either width."""
LONGEST_HEADER = 60
_CHINESE_DIGITS = "一二三四五六七八九十"
_OPTION = re.compile(
    rf"(?:选项|备选项|答案选项|备选答案|候选项|答案|option)(?P<long>[a-l]|1[0-2]|[1-9]|[{_CHINESE_DIGITS}])"
    r"(?P<rest>内容|是否正确|图片|解析)?"
    r"|(?P<short>[a-l])(?:选项|项|项目|选项内容|项内容)?"
)
_BLANK = re.compile(rf"(?:空|填空|空格|blank)(1[0-9]|[1-9]|[{_CHINESE_DIGITS}])")
_ORDINAL = rf"([1-9]\d?|[{_CHINESE_DIGITS}])"
_EXTRAS = (
    (Role.POINT, re.compile(rf"(?:采分点|得分点|评分点|评分要点|考核要点|步骤|scoringpoint|step){_ORDINAL}")),
    (Role.POINT_SHARE, re.compile(rf"(?:(?:采分点|得分点|评分点|步骤)?分值|得分){_ORDINAL}")),
    (Role.PREMISE, re.compile(rf"(?:左|左项|左侧|题目项|premise){_ORDINAL}")),
    (Role.COUNTERPART, re.compile(rf"(?:右|右项|右侧|匹配项|match){_ORDINAL}")),
)
_TYPE_CODE = re.compile(rf"(\d)\s*[-.、:=]?\s*((?:{TYPE_WORD})题?)")
_EXTRA_ROLES = frozenset({*(role for role, _ in _EXTRAS), Role.STIMULUS, Role.TOLERANCE, Role.UNIT, Role.CONDITIONS})
_SEARCHED_ROWS = 20


@dataclass(frozen=True)
class Column:
    """One column: what it holds, its index where there are several of the kind, and its header as written."""

    role: Role
    index: int = 0
    header: str = ""


@dataclass(frozen=True)
class Layout:
    """The columns of a table. `header_row` is the index of the header's row, None where there is none."""

    columns: Mapping[int, Column]
    header_row: int | None
    type_codes: Mapping[str, ItemType]

    def positions(self, role: Role) -> list[int]:
        """The positions of the columns with this role, by their index."""
        return self._by_role.get(role, [])

    def position(self, role: Role) -> int | None:
        """The first such column, if there is one."""
        found = self._by_role.get(role)
        return found[0] if found else None

    @cached_property
    def has_extras(self) -> bool:
        """Whether any column is one that only some types have."""
        return any(column.role in _EXTRA_ROLES for column in self.columns.values())

    @cached_property
    def _by_role(self) -> dict[Role, list[int]]:
        found: dict[Role, list[int]] = {}
        for position, column in sorted(self.columns.items(), key=lambda named: (named[1].index, named[0])):
            found.setdefault(column.role, []).append(position)
        return found


def read_header(text: str) -> Column | None:
    """What a header names, after widths, spaces, stars and remarks in brackets are taken away."""
    word = re.sub(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|[\s*:_#]", "", fold_width(text)).lower()
    if word in _ROLE_OF:
        return Column(_ROLE_OF[word], header=text)
    if (blank := _BLANK.fullmatch(word)) is not None:
        return Column(Role.BLANK, _read_index(blank[1]), text)
    for role, pattern in _EXTRAS:
        if (extra := pattern.fullmatch(word)) is not None:
            return Column(role, _read_index(extra[1]), text)
    option = _OPTION.fullmatch(word)
    if option is None:
        return None
    index = _read_index(option["long"] or option["short"])
    roles = {"是否正确": Role.OPTION_RIGHT, "图片": Role.PICTURE, "解析": Role.NOT_KEPT}
    return Column(roles.get(option["rest"] or "", Role.OPTION), index, text)


def _read_index(text: str) -> int:
    if text.isdecimal():
        return int(text) - 1
    if text in _CHINESE_DIGITS:
        return _CHINESE_DIGITS.index(text)
    return LETTERS.index(text.upper())


def names_stem(text: str) -> bool:
    """Whether the word for a stem stands anywhere in it, as in every header; in some stems, too."""
    return _STEM_WORD.search(_BETWEEN.sub("", fold_width(text).lower())) is not None


def read_header_row(cells: Sequence[str]) -> dict[int, Column] | None:
    """The columns of a row, if it is a header: it names the stem and at least one thing more.

    A column named twice counts once, at its first place, except those of which there may be several.
    """
    if not names_stem("\t".join(cells)):
        return None  # nearly every row: what names no stem is no header
    columns: dict[int, Column] = {}
    taken: set[tuple[Role, int]] = set()
    for position, cell in enumerate(cells):
        column = read_header(cell) if 0 < len(cell) <= LONGEST_HEADER else None
        if column is None:
            continue
        several = column.role in (Role.TOPIC, Role.PICTURE, Role.NOT_KEPT, Role.TAGS)
        if not several and (column.role, column.index) in taken:
            continue
        taken.add((column.role, column.index))
        columns[position] = column
    named = {column.role for column in columns.values()}
    return columns if Role.STEM in named and len(columns) > 1 else None


def find_layout(rows: Sequence[Sequence[str]]) -> Layout | None:
    """The layout of a table: from the best header among its first rows, else from what its cells hold."""
    best: tuple[int, dict[int, Column]] | None = None
    for index, cells in enumerate(rows[:_SEARCHED_ROWS]):
        columns = read_header_row(cells)
        if columns and (best is None or len(columns) > len(best[1])):
            best = index, columns
    if best is None:
        return _infer_layout(rows)
    index, columns = best
    codes = {
        code: item_type
        for position, column in columns.items()
        if column.role is Role.TYPE
        for code, word in _TYPE_CODE.findall(fold_width(rows[index][position]))
        if (item_type := read_type(word)) is not None
    }
    return Layout(columns, index, codes)


def _infer_layout(rows: Sequence[Sequence[str]]) -> Layout | None:
    """Columns by what stands in them: keys are letters or judge marks, the stem is the longest text before."""
    filled = [cells for cells in rows if sum(bool(cell) for cell in cells) > 1]
    if len(filled) < 2:
        return None
    by_column = {
        position: [cells[position] for cells in filled if position < len(cells) and cells[position]]
        for position in range(max(map(len, filled)))
    }
    by_column = {position: cells for position, cells in by_column.items() if cells}
    columns: dict[int, Column] = {}
    for position, cells in by_column.items():
        if _mostly(cells, filled, lambda cell: read_type(cell) is not None):
            columns[position] = Column(Role.TYPE)
        elif _mostly(cells, filled, lambda cell: re.fullmatch(r"\d{1,5}[、.]?", cell) is not None):
            columns[position] = Column(Role.NUMBER)
        elif _mostly(cells, filled, lambda cell: bool(read_letters(cell)) or read_judge(cell) is not None):
            columns[position] = Column(Role.KEY)
    keys = [position for position, column in columns.items() if column.role is Role.KEY]
    texts = {
        position: sum(map(len, cells)) / len(cells)
        for position, cells in by_column.items()
        if position not in columns and len(cells) >= 0.9 * len(filled)
    }
    if not keys or not texts:
        return None
    stem = max(texts, key=lambda position: texts[position])
    if texts[stem] < 5:
        return None
    for extra in keys[:-1]:
        del columns[extra]
    columns[stem] = Column(Role.STEM)
    _infer_options(columns, [position for position in by_column if position > stem], keys[-1])
    return Layout(columns, None, {})


def _mostly(cells: Sequence[str], filled: Sequence[object], test: Callable[[str], bool]) -> bool:
    return len(cells) >= 0.7 * len(filled) and sum(test(cell) for cell in cells) >= 0.9 * len(cells)


def _infer_options(columns: dict[int, Column], after_stem: Sequence[int], key: int) -> None:
    free = [position for position in after_stem if position not in columns]
    between = [position for position in free if position < key]
    behind = [position for position in free if position > key]
    if not between:
        between, behind = behind, []
    for index, position in enumerate(between[: len(LETTERS)]):
        columns[position] = Column(Role.OPTION, index)
    if behind:
        columns[behind[0]] = Column(Role.EXPLANATION)
