"""Excel workbooks, xlsx and xls: the cells as text, then the tables."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, Protocol, TypeAlias, runtime_checkable

import python_calamine

from question_bank.errors import UnreadableFile
from question_bank.formats.drafts import Draft, Findings
from question_bank.formats.report import Place, Problem, ReadItem
from question_bank.formats.settlement import settle
from question_bank.formats.spellings import clean
from question_bank.formats.tables import Row, Rows, Table, read_rows
from question_bank.formats.workbook_guard import MOST_COLUMNS, refuse_sheet

# Excel keeps 15 digits of a number; beyond that the last ones are made up.
_EXACT_UP_TO = 10**15
_AT_ONCE = 256


@runtime_checkable
class _Day(Protocol):
    """A date as the reader gives it; the rule book itself knows no calendar."""

    @property
    def year(self) -> int: ...
    @property
    def month(self) -> int: ...
    @property
    def day(self) -> int: ...


@runtime_checkable
class _Time(Protocol):
    """A time of day as the reader gives it."""

    @property
    def hour(self) -> int: ...
    @property
    def minute(self) -> int: ...
    @property
    def second(self) -> int: ...


@runtime_checkable
class _Duration(Protocol):
    """A length of time as the reader gives it."""

    def total_seconds(self) -> float:
        """How long it is."""
        ...


Cell: TypeAlias = str | float | int | bool | _Day | _Time | _Duration


def open_workbook(data: bytes, findings: Findings) -> Iterator[ReadItem | Problem]:
    """The items of a workbook and what was refused, in the order of its sheets and rows; what was lost is in `findings`
    when they are through. Raises `UnreadableFile` when it cannot be opened or a sheet is too big.

    One sheet at a time is in memory, and of what was read of it one item. The caller has had the file pass
    `workbook_guard.check_package` or `biff_guard.check_biff`.
    """
    for table in _open_sheets(data):
        for found in read_rows(table, findings):
            yield settle(found) if isinstance(found, Draft) else found


def read_workbook_items(data: bytes) -> Iterator[ReadItem]:
    """The items of a workbook that was just written, in the order of its rows; nothing else of the report."""
    return (found for found in open_workbook(data, Findings()) if isinstance(found, ReadItem))


def _open_sheets(data: bytes) -> Iterator[Table]:
    with _readable():
        book = python_calamine.load_workbook(io.BytesIO(data))
        names = book.sheet_names
    for name in names:
        with _readable():
            sheet = book.get_sheet_by_name(name)
            merged = tuple(
                (first[0], last[0], first[1])
                for first, last in sheet.merged_cell_ranges or ()
                if first[1] == last[1] and last[0] > first[0]
            )
            if sheet.end and sheet.end[1] >= MOST_COLUMNS:
                raise refuse_sheet(name, f"使用的列超过 {MOST_COLUMNS} 列", f"more than {MOST_COLUMNS} columns")
        yield Table(str(name), _SheetRows(str(name), sheet), merged)
        del sheet


class _SheetRows(Rows):
    """The rows of a sheet, made of its cells one by one."""

    def __init__(self, name: str, sheet: python_calamine.CalamineSheet) -> None:
        self._name = name
        self._sheet = sheet

    def each(self) -> Iterator[Sequence[Cell]]:
        """Cells as the reader gives them."""
        with _readable():
            rows = iter(self._sheet.iter_rows())
        while True:
            with _readable():
                some = list(islice(rows, _AT_ONCE))
            if not some:
                return
            yield from some

    def texts(self, cells: Sequence[Any]) -> Sequence[str] | None:
        """Numbers as people read them."""
        odd = [at for at, cell in enumerate(cells) if type(cell) is not str]
        if not odd:
            return cells
        if any(not isinstance(cells[at], int | float) or abs(cells[at]) >= _EXACT_UP_TO for at in odd):
            return None
        return [cell if type(cell) is str else write_cell(cell) for cell in cells]

    def row(self, index: int, cells: Sequence[Any]) -> Row:
        """With what is doubtful in its cells."""
        place = self.place(index)
        doubts = [
            doubt
            for position, cell in enumerate(cells)
            if not isinstance(cell, str) and (doubt := _doubt(cell, position, place))
        ]
        return Row(place, tuple(map(write_cell, cells)), tuple(doubts))

    def place(self, index: int) -> Place:
        """Its number, as Excel shows it."""
        return Place(self._name, index + 1)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except UnreadableFile:
        raise
    except Exception as reason:
        raise _unreadable() from reason
    except BaseException as panic:
        # A panic of the reader's Rust code derives from BaseException and means no more than a damaged file.
        if type(panic).__name__ != "PanicException":
            raise
        raise _unreadable() from panic


def _unreadable() -> UnreadableFile:
    return UnreadableFile(
        "file.damaged_workbook",
        zh="Excel 文件已损坏或设有密码，无法打开。请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。",
        en="The workbook is damaged or has a password. Please open it, save it as .xlsx and upload that.",
    )


def _doubt(cell: float | bool | _Day | _Time | _Duration, position: int, place: Place) -> Problem | None:
    if isinstance(cell, bool):
        return None
    column = _column_letters(position)
    at = Place(sheet=place.sheet, row=place.row, column=column)
    if isinstance(cell, int | float):
        if abs(cell) < _EXACT_UP_TO:
            return None
        return Problem(
            "cell.rounded",
            f"{column} 列的长数字已被 Excel 舍入，请改为文本后重填。",
            f"The long number in column {column} was rounded by Excel; type it again as text.",
            at,
        )
    return Problem(
        "cell.date",
        f"{column} 列是日期或时间，显示样式无法得知，请核对“{write_cell(cell)}”。",
        f"Column {column} holds a date or a time whose style is not known; please check {write_cell(cell)}.",
        at,
    )


def _column_letters(position: int) -> str:
    letters = ""
    number = position + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def write_cell(cell: Cell) -> str:
    """The cell as a person reads it: whole numbers without a point, dates as 2014年5月1日, times as 23:30."""
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, bool):
        return "对" if cell else "错"
    if isinstance(cell, int | float):
        return str(int(cell)) if cell == int(cell) else f"{cell:.15g}"
    return _write_moment(cell)


def _write_moment(cell: _Day | _Time | _Duration) -> str:
    if isinstance(cell, _Duration):
        minutes = int(cell.total_seconds() // 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    words = [f"{cell.year}年{cell.month}月{cell.day}日"] if isinstance(cell, _Day) else []
    if isinstance(cell, _Time):
        words.append(f"{cell.hour}:{cell.minute:02}" + (f":{cell.second:02}" if cell.second else ""))
    return " ".join(words)
