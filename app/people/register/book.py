"""信息库导入表: the workbook in which a county hands over its units, party organisations and persons. Pure.

Three sheets, 单位, 党组织 and 人员, of which any may be absent; columns are told by their headers, in any order.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

import xlsxwriter

from app.people.identity import BadIdNumber, IdNumber, parse_id_number, synthetic_id_number
from app.people.names import spell_name
from app.people.phones import BadPhone, parse_phone
from app.people.rules import (
    EDUCATION_WORDS,
    PARTY_ORGANISATION_KIND_WORDS,
    POLITICAL_STATUS_WORDS,
    UNIT_KIND_WORDS,
    Education,
    PartyOrganisationKind,
    PoliticalStatus,
    UnitKind,
)
from app.people.workbooks import MOST_ROWS, Sheet, as_text, find_header, read_sheets, refusal_of
from question_bank.errors import UnreadableFile

Word = TypeVar("Word")

EXAMPLE = "示例"
_MOST_PEOPLE = 1_000_000
_EMPTY = ("不能为空", "must not be empty")
_WORDS_OF_KINDS: Mapping[str, UnitKind] = {
    **{zh: kind for kind, (zh, _) in UNIT_KIND_WORDS.items() if kind is not UnitKind.COUNTY},
    "乡镇": UnitKind.TOWNSHIP,
    "街道": UnitKind.TOWNSHIP,
    "县直机关": UnitKind.CITY_ORGAN,
    "机关": UnitKind.CITY_ORGAN,
    "国有企业": UnitKind.SOE,
    "医院": UnitKind.HOSPITAL,
    "非公有制企业": UnitKind.NON_PUBLIC,
}
_WORDS_OF_ORGANISATIONS = {zh: kind for kind, (zh, _) in PARTY_ORGANISATION_KIND_WORDS.items()}
_WORDS_OF_STATUS: Mapping[str, PoliticalStatus] = {
    **{zh: status for status, (zh, _) in POLITICAL_STATUS_WORDS.items()},
    "中共正式党员": PoliticalStatus.FULL_MEMBER,
    "正式党员": PoliticalStatus.FULL_MEMBER,
    "党员": PoliticalStatus.FULL_MEMBER,
    "预备党员": PoliticalStatus.PROBATIONARY_MEMBER,
    "团员": PoliticalStatus.LEAGUE_MEMBER,
    "群众": PoliticalStatus.OTHER,
}
_WORDS_OF_EDUCATION: Mapping[str, Education] = {
    **{zh: education for education, (zh, _) in EDUCATION_WORDS.items()},
    "高中": Education.BELOW_COLLEGE,
    "中专": Education.BELOW_COLLEGE,
    "初中": Education.BELOW_COLLEGE,
    "专科": Education.COLLEGE,
    "大学专科": Education.COLLEGE,
    "大学本科": Education.BACHELOR,
    "研究生": Education.MASTER,
    "硕士": Education.MASTER,
    "博士": Education.DOCTOR,
}
_WORDS_OF_POST = {"是": True, "在岗": True, "否": False, "不在岗": False}


class SheetName(StrEnum):
    """The sheets; the value is the name that the template gives them."""

    UNITS = "单位"
    ORGANISATIONS = "党组织"
    PERSONS = "人员"


SHEET_WORDS: Mapping[SheetName, str] = {
    SheetName.UNITS: "units",
    SheetName.ORGANISATIONS: "party organisations",
    SheetName.PERSONS: "persons",
}


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with one row (counted from 1 as Excel does; 0: with the whole sheet). No ID number and no mobile
    number stands here."""

    sheet: SheetName
    row: int
    zh: str
    en: str


@dataclass(frozen=True)
class UnitRow:
    """A unit; `above` names the unit that it belongs to, empty: directly to the county."""

    row: int
    name: str
    kind: UnitKind
    above: str
    headcount: int
    quota_posts: int


@dataclass(frozen=True)
class OrganisationRow:
    """A party organisation of the unit named; `above` names the one that it stands below, empty: none."""

    row: int
    name: str
    kind: PartyOrganisationKind
    unit: str
    above: str


@dataclass(frozen=True)
class PersonRow:
    """A person of the unit named, in the party organisation named (empty: none)."""

    row: int
    name: str
    id_number: IdNumber
    unit: str
    organisation: str
    post: str
    political_status: PoliticalStatus
    in_post: bool
    education: Education
    phone: str
    """Empty: none."""


