"""From what a person types into the item's form to an `Item`, and back. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.authoring.reading import item_problems
from app.authoring.rules import ItemRefused
from app.errors import FieldProblem
from question_bank.errors import InvalidItem, Unrepresentable
from question_bank.formats.spellings import fold_width, read_judge
from question_bank.items import Basis, Body, Difficulty, Item, ItemType, Level
from question_bank.kinds import kind_of
from question_bank.kinds.case_analysis import CaseBody, Part, fits
from question_bank.kinds.choice import ChoiceBody, Option, key_of, letter_of, options_of
from question_bank.kinds.sheet import draft_sheet, place_of, read_sheet, spread_sheet
from question_bank.kinds.short_answer import ShortAnswerBody
from question_bank.kinds.true_false import TRUE_FALSE_OPTIONS
from question_bank.wording import Problem

CHOICES = (ItemType.SINGLE_CHOICE, ItemType.MULTIPLE_CHOICE, ItemType.TRUE_FALSE)
"""The types that options and a key in letters say all about."""
_BETWEEN_LETTERS = re.compile(r"[\s,、;|/和与.。]+")
_TAG_JOIN = re.compile(r"[、，,;；\n]")
_IN_A_PART = re.compile(r"第 ([0-9]+) 小题[：的]")
_CODES = (("item.stem", "stem"), ("item.topic", "topic"), ("item.basis", "basis"), ("item.blank_count", "stem"))
_WORDS = (("题干", "stem"), ("解析", "explanation"), ("知识点", "topic"), ("标签", "tags"), ("依据", "basis"))
_TOPIC_JOIN = re.compile(r"[/／]")


def compose_item(
    *,
    item_type: ItemType,
    stem: str,
    options: Sequence[str] = (),
    key: str = "",
    body: Mapping[str, Any] | None = None,
    topic: str,
    explanation: str,
    difficulty: Difficulty,
    level: Level,
    basis: Sequence[Basis] = (),
    tags: str = "",
    before: Item | None = None,
) -> Item:
    """The item that was typed. `body` holds the fields of the type's sheet; a choice may come as `options` and a key in
    letters (ABD, A、C) instead, a judgement as 对 or 错. The topic is a path joined by "/", tags are parted by 、.

    What the form does not show stays as it was `before`: an author's own rule, where it still fits. Raises ItemRefused
    where something cannot be read; the rest is judged by `problems_by_field`.
    """
    made = _choice_of(item_type, options, key, before) if body is None else read_body(item_type, body)
    item = Item(
        item_type=item_type,
        stem=_lines(stem),
        body=made,
        explanation=_lines(explanation),
        topic=split_topic(topic),
        difficulty=difficulty,
        level=level,
        basis=tuple(one for one in basis if one.document or one.clause),
        tags=split_tags(tags),
    )
    return _with_rules(item, before) if before is not None and before.item_type is item_type else item


def read_body(item_type: ItemType, typed: Mapping[str, Any]) -> Body:
    """The body that was typed into the sheet of the type. Raises ItemRefused, naming every field that does not do."""
    kind = kind_of(item_type)
    value, misread = read_sheet(kind.sheet, typed, "body")
    if misread:
        raise ItemRefused(*(FieldProblem(*one) for one in misread))
    try:
        found: Body = kind.body_from_json(value, "body")
    except InvalidItem as error:
        raise ItemRefused(FieldProblem("body", error.zh, error.en)) from None
    return found


def draft_item(item_type: ItemType, stem: str, explanation: str, typed: Mapping[str, Any]) -> Item | None:
    """The item as far as it was typed, to be looked at; None where nothing of its content can be shown yet. A case
    without parts has one that is still empty, as its form does."""
    kind = kind_of(item_type)
    try:
        body: Body = kind.body_from_json(draft_sheet(kind.sheet, typed), "body")
    except (InvalidItem, Unrepresentable, TypeError, ValueError, ArithmeticError):
        return None
    if isinstance(body, CaseBody) and not body.parts:
        body = replace(body, parts=(Part(ItemType.SHORT_ANSWER, "", ShortAnswerBody()),))
    return Item(item_type, _lines(stem), body, explanation=_lines(explanation))


def problems_by_field(item: Item) -> list[FieldProblem]:
    """Why the bank could not hold this item, each reason beside the field of the form that has to answer for it."""
    return [FieldProblem(_place_of(item, one), one.zh, one.en) for one in item_problems(item)]


def _place_of(item: Item, problem: Problem) -> str:
    part = _IN_A_PART.match(problem.zh)
    if part and isinstance(item.body, CaseBody):
        number = int(part[1]) - 1
        rest = Problem(problem.code, problem.zh[part.end() :], problem.en)
        inner = _common_place(rest) or f"body.{place_of(kind_of(item.body.parts[number].item_type).sheet, rest.code)}"
        return f"body.parts.{number}.{inner}"
    found = _common_place(problem)
    if problem.code == "item.name_empty":
        return "basis" if any(not one.document.strip() for one in item.basis) else "topic"
    return found or f"body.{place_of(kind_of(item.item_type).sheet, problem.code)}"


def _common_place(problem: Problem) -> str:
    by_code = (field for code, field in _CODES if problem.code.startswith(code))
    by_word = (field for word, field in _WORDS if problem.zh.startswith(word))
    return next(by_code, next(by_word, ""))


def _choice_of(item_type: ItemType, options: Sequence[str], key: str, before: Item | None) -> Body:
    if item_type not in CHOICES:
        raise ItemRefused(
            FieldProblem("body", "请按题型填写内容。", "Please fill in the fields of the type under `body`.")
        )
    if item_type is ItemType.TRUE_FALSE:
        return ChoiceBody(TRUE_FALSE_OPTIONS, read_key(item_type, key))
    texts = [_lines(text) for text in options]
    while texts and not texts[-1]:
        texts.pop()
    marks = [*(option.pinned for option in options_of(before))] if before else []
    pinned = [*marks, *[False] * len(texts)]
    given = tuple(Option(text, pinned=mark) for text, mark in zip(texts, pinned, strict=False))
    return ChoiceBody(given, read_key(item_type, key))


def _with_rules(item: Item, before: Item) -> Item:
    """The rules of the author's own, for the item and for the parts of a case, where they still fit."""
    if isinstance(item.body, CaseBody) and isinstance(before.body, CaseBody):
        ruled = [
            replace(new, scoring=old.scoring)
            if old.item_type is new.item_type
            and old.scoring is not None
            and fits(old.scoring, kind_of(new.item_type), new.body)
            else new
            for new, old in zip(item.body.parts, before.body.parts, strict=False)
        ]
        parts = (*ruled, *item.body.parts[len(ruled) :])
        item = replace(item, body=replace(item.body, parts=parts))
    rule = before.scoring
    return replace(item, scoring=rule) if rule is not None and fits(rule, kind_of(item.item_type), item.body) else item


