r"""The signs of GIFT: blocks between blank lines, escapes, braces and what stands in them.

A backslash before one of `~ = # { } : \` takes away its meaning, `\n` is a line break, and before anything else
it is a backslash.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

FORMATS = ("html", "moodle", "plain", "markdown")

_ESCAPE = re.compile(r"\\([~=#{}:n\\])")
_FORMAT = re.compile(rf"\s*\[({'|'.join(FORMATS)})\]")
_COMMENT_ID = re.compile(r"\[id:((?:\\.|[^\]\\])+)\]")
_COMMENT_TAG = re.compile(r"\[tag:((?:\\.|[^\]\\])+)\]")
_BRACKET_ESCAPE = re.compile(r"\\([\]\\])")


@dataclass
class Block:
    """Lines between blank lines, without comments. `line` is the number of the first line kept, from 1."""

    line: int
    text: str = ""
    identifier: str = ""
    tags: tuple[str, ...] = ()


@dataclass
class Piece:
    """What stands behind one mark: `mark` is `=`, `~` or empty; weight is the percentage as written, if any."""

    mark: str
    text: str
    weight: str = ""
    remark: str = ""
    text_format: str = ""


@dataclass
class _Gathering:
    lines: list[str] = field(default_factory=list)
    first: int = 0
    identifier: str = ""
    tags: list[str] = field(default_factory=list)


def split_blocks(text: str) -> Iterator[Block]:
    """The blocks of a file in order; one of comments alone gives none."""
    gathered = _Gathering()
    for number, raw in enumerate([*text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), ""], start=1):
        line = raw.strip()
        if line.startswith("//"):
            if found := _COMMENT_ID.search(line):
                gathered.identifier = _BRACKET_ESCAPE.sub(r"\1", found[1]).strip()
            gathered.tags += [_BRACKET_ESCAPE.sub(r"\1", tag).strip() for tag in _COMMENT_TAG.findall(line)]
        elif line.startswith("$CATEGORY:"):
            yield from _finish(gathered)
            yield Block(number, line)
            gathered = _Gathering()
        elif line:
            gathered.first = gathered.first or number
            gathered.lines.append(raw.rstrip("\n"))
        else:
            yield from _finish(gathered)
            gathered = _Gathering()


def _finish(gathered: _Gathering) -> Iterator[Block]:
    if gathered.lines:
        yield Block(gathered.first, "\n".join(gathered.lines), gathered.identifier, tuple(gathered.tags))


def unescape(text: str) -> str:
    """The text with every escape made what it stands for."""
    return _ESCAPE.sub(lambda found: "\n" if found[1] == "n" else found[1], text)


def find_sign(text: str, signs: str, start: int = 0) -> int:
    """Where the first of the signs stands that no backslash takes away; −1 where none does."""
    found = re.compile(rf"\\[~=#{{}}:n\\]|({signs})")
    position = start
    while (match := found.search(text, position)) is not None:
        if match[1] is not None:
            return match.start()
        position = match.end()
    return -1


def take_format(text: str) -> tuple[str, str]:
    """(format, rest): the `[html]` or the like that the text begins with, empty where it begins with none."""
    found = _FORMAT.match(text)
    return (found[1], text[found.end() :]) if found else ("", text)


def split_remark(text: str) -> tuple[str, str]:
    """(text, remark): what stands before and behind the first `#`."""
    at = find_sign(text, "#")
    return (text, "") if at < 0 else (text[:at], text[at + 1 :])


def split_pieces(body: str, marks: str) -> list[Piece]:
    """The pieces that begin at each of the marks; text before the first mark is a piece without one."""
    found = re.compile(rf"\\[~=#{{}}:n\\]|([{marks}])")
    starts = [match.start() for match in found.finditer(body) if match[1] is not None]
    first = starts[0] if starts else len(body)
    pieces = [_read_piece("", body[:first])] if body[:first].strip() else []
    for start, end in pairwise([*starts, len(body)]):
        pieces.append(_read_piece(body[start], body[start + 1 : end]))
    return pieces


_WEIGHT = re.compile(r"\s*%(-?\d{1,3}(?:\.\d{1,8})?)%")


def _read_piece(mark: str, text: str) -> Piece:
    weight = ""
    if found := _WEIGHT.match(text):
        weight, text = found[1], text[found.end() :]
    text, remark = split_remark(text)
    text_format, text = take_format(text)
    return Piece(mark, text.strip(), weight, remark.strip(), text_format)
