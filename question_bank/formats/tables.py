"""Banks in tables: a header or none, one item per row or one option per row."""

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice
from typing import Any

from question_bank.formats.drafts import Draft, Findings
from question_bank.formats.plain_rows import PlainRows
from question_bank.formats.report import Place, Problem, ReadItem
from question_bank.formats.spellings import (
    LETTERS,
    fold_width,
    names_unsupported_type,
    read_judge,
    read_letters,
    read_type,
)
from question_bank.formats.table_extras import add_part, begin_case, cell_of, read_extras
from question_bank.formats.table_headers import Layout, Role, find_layout, read_header_row
from question_bank.formats.table_rows import read_item_row, read_option_rows
from question_bank.formats.text_lines import match_chapter, match_heading
from question_bank.items import ItemType

_NOTES = re.compile(r"(?:填写|填表|使用|导入)?(?:说明|须知)|notes|instructions|read ?me", re.IGNORECASE)
_SAMPLE = 2_000
"""So many rows say how a table without a header is laid out."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row as text, and what is doubtful about them (a rounded number, a date)."""

    place: Place
    cells: tuple[str, ...]
    doubts: tuple[Problem, ...] = ()


class Rows(ABC):
    """The rows of a table, gone through from the first to the last, as often as is wanted; `Held` or read anew."""

    @abstractmethod
    def each(self) -> Iterator[Sequence[Any]]:
        """The cells of each row, as the file has them."""

    @abstractmethod
    def texts(self, cells: Sequence[Any]) -> Sequence[str] | None:
        """These cells where all of them are texts that nobody need doubt; else None."""

    @abstractmethod
    def row(self, index: int, cells: Sequence[Any]) -> Row:
        """The row at `index`, from 0, of these cells."""

    @abstractmethod
    def place(self, index: int) -> Place:
        """Where the row at `index` stands."""

    def read(self) -> Iterator[Row]:
        """Every row."""
        return (self.row(index, cells) for index, cells in enumerate(self.each()))

    def at(self, wanted: Collection[int]) -> dict[int, Row]:
        """The rows at these places, by place."""
        if not wanted:
            return {}
        last = max(wanted)
        rows = islice(enumerate(self.each()), last + 1)
        return {index: self.row(index, cells) for index, cells in rows if index in wanted}


class Held(Rows):
    """Rows that are all there."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def each(self) -> Iterator[Sequence[str]]:
        """Their cells."""
        return (row.cells for row in self._rows)

    def texts(self, cells: Sequence[Any]) -> Sequence[str] | None:
        """None: small tables are read the general way."""
        del cells
        return None

    def row(self, index: int, cells: Sequence[Any]) -> Row:
        """The row."""
        del cells
        return self._rows[index]

    def place(self, index: int) -> Place:
        """Its place."""
        return self._rows[index].place


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet or a table of a document. `merged` are vertical merges: (first row, last row, column), from 0."""

    name: str
    rows: Rows
    merged: tuple[tuple[int, int, int], ...] = ()


def looks_like_items(table: Table) -> bool:
    """Whether the table has a header that names a stem and something more."""
    layout = find_layout([row.cells for row in islice(table.rows.read(), 20)])
    return layout is not None and layout.header_row is not None


def read_table(table: Table) -> Findings:
    """Every draft of the table, and what was read past. Raises nothing."""
    found = Findings()
    found.drafts += [draft for draft in read_rows(table, found) if isinstance(draft, Draft)]
    return found


def read_rows(table: Table, found: Findings) -> Iterator[Draft | ReadItem]:
    """The drafts of a table in turn, and in place of a draft the item where its row is plain; what was read past is in
    `found` when they are through. No more of the table is in memory than the rows of one item."""
    sample = [row.cells for row in islice(table.rows.read(), _SAMPLE)]
    layout = find_layout(sample)
    if layout is not None:
        yield from _Reader(table, layout, found).read()
        return
    sizes = [sum(map(bool, row.cells)) for row in table.rows.read()]
    filled = sum(map(bool, sizes))
    # A sheet of sentences that says so itself, as templates have one, holds no item that could be missed.
    if filled and not (_NOTES.fullmatch(table.name.strip()) and max(sizes) == 1):
        found.lost.append(
            Problem(
                "sheet.no_items",
                f"没有找到题干列，未读入（{filled} 行）。",
                f"No column of stems was found; not read ({filled} rows).",
                Place(sheet=table.name or None),
            )
        )


