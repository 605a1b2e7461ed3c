"""From constructs back to the text that an author would have typed for them."""

import re
from collections.abc import Callable, Iterable
from typing import TypeAlias

from question_bank.content.dialect import (
    Blank,
    Block,
    Break,
    Formula,
    Inline,
    Paragraph,
    PictureUse,
    Strong,
    Table,
    Text,
    parse,
)
from question_bank.content.plaintext import escape_all

Line: TypeAlias = tuple[Inline, ...]

_LATIN_END = re.compile(r"[0-9A-Za-z$]$")
_LATIN_BEGIN = re.compile(r"[0-9A-Za-z_$]")


def write(blocks: Iterable[Block]) -> tuple[str, bool]:
    """The text of the blocks, and whether all emphasis could be written: stars cannot touch a Latin letter or digit.

    Characters that would mean something are escaped only in blocks where they would.
    """
    made: list[str] = []
    whole = True
    for block in blocks:
        text, kept = _write_block(block)
        made.append(text)
        whole = whole and kept
    return "\n".join(made), whole


def _write_block(block: Block) -> tuple[str, bool]:
    if isinstance(block, Blank):
        return block.text, True
    block = _each(block, _spaced)
    for escaped in (False, True):
        text = _source(block, escaped=escaped)
        if parse(text) == (block,):
            return text, True
    bare = _each(block, _unstressed)
    for escaped in (False, True):
        text = _source(bare, escaped=escaped)
        if parse(text) == (bare,):
            return text, False
    return _source(bare, escaped=True), False


def _source(block: Paragraph | Table, *, escaped: bool) -> str:
    if isinstance(block, Paragraph):
        return _line(block.parts, escaped=escaped)
    rules = {"left": ":---", "right": "---:", "center": ":---:", "": "---"}
    rows = [[_line(cell, escaped=True) for cell in row] for row in (block.head, *block.rows)]
    rows.insert(1, [rules[side] for side in block.align])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _line(parts: Iterable[Inline], *, escaped: bool) -> str:
    return "".join(_part(part, escaped=escaped) for part in parts)


def _part(part: Inline, *, escaped: bool) -> str:
    match part:
        case Text(text):
            return escape_all(text) if escaped else text
        case Break():
            return "\n"
        case Formula(latex, display):
            return f"$${latex}$$" if display else f"${latex}$"
        case PictureUse(sha256, alt):
            return f"![{alt}](picture:{sha256})"
        case Strong(parts):
            return f"**{_line(parts, escaped=escaped)}**"


def _each(block: Paragraph | Table, change: Callable[[Line], Line]) -> Paragraph | Table:
    if isinstance(block, Paragraph):
        return Paragraph(change(block.parts))
    rows = tuple(tuple(change(cell) for cell in row) for row in block.rows)
    return Table(block.align, tuple(change(cell) for cell in block.head), rows)


def _spaced(parts: Line) -> Line:
    """A space wherever a formula would touch a Latin letter or a digit, which could be money or a variable's name."""
    made: list[Inline] = []
    for part in parts:
        before = made[-1] if made else None
        if isinstance(before, Text) and isinstance(part, Formula) and _LATIN_END.search(before.text):
            made.append(Text(" "))
        if isinstance(before, Formula) and (
            isinstance(part, Formula) or (isinstance(part, Text) and _LATIN_BEGIN.match(part.text))
        ):
            made.append(Text(" "))
        made.append(Strong(_spaced(part.parts)) if isinstance(part, Strong) else part)
    return joined(made)


def _unstressed(parts: Line) -> Line:
    return joined(_flat(parts))


def _flat(parts: Iterable[Inline]) -> list[Inline]:
    flat: list[Inline] = []
    for part in parts:
        if isinstance(part, Strong):
            flat += _flat(part.parts)
        else:
            flat.append(part)
    return flat


def joined(parts: Iterable[Inline]) -> tuple[Inline, ...]:
    """The parts with neighbouring words put together, as `parse` gives them."""
    made: list[Inline] = []
    for part in parts:
        if isinstance(part, Text) and made and isinstance(made[-1], Text):
            made[-1] = Text(made[-1].text + part.text)
        elif not isinstance(part, Text) or part.text:
            made.append(part)
    return tuple(made)


def describe(words: str) -> str:
    """Words as the description of a picture: one line, without square brackets."""
    return re.sub(r"\s+", " ", words.replace("[", "［").replace("]", "］")).strip()
