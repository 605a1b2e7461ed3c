"""Workbooks in the layout of our template: one sheet, a header, a row for each item; every cell is text."""

from collections.abc import Sequence

from question_bank.content import plain
from question_bank.formats.excel import read_workbook_items
from question_bank.formats.report import ReadItem
from question_bank.formats.spellings import LETTERS
from question_bank.formats.writers.as_typed import (
    DIFFICULTIES,
    LEVELS,
    TYPE_NAMES,
    basis_words,
    blank_words,
    key_words,
    option_words,
    point_words,
    stem_words,
    tolerance_words,
)
from question_bank.formats.writers.outlay import CannotCarry, Pictures, Written
from question_bank.formats.writers.package import pack_parts, text_of
from question_bank.formats.writers.read_back import write_as_read
from question_bank.items import Item, ItemType
from question_bank.kinds.fill_blank import FillBlankBody
from question_bank.kinds.numeric import NumericBody
from question_bank.kinds.short_answer import ShortAnswerBody

_MOST_BLANKS = 10
_MOST_POINTS = 10
_LONGEST_CELL = 32_767
_TOPICS = ("知识点", "二级知识点", "三级知识点", "考点", "章节")
_COLUMNS = (
    "题型",
    "题干",
    *(f"选项{letter}" for letter in LETTERS),
    "正确答案",
    *(f"空{number}" for number in range(1, _MOST_BLANKS + 1)),
    "误差",
    *(f"采分点{number}" for number in range(1, _MOST_POINTS + 1)),
    "答案解析",
    "难度",
    "等级",
    "依据",
    "条款",
    "标签",
    *_TOPICS,
)
# These stand in every file: an empty one is the author's to fill.
_ALWAYS = frozenset({*_COLUMNS[:6], "正确答案", "答案解析", "难度", "等级", "依据", "条款", "标签", "知识点"})
_OFFICE = "http://schemas.openxmlformats.org"
_SHEET = f"{_OFFICE}/spreadsheetml/2006/main"
_RELATED = f"{_OFFICE}/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

Cells = dict[str, str]


def write_xlsx(items: Sequence[Item], pictures: Pictures) -> Written:
    """The items as a workbook. A cell that begins with = + - or @ is text like any other: nothing is a formula."""
    return write_as_read(items, pictures, lay_out=_lay_out, pack=_pack, read=_read)


def _lay_out(item: Item) -> Cells:
    if item.item_type is ItemType.CASE_ANALYSIS:
        raise CannotCarry("案例分析题不能写在一行里", "a case does not fit into a row")
    cells = {"题型": TYPE_NAMES[item.item_type], "题干": stem_words(item.stem, item.body)}
    if item.item_type is not ItemType.TRUE_FALSE:
        cells |= {f"选项{letter}": text for letter, text in zip(LETTERS, option_words(item.body), strict=False)}
    if isinstance(item.body, FillBlankBody):
        if len(item.body.blanks) > _MOST_BLANKS:
            raise CannotCarry("空过多", "too many blanks")
        cells |= {f"空{number}": words for number, words in enumerate(blank_words(item.body), start=1)}
    else:
        cells["正确答案"] = key_words(item.item_type, item.body)
    if isinstance(item.body, NumericBody):
        cells["误差"] = tolerance_words(item.body)
    if isinstance(item.body, ShortAnswerBody):
        cells |= {f"采分点{number}": point_words(one) for number, one in enumerate(item.body.rubric[:_MOST_POINTS], 1)}
    cells |= {
        "答案解析": plain(item.explanation),
        "难度": DIFFICULTIES[item.difficulty],
        "等级": LEVELS[item.level],
        "依据": item.basis[0].document if len(item.basis) == 1 else basis_words(item),
        "条款": item.basis[0].clause if len(item.basis) == 1 else "",
        "标签": "、".join(item.tags),
    }
    cells |= dict(zip(_TOPICS, item.topic, strict=False))
    if any(len(text) > _LONGEST_CELL for text in cells.values()):
        raise CannotCarry("超出一个单元格的长度", "longer than a cell may be")
    return cells


def _read(data: bytes, laid: Sequence[Cells]) -> list[ReadItem | None]:
    found = {read.place.row: read for read in read_workbook_items(data)}
    return [found.get(row) for row in range(2, len(laid) + 2)]


def _pack(laid: Sequence[Cells]) -> bytes:
    used = _ALWAYS.union(*laid)
    columns = [name for name in _COLUMNS if name in used]
    rows = [_row(1, columns, style=1)]
    rows += [_row(at, [cells.get(name, "") for name in columns], style=2) for at, cells in enumerate(laid, start=2)]
    return pack_parts(
        {
            "[Content_Types].xml": f'<Types xmlns="{_OFFICE}/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
            "_rels/.rels": _relations({"officeDocument": "xl/workbook.xml"}),
            "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_RELATED}">'
            '<sheets><sheet name="题库" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _relations({"worksheet": "worksheets/sheet1.xml", "styles": "styles.xml"}),
            "xl/styles.xml": f'<styleSheet xmlns="{_SHEET}">'
            '<fonts count="2"><font><sz val="11"/><name val="宋体"/></font>'
            '<font><b/><sz val="11"/><name val="宋体"/></font></fonts>'
            '<fills count="2"><fill><patternFill patternType="none"/></fill>'
            '<fill><patternFill patternType="gray125"/></fill></fills>'
            "<borders><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
            '<cellStyleXfs><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs>'
            '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
            '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
            '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1">'
            '<alignment vertical="top" wrapText="1"/></xf></cellXfs></styleSheet>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_SHEET}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f"<cols>{''.join(map(_width, range(1, len(columns) + 1), columns))}</cols>"
            f"<sheetData>{''.join(rows)}</sheetData></worksheet>",
        }
    )


def _relations(targets: dict[str, str]) -> str:
    made = "".join(
        f'<Relationship Id="r{number}" Type="{_RELATED}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets.items(), start=1)
    )
    return f'<Relationships xmlns="{_OFFICE}/package/2006/relationships">{made}</Relationships>'


def _width(number: int, name: str) -> str:
    wide = 48 if name in ("题干", "答案解析") else 20 if name.startswith(("选项", "空", "依据")) else 12
    return f'<col min="{number}" max="{number}" width="{wide}" customWidth="1"/>'


def _row(number: int, texts: Sequence[str], *, style: int) -> str:
    cells = (
        f'<c r="{_letters(place)}{number}" s="{style}" t="inlineStr">'
        f'<is><t xml:space="preserve">{text_of(text)}</t></is></c>'
        for place, text in enumerate(texts)
        if text
    )
    return f'<row r="{number}">{"".join(cells)}</row>'


def _letters(place: int) -> str:
    first, last = divmod(place, 26)
    return f"{chr(64 + first) if first else ''}{chr(65 + last)}"
