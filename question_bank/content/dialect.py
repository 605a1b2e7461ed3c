"""The Markdown that item texts are written in: five constructs, each of which plain exam prose hardly ever holds.

    **重点**                      emphasis: the stars touch the words, and no Latin letter or digit touches the stars
    $a^2+b^2$   $$\\frac{a}{b}$$   a formula in LaTeX, in the line or on a line of its own
    ![说明](picture:<sha256>)     a picture, by the hash of its bytes; nothing else can be linked
    | 甲 | 乙 |                   a table: every line begins and ends with a bar,
    |----|----|                   the second line holds three dashes or more for each cell
    \\*  \\$  \\|  \\!                the character itself

Everything else stands as it is written: `1*2*3`, `a_b`, `____`, `# 1`, `- x`, `1. 中共`, `<b>`, `（  ）`, every line
break and every space. Headings, lists, quotations, links and raw HTML are not constructs here: an author who numbers
lines in a stem wants those numbers, and a file of ten years ago knows no markup. `docs/decisions/` tells why.

A backslash counts only before one of the four characters; where several stand before one, each two make one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

MOST_COLUMNS = 30

ACTIVE = "*$|!"

_LINE_ENDS = re.compile(r"\r\n?")
_ESCAPE = re.compile(r"(\\+)([*$|!])")
_FORMULA = re.compile(
    r"\$\$(?P<display>(?:[^$\\]|\\.)+)\$\$"
    r"|(?<![0-9A-Za-z$])\$(?!\s)(?P<inline>(?:[^$\\\n]|\\.)+)(?<!\s)\$(?![0-9A-Za-z_$])",
    re.DOTALL,
)
_PICTURE = re.compile(r"!\[(?P<alt>[^\[\]\n]*)\]\(picture:(?P<sha256>[0-9a-f]{64})\)")
_NEXT = re.compile(r"[\\*$!\n]")
_DELIMITER = re.compile(r"\|(?:[ \t]*:?-{3,}:?[ \t]*\|)+")
_HAN = re.compile("[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")


@dataclass(frozen=True, slots=True)
class Text:
    """Characters as they are shown; never a line break."""

    text: str


@dataclass(frozen=True, slots=True)
class Break:
    """A line break that the author wrote."""


@dataclass(frozen=True, slots=True)
class Formula:
    """LaTeX without its dollars; `display`: it stands on a line of its own."""

    latex: str
    display: bool


@dataclass(frozen=True, slots=True)
class PictureUse:
    """A picture where it stands: hash of its bytes (64 hex digits) and what it shows, in words."""

    sha256: str
    alt: str


@dataclass(frozen=True, slots=True)
class Strong:
    """Emphasised words."""

    parts: "tuple[Inline, ...]"


Inline: TypeAlias = Text | Break | Formula | PictureUse | Strong


@dataclass(frozen=True, slots=True)
class Blank:
    """An empty line, as it was written: nothing, or spaces."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines without an empty one between them."""

    parts: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of equally many cells, the first of which is the head; `align` per column: left, right, center or ""."""

    align: tuple[str, ...]
    head: tuple[tuple[Inline, ...], ...]
    rows: tuple[tuple[tuple[Inline, ...], ...], ...]


Block: TypeAlias = Blank | Paragraph | Table


def parse(markdown: str) -> tuple[Block, ...]:
    """The text as blocks, in linear time. Every text can be read: what is no construct is text."""
    lines = _LINE_ENDS.sub("\n", markdown).split("\n")
    blocks: list[Block] = []
    gathered: list[str] = []

    def close() -> None:
        if gathered:
            blocks.append(Paragraph(tuple(_inlines("\n".join(gathered)))))
            gathered.clear()

    number = 0
    while number < len(lines):
        line = lines[number]
        end = _table_end(lines, number)
        if end > number:
            close()
            blocks.append(_table(lines[number:end]))
            number = end
            continue
        if line.strip():
            gathered.append(line)
        else:
            close()
            blocks.append(Blank(line))
        number += 1
    close()
    return tuple(blocks)


def inlines_of(blocks: tuple[Block, ...]) -> Iterator[Inline]:
    """Every part of every block in order, those inside emphasis and cells too."""
    for block in blocks:
        if isinstance(block, Paragraph):
            yield from _deep(block.parts)
        elif isinstance(block, Table):
            for row in (block.head, *block.rows):
                for cell in row:
                    yield from _deep(cell)


def _deep(parts: tuple[Inline, ...]) -> Iterator[Inline]:
    for part in parts:
        yield part
        if isinstance(part, Strong):
            yield from _deep(part.parts)


def _inlines(source: str) -> Iterator[Inline]:
    """Neighbouring characters as one `Text`."""
    pending: list[str] = []
    at = 0
    while at < len(source):
        found = _NEXT.search(source, at)
        if found is None:
            pending.append(source[at:])
            break
        pending.append(source[at : found.start()])
        at = found.start()
        read = _construct(source, at)
        if isinstance(read[0], str):
            pending.append(read[0])
        else:
            if text := "".join(pending):
                yield Text(text)
            pending.clear()
            yield read[0]
        at = read[1]
    if text := "".join(pending):
        yield Text(text)


def _construct(source: str, at: int) -> tuple[Inline | str, int]:
    """What begins with the mark at `at`, a construct or the characters themselves, and where it ends."""
    mark = source[at]
    if mark == "\n":
        return Break(), at + 1
    if mark == "\\":
        return _backslashes(source, at)
    if mark == "$" and (formula := _formula_at(source, at)):
        latex = formula["display"] or formula["inline"]
        return Formula(latex.strip(), display=formula["display"] is not None), formula.end()
    if mark == "!" and (picture := _PICTURE.match(source, at)):
        return PictureUse(picture["sha256"], picture["alt"].strip()), picture.end()
    if mark == "*":
        return _stars(source, at)
    return mark, at + 1


def _backslashes(source: str, at: int) -> tuple[str, int]:
    run = _ESCAPE.match(source, at)
    if run is None:
        end = at
        while source.startswith("\\", end):
            end += 1
        return source[at:end], end
    slashes = len(run[1])
    if slashes % 2:
        return "\\" * (slashes // 2) + run[2], run.end()
    return "\\" * (slashes // 2), run.end() - 1


def _formula_at(source: str, at: int) -> re.Match[str] | None:
    """A formula that begins here: it says something, and it is no sum of money in a Chinese sentence."""
    found = _FORMULA.match(source, at)
    if found is None:
        return None
    latex = (found["display"] or found["inline"]).strip()
    if not latex or "\n\n" in latex:
        return None
    if found["inline"] and "\\" not in latex and _HAN.search(latex):
        return None
    return found


def _stars(source: str, at: int) -> tuple[Inline | str, int]:
    """Emphasis from two stars to the next two on the line; or the run of stars itself."""
    run = at
    while source.startswith("*", run):
        run += 1
    if run - at != 2 or not _opens(source, at):
        return source[at:run], run
    end = _closing(source, run)
    if end < 0:
        return source[at:run], run
    return Strong(tuple(_inlines(source[run:end]))), end + 2


def _opens(source: str, at: int) -> bool:
    return not _is_latin(source[at - 1 : at]) and bool(source[at + 2 : at + 3].strip())


def _closing(source: str, start: int) -> int:
    """Where the next two stars on the line stand, if they may close; -1 if not."""
    end = start
    while True:
        end = source.find("**", end)
        if end < 0 or "\n" in source[start:end]:
            return -1
        slashes = 0
        while source[end - 1 - slashes] == "\\":
            slashes += 1
        if slashes % 2 == 0:
            break
        end += 1
    lone = source[end + 2 : end + 3] != "*"
    closes = bool(source[end - 1].strip()) and not _is_latin(source[end + 2 : end + 3])
    return end if lone and closes else -1


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _table_end(lines: list[str], start: int) -> int:
    """The line after the table that begins at `start`; `start` where none begins."""
    if start + 1 >= len(lines) or not _is_row(lines[start]):
        return start
    delimiter = lines[start + 1].strip()
    if not _DELIMITER.fullmatch(delimiter):
        return start
    columns = delimiter.count("|") - 1
    if columns > MOST_COLUMNS or len(_cells(lines[start])) != columns:
        return start
    end = start + 2
    while end < len(lines) and _is_row(lines[end]):
        end += 1
    return end


def _is_row(line: str) -> bool:
    bare = line.strip()
    return len(bare) > 1 and bare[0] == "|" and bare[-1] == "|"


def _table(lines: list[str]) -> Table:
    align = tuple(_alignment(cell) for cell in _cells(lines[1]))

    def row(line: str) -> tuple[tuple[Inline, ...], ...]:
        cells = [tuple(_inlines(cell)) for cell in _cells(line)[: len(align)]]
        return (*cells, *[()] * (len(align) - len(cells)))

    return Table(align, row(lines[0]), tuple(row(line) for line in lines[2:]))


def _alignment(cell: str) -> str:
    if cell.startswith(":"):
        return "center" if cell.endswith(":") else "left"
    return "right" if cell.endswith(":") else ""


def _cells(line: str) -> list[str]:
    """The cells between the bars; a bar inside a formula or behind a backslash divides nothing."""
    bare = line.strip()[1:]
    cells: list[str] = []
    begin = at = 0
    while at < len(bare):
        if bare[at] == "\\" and (escaped := _ESCAPE.match(bare, at)):
            at = escaped.end() - (len(escaped[1]) % 2 == 0)
        elif bare[at] == "$" and (formula := _formula_at(bare, at)):
            at = formula.end()
        else:
            if bare[at] == "|":
                cells.append(bare[begin:at].strip())
                begin = at + 1
            at += 1
    return cells