def read_laid_out(name: str, rows: Sequence[Row], layout: Layout, found: Findings) -> Iterator[Draft | ReadItem]:
    """The drafts of rows of the sheet of that name, whose columns are known and whose header is not among them."""
    return _Reader(Table(name, Held(rows)), layout, found).read()


class _Reader:
    """Reads the rows of one table; a section row or a repeated header changes how the next ones are read."""

    def __init__(self, table: Table, layout: Layout, found: Findings) -> None:
        self._table = table
        self._layout = layout
        self._found = found
        self._section = read_type(table.name)
        self._unsupported = table.name if names_unsupported_type(table.name) else ""
        self._topic: tuple[str, ...] = ()
        self._case: Draft | None = None
        self._case_number = ""
        self._inherited = _read_merges(table, layout)
        self._set_aside: list[int] = []
        self._not_kept: dict[int, tuple[int, Place]] = {}

    @cached_property
    def _letters_judge(self) -> bool:
        return _letters_judge(self._table.rows.read(), self._layout)

    def read(self) -> Iterator[Draft | ReadItem]:
        """The drafts and the items of plain rows, in the order of the table."""
        rows, start = self._table.rows, 0 if self._layout.header_row is None else self._layout.header_row + 1
        by_option = self._layout.position(Role.OPTION_TEXT) is not None
        group: list[Row] = []
        plain = self._plain()
        for index, cells in enumerate(rows.each()):
            if index < start:
                continue
            texts = rows.texts(cells) if plain is not None and index not in self._inherited else None
            if texts is not None and plain is not None:
                item = plain.read(texts, partial(rows.place, index))
                if item is not None:
                    yield from self._end_case()
                    self._count_not_kept(texts, item.place)
                    yield item
                    continue
            row = rows.row(index, cells)
            if not any(row.cells):
                continue
            if self._read_marker(row):
                plain = self._plain()
                continue
            self._count_not_kept(row.cells, row.place)
            full = Row(row.place, self._inherit(index, row.cells), row.doubts)
            if not by_option:
                yield from self._take_row(full)
                continue
            if group and not self._continues(group[0], full):
                yield self._take_group(group)
                group = []
            group.append(full)
        if group:
            yield self._take_group(group)
        yield from self._end_case()
        self._name_columns_not_kept()

    def _plain(self) -> PlainRows | None:
        roles = (Role.NOT_KEPT, Role.PICTURE)
        self._set_aside = [position for position, column in self._layout.columns.items() if column.role in roles]
        plain = PlainRows(self._layout, section=self._section, topic=self._topic)
        return plain if plain.possible else None

    def _read_marker(self, row: Row) -> bool:
        """Takes in a row that is no item: a section, a chapter, or the header once more."""
        columns = read_header_row(row.cells)
        if columns is not None:
            self._layout = Layout(columns, self._layout.header_row, self._layout.type_codes)
            return True
        filled = [cell for cell in row.cells if cell]
        if len(filled) != 1:
            return False
        heading = match_heading(fold_width(filled[0]))
        if heading is not None and heading.end >= len(filled[0]):
            self._section, self._unsupported = heading.item_type, heading.unsupported
            return True
        chapter = match_chapter(filled[0])
        if chapter is not None:
            level, name = chapter
            self._topic = (*self._topic[: level - 1], name)
        return chapter is not None

    def _inherit(self, index: int, cells: tuple[str, ...]) -> tuple[str, ...]:
        merged = self._inherited.get(index)
        if not merged:
            return cells
        return tuple(cell or merged.get(position, "") for position, cell in enumerate(cells))

    def _continues(self, first: Row, row: Row) -> bool:
        """Whether a row is one more option of the item that `first` began."""
        number, stem = self._layout.position(Role.NUMBER), self._layout.position(Role.STEM)
        if number is not None and row.cells[number] and first.cells[number]:
            return row.cells[number] == first.cells[number]
        return stem is None or not row.cells[stem] or row.cells[stem] == first.cells[stem]

    def _take_row(self, row: Row) -> Iterator[Draft]:
        draft = read_item_row(row.place, row.cells, self._layout)
        read_extras(draft, row.cells, self._layout)
        number = cell_of(row.cells, self._layout, Role.CASE)
        if not number:
            yield from self._end_case()
            yield self._complete(draft, row.doubts)
            return
        if self._case is None or number != self._case_number:
            yield from self._end_case()
            self._case = self._complete(begin_case(draft, row.cells, self._layout), ())
            self._case_number = number
        self._case.doubts += row.doubts
        add_part(self._case, draft, row.cells, self._layout)

    def _end_case(self) -> Iterator[Draft]:
        if self._case is not None:
            yield self._case
            self._case = None

    def _take_group(self, group: Sequence[Row]) -> Draft:
        draft = read_option_rows(group[0].place, [row.cells for row in group], self._layout)
        return self._complete(draft, tuple(doubt for row in group for doubt in row.doubts))

    def _complete(self, draft: Draft, doubts: tuple[Problem, ...]) -> Draft:
        draft.doubts.extend(doubts)
        if draft.declared is None and not draft.unsupported:
            draft.declared, draft.unsupported = self._section, self._unsupported
        no_options = draft.declared is None and not draft.options and read_letters(draft.key_text or "")
        if no_options and self._letters_judge:
            draft.declared = ItemType.TRUE_FALSE
        if draft.declared is ItemType.ORDERING and self._layout.position(Role.KEY) is None:
            draft.key_text = LETTERS[: len(draft.options)]
        draft.topic = draft.topic or self._topic
        return draft

    def _count_not_kept(self, cells: Sequence[str], place: Place) -> None:
        for position in self._set_aside:
            if position < len(cells) and cells[position]:
                count, first = self._not_kept.get(position, (0, place))
                self._not_kept[position] = count + 1, first

    def _name_columns_not_kept(self) -> None:
        for position in self._set_aside:
            if position in self._not_kept:
                count, first = self._not_kept[position]
                header = self._layout.columns[position].header
                self._found.lost.append(
                    Problem(
                        "column.not_kept",
                        f"“{header}”列不保存在试题中，共 {count} 行。",
                        f"The column {header} is not kept with items (rows: {count}).",
                        first,
                    )
                )


