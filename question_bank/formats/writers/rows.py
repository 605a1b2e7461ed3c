"""An item as the rows of a sheet, in the words that the reader of tables knows."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from question_bank.content import plain
from question_bank.formats.drafts import Draft, Findings
from question_bank.formats.report import Place, ReadItem
from question_bank.formats.settlement import settle
from question_bank.formats.spellings import clean
from question_bank.formats.table_headers import Role
from question_bank.formats.tables import Row, read_laid_out
from question_bank.formats.writers.as_typed import (
    basis_words,
    blank_words,
    key_words,
    option_words,
    point_words,
    tolerance_words,
)
from question_bank.formats.writers.families import MOST_OF, Family, family_of
from question_bank.formats.writers.outlay import CannotCarry, ItemOut
from question_bank.formats.writers.read_back import check_read
from question_bank.items import Body, Difficulty, Item, ItemType, Level
from question_bank.kinds import kind_of
from question_bank.kinds.case_analysis import CaseBody
from question_bank.kinds.fill_blank import FillBlankBody
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.numeric import NumericBody
from question_bank.kinds.practical import PracticalBody
from question_bank.kinds.short_answer import ShortAnswerBody
from question_bank.wording import Wording

LONGEST_CELL = 32_767
"""So many characters Excel holds in a cell."""

Cells = dict[tuple[Role, int], str]

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


def rows_as_read(out: ItemOut) -> list[Cells]:
    """The rows of an item, after our own reader has read them: what it does not find in them is noted as lost. Raises
    `CannotCarry` for an item that would not come back as itself."""
    rows = rows_of(out.item, out.number)
    check_read(out, _read(family_of(out.item.item_type), rows))
    return rows


def _read(family: Family, rows: Sequence[Cells]) -> ReadItem | None:
    columns = family.widest.columns.values()
    held = [
        Row(Place(row=at), tuple(clean(cells.get((column.role, column.index), "")) for column in columns))
        for at, cells in enumerate(rows)
    ]
    found = [*read_laid_out(family.name.zh, held, family.widest, Findings())]
    if len(found) != 1:
        return None
    settled = settle(found[0]) if isinstance(found[0], Draft) else found[0]
    return settled if isinstance(settled, ReadItem) else None


def rows_of(item: Item, number: int, *, english: bool = False) -> list[Cells]:
    """The cells of an item by (role, index): one row, or one for each part of a case, which `number` holds together.

    Raises `CannotCarry` for what does not fit into the columns or the cells of a sheet.
    """
    about = _about(item, english=english)
    if isinstance(item.body, CaseBody):
        rows = []
        for part in item.body.parts:
            cells = _of_type(part.item_type, english=english) | body_cells(part.item_type, part.body)
            cells |= {(Role.CASE, 0): f"{number}", (Role.STEM, 0): plain(part.stem), (Role.SHARE, 0): f"{part.share}"}
            rows.append(cells | {(Role.EXPLANATION, 0): plain(part.explanation)})
        rows[0] |= about | {
            (Role.CASE_TITLE, 0): plain(item.stem),
            (Role.STIMULUS, 0): plain(item.body.stimulus),
            (Role.CASE_EXPLANATION, 0): plain(item.explanation),
        }
    else:
        row = about | body_cells(item.item_type, item.body)
        row |= {(Role.STEM, 0): plain(item.stem), (Role.EXPLANATION, 0): plain(item.explanation)}
        rows = [row | _of_type(item.item_type, english=english)]
    rows = [{place: text for place, text in cells.items() if text} for cells in rows]
    for cells in rows:
        if any(len(text) > LONGEST_CELL for text in cells.values()):
            raise CannotCarry("超出一个单元格的长度", "longer than a cell may be")
        if any(index >= MOST_OF.get(role, 1) for role, index in cells):
            raise CannotCarry("超出工作表的列数", "more than a sheet has columns for")
    return rows


def _of_type(item_type: ItemType, *, english: bool) -> Cells:
    name = kind_of(item_type).name
    return {(Role.TYPE, 0): name.en if english else name.zh}


def _about(item: Item, *, english: bool) -> Cells:
    """What all items have."""

    def said(wording: Wording) -> str:
        return wording.en if english else wording.zh

    only = item.basis[0] if len(item.basis) == 1 else None
    return {
        **{(Role.TOPIC, at): name for at, name in enumerate(item.topic)},
        (Role.DIFFICULTY, 0): said(DIFFICULTY_WORDS[item.difficulty]),
        (Role.LEVEL, 0): said(LEVEL_WORDS[item.level]),
        (Role.TAGS, 0): "、".join(item.tags),
        (Role.BASIS, 0): only.document if only else basis_words(item),
        (Role.CLAUSE, 0): only.clause if only else "",
    }


def body_cells(item_type: ItemType, body: Body) -> Cells:
    """What only items of the type have."""
    match body:
        case MatchingBody():
            return _pairs(body)
        case PracticalBody():
            entries = [f"{plain(entry.text)}（{entry.share}分）" for entry in body.checklist]
            return _several(Role.POINT, entries) | {(Role.CONDITIONS, 0): plain(body.conditions)}
        case FillBlankBody():
            return {(Role.KEY, 0): "|".join(blank_words(body))}
    cells = {} if item_type is ItemType.TRUE_FALSE else _several(Role.OPTION, option_words(body))
    cells[Role.KEY, 0] = key_words(item_type, body)
    if isinstance(body, NumericBody):
        cells[Role.TOLERANCE, 0] = tolerance_words(body)
    if isinstance(body, ShortAnswerBody):
        cells |= _several(Role.POINT, [point_words(point) for point in body.rubric])
    return cells


def _pairs(body: MatchingBody) -> Cells:
    """Premises and what belongs to each under the same number; after them what belongs to none."""
    belongs = [body.choices[place] if 0 <= place < len(body.choices) else "" for place in body.pairs]
    spare = [choice for place, choice in enumerate(body.choices) if place not in body.pairs]
    choices = _several(Role.COUNTERPART, [plain(text) for text in (*belongs, *spare)])
    return _several(Role.PREMISE, [plain(text) for text in body.premises]) | choices


def _several(role: Role, texts: Sequence[str]) -> Cells:
    return {(role, at): text for at, text in enumerate(texts)}
