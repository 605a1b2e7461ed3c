"""Workbooks: a bank as a table, the template that authors fill in, and what was read of a file with its doubts marked.

Cells are strings, all of them: nothing in a workbook of ours is a formula or an address, whatever an author wrote.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import xlsxwriter

from question_bank.formats.report import Place, Problem
from question_bank.formats.table_headers import Column, Role
from question_bank.formats.writers.outlay import CannotCarry, ItemOut, Pictures, Written, write_each
from question_bank.formats.writers.rows import (
    DIFFICULTY_WORDS,
    LEVEL_WORDS,
    MOST_OPTIONS,
    TYPE_WORDS,
    Cells,
    about,
    cells_of,
    columns_for,
    header_of,
)
from question_bank.formats.writers.sheet_words import COMMENTS, EXAMPLES, MARKED_NOTES, NOTES
from question_bank.items import Item
from question_bank.packages import without_times
from question_bank.wording import Wording

_FEWEST_OPTIONS = 6
_LISTED_ROWS = 5_000
_WIDTHS = {Role.STEM: 48, Role.EXPLANATION: 36, Role.OPTION: 18, Role.BASIS: 22}
_LONGEST_COMMENT = 1_000


@dataclass(frozen=True)
class Marked:
    """An item as it was read, where it stood, and what is doubtful about it: (code, sentences)."""

    item: Item
    place: Wording
    doubts: tuple[tuple[str, Wording], ...]


def write_workbook(items: Sequence[Item], pictures: Pictures, *, mark: str = "") -> Written:
    """The items as an .xlsx file, one in a row; `mark`, on a sheet of its own, says whose copy it is."""
    rows: list[Cells] = []
    written, lost = write_each(items, pictures, lambda out: rows.append(cells_of(out)))
    book = _Book(columns_for(_options_in(rows)))
    for row in rows:
        book.add(row)
    if mark:
        book.add_notes([Wording(mark, mark)])
    return Written(book.close(), len(written), tuple(lost))


def make_template(*, english: bool = False) -> bytes:
    """The workbook that authors fill in: drop-downs, comments, example rows, notes. Its examples read back as items."""
    book = _Book(columns_for(_FEWEST_OPTIONS), english=english)
    for cells in EXAMPLES:
        book.add({place: said.en if english else said.zh for place, said in cells.items()}, example=True)
    book.offer_lists()
    book.comment_headers()
    book.add_notes(NOTES)
    return book.close()


def mark_doubts(entries: Iterable[Marked], refused: Iterable[Problem], *, english: bool = False) -> bytes:
    """What was read, one item in a row: doubtful cells coloured, with a comment that says why and where it stood.

    Mended, it can be uploaded again. What was refused, and items that no row can hold, stand on a sheet of their own.
    """
    entries = list(entries)
    rows: list[tuple[Cells, Marked]] = []
    left: list[Problem] = []
    for number, entry in enumerate(entries, start=1):
        out = ItemOut(place=Place(), item=entry.item, number=number, pictures={})
        try:
            rows.append((cells_of(out, english=english), entry))
        except CannotCarry as reason:
            stem = about(entry.item)[Role.STEM, 0][:60]
            place = entry.place
            left.append(Problem("row.none", f"{place.zh} {stem}：{reason.zh}", f"{place.en} {stem}: {reason.en}"))
    book = _Book(columns_for(_options_in([cells for cells, _ in rows])), english=english)
    for cells, entry in rows:
        book.add(cells, doubts=entry.doubts, place=entry.place)
    book.offer_lists()
    book.add_notes(MARKED_NOTES, [*refused, *left])
    return book.close()


def _options_in(rows: Sequence[Cells]) -> int:
    most = max((index + 1 for cells in rows for role, index in cells if role is Role.OPTION), default=0)
    return min(max(most, _FEWEST_OPTIONS), MOST_OPTIONS)


def _column_of(code: str) -> Role:
    """Where a doubt shows."""
    head = code.split(".", 1)[0]
    return {"type": Role.TYPE, "options": Role.OPTION, "key": Role.KEY, "topic": Role.TOPIC}.get(head, Role.STEM)


class _Book:
    """A workbook with one table of items, under way."""

    def __init__(self, columns: Sequence[Column], *, english: bool = False) -> None:
        self._buffer = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._buffer, {"in_memory": True})
        self._english = english
        self._at = {(column.role, column.index): place for place, column in enumerate(columns)}
        self._columns = columns
        text = {"num_format": 49, "text_wrap": True, "valign": "top"}
        self._head = self._book.add_format({"bold": True, "bottom": 1, "bg_color": "#F3EFE6", "num_format": 49})
        self._text = self._book.add_format(text)
        self._example = self._book.add_format({**text, "italic": True, "font_color": "#5F5F5F"})
        self._doubtful = self._book.add_format({**text, "bg_color": "#FFE08A", "border": 1, "border_color": "#B06A00"})
        self._sheet = self._book.add_worksheet("Items" if english else "试题")
        for place, column in enumerate(columns):
            self._sheet.set_column(place, place, _WIDTHS.get(column.role, 12), self._text)
            self._sheet.write_string(0, place, header_of(column, english=english), self._head)
        self._sheet.freeze_panes(1, 2)
        self._row = 0

    def add(
        self,
        cells: Cells,
        *,
        example: bool = False,
        doubts: Sequence[tuple[str, Wording]] = (),
        place: Wording | None = None,
    ) -> None:
        """One more row."""
        self._row += 1
        for named, text in cells.items():
            self._sheet.write_string(self._row, self._at[named], text, self._example if example else self._text)
        said: dict[Role, list[str]] = {}
        for code, wording in doubts:
            said.setdefault(_column_of(code), []).append(self._say(wording))
        for role, sentences in said.items():
            at = self._at[role, 0]
            self._sheet.write_string(self._row, at, cells.get((role, 0), ""), self._doubtful)
            where = [self._say(place)] if place is not None else []
            self._sheet.write_comment(self._row, at, "\n".join([*sentences, *where])[:_LONGEST_COMMENT])

    def offer_lists(self) -> None:
        """Drop-downs for type, difficulty and level; another word may still be typed, for the reader knows many."""
        words: dict[Role, Iterable[Wording]] = {
            Role.TYPE: TYPE_WORDS.values(),
            Role.DIFFICULTY: DIFFICULTY_WORDS.values(),
            Role.LEVEL: LEVEL_WORDS.values(),
        }
        for role, offered in words.items():
            at = self._at[role, 0]
            source = [self._say(wording) for wording in offered]
            listed = {"validate": "list", "source": source, "error_type": "information"}
            self._sheet.data_validation(1, at, max(_LISTED_ROWS, self._row), at, listed)

    def comment_headers(self) -> None:
        """What each column takes."""
        for place, column in enumerate(self._columns):
            if column.role in COMMENTS and column.index == 0:
                self._sheet.write_comment(0, place, self._say(COMMENTS[column.role]))

    def add_notes(self, lines: Sequence[Wording], problems: Iterable[Problem] = ()) -> None:
        """A sheet of sentences, which the reader passes over."""
        sheet = self._book.add_worksheet("Notes" if self._english else "填写说明")
        sheet.set_column(0, 0, 100, self._text)
        places = [Wording(f"{one.place.zh} {one.zh}".strip(), f"{one.place.en} {one.en}".strip()) for one in problems]
        for row, line in enumerate([*lines, *places]):
            sheet.write_string(row, 0, self._say(line), self._text)

    def close(self) -> bytes:
        """The file."""
        self._book.close()
        return without_times(self._buffer.getvalue())

    def _say(self, wording: Wording) -> str:
        return wording.en if self._english else wording.zh
