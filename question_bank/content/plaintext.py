"""From item texts to words without markup, and from words to item texts that say exactly those words."""

import re
from collections.abc import Iterable

from question_bank.content.dialect import Blank, Break, Formula, Inline, PictureUse, Strong, Table, Text, parse

_ACTIVE = re.compile(r"(\\*)([*$|!])")
_MARKS = re.compile(r"[*$|!\r]")


def is_plain(markdown: str) -> bool:
    """Whether the text surely holds no construct, told without parsing it; line breaks and spaces may be in it."""
    return not _MARKS.search(markdown)


def plain(markdown: str) -> str:
    """The words, for search, duplicates, lists and whatever shows no markup.

    A formula is its LaTeX, a picture `［图：…］` with its description, a row of a table its cells with bars between.
    Text without constructs comes back unchanged, but for line ends, which become `\\n`.
    """
    if is_plain(markdown):
        return markdown
    lines: list[str] = []
    for block in parse(markdown):
        if isinstance(block, Blank):
            lines.append(block.text)
        elif isinstance(block, Table):
            lines += [" | ".join(_words(cell) for cell in row) for row in (block.head, *block.rows)]
        else:
            lines.append(_words(block.parts))
    return "\n".join(lines)


def escape(words: str) -> str:
    """The text whose `plain` is these words, and in which nothing is a construct. Most words are their own text."""
    words = words.replace("\r\n", "\n").replace("\r", "\n")
    if is_plain(words) or _says_itself(words):
        return words
    return escape_all(words)


def escape_all(words: str) -> str:
    """The words with a backslash before every character that may mean something."""
    return _ACTIVE.sub(lambda found: found[1] * 2 + "\\" + found[2], words)


def _says_itself(words: str) -> bool:
    for block in parse(words):
        if isinstance(block, Table):
            return False
        if not isinstance(block, Blank) and not all(isinstance(part, Text | Break) for part in block.parts):
            return False
    return plain(words) == words


def _words(parts: Iterable[Inline]) -> str:
    return "".join(_word(part) for part in parts)


def _word(part: Inline) -> str:
    match part:
        case Text(text):
            return text
        case Break():
            return "\n"
        case Formula(latex):
            return latex
        case PictureUse(_, alt):
            return f"［图：{alt}］" if alt else "［图］"
        case Strong(parts):
            return _words(parts)
