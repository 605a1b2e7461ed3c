"""Responses from a CSV file: marks, marks with frequencies, or raw responses that a key turns into marks.

The first row may name the columns. Recognised by name, in either language: a column of frequencies, and columns
that are no item (a candidate's name or number, a total), which are left out and told. A row that begins with 满分 or
`max` gives the maxima of marks; without it an item's maximum is the largest mark that anyone got, at least 1.
"""

import csv
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from question_bank.errors import InvalidMatrix
from question_bank.formats.plain_text import decode
from question_bank.statistics.matrix import Floats, MarkMatrix

MOST_CELLS = 20_000_000

_FREQUENCY = {"freq", "frequency", "count", "n", "频数", "人数", "次数"}
_NO_ITEM = {
    *{"id", "candidate", "name", "number", "attempt", "quizattempt", "total", "sum", "score", "summarks"},
    *{"序号", "编号", "考号", "准考证号", "姓名", "单位", "总分", "成绩", "合计"},
}
_MAXIMA = {"max", "maximum", "满分", "分值"}
# What a first row of responses may hold beside the letters of the key; anything else in it is a name of a column.
_CHOICES = set("ABCDEFGHIJ") | set("TF对错是否√×✓✗")


@dataclass(frozen=True)
class ResponseTable:
    """What a file held: `matrix` to be analysed, and the names of columns that are no items."""

    matrix: MarkMatrix
    ignored: tuple[str, ...]


def read_table(data: bytes, *, key: str | None = None) -> ResponseTable:
    """Read a CSV file. `key` gives the right options by column, such as "ABDC" or "A,BD,C".

    Without a key, cells are marks; an empty cell is 0. With one, they are options as letters in any order, case and
    width and earn 1 or 0. Raises `UnreadableFile` for an encoding we do not know and `InvalidMatrix`, naming row and
    column, for everything else.
    """
    try:
        rows = [row for row in csv.reader(io.StringIO(decode(data)[0])) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise InvalidMatrix(
            "matrix.no_table",
            zh="无法按 CSV 表格读取：可能有一个引号没有配对。",
            en="It cannot be read as a CSV table; a quotation mark may be without its pair.",
        ) from error
    if not rows:
        raise InvalidMatrix("matrix.empty", zh="文件中没有数据。", en="The file holds no data.")
    width = len(rows[0])
    if len(rows) * width > MOST_CELLS:
        raise InvalidMatrix("matrix.too_large", zh="数据过多，请分批统计。", en="Too much data; please split it.")
    for number, row in enumerate(rows, start=1):
        if len(row) != width:
            raise InvalidMatrix(
                "matrix.ragged",
                zh=f"第 {number} 行有 {len(row)} 列，第 1 行有 {width} 列。",
                en=f"Row {number} has {len(row)} columns, row 1 has {width}.",
            )
    header = rows[0] if _is_header(rows[0], key=key) else [f"{at}" for at in range(1, width + 1)]
    body = rows[1:] if header is rows[0] else rows
    first = 2 if header is rows[0] else 1
    names = [name.strip() for name in header]
    frequency = next((at for at, name in enumerate(names) if name.lower() in _FREQUENCY), None)
    other = [at for at, name in enumerate(names) if name.lower() in _NO_ITEM]
    items = [at for at in range(width) if at != frequency and at not in other]
    maxima_row = next((row for row in body if row[0].strip().lower() in _MAXIMA), None)
    body = [row for row in body if row is not maxima_row]
    counts = np.ones(len(body), dtype=np.int64)
    if frequency is not None:
        counts = _numbers(body, [frequency], names, first=first)[:, 0].astype(np.int64)
    picked = tuple(names[at] for at in items)
    if key is None:
        marks = _numbers(body, items, names, first=first)
        maxima = np.maximum(marks.max(axis=0, initial=0.0), 1.0)
        if maxima_row is not None:
            maxima = _numbers([maxima_row], items, names, first=first)[0]
        matrix = MarkMatrix(picked, marks, counts, maxima)
    else:
        matrix = _mark(body, items, picked, counts, _split_key(key, len(items)))
    return ResponseTable(matrix, tuple(names[at] for at in other))


def _is_header(row: Sequence[str], *, key: str | None) -> bool:
    if any(cell.strip().lower() in _FREQUENCY | _NO_ITEM for cell in row):
        return True
    if key is None:
        return not all(_is_number(cell) for cell in row)
    return any(not _letters(cell) <= _CHOICES | _letters(key) for cell in row)


def _is_number(cell: str) -> bool:
    try:
        float(cell or "0")
    except ValueError:
        return False
    return True


def _numbers(rows: Sequence[Sequence[str]], columns: Sequence[int], names: Sequence[str], *, first: int) -> Floats:
    """The cells as finite numbers. Raises `InvalidMatrix` with the first cell that is none."""
    found = np.zeros((len(rows), len(columns)))
    for at, row in enumerate(rows):
        try:
            found[at] = [float(row[column].strip() or "0") for column in columns]
        except ValueError:
            column = next(column for column in columns if not _is_number(row[column].strip()))
            raise InvalidMatrix(
                "matrix.not_a_number",
                zh=f"第 {at + first} 行「{names[column]}」列：“{row[column][:40]}”不是数字；原始作答请同时给出答案。",
                en=f'Row {at + first}, column "{names[column]}": "{row[column][:40]}" is no number; raw responses'
                " need a key.",
            ) from None
    if not np.isfinite(found).all() or (found < 0).any():
        bad = np.argwhere(~(np.isfinite(found) & (found >= 0)))[0]
        raise InvalidMatrix(
            "matrix.not_a_number",
            zh=f"第 {bad[0] + first} 行「{names[columns[bad[1]]]}」列：应为不小于 0 的数。",
            en=f'Row {bad[0] + first}, column "{names[columns[bad[1]]]}": a number of 0 or more is needed.',
        )
    return found


def _split_key(key: str, items: int) -> tuple[frozenset[str], ...]:
    parts = [part for part in unicodedata.normalize("NFKC", key).replace("\n", ",").split(",") if part.strip()]
    if len(parts) == 1 and items != 1:
        parts = list(parts[0].strip())
    keys = tuple(frozenset(_letters(part)) for part in parts)
    if len(keys) != items or not all(keys):
        raise InvalidMatrix(
            "matrix.key_length",
            zh=f"答案有 {len(keys)} 题，数据有 {items} 题。",
            en=f"The key has {len(keys)} items, the data has {items}.",
        )
    return keys


def _letters(cell: str) -> set[str]:
    folded = unicodedata.normalize("NFKC", cell).upper()
    return {letter for letter in folded if not letter.isspace() and letter not in "、,;|"}


def _mark(
    rows: Sequence[Sequence[str]],
    columns: Sequence[int],
    names: tuple[str, ...],
    counts: np.ndarray,
    keys: tuple[frozenset[str], ...],
) -> MarkMatrix:
    spelt: dict[str, str] = {}
    choices = np.empty((len(rows), len(columns)), dtype="U12")
    for at, row in enumerate(rows):
        for place, column in enumerate(columns):
            cell = row[column]
            if cell not in spelt:
                spelt[cell] = "".join(sorted(_letters(cell)))
            choices[at, place] = spelt[cell]
    marks = (choices == np.array(["".join(sorted(key)) for key in keys])).astype(np.float64)
    return MarkMatrix(names, marks, counts, np.ones(len(columns)), choices, keys)
