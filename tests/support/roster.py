"""A unit's list for registration, as a liaison has it in Excel."""

import io
from collections.abc import Iterable

import xlsxwriter


def roster_xlsx(rows: Iterable[tuple[str, str]]) -> bytes:
    """A workbook with 姓名 and 身份证号; ID numbers as text, as our template keeps them."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_numbers": False})
    sheet = book.add_worksheet("报名")
    for column, header in enumerate(("姓名", "身份证号")):
        sheet.write_string(0, column, header)
    for row, values in enumerate(rows, start=1):
        for column, value in enumerate(values):
            sheet.write_string(row, column, value)
    book.close()
    return file.getvalue()