def split_topic(text: str) -> tuple[str, ...]:
    """The path that was typed."""
    return tuple(name.strip() for name in _TOPIC_JOIN.split(text) if name.strip())


def split_tags(text: str) -> tuple[str, ...]:
    """The tags that were typed, each once, in their order."""
    return tuple(dict.fromkeys(name.strip() for name in _TAG_JOIN.split(text) if name.strip()))


def form_values(item: Item) -> dict[str, str]:
    """What the item's form shows, by the name of the field."""
    kind = kind_of(item.item_type)
    bases = {
        f"basis.{number}.{name}": text
        for number, one in enumerate(item.basis)
        for name, text in (("document", one.document), ("clause", one.clause))
    }
    return {
        "item_type": item.item_type.value,
        "stem": item.stem,
        **spread_sheet(kind.sheet, kind.body_to_json(item.body), "body"),
        "topic": "/".join(item.topic),
        "explanation": item.explanation,
        "difficulty": item.difficulty.value,
        "level": item.level.value,
        **bases,
        "tags": "、".join(item.tags),
    }


def spread(value: object, at: str = "") -> dict[str, str]:
    """Nested values as the fields of a form, by path; what was typed is shown again as it is."""
    if isinstance(value, Mapping):
        pairs = [(str(name), held) for name, held in value.items()]
    elif isinstance(value, list):
        pairs = [(str(number), held) for number, held in enumerate(value)]
    else:
        return {} if value is None or value == "" else {at: "true" if value is True else str(value)}
    found: dict[str, str] = {}
    for name, held in pairs:
        found |= spread(held, f"{at}.{name}" if at else name)
    return found


def quick_item(before: Item, *, item_type: ItemType, key: str, topic: str) -> Item:
    """The item with another topic, and, where it is of a type that is written in the form, another type or key. Raises
    ItemRefused where the key cannot be read, or the other type needs another content."""
    names = split_topic(topic)
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
