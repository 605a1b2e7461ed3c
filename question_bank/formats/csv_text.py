"""Tables in text: comma, semicolon or tab between cells, known by their header."""

import csv
import io
from collections.abc import Iterable

from question_bank.errors import UnreadableFile
from question_bank.formats.drafts import compose_report
from question_bank.formats.report import ImportReport, Place
from question_bank.formats.settlement import settle_all
from question_bank.formats.spellings import clean
from question_bank.formats.table_headers import read_header_row
from question_bank.formats.tables import Held, Row, Table, read_table
from question_bank.formats.workbook_guard import MOST_CELLS, MOST_COLUMNS

_HEADER_LINES = 5


def read_csv(text: str, encoding: str) -> ImportReport | None:
    """The report of a table in text, or None when no line near the top is a header of a bank.

    Raises `UnreadableFile` when there are more cells or columns than a workbook may have.
    """
    delimiter = _find_delimiter(text)
    if delimiter is None:
        return None
    try:
        rows = _read_rows(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=delimiter))
    except csv.Error:
        return None
    findings = read_table(Table("", Held(rows)))
    return compose_report(findings, settle_all(findings.drafts), file_format="csv", encoding=encoding)


def _read_rows(lines: Iterable[list[str]]) -> tuple[Row, ...]:
    rows: list[Row] = []
    cells = 0
    for number, line in enumerate(lines, start=1):
        cells += len(line)
        if cells > MOST_CELLS or len(line) > MOST_COLUMNS:
            raise UnreadableFile(
                "file.sheet_too_big",
                zh=f"第 {number} 行起超过限制（{MOST_COLUMNS} 列、{MOST_CELLS} 个单元格），请拆分后上传。",
                en=f"From row {number} on there are more than {MOST_COLUMNS} columns or {MOST_CELLS} cells.",
            )
        rows.append(Row(Place(row=number), tuple(map(clean, line))))
    return tuple(rows)


def _find_delimiter(text: str) -> str | None:
    for line in text.lstrip("\ufeff").splitlines()[:_HEADER_LINES]:
        for delimiter in (",", "\t", ";"):
            try:
                cells = next(csv.reader([line], delimiter=delimiter), [])
            except csv.Error:
                continue
            if read_header_row([clean(cell) for cell in cells]):
                return delimiter
    return None