@dataclass(frozen=True)
class RegisterBook:
    """What a workbook holds: rows in the order of its sheets, and what could not be read."""

    units: tuple[UnitRow, ...]
    organisations: tuple[OrganisationRow, ...]
    persons: tuple[PersonRow, ...]
    problems: tuple[RowProblem, ...]


class _Unread(Exception):
    """A cell that does not say what its column asks for."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True)
class _Column:
    field: str
    heads: tuple[str, ...]  # the first is the template's
    read: Callable[[object], Any]
    example: str
    needed: bool = True  # whether a sheet without this column can be read


def _text(limit: int, *, empty: bool = False) -> Callable[[object], str]:
    def read(cell: object) -> str:
        # A name of digits alone, which Excel holds as a number, is still a name.
        text = f"{cell:.0f}" if isinstance(cell, float) and cell.is_integer() else as_text(cell)
        if not text and not empty:
            raise _Unread(*_EMPTY)
        if len(text) > limit:
            raise _Unread(f"最多 {limit} 个字符", f"has more than {limit} characters")
        return text

    return read


def _word(words: Mapping[str, Word], default: Word | None = None) -> Callable[[object], Word]:
    first: dict[Word, str] = {}
    for word, meant in words.items():
        first.setdefault(meant, word)
    listed = "、".join(first.values())

    def read(cell: object) -> Word:
        text = as_text(cell)
        if not text and default is not None:
            return default
        if not text:
            raise _Unread(*_EMPTY)
        if text not in words:
            raise _Unread(f"“{text[:20]}”不在可填内容中（{listed}）", f"“{text[:20]}” is none of {listed}")
        return words[text]

    return read


def _count(cell: object) -> int:
    text = as_text(cell)
    try:
        number = float(text or "0")
    except ValueError:
        number = -1
    if not (0 <= number <= _MOST_PEOPLE and number.is_integer()):
        raise _Unread(f"“{text[:20]}”不是人数", f"“{text[:20]}” is no number of people")
    return int(number)


def _id_number(cell: object) -> IdNumber:
    try:
        return parse_id_number(as_text(cell))
    except BadIdNumber as bad:
        raise _Unread(bad.zh.rstrip("。"), bad.en.rstrip(".")) from None


def _phone(cell: object) -> str:
    text = as_text(cell)
    try:
        return parse_phone(text) if text else ""
    except BadPhone as bad:
        raise _Unread(bad.zh.rstrip("。"), bad.en.rstrip(".")) from None


_COLUMNS: Mapping[SheetName, tuple[type, tuple[_Column, ...]]] = {
    SheetName.UNITS: (
        UnitRow,
        (
            _Column("name", ("单位名称", "单位", "名称"), _text(200), f"{EXAMPLE}：东风镇"),
            _Column("kind", ("单位类别", "类别", "单位性质"), _word(_WORDS_OF_KINDS), "乡镇"),
            _Column("above", ("上级单位",), _text(200, empty=True), "", needed=False),
            _Column("headcount", ("编制人数", "人数", "职工人数"), _count, "60", needed=False),
            _Column("quota_posts", ("员额",), _count, "2", needed=False),
        ),
    ),
    SheetName.ORGANISATIONS: (
        OrganisationRow,
        (
            _Column("name", ("党组织名称", "党组织", "名称"), _text(200), f"{EXAMPLE}：东风镇党委"),
            _Column("kind", ("党组织类别", "类别"), _word(_WORDS_OF_ORGANISATIONS), "党委"),
            _Column("unit", ("所属单位", "单位"), _text(200), "东风镇"),
            _Column("above", ("上级党组织",), _text(200, empty=True), "", needed=False),
        ),
    ),
    SheetName.PERSONS: (
        PersonRow,
        (
            _Column("name", ("姓名",), lambda cell: spell_name(_text(100)(cell)), f"{EXAMPLE}：林一"),
            _Column(
                "id_number",
                ("身份证号", "身份证号码", "公民身份号码"),
                _id_number,
                synthetic_id_number("990101", date(1990, 1, 1), 1),
            ),
            _Column("unit", ("单位", "所在单位", "工作单位"), _text(200), "东风镇"),
            _Column("organisation", ("党组织", "所在党组织", "所在党支部"), _text(200, empty=True), "", needed=False),
            _Column("post", ("职务", "岗位"), _text(100, empty=True), "组织员", needed=False),
            _Column("political_status", ("政治面貌",), _word(_WORDS_OF_STATUS), "中共党员"),
            _Column("in_post", ("是否在岗", "在岗"), _word(_WORDS_OF_POST, default=True), "是", needed=False),
            _Column("education", ("学历", "文化程度"), _word(_WORDS_OF_EDUCATION), "本科"),
            _Column("phone", ("手机号", "手机号码", "手机", "联系电话"), _phone, "", needed=False),
        ),
    ),
}


def read_book(name: str, data: bytes) -> RegisterBook:
    """The units, party organisations and persons in a workbook; blank and example rows are left out. A row that cannot
    be read is a problem with its place and is not among the rows.

    Raises UnreadableFile, naming the file, for what is no workbook, for one without any of the three sheets, and for
    more than 5,000 rows in one.
    """
    sheets = {sheet.name.strip(): sheet for sheet in read_sheets(name, data)}
    if not sheets.keys() & set(SheetName):
        refusal = UnreadableFile(
            "register.no_sheet",
            zh="没有名为“单位”“党组织”“人员”的工作表，请使用模板填写。",
            en="It has no sheet named 单位, 党组织 or 人员; please use the template.",
        )
        raise refusal_of(name, refusal)
    problems: list[RowProblem] = []
    units, organisations, persons = (
        _read_sheet(kind, sheets[kind], problems) if kind in sheets else () for kind in SheetName
    )
    return RegisterBook(units, organisations, persons, tuple(problems))


def _read_sheet(kind: SheetName, sheet: Sheet, problems: list[RowProblem]) -> tuple[Any, ...]:
    make, columns = _COLUMNS[kind]
    needed = [column for column in columns if column.needed]
    found = find_header(sheet.rows, [frozenset(column.heads) for column in needed])
    if found is None:
        heads = "、".join(column.heads[0] for column in needed)
        zh, en = f"没有找到表头：{heads}。", f"The headers were not found: {heads}."
        problems.append(RowProblem(kind, 0, zh, en))
        return ()
    header, _ = found
    places = {column: _place_of(column, sheet.rows[header]) for column in columns}
    rows = []
    for number, cells in enumerate(sheet.rows[header + 1 :], start=header + 2):
        first = as_text(_cell(cells, places[columns[0]]))
        if first.startswith(EXAMPLE) or not any(as_text(cell) for cell in cells):
            continue
        values, wrong = _read_row(cells, places)
        problems += [RowProblem(kind, number, problem.zh, problem.en) for problem in wrong]
        if not wrong:
            rows.append(make(row=number, **values))
        if number > MOST_ROWS + header + 1:
            zh, en = f"超过 {MOST_ROWS} 行，请分批导入。", f"More than {MOST_ROWS} rows; please split it."
            problems.append(RowProblem(kind, 0, zh, en))
            break
    return tuple(rows)


def _place_of(column: _Column, header: Sequence[object]) -> int | None:
    found = find_header([header], [frozenset(column.heads)])
    return found[1][0] if found else None


def _cell(cells: Sequence[object], place: int | None) -> object:
    return cells[place] if place is not None and place < len(cells) else ""


def _read_row(cells: Sequence[object], places: Mapping[_Column, int | None]) -> tuple[dict[str, Any], list[_Unread]]:
    values: dict[str, Any] = {}
    wrong = []
    for column, place in places.items():
        try:
            values[column.field] = column.read(_cell(cells, place))
        except _Unread as unread:
            head = column.heads[0]
            wrong.append(_Unread(f"{head}：{unread.zh}。", f"{head}: {unread.en}."))
    return values, wrong


def make_book_template() -> bytes:
    """A workbook to fill in: three sheets of text cells, an example row in each that is not read."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#F3EFE6"})
    text = book.add_format({"num_format": 49})
    example = book.add_format({"num_format": 49, "italic": True, "font_color": "#777777"})
    for kind, (_, columns) in _COLUMNS.items():
        sheet = book.add_worksheet(kind)
        sheet.set_column(0, len(columns) - 1, 22, text)
        sheet.freeze_panes(1, 0)
        for at, column in enumerate(columns):
            sheet.write_string(0, at, column.heads[0], head)
            sheet.write_string(1, at, column.example, example)
    book.close()
    return buffer.getvalue()
