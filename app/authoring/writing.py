"""From what a person types into the item's form to an `Item`, and back. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from app.authoring.rules import ItemRefused
from app.errors import FieldProblem
from question_bank.formats.spellings import fold_width, read_judge
from question_bank.items import Basis, Difficulty, Item, ItemType, Level
from question_bank.kinds.choice import ChoiceBody, Option, key_of, letter_of, options_of
from question_bank.kinds.true_false import TRUE_FALSE_OPTIONS

CHOICES = (ItemType.SINGLE_CHOICE, ItemType.MULTIPLE_CHOICE, ItemType.TRUE_FALSE)
"""The types that are written in the form; the others are carried as a file had them."""
_BETWEEN_LETTERS = re.compile(r"[\s,、;|/和与.。]+")
_TOPIC_JOIN = re.compile(r"[/／]")


def compose_item(
    *,
    item_type: ItemType,
    stem: str,
    options: Sequence[str],
    key: str,
    topic: str,
    explanation: str,
    difficulty: Difficulty,
    level: Level,
    basis_document: str,
    basis_clause: str,
    pinned: Sequence[bool] = (),
    tags: tuple[str, ...] = (),
) -> Item:
    """The item that was typed. The key is letters (ABD, A、C) or, for true or false, 对 or 错; the topic is a path
    joined by "/". Raises ItemRefused where the key cannot be read; the rest is judged by `reading.item_problems`."""
    if item_type is ItemType.TRUE_FALSE:
        given: tuple[Option, ...] = TRUE_FALSE_OPTIONS
    else:
        texts = [_lines(text) for text in options]
        while texts and not texts[-1]:
            texts.pop()
        marks = [*pinned, *[False] * len(texts)]
        given = tuple(Option(text, pinned=mark) for text, mark in zip(texts, marks, strict=False))
    return Item(
        item_type=item_type,
        stem=_lines(stem),
        body=ChoiceBody(given, read_key(item_type, key)),
        explanation=_lines(explanation),
        topic=tuple(name.strip() for name in _TOPIC_JOIN.split(topic) if name.strip()),
        difficulty=difficulty,
        level=level,
        basis=(Basis(basis_document, basis_clause),) if basis_document else (),
        tags=tags,
    )


def quick_item(before: Item, *, item_type: ItemType, key: str, topic: str) -> Item:
    """The item with another topic, and, where it is of a type that is written in the form, another type or key. Raises
    ItemRefused where the key cannot be read, or the other type needs another content."""
    names = tuple(name.strip() for name in _TOPIC_JOIN.split(topic) if name.strip())
    if item_type not in CHOICES:
        if item_type is not before.item_type:
            raise ItemRefused(
                FieldProblem(
                    "item_type",
                    "不能改为这种题型，请重新录入。",
                    "The item cannot become one of this type; write it anew.",
                )
            )
        return replace(before, topic=names)
    options = TRUE_FALSE_OPTIONS if item_type is ItemType.TRUE_FALSE else options_of(before)
    return replace(before, item_type=item_type, body=ChoiceBody(options, read_key(item_type, key)), topic=names)


def read_key(item_type: ItemType, text: str) -> frozenset[int]:
    """The positions that a typed key names. Raises ItemRefused with the field `key`."""
    if item_type is ItemType.TRUE_FALSE:
        judged = read_judge(text)
        word = fold_width(text).strip().upper()
        if judged is None and word not in {"A", "B"}:
            raise ItemRefused(FieldProblem("key", "请填写“对”或“错”。", "Please give 对 (true) or 错 (false)."))
        return frozenset({0 if judged or word == "A" else 1})
    letters = _BETWEEN_LETTERS.sub("", fold_width(text)).upper()
    if not letters or not all("A" <= letter <= "Z" for letter in letters):
        raise ItemRefused(
            FieldProblem("key", "请填写选项字母，如 A 或 ABD。", "Please give the letters of the options, such as ABD.")
        )
    return frozenset(ord(letter) - ord("A") for letter in letters)


def key_text(item: Item) -> str:
    """The key as it is typed."""
    if item.item_type is ItemType.TRUE_FALSE:
        return {frozenset({0}): "对", frozenset({1}): "错"}.get(key_of(item), "")
    return "".join(letter_of(position) for position in sorted(key_of(item)) if 0 <= position < 26)


def _lines(text: str) -> str:
    """Browsers send line ends as CR LF; content has LF. A text area that was left alone keeps its text."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
