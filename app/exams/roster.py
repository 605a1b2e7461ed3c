"""报名名单: the workbook that units fill in, made and read. Pure: bytes in, rows out.

Two columns count, 姓名 and 身份证号; others may stand beside them.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import xlsxwriter

from app.people.identity import synthetic_id_number
from app.people.workbooks import MOST_ROWS, Sheet, as_text, find_header, read_sheets, refusal_of
from question_bank.errors import UnreadableFile

_NAME_HEADERS = frozenset({"姓名", "考生姓名", "人员姓名", "name"})
_NUMBER_HEADERS = frozenset({"身份证号", "身份证号码", "身份证件号", "身份证件号码", "公民身份号码", "idnumber"})
EXAMPLE = "示例"


@dataclass(frozen=True)
class RosterRow:
    """A person of the list: `row` counts from 1 as Excel does; `name` holds no digits, for it is kept with the dry
    run, and a number typed into the wrong column must not be."""

    row: int
    name: str
    id_number: str


def read_roster(name: str, data: bytes) -> list[RosterRow]:
    """The persons in a workbook (xlsx or xls), in the order of the sheet; blank and example rows are left out.

    Raises UnreadableFile, naming the file, for anything that is not such a workbook, for one that is too big, for one
    without the two headers, and for one without a person.
    """
    sheets = read_sheets(name, data)
    try:
        return _read(sheets)
    except UnreadableFile as refusal:
        raise refusal_of(name, refusal) from refusal


def _read(sheets: Sequence[Sheet]) -> list[RosterRow]:
    for sheet in sheets:
        found = find_header(sheet.rows, (_NAME_HEADERS, _NUMBER_HEADERS))
        if found is not None:
            header, (name_at, number_at) = found
            rows = _people(sheet.rows, header, name_at, number_at)
            if len(rows) > MOST_ROWS:
                raise UnreadableFile(
                    "roster.too_long",
                    zh=f"名单超过 {MOST_ROWS} 行，请分批上传。",
                    en=f"The list has more than {MOST_ROWS} rows; please split it.",
                )
            if not rows:
                raise UnreadableFile("roster.nobody", zh="名单中没有人员。", en="The list names nobody.")
            return rows
    raise UnreadableFile(
        "roster.no_header",
        zh="没有找到表头“姓名”和“身份证号”，请使用模板填写。",
        en="The headers 姓名 and 身份证号 were not found; please use the template.",
    )


def _people(sheet: Sequence[Sequence[object]], header: int, name_at: int, number_at: int) -> list[RosterRow]:
    found = []
    for index, cells in enumerate(sheet[header + 1 :], start=header + 2):
        name = as_text(cells[name_at] if name_at < len(cells) else "")
        number = as_text(cells[number_at] if number_at < len(cells) else "")
        if (name or number) and not name.startswith(EXAMPLE):
            found.append(RosterRow(index, "".join(c for c in name if not c.isdigit()), number))
    return found


def make_template(*, exam_name: str, unit_names: Sequence[str]) -> bytes:
    """A workbook to fill in: ID numbers as text, a list of the unit's own names to choose from, an example, notes."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#F3EFE6", "text_wrap": True, "valign": "vcenter"})
    text = book.add_format({"num_format": 49})
    example = book.add_format({"num_format": 49, "italic": True, "font_color": "#777777"})
    sheet = book.add_worksheet("报名名单")
    sheet.set_column(0, 0, 16, text)
    sheet.set_column(1, 1, 26, text)
    sheet.set_column(2, 3, 28, text)
    for column, (title, comment) in enumerate(
        (
            ("姓名", "必填，与身份证一致。"),
            ("身份证号", "必填，18 位。本列已设为文本，请勿改为数字，否则末几位会丢失。"),
            ("单位", "选填，从下拉列表选择，仅供核对。"),
            ("备注", "选填，不导入。"),
        )
    ):
        sheet.write_string(0, column, title, head)
        sheet.write_comment(0, column, comment)
    for column, value in enumerate(
        (
            f"{EXAMPLE}：林一",
            synthetic_id_number("990101", date(1990, 1, 1), 1),
            unit_names[0] if unit_names else "",
            "",
        )
    ):
        sheet.write_string(1, column, value, example)
    sheet.freeze_panes(1, 0)
    notes = book.add_worksheet("填写说明")
    notes.set_column(0, 0, 90)
    for row, line in enumerate(
        (
            f"考试：{exam_name}",
            "一、每行一人，“姓名”“身份证号”两列必填；以“示例”开头的行不导入。",
            "二、身份证号须为文本。若单元格显示为 1.23E+17，号码已失真，请设为文本后重新输入。",
            "三、上传后先核对，逐行显示结果；确认后才登记。",
            f"四、一份名单最多 {MOST_ROWS} 人。",
        )
    ):
        notes.write_string(row, 0, line)
    if unit_names:
        units = book.add_worksheet("单位")
        units.hide()
        for row, unit in enumerate(unit_names):
            units.write_string(row, 0, unit)
        source = f"=单位!$A$1:$A${len(unit_names)}"
        sheet.data_validation(1, 2, MOST_ROWS, 2, {"validate": "list", "source": source, "error_type": "warning"})
    book.close()
    return buffer.getvalue()
