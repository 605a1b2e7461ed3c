"""How big the sheets of a workbook are, counted from its cells before a reader makes room for them.

A reader makes room for the whole rectangle from the first used cell to the last; two cells in far corners are
enough to ask for all the memory there is. What a sheet says about its own size is not looked at.
"""

import re
from dataclasses import dataclass

from question_bank.errors import UnreadableFile
from question_bank.formats.zip_guard import GuardedZip

MOST_CELLS = 2_000_000
MOST_COLUMNS = 256
MOST_ROWS = 250_000
# Cells of the rectangle that a reader makes room for, empty ones and all; some 32 bytes each.
MOST_AREA = 4_000_000
# Formatted blank cells cost little and are common; this many are not.
MOST_BLANK_CELLS = 1_000_000

_TAG = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(?P<tag>row|c)(?=[\s/>])(?P<attributes>[^>]*)>")
# As nearly every program writes them: these are counted many at a time.
_PLAIN_CELL = re.compile(rb'<c r="([A-Z]{1,3}\d{1,7})"')
_FILLED_CELL = re.compile(rb'<c r="([A-Z]{1,3}\d{1,7})"(?:[^>]*[^/>])?>')
_BLANK_CELL = re.compile(rb'<c r="[A-Z]{1,3}\d{1,7}"[^>]*/>')
_PLAIN_PLACE = re.compile(rb'<(?:row|c) r="(?P<letters>[A-Z]*)(?P<digits>\d+)')
_ODD_OPENING = re.compile(
    rb'<(?:row(?:[/>]|\s(?!r="\d{1,7}"))|c(?:[/>]|\s(?!r="[A-Z]{1,3}\d{1,7}"))|[A-Za-z_][\w.-]*:(?:row|c)[\s/>])'
)
_LETTERS = bytes(range(ord("A"), ord("Z") + 1))
_REFERENCE = re.compile(rb"""(?:^|\s)r\s*=\s*["']\s*\$?(?P<letters>[A-Za-z]*)\$?(?P<digits>\d*)""")
_LONGEST_TAG = 4096


@dataclass
class SheetSize:
    """What one sheet uses so far. `use` raises `UnreadableFile`, naming the sheet, as soon as it is too much."""

    name: str
    cells: int = 0
    rows: int = 0
    columns: int = 0

    def use(self, row: int, column: int, *, cells: int = 1) -> None:
        """Counts cells that hold something, the outermost at this row and column from 1."""
        self.cells += cells
        self.rows = max(self.rows, row)
        self.columns = max(self.columns, column)
        if self.columns > MOST_COLUMNS:
            raise refuse_sheet(self.name, f"使用的列超过 {MOST_COLUMNS} 列", f"more than {MOST_COLUMNS} columns")
        if self.rows > MOST_ROWS or self.rows * self.columns > MOST_AREA:
            raise refuse_sheet(self.name, f"使用的行过多（第 {row} 行）", f"too many rows (row {row} is used)")
        if self.cells > MOST_CELLS:
            raise refuse_sheet(self.name, f"单元格超过 {MOST_CELLS} 个", f"more than {MOST_CELLS} cells")


def check_package(package: GuardedZip) -> None:
    """Unpacks an xlsx once and counts the cells of every part: any part may be named as a sheet.

    Raises `UnreadableFile` for what the guard of zips refuses and for a sheet that is too big.
    """
    scan: _Scan | None = None
    for name, chunk in package.unpack_all():
        if scan is None or scan.size.name != name:
            scan = _Scan(SheetSize(name, cells=scan.size.cells if scan else 0))
        scan.feed(chunk)


class _Scan:
    """Counts the cells in the XML of one part, piece by piece."""

    def __init__(self, size: SheetSize) -> None:
        self.size = size
        self._row = 0
        self._column = 0
        self._blank = 0
        self._tail = b""

    def feed(self, chunk: bytes) -> None:
        """Takes in one piece; a tag that its end cuts is completed by the next one."""
        text = self._tail + chunk
        cut = text.rfind(b"<")
        whole = len(text) if cut < 0 or b">" in text[cut:] else cut
        body, self._tail = text[:whole], text[whole:][-_LONGEST_TAG:]
        if self._take_plain(body):
            return
        for found in _TAG.finditer(body):
            self._take(found)

    def _take_plain(self, body: bytes) -> bool:
        """Counts tags that all name their place; False, with nothing counted, where one of them does not."""
        if _ODD_OPENING.search(body):
            return False
        blank = len(_BLANK_CELL.findall(body))
        self._count_blank(blank)
        places = (_FILLED_CELL if blank else _PLAIN_CELL).findall(body)
        last = _PLAIN_PLACE.match(body, max(body.rfind(b"<row r="), body.rfind(b"<c r=")))
        if last is not None:
            self._row, self._column = int(last["digits"]), column_number(last["letters"].decode())
        if places:
            joined = b" ".join(places)
            columns = set(joined.translate(None, b"0123456789").split())
            rows = set(joined.translate(None, _LETTERS).split())
            widest = max(column_number(letters.decode()) for letters in columns)
            self.size.use(max(map(int, rows)), widest, cells=len(places))
        return True

    def _count_blank(self, cells: int) -> None:
        self._blank += cells
        if self._blank > MOST_BLANK_CELLS:
            raise refuse_sheet(self.size.name, "设置了格式的空白单元格过多", "too many formatted blank cells")

    def _take(self, found: re.Match[bytes]) -> None:
        reference = _REFERENCE.search(found["attributes"])
        letters, digits = (reference["letters"], reference["digits"]) if reference else (b"", b"")
        row = int(digits) if 0 < len(digits) < 10 else 0
        if found["tag"] == b"row":
            self._row, self._column = row or self._row + 1, 0
            return
        self._column = column_number(letters.decode()) if letters else self._column + 1
        if found["attributes"].endswith(b"/"):  # formatted and blank: no reader makes room for it
            self._count_blank(1)
        else:
            self.size.use(10**9 if len(digits) > 9 else row or self._row, self._column)


def column_number(letters: str) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters[:8].upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def refuse_sheet(name: str, zh: str, en: str) -> UnreadableFile:
    """The refusal of a sheet that is too big, to be raised."""
    sheet = name.removeprefix("xl/worksheets/").removesuffix(".xml")
    return UnreadableFile(
        "file.sheet_too_big",
        zh=f"工作表“{sheet}”{zh}，请删去多余的内容或拆分后上传。",
        en=f'The sheet "{sheet}" has {en}; please remove what is not needed or split it.',
    )
