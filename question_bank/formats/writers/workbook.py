"""Workbooks: a bank as a table, the template that authors fill in, and what was read of a file with its doubts marked.

Cells are strings, all of them: nothing in a workbook of ours is a formula or an address, whatever an author wrote.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from question_bank.formats.report import Place, Problem
from question_bank.formats.table_headers import Role
from question_bank.formats.writers.examples import examples
from question_bank.formats.writers.families import FAMILIES, Family, family_of, header_of
from question_bank.formats.writers.outlay import CannotCarry, ItemOut, Pictures, Written, write_each
from question_bank.formats.writers.rows import DIFFICULTY_WORDS, LEVEL_WORDS, Cells, rows_as_read, rows_of
from question_bank.formats.writers.sheet_words import MARKED_NOTES, NOTES, comment_on
from question_bank.items import Item
from question_bank.kinds import kind_of
from question_bank.packages import without_times
from question_bank.wording import Wording

_LISTED_ROWS = 5_000
_WIDTHS = {
    Role.STEM: 48,
    Role.STIMULUS: 48,
    Role.EXPLANATION: 36,
    Role.CASE_EXPLANATION: 36,
    Role.POINT: 30,
    Role.CONDITIONS: 30,
    Role.OPTION: 18,
    Role.PREMISE: 18,
    Role.COUNTERPART: 18,
    Role.CASE_TITLE: 22,
    Role.BASIS: 22,
}
_LONGEST_COMMENT = 1_000


@dataclass(frozen=True)
class Marked:
    """An item as it was read, where it stood, and what is doubtful about it: (code, sentences)."""

    item: Item
    place: Wording
    doubts: tuple[tuple[str, Wording], ...]


def write_workbook(items: Sequence[Item], pictures: Pictures, *, mark: str = "") -> Written:
    """The items as an .xlsx file in the layout of the template, one in a row, a case in a row for each part.

    Each was read back from its rows: what our reader would not find is in `lost`, and an item that would become another
    is left out and named there. `mark`, on a sheet of its own, says whose copy it is.
    """
    laid: dict[Family, list[list[Cells]]] = {FAMILIES[0]: []}

    def write(out: ItemOut) -> None:
        laid.setdefault(family_of(out.item.item_type), []).append(rows_as_read(out))

    written, lost = write_each(items, pictures, write)
    book = _Book()
    for family in FAMILIES:
        if family in laid:
            sheet = book.add_sheet(family, laid[family])
            for rows in laid[family]:
                sheet.add(rows)
    if mark:
        book.add_notes([Wording(mark, mark)])
    return Written(book.close(), len(written), tuple(lost))


def make_template(*, english: bool = False) -> bytes:
    """The workbook that authors fill in: a sheet for each family of types, with drop-downs, comments, example rows, and
    notes. Its examples read back as items."""
    book = _Book(english=english)
    shown = examples(english=english)
    for family in FAMILIES:
        sheet = book.add_sheet(family, ())
        for number, item in enumerate(shown, start=1):
            if family_of(item.item_type) is family:
                sheet.add(rows_of(item, number, english=english), example=True)
        sheet.offer_lists()
        sheet.comment_headers()
    book.add_notes(NOTES)
    return book.close()


def mark_doubts(entries: Iterable[Marked], refused: Iterable[Problem], *, english: bool = False) -> bytes:
    """What was read, in the layout of the template: doubtful cells coloured, with a comment that says why and where it
    stood.

    Mended, it can be uploaded again. What was refused, and items that no row can hold, stand on a sheet of their own.
    """
    laid: dict[Family, list[tuple[list[Cells], Marked]]] = {FAMILIES[0]: []}
    left: list[Problem] = []
    for number, entry in enumerate(entries, start=1):
        item = entry.item
        try:
            laid.setdefault(family_of(item.item_type), []).append((rows_of(item, number, english=english), entry))
        except CannotCarry as reason:
            title = ItemOut(place=Place(), item=item, number=number, pictures={}).title
            place = entry.place
            left.append(Problem("row.none", f"{place.zh} {title}：{reason.zh}", f"{place.en} {title}: {reason.en}"))
    book = _Book(english=english)
    for family in FAMILIES:
        if family in laid:
            sheet = book.add_sheet(family, [rows for rows, _ in laid[family]])
            for rows, entry in laid[family]:
                sheet.add(rows, doubts=entry.doubts, place=entry.place)
            sheet.offer_lists()
    book.add_notes(MARKED_NOTES, [*refused, *left])
    return book.close()


def _column_of(code: str) -> Role:
    """Where a doubt shows."""
    head = code.split(".", 1)[0]
    return {"type": Role.TYPE, "options": Role.OPTION, "key": Role.KEY, "topic": Role.TOPIC}.get(head, Role.STEM)


class _Book:
    """A workbook under way."""

    def __init__(self, *, english: bool = False) -> None:
        self._buffer = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._buffer, {"in_memory": True})
        self.english = english
        text = {"num_format": 49, "text_wrap": True, "valign": "top"}
        self.head = self._book.add_format({"bold": True, "bottom": 1, "bg_color": "#F3EFE6", "num_format": 49})
        self.text = self._book.add_format(text)
        self.example = self._book.add_format({**text, "italic": True, "font_color": "#5F5F5F"})
        self.doubtful = self._book.add_format({**text, "bg_color": "#FFE08A", "border": 1, "border_color": "#B06A00"})

    def add_sheet(self, family: Family, laid: Iterable[Sequence[Cells]]) -> "_Sheet":
        """A sheet of the family with the columns that these rows need."""
        needed: dict[Role, int] = {}
        for role, index in {place for rows in laid for cells in rows for place in cells}:
            needed[role] = max(needed.get(role, 0), index + 1)
        return _Sheet(self, self._book.add_worksheet(self.say(family.name)), family, needed)

    def add_notes(self, lines: Sequence[Wording], problems: Iterable[Problem] = ()) -> None:
        """A sheet of sentences, which the reader passes over."""
        sheet = self._book.add_worksheet("Notes" if self.english else "填写说明")
        sheet.set_column(0, 0, 100, self.text)
        places = [Wording(f"{one.place.zh} {one.zh}".strip(), f"{one.place.en} {one.en}".strip()) for one in problems]
        for row, line in enumerate([*lines, *places]):
            sheet.write_string(row, 0, self.say(line), self.text)

    def close(self) -> bytes:
        """The file."""
        self._book.close()
        return without_times(self._buffer.getvalue())

    def say(self, wording: Wording) -> str:
        return wording.en if self.english else wording.zh


class _Sheet:
    """One sheet of items, under way."""

    def __init__(self, book: _Book, sheet: Worksheet, family: Family, needed: Mapping[Role, int]) -> None:
        self._book, self._sheet, self._family = book, sheet, family
        self._columns = family.columns(needed)
        self._at = {(column.role, column.index): place for place, column in enumerate(self._columns)}
        for place, column in enumerate(self._columns):
            sheet.set_column(place, place, _WIDTHS.get(column.role, 12), book.text)
            sheet.write_string(0, place, header_of(column, family, english=book.english), book.head)
        sheet.freeze_panes(1, 1 if Role.CASE in family.own else self._at[Role.STEM, 0] + 1)
        self._row = 0

    def add(
        self,
        rows: Sequence[Cells],
        *,
        example: bool = False,
        doubts: Sequence[tuple[str, Wording]] = (),
        place: Wording | None = None,
    ) -> None:
        """One more item; what is doubtful about it shows in its first row."""
        first = self._row + 1
        for cells in rows:
            self._row += 1
            for named, text in cells.items():
                if named in self._at:  # the type is what the sheet is called, where all its rows have one
                    self._sheet.write_string(
                        self._row, self._at[named], text, self._book.example if example else self._book.text
                    )
        said: dict[int, list[str]] = {}
        for code, wording in doubts:
            at = self._at.get((_column_of(code), 0), self._at[Role.STEM, 0])
            said.setdefault(at, []).append(self._book.say(wording))
        for at, sentences in said.items():
            column = self._columns[at]
            self._sheet.write_string(first, at, rows[0].get((column.role, column.index), ""), self._book.doubtful)
            where = [self._book.say(place)] if place is not None else []
            self._sheet.write_comment(first, at, "\n".join([*sentences, *where])[:_LONGEST_COMMENT])

    def offer_lists(self) -> None:
        """Drop-downs for type, difficulty and level; another word may still be typed, for the reader knows many."""
        words: dict[Role, Iterable[Wording]] = {
            Role.TYPE: [kind_of(item_type).name for item_type in self._family.types],
            Role.DIFFICULTY: DIFFICULTY_WORDS.values(),
            Role.LEVEL: LEVEL_WORDS.values(),
        }
        for role, offered in words.items():
            at = self._at.get((role, 0))
            if at is not None:
                source = [self._book.say(wording) for wording in offered]
                listed = {"validate": "list", "source": source, "error_type": "information"}
                self._sheet.data_validation(1, at, max(_LISTED_ROWS, self._row), at, listed)

    def comment_headers(self) -> None:
        """What each column takes."""
        for place, column in enumerate(self._columns):
            comment = comment_on(column, self._family)
            if comment is not None:
                self._sheet.write_comment(0, place, self._book.say(comment))
