"""Tables in text: comma, semicolon or tab between cells, known by their header."""

import csv
import io

from question_bank.formats.drafts import compose_report
from question_bank.formats.report import ImportReport, Place
from question_bank.formats.settlement import settle
from question_bank.formats.spellings import clean
from question_bank.formats.table_headers import read_header_row
from question_bank.formats.tables import Row, Table, read_table

_HEADER_LINES = 5


def read_csv(text: str, encoding: str) -> ImportReport | None:
    """The report of a table in text, or None when no line near the top is a header of a bank."""
    delimiter = _find_delimiter(text)
    if delimiter is None:
        return None
    try:
        reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=delimiter)
        rows = tuple(Row(Place(row=reader.line_num), tuple(map(clean, cells))) for cells in reader)
    except csv.Error:
        return None
    findings = read_table(Table("", rows))
    return compose_report(findings, map(settle, findings.drafts), file_format="csv", encoding=encoding)


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
