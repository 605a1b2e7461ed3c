"""Banks in tables: a header or none, one item per row or one option per row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from question_bank.formats.drafts import Draft, Findings
from question_bank.formats.report import Place, Problem
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


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row as text, and what is doubtful about them (a rounded number, a date)."""

    place: Place
    cells: tuple[str, ...]
    doubts: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet or a table of a document. `merged` are vertical merges: (first row, last row, column), from 0."""

    name: str
    rows: tuple[Row, ...]
    merged: tuple[tuple[int, int, int], ...] = ()


def looks_like_items(table: Table) -> bool:
    """Whether the table has a header that names a stem and something more."""
    layout = find_layout([row.cells for row in table.rows[:20]])
    return layout is not None and layout.header_row is not None


def read_table(table: Table) -> Findings:
    """Every draft of the table, and what was read past. Raises nothing."""
    rows = [row.cells for row in table.rows]
    found = Findings()
    layout = find_layout(rows)
    if layout is None:
        filled = sum(any(cells) for cells in rows)
        if filled:
            found.lost.append(
                Problem(
                    "sheet.no_items",
                    f"没有找到题干列，未读入（{filled} 行）。",
                    f"No column of stems was found; not read ({filled} rows).",
                    Place(sheet=table.name or None),
                )
            )
        return found
    _Reader(table, layout, found).read()
    return found


class _Reader:
    """Reads the rows of one table; a section row or a repeated header changes how the next ones are read."""

    def __init__(self, table: Table, layout: Layout, found: Findings) -> None:
        self._table = table
        self._layout = layout
        self._found = found
        self._section = read_type(table.name)
        self._unsupported = table.name if names_unsupported_type(table.name) else ""
        self._topic: tuple[str, ...] = ()
        self._case, self._case_number = Draft(Place()), ""
        self._inherited = _read_merges(table, layout)
        self._letters_judge = _letters_judge(table.rows, layout)

    def read(self) -> None:
        start = 0 if self._layout.header_row is None else self._layout.header_row + 1
        by_option = self._layout.position(Role.OPTION_TEXT) is not None
        group: list[Row] = []
        for index, row in enumerate(self._table.rows[start:], start=start):
            if not any(row.cells) or self._read_marker(row):
                continue
            full = Row(row.place, self._inherit(index, row.cells), row.doubts)
            if not by_option:
                self._take_row(full)
                continue
            if group and not self._continues(group[0], full):
                self._take_group(group)
                group = []
            group.append(full)
        if group:
            self._take_group(group)
        self._name_columns_not_kept(start)

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

    def _take_row(self, row: Row) -> None:
        draft = read_item_row(row.place, row.cells, self._layout)
        read_extras(draft, row.cells, self._layout)
        number = cell_of(row.cells, self._layout, Role.CASE)
        if not number:
            self._take(draft, row.doubts)
            return
        if number != self._case_number:
            self._case, self._case_number = begin_case(draft, row.cells, self._layout), number
            self._take(self._case, ())
        self._case.doubts += row.doubts
        add_part(self._case, draft, row.cells, self._layout)

    def _take_group(self, group: Sequence[Row]) -> None:
        draft = read_option_rows(group[0].place, [row.cells for row in group], self._layout)
        self._take(draft, tuple(doubt for row in group for doubt in row.doubts))

    def _take(self, draft: Draft, doubts: tuple[Problem, ...]) -> None:
        draft.doubts.extend(doubts)
        if draft.declared is None and not draft.unsupported:
            draft.declared, draft.unsupported = self._section, self._unsupported
        no_options = draft.declared is None and not draft.options and read_letters(draft.key_text or "")
        if no_options and self._letters_judge:
            draft.declared = ItemType.TRUE_FALSE
        if draft.declared is ItemType.ORDERING and self._layout.position(Role.KEY) is None:
            draft.key_text = LETTERS[: len(draft.options)]
        draft.topic = draft.topic or self._topic
        self._found.drafts.append(draft)

    def _name_columns_not_kept(self, start: int) -> None:
        for position, column in self._layout.columns.items():
            if column.role not in (Role.NOT_KEPT, Role.PICTURE):
                continue
            filled = [row for row in self._table.rows[start:] if position < len(row.cells) and row.cells[position]]
            if filled:
                self._found.lost.append(
                    Problem(
                        "column.not_kept",
                        f"“{column.header}”列不保存在试题中，共 {len(filled)} 行。",
                        f"The column {column.header} is not kept with items; {len(filled)} rows.",
                        filled[0].place,
                    )
                )


def _read_merges(table: Table, layout: Layout) -> Mapping[int, Mapping[int, str]]:
    """What rows inside a vertical merge have from its first row: topic, type and the like, never stem or key."""
    shared = {
        position
        for role in (Role.TOPIC, Role.TYPE, Role.LEVEL, Role.DIFFICULTY, Role.BASIS)
        for position in layout.positions(role)
    }
    inherited: dict[int, dict[int, str]] = {}
    for first, last, column in table.merged:
        if column not in shared or first >= len(table.rows):
            continue
        for index in range(first + 1, min(last + 1, len(table.rows))):
            inherited.setdefault(index, {})[column] = table.rows[first].cells[column]
    return inherited


def _letters_judge(rows: Sequence[Row], layout: Layout) -> bool:
    """Whether rows without options are judged by A and B: there are such rows, and none has another letter."""
    key, options = layout.position(Role.KEY), layout.positions(Role.OPTION)
    if key is None or not options:
        return False
    keys = list(_keys_without_options(rows, key, options))
    return bool(keys) and all(read_judge(text) is not None or read_letters(text) in (("A",), ("B",)) for text in keys)


def _keys_without_options(rows: Sequence[Row], key: int, options: Sequence[int]) -> Iterator[str]:
    for row in rows:
        if row.cells[key : key + 1] != ("",) and key < len(row.cells) and not any(row.cells[at] for at in options):
            yield row.cells[key]
