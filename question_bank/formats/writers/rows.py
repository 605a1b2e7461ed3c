"""An item as the cells of one row, in the words that the reader of tables knows."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from question_bank.content import escape, plain
from question_bank.formats.table_headers import Column, Role
from question_bank.formats.writers.outlay import CannotCarry, ItemOut
from question_bank.items import Difficulty, Item, ItemType, Level
from question_bank.kinds.choice import ChoiceBody, key_of, letter_of, options_of
from question_bank.kinds.fill_blank import FillBlankBody
from question_bank.kinds.numbers import decimal_text
from question_bank.kinds.numeric import NumericBody, ToleranceKind
from question_bank.kinds.ordering import OrderingBody
from question_bank.kinds.short_answer import ShortAnswerBody
from question_bank.wording import Wording

MOST_OPTIONS = 12
TOPIC_LEVELS = 3
LONGEST_CELL = 32_000
"""Excel holds 32,767 characters in a cell."""

Cells = dict[tuple[Role, int], str]

TYPE_WORDS: Mapping[ItemType, Wording] = MappingProxyType(
    {
        ItemType.SINGLE_CHOICE: Wording("单选题", "Single choice"),
        ItemType.MULTIPLE_CHOICE: Wording("多选题", "Multiple choice"),
        ItemType.TRUE_FALSE: Wording("判断题", "True/false"),
        ItemType.FILL_BLANK: Wording("填空题", "Fill in the blank"),
        ItemType.NUMERIC: Wording("计算题", "Numeric"),
        ItemType.ORDERING: Wording("排序题", "Ordering"),
        ItemType.SHORT_ANSWER: Wording("简答题", "Short answer"),
    }
)
"""The types that a row can hold, as the drop-down of the template names them."""
DIFFICULTY_WORDS: Mapping[Difficulty, Wording] = MappingProxyType(
    {
        Difficulty.EASY: Wording("较易", "Easy"),
        Difficulty.MEDIUM: Wording("适中", "Medium"),
        Difficulty.HARD: Wording("较难", "Hard"),
    }
)
LEVEL_WORDS: Mapping[Level, Wording] = MappingProxyType(
    {
        Level.PRIMARY: Wording("初级", "Primary"),
        Level.INTERMEDIATE: Wording("中级", "Intermediate"),
        Level.ADVANCED: Wording("高级", "Advanced"),
    }
)


def columns_for(options: int) -> list[Column]:
    """The columns of a table with so many options, in order."""
    return [
        Column(Role.TYPE),
        Column(Role.STEM),
        *(Column(Role.OPTION, at) for at in range(options)),
        Column(Role.KEY),
        Column(Role.EXPLANATION),
        *(Column(Role.TOPIC, at) for at in range(TOPIC_LEVELS)),
        Column(Role.DIFFICULTY),
        Column(Role.LEVEL),
        Column(Role.TAGS),
        Column(Role.BASIS),
        Column(Role.CLAUSE),
    ]


def cells_of(out: ItemOut, *, english: bool = False) -> Cells:
    """The cells of an item by (role, index). Raises CannotCarry for what no row can say; the rest is noted as lost."""
    item = out.item
    if item.item_type not in TYPE_WORDS:
        raise CannotCarry("表格的一行写不下这种题型", "no row of a table holds this type")
    cells = about(item, english=english)
    for (role, _), text in cells.items():
        if role in {Role.STEM, Role.EXPLANATION}:
            _note_markup(out, item.stem if role is Role.STEM else item.explanation, text)
    _write_body(out, cells)
    for zh, en, there in (
        ("三级以下的知识点", "topics below the third level", len(item.topic) > TOPIC_LEVELS),
        ("第二项以后的依据", "bases after the first", len(item.basis) > 1),
        ("评分规则", "scoring rule", item.scoring),
        ("含空格的标签", "tags with spaces", any(" " in tag for tag in item.tags)),
    ):
        if there:
            out.lose(zh, en)
    return {place: _fitting(out, text) for place, text in cells.items() if text}


def about(item: Item, *, english: bool = False) -> Cells:
    """What a row can say of an item of any type: all but its options and its key."""

    def said(wording: Wording) -> str:
        return wording.en if english else wording.zh

    basis = item.basis[0] if item.basis else None
    return {
        (Role.TYPE, 0): said(TYPE_WORDS[item.item_type]) if item.item_type in TYPE_WORDS else "",
        (Role.STEM, 0): plain(item.stem),
        (Role.EXPLANATION, 0): plain(item.explanation),
        **{(Role.TOPIC, at): name for at, name in enumerate(item.topic[:TOPIC_LEVELS])},
        (Role.DIFFICULTY, 0): said(DIFFICULTY_WORDS[item.difficulty]),
        (Role.LEVEL, 0): said(LEVEL_WORDS[item.level]),
        (Role.TAGS, 0): "、".join(item.tags),
        (Role.BASIS, 0): basis.document if basis else "",
        (Role.CLAUSE, 0): basis.clause if basis else "",
    }


def _write_body(out: ItemOut, cells: Cells) -> None:
    body = out.item.body
    if isinstance(body, ChoiceBody):
        _write_choice(out, cells)
    elif isinstance(body, FillBlankBody):
        _write_blanks(out, body, cells)
    elif isinstance(body, NumericBody):
        _write_number(out, body, cells)
    elif isinstance(body, OrderingBody):
        _write_options(out, cells, body.elements)
        cells[Role.KEY, 0] = "".join(letter_of(at) for at in range(len(body.elements)))
    elif isinstance(body, ShortAnswerBody):
        _note_unless(out, len(body.models) < 2, "其余参考答案", "further model answers")
        _note_unless(out, not body.rubric, "采分点", "scoring points")
        cells[Role.KEY, 0] = _words(out, body.models[0]) if body.models else ""


def _write_choice(out: ItemOut, cells: Cells) -> None:
    item, key = out.item, key_of(out.item)
    if item.item_type is ItemType.TRUE_FALSE:
        cells[Role.KEY, 0] = {frozenset({0}): "对", frozenset({1}): "错"}.get(key, "")
        return
    options = options_of(item)
    _write_options(out, cells, [option.text for option in options])
    _note_unless(out, not any(one.pinned for one in options), "固定位置的选项", "options that keep their place")
    cells[Role.KEY, 0] = "".join(letter_of(at) for at in sorted(key))


def _write_options(out: ItemOut, cells: Cells, texts: Sequence[str]) -> None:
    if len(texts) > MOST_OPTIONS:
        raise CannotCarry(f"选项多于 {MOST_OPTIONS} 个", f"more than {MOST_OPTIONS} options")
    for at, text in enumerate(texts):
        cells[Role.OPTION, at] = _words(out, text)


def _write_blanks(out: ItemOut, body: FillBlankBody, cells: Cells) -> None:
    _note_unless(out, body.ordered, "各空不分先后", "blanks in any order")
    plainly = all(blank.share == 1 and all(one.worth == 1 for one in blank.accepted) for blank in body.blanks)
    _note_unless(out, plainly, "各空分值", "what blanks are worth")
    cells[Role.KEY, 0] = "|".join("；".join(one.text for one in blank.accepted) for blank in body.blanks)


def _write_number(out: ItemOut, body: NumericBody, cells: Cells) -> None:
    exact = body.tolerance == 0 and body.tolerance_kind is ToleranceKind.ABSOLUTE and not body.units
    _note_unless(out, exact, "误差和其他单位", "tolerance and further units")
    cells[Role.KEY, 0] = f"{decimal_text(body.value) or ''}{body.unit}"


def _note_unless(out: ItemOut, holds: object, zh: str, en: str) -> None:
    if not holds:
        out.lose(zh, en)


def _words(out: ItemOut, text: str) -> str:
    words = plain(text)
    _note_markup(out, text, words)
    return words


def _note_markup(out: ItemOut, text: str, words: str) -> None:
    _note_unless(out, escape(words) == text, "格式、公式或图片", "markup, formulas or pictures")


def _fitting(out: ItemOut, text: str) -> str:
    _note_unless(out, len(text) <= LONGEST_CELL, "过长的文字", "the end of a very long text")
    return text[:LONGEST_CELL]


def header_of(column: Column, *, english: bool = False) -> str:
    """The header under which the reader finds the column."""
    if column.role is Role.OPTION:
        return f"Option {letter_of(column.index)}" if english else f"选项{letter_of(column.index)}"
    zh, en = _HEADERS[column.role]
    if column.role is Role.TOPIC:
        return f"{en} (level {column.index + 1})" if english else f"{'一二三'[column.index]}级{zh}"
    return en if english else zh


_HEADERS = {
    Role.TYPE: ("题型", "Type"),
    Role.STEM: ("题干", "Stem"),
    Role.KEY: ("答案", "Key"),
    Role.EXPLANATION: ("解析", "Explanation"),
    Role.TOPIC: ("知识点", "Topic"),
    Role.DIFFICULTY: ("难度", "Difficulty"),
    Role.LEVEL: ("等级", "Level"),
    Role.TAGS: ("标签", "Tags"),
    Role.BASIS: ("依据", "Basis"),
    Role.CLAUSE: ("条款", "Clause"),
}