def _read_merges(table: Table, layout: Layout) -> Mapping[int, Mapping[int, str]]:
    """What rows inside a vertical merge have from its first row: topic, type and the like, never stem or key."""
    shared = {
        position
        for role in (Role.TOPIC, Role.TYPE, Role.LEVEL, Role.DIFFICULTY, Role.BASIS)
        for position in layout.positions(role)
    }
    merges = [(first, last, column) for first, last, column in table.merged if column in shared]
    heads = table.rows.at({first for first, _, _ in merges})
    inherited: dict[int, dict[int, str]] = {}
    for first, last, column in merges:
        for index in range(first + 1, last + 1) if first in heads else ():
            inherited.setdefault(index, {})[column] = heads[first].cells[column]
    return inherited


def _letters_judge(rows: Iterable[Row], layout: Layout) -> bool:
    """Whether rows without options are judged by A and B: there are such rows, and none has another letter."""
    key, options = layout.position(Role.KEY), layout.positions(Role.OPTION)
    if key is None or not options:
        return False
    met = False
    for text in _keys_without_options(rows, key, options):
        met = True
        if read_judge(text) is None and read_letters(text) not in (("A",), ("B",)):
            return False
    return met


def _keys_without_options(rows: Iterable[Row], key: int, options: Sequence[int]) -> Iterator[str]:
    for row in rows:
        if row.cells[key : key + 1] != ("",) and key < len(row.cells) and not any(row.cells[at] for at in options):
            yield row.cells[key]
