"""The plain row of a plain table, read at a glance: nearly every row of a large bank is one.

A row is plain when its cells hold common characters alone, and when nothing in it could mean anything but what its
column says: no number or type before the stem, no key in it, no doubt. `PlainRows.read` then gives what the general
way (`table_rows`, `settlement`) gives, ten times as fast; of every other row it says nothing, and the general way
is taken.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from question_bank.formats.report import Place, ReadItem
from question_bank.formats.spellings import (
    JUDGE_MARKS,
    TYPE_WORD,
    fold_width,
    read_difficulty,
    read_judge,
    read_letters,
    read_level,
    read_type,
)
from question_bank.formats.table_headers import (
    LONGEST_HEADER,
    STEM_HEADER_FIRST,
    Layout,
    Role,
    names_stem,
    read_header_row,
)
from question_bank.formats.text_fields import read_basis
from question_bank.formats.text_lines import match_option
from question_bank.items import Basis, Difficulty, Item, ItemType, Level
from question_bank.kinds.choice import ChoiceBody, Option
from question_bank.kinds.true_false import TRUE_FALSE_OPTIONS

_BETWEEN = "\x00"
"""Between the cells of a row; no cell of a file can hold it."""
# None of these is changed by cleaning, means anything to the dialect, or is full-width where a half-width one is meant
# by any pattern but those of `_ODD_START`, `_ODD_INSIDE` and the last character of what is judged.
_PLAIN = re.compile("[\u4e00-\u9fff\x00A-Za-z0-9 ，。、；：？“”‘’《》（）()\u3000—…·%+=.,:;?/\"'<>_-]*")
_ODD_START = re.compile(rf"[\s_(（<0-9]|第\s*[0-9]|{TYPE_WORD}")
_ODD_FIRST = frozenset(" \u3000_(（<0123456789第") | {word[0] for word in TYPE_WORD.split("|")}
_ODD_INSIDE = re.compile(r"[(（]\s*[A-L]")
_LABEL_FIRST = frozenset("ABCDEFGHIJKLabcdefghijklt(（·-")
_MARK_AT_END = frozenset(f"{JUDGE_MARKS}对错确误)）")
_NUMBERED = re.compile(r"第\s*[0-9]")
# `text_lines.match_number`, of characters that a plain row may hold.
_NUMBER = re.compile(r"第\s*[0-9]{1,4}\s*题\s*[:：、.]?\s*[、.]?\s*")
_SPACES = frozenset(" \u3000")
_OUTER_SPACES = (" \x00", "\x00 ", "\u3000\x00", "\x00\u3000")
_LONGEST_ROW = 2_000
_LONGEST_NAME = 200
_DEEPEST_TOPIC = 8
_MOST_BASES = 20
_REMEMBERED = 4_096
_WIDE_IN_PLAIN = ((" ", ""), ("\u3000", ""), *zip("，；：？（）", ",;:?()", strict=True))
_TAG_JOIN = re.compile(r"[\s,，、;；]+")


class PlainRows:
    """Reads the plain rows of one table; `section` is the type that its name or a heading gives them."""

    def __init__(self, layout: Layout, *, section: ItemType | None, topic: tuple[str, ...]) -> None:
        self._layout = layout
        self._section = section
        self._above = topic
        self._stem = layout.position(Role.STEM) or 0
        self._key = layout.position(Role.KEY) or 0
        self._type = layout.position(Role.TYPE)
        self._options = layout.positions(Role.OPTION)
        self._topics = layout.positions(Role.TOPIC)
        self._tags = layout.positions(Role.TAGS)
        self._empty = [*layout.positions(Role.PICTURE), *layout.positions(Role.OPTIONS), *layout.positions(Role.CLAUSE)]
        self._explanation = layout.position(Role.EXPLANATION)
        self._difficulty = layout.position(Role.DIFFICULTY)
        self._level = layout.position(Role.LEVEL)
        self._basis = layout.position(Role.BASIS)
        self._types: dict[str, ItemType | None] = {}
        self._known: dict[tuple[str, str], Any] = {}
        self._widest = max(layout.columns, default=0)
        self.possible = self._is_possible()

    def _is_possible(self) -> bool:
        layout = self._layout
        odd = (Role.OPTION_TEXT, Role.CASE, Role.BLANK)
        in_order = [layout.columns[at].index for at in self._options] == list(range(len(self._options)))
        return (
            layout.header_row is not None
            and layout.position(Role.KEY) is not None
            and not layout.has_extras
            and not any(layout.positions(role) for role in odd)
            and in_order
        )

    def read(self, cells: Sequence[str], place: Callable[[], Place]) -> ReadItem | None:
        """The item of a row whose cells are texts, or None where it is not plain."""
        joined = _BETWEEN.join(cells)
        if len(joined) > _LONGEST_ROW or len(cells) <= self._widest or not _PLAIN.fullmatch(joined):
            return None
        if joined[0] in _SPACES or joined[-1] in _SPACES or any(one in joined for one in _OUTER_SPACES):
            cells = [cell.strip() for cell in cells]
        stem, key = cells[self._stem], cells[self._key]
        item_type = self._type_of(cells)
        if item_type is None or not stem or not key:
            return None
        if stem[0] in _ODD_FIRST and _ODD_START.match(stem):
            stem = _without_number(stem)
            if not stem:
                return None
        if self._empty and any(cells[at] for at in self._empty):
            return None
        if _may_be_header(cells):
            return None
        if item_type is ItemType.TRUE_FALSE:
            body = self._judged(stem, key, cells)
        else:
            body = self._choice(item_type, stem, key, cells)
        return None if body is None else self._item(item_type, stem, body, cells, place)

    def _type_of(self, cells: Sequence[str]) -> ItemType | None:
        word = "" if self._type is None else cells[self._type]
        if not word:
            return self._section if self._section in _BODIES else None
        found = self._types.get(word, word)
        if found is word:
            codes = self._layout.type_codes
            known = None if codes or word.isdigit() or names_stem(word) else read_type(word)
            found = known if known in _BODIES else None
            if len(self._types) < _REMEMBERED:
                self._types[word] = found
        return found if isinstance(found, ItemType) else None

    def _choice(self, item_type: ItemType, stem: str, key: str, cells: Sequence[str]) -> ChoiceBody | None:
        if ("(" in stem or "（" in stem) and _ODD_INSIDE.search(stem):
            return None
        texts = [cells[at] for at in self._options]
        while texts and not texts[-1]:
            texts.pop()
        letters = read_letters(key)
        if len(texts) < 2 or letters is None:
            return None
        for place, text in enumerate(texts):
            if text and text[0] in _LABEL_FIRST:
                prefix = match_option(fold_width(text))
                if prefix is not None and prefix[0] == chr(ord("A") + place):
                    texts[place] = text[prefix[1] :].strip()
        right = frozenset([ord(letter) - 65 for letter in letters])
        several = item_type is ItemType.MULTIPLE_CHOICE
        if len(right) < len(letters) or max(right) >= len(texts) or (len(right) > 1) is not several:
            return None
        if "" in texts or len(set(_compared(texts))) < len(texts):
            return None
        return ChoiceBody(tuple([Option(text) for text in texts]), right)

    def _judged(self, stem: str, key: str, cells: Sequence[str]) -> ChoiceBody | None:
        if stem.rstrip("。. ")[-1:] in _MARK_AT_END or any(cells[at] for at in self._options):
            return None
        verdict = self._remembered("judged", key, read_judge)
        return None if verdict is None else ChoiceBody(TRUE_FALSE_OPTIONS, _RIGHT if verdict else _WRONG)

    def _item(
        self, item_type: ItemType, stem: str, body: ChoiceBody, cells: Sequence[str], place: Callable[[], Place]
    ) -> ReadItem | None:
        topic: tuple[str, ...] = tuple([cells[at] for at in self._topics if cells[at]])
        if not topic:
            topic = self._above
        if len(topic) > _DEEPEST_TOPIC or max(map(len, topic), default=0) > _LONGEST_NAME:
            return None
        tags: tuple[str, ...] | None = ()
        if self._tags:
            tags = self._remembered("tags", " ".join([cells[at] for at in self._tags]), _tags_of)
        basis: tuple[Basis, ...] | None = ()
        if self._basis is not None and cells[self._basis]:
            basis = self._remembered("basis", cells[self._basis], _basis_of)
        if tags is None or basis is None:
            return None
        item = Item(
            item_type,
            stem,
            body,
            "" if self._explanation is None else cells[self._explanation],
            topic,
            self._cell(cells, self._difficulty, "difficulty", read_difficulty) or Difficulty.MEDIUM,
            self._cell(cells, self._level, "level", read_level) or Level.PRIMARY,
            basis,
            tags,
        )
        return ReadItem(item, place())

    def _cell(self, cells: Sequence[str], at: int | None, what: str, read: Callable[[str], Any]) -> Any:
        if at is None or not cells[at]:
            return None
        return self._remembered(what, cells[at], read)

    def _remembered(self, what: str, text: str, read: Callable[[str], Any]) -> Any:
        found = self._known.get((what, text), self)
        if found is self:
            found = read(text)
            if len(self._known) < _REMEMBERED:
                self._known[what, text] = found
        return found


_RIGHT, _WRONG = frozenset({0}), frozenset({1})
_BODIES = frozenset({ItemType.SINGLE_CHOICE, ItemType.MULTIPLE_CHOICE, ItemType.TRUE_FALSE})


def _may_be_header(cells: Sequence[str]) -> bool:
    for cell in cells:
        if cell and cell[0] in STEM_HEADER_FIRST and len(cell) <= LONGEST_HEADER:
            return read_header_row(cells) is not None
    return False


def _without_number(stem: str) -> str:
    """The stem without 第 3 题 before it; empty where something else stands there that has a meaning."""
    if not _NUMBERED.match(stem):
        return ""
    number = _NUMBER.match(stem)
    if number is None:
        return stem
    rest = stem[number.end() :].strip()
    return "" if rest and rest[0] in _ODD_FIRST and _ODD_START.match(rest) else rest


def _compared(texts: Sequence[str]) -> list[str]:
    """The texts of plain options without width, case and white space."""
    folded = _BETWEEN.join(texts).lower()
    for wide, narrow in _WIDE_IN_PLAIN:
        if wide in folded:
            folded = folded.replace(wide, narrow)
    return folded.split(_BETWEEN)


def _tags_of(text: str) -> tuple[str, ...] | None:
    tags = tuple(dict.fromkeys(tag for tag in _TAG_JOIN.split(text) if tag))
    return None if any(len(tag) > _LONGEST_NAME for tag in tags) else tags


def _basis_of(text: str) -> tuple[Basis, ...] | None:
    bases = read_basis(text)
    names = [name for one in bases for name in (one.document, one.clause)]
    return None if len(bases) > _MOST_BASES or any(len(name) > _LONGEST_NAME for name in names) else bases
