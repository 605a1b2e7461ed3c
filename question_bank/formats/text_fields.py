"""What stands after a label in a bank of lines, the key or a field such as 难度; and how lines are joined."""

import re
from collections.abc import Iterable, Mapping, Sequence

from question_bank.formats.drafts import Draft
from question_bank.formats.report import Place, Problem
from question_bank.formats.spellings import (
    JUDGE,
    names_unsupported_type,
    read_difficulty,
    read_level,
    read_type,
)
from question_bank.items import Basis, ItemType

# A line of this many characters may have been cut by the width of a page.
WRAPPED_FROM = 25
# Longer than any item may be, which is then flagged; to go on adding would take time without end.
_LONGEST_TEXT = 12_000
_MOST_NAMED = 100

_LETTERS_FIRST = re.compile(r"[\[【(]?\s*([A-La-l](?:[\s,、;|/和与]*[A-La-l])*)(?![A-Za-z])\s*[\]】)]?[\s.。;,]*")
_JUDGE_FIRST = re.compile(rf"[\[【(]?\s*({JUDGE})\ufe0f?(?![A-Za-z])\s*[\]】)]?(?:[\s.。;,]+|$|(?=[(【]))")
_BASIS = re.compile(r"(《[^《》]+》(?:[（(][^（）()]*[）)])?)\s*[，,]?\s*([^《》\s][^《》]{0,60})")
_OF_TYPES = {
    "points": frozenset({ItemType.SHORT_ANSWER, ItemType.PRACTICAL}),
    "steps": frozenset({ItemType.PRACTICAL}),
    "tolerance": frozenset({ItemType.NUMERIC}),
    "unit": frozenset({ItemType.NUMERIC}),
    "conditions": frozenset({ItemType.PRACTICAL}),
}
CHOICES = frozenset({ItemType.SINGLE_CHOICE, ItemType.MULTIPLE_CHOICE})
LETTERED = frozenset({*CHOICES, ItemType.TRUE_FALSE, ItemType.ORDERING, ItemType.MATCHING})
"""Types whose options have letters in a text."""
TEXTS = frozenset({ItemType.FILL_BLANK, ItemType.SHORT_ANSWER, ItemType.NUMERIC, ItemType.PRACTICAL})
"""Types whose key is a text that may go on over lines."""


def read_key(draft: Draft, text: str, folded: str) -> str:
    """Takes the key at the start of the text into the draft; what stands after it is given back.

    A second, different key is named as a doubt, never taken.
    """
    key, remark = text.strip(), ""
    if draft.declared not in TEXTS:
        found = _LETTERS_FIRST.match(folded.lstrip()) or _JUDGE_FIRST.match(folded.lstrip())
        if found:
            shift = len(folded) - len(folded.lstrip())
            key, remark = text[shift : shift + found.end(1)].strip(" [【(（"), text[shift + found.end() :].strip()
    if draft.key_text and key and draft.key_text.strip() != key:
        draft.doubts.append(
            Problem(
                "key.two_keys",
                f"有两个不同的答案：“{draft.key_text.strip()[:20]}”和“{key[:20]}”。",
                f"There are two keys: {draft.key_text.strip()[:20]} and {key[:20]}.",
                draft.place,
            )
        )
        return remark
    draft.key_text = draft.key_text or key
    return remark


def read_field(draft: Draft, meaning: str, value: str) -> bool:
    """Takes the value of a labelled line; False where an item has no place for it.

    What items have in common goes to the case, where the draft is a part of one.
    """
    if meaning in _OF_TYPES:
        return _read_special(draft, meaning, value)
    draft = draft.whole or draft
    if meaning == "topic" and value:
        draft.topic = (*draft.topic, value)
    elif meaning == "difficulty":
        draft.difficulty = read_difficulty(value)
        return draft.difficulty is not None
    elif meaning == "level":
        draft.level = read_level(value)
        return draft.level is not None
    elif meaning == "tags":
        draft.tags = tuple(dict.fromkeys(tag for tag in re.split(r"[\s,，、;；]+", value) if tag))
    elif meaning == "basis" and value:
        draft.basis = read_basis(value)
    elif meaning == "type":
        draft.declared = read_type(value) or draft.declared
        draft.unsupported = value if names_unsupported_type(value) else draft.unsupported
    else:
        return not value
    return True


def belongs(draft: Draft, meaning: str) -> bool:
    """Whether a labelled line means anything for this draft: 步骤 and 单位 are words of any text."""
    return meaning not in _OF_TYPES or draft.declared in _OF_TYPES[meaning]


def _read_special(draft: Draft, meaning: str, value: str) -> bool:
    extra = draft.extra()
    if meaning in ("points", "steps"):
        extra.points.append(value)
    elif meaning == "tolerance":
        extra.tolerance = value
    elif meaning == "unit":
        extra.unit = value
    else:
        extra.conditions = value
    return True


def read_basis(text: str) -> tuple[Basis, ...]:
    """The documents and their clauses in a text such as 《中国共产党章程》第七条；《…条例》第四条."""
    found = []
    for piece in re.split(r"[;；\n]", text):
        parts = _BASIS.fullmatch(piece.strip())
        if parts:
            found.append(Basis(parts[1], parts[2]))
        elif piece.strip():
            found.append(Basis(piece.strip()))
    return tuple(found)


def sum_up_lost(skipped: Sequence[tuple[str, Place]], fields: Mapping[str, Sequence[Place]]) -> Iterable[Problem]:
    """One sentence for every line that was read past and for every label that has no place in an item."""
    for text, place in skipped[:_MOST_NAMED]:
        yield Problem("text.not_read", f"未读入的文字：{text[:60]}", f"Text not read: {text[:60]}", place)
    if len(skipped) > _MOST_NAMED:
        rest = len(skipped) - _MOST_NAMED
        yield Problem(
            "text.more_not_read",
            f"另有 {rest} 行文字未读入。",
            f"{rest} more lines were not read.",
            skipped[_MOST_NAMED][1],
        )
    for label, places in fields.items():
        yield Problem(
            "field.not_kept",
            f"“{label}”不保存在试题中，共 {len(places)} 处。",
            f"{label} is not kept with an item (places: {len(places)}).",
            places[0],
        )


def join_wrapped(text: str, more: str) -> str:
    """Text that goes on: a hard-wrapped line is joined, anything else keeps its line."""
    more = more.strip()
    if not text or not more:
        return text or more
    if len(text) > _LONGEST_TEXT:
        return text
    last = text.rsplit("\n", 1)[-1]
    if len(last) < WRAPPED_FROM or last[-1] in "。？！：；?!:;）":
        return f"{text}\n{more}"
    return f"{text} {more}" if last[-1].isascii() and more[0].isascii() else text + more
