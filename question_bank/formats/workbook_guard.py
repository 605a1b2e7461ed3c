"""How big the sheets of an xlsx are, counted from their XML before a reader makes room for them.

A reader makes room for the whole rectangle from the first used cell to the last; two cells in far corners are
enough to ask for all the memory there is. What a sheet says about its own size is not looked at.
"""

import re

from question_bank.errors import UnreadableFile
from question_bank.formats.zip_guard import GuardedZip

MOST_CELLS = 200_000
MOST_COLUMNS = 256
# Rows up to the last used one; a bank with its last item there is not written by hand.
MOST_ROWS = 100_000
# Formatted blank cells cost little and are common; this many are not.
MOST_DECLARED_CELLS = 1_000_000

_CELL = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?c(?=[\s/>])([^>]*)>")
_REFERENCE = re.compile(rb"""(?:^|\s)r\s*=\s*["']\s*\$?([A-Za-z]*)\$?(\d*)""")
_LONGEST_TAG = 4096


def check_sheets(package: GuardedZip) -> None:
    """Raises `UnreadableFile`, naming the sheet, when one uses too many cells, columns or rows."""
    cells = 0
    for name in sorted(package.names):
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            cells = _check_sheet(package, name, cells)


def _check_sheet(package: GuardedZip, name: str, cells: int) -> int:
    declared = 0
    tail = b""
    for chunk in package.read_chunks(name):
        text = tail + chunk
        end = 0
        for found in _CELL.finditer(text):
            end = found.end()
            declared += 1
            attributes = found[1]
            if attributes.endswith(b"/"):
                continue  # formatted and blank: no reader makes room for it
            cells += 1
            reference = _REFERENCE.search(attributes)
            if reference is not None:
                _check_reference(reference, name)
        if cells > MOST_CELLS:
            raise _refuse(name, f"单元格超过 {MOST_CELLS} 个", f"more than {MOST_CELLS} cells")
        if declared > MOST_DECLARED_CELLS:
            raise _refuse(name, "设置了格式的空白单元格过多", "too many formatted blank cells")
        # A tag may be cut by the chunk's end: the part after the last cell is looked at again.
        tail = text[max(end, len(text) - _LONGEST_TAG) :]
    return cells


def _check_reference(reference: re.Match[bytes], name: str) -> None:
    if len(reference[1]) > 2 or column_number(reference[1].decode()) > MOST_COLUMNS:
        raise _refuse(name, f"使用的列超过 {MOST_COLUMNS} 列", f"more than {MOST_COLUMNS} columns")
    if len(reference[2]) > 7 or int(reference[2] or 0) > MOST_ROWS:
        raise _refuse(name, f"使用的行超过 {MOST_ROWS} 行", f"more than {MOST_ROWS} rows")


def column_number(letters: str) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _refuse(name: str, zh: str, en: str) -> UnreadableFile:
    sheet = name.removeprefix("xl/worksheets/").removesuffix(".xml")
    return UnreadableFile(
        "file.sheet_too_big",
        zh=f"工作表“{sheet}”{zh}，请删去多余的内容或拆分后上传。",
        en=f'The sheet "{sheet}" has {en}; please remove what is not needed or split it.',
    )
