"""What differs between two versions, field by field and word by word, for people to read. Pure."""

import difflib
import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from app.authoring.writing import form_values
from question_bank.items import Item
from question_bank.kinds import kind_of
from question_bank.kinds.case_analysis import CaseBody
from question_bank.kinds.sheet import Field, Shape
from question_bank.wording import Wording

_LONGEST_COMPARISON = 4_000_000
"""Comparing takes time by the product of the lengths; longer texts are shown one after the other."""
_WORD = re.compile(r"[A-Za-z]+|[0-9]+(?:\.[0-9]+)?|.", re.DOTALL)
_COMMON = {
    "item_type": Wording("题型", "Item type"),
    "stem": Wording("题干", "Stem"),
    "topic": Wording("知识点", "Topic"),
    "explanation": Wording("解析", "Explanation"),
    "difficulty": Wording("难度", "Difficulty"),
    "level": Wording("等级", "Level"),
    "basis": Wording("依据", "Basis"),
    "document": Wording("依据文件", "Document of the basis"),
    "clause": Wording("依据条款", "Clause of the basis"),
    "tags": Wording("标签", "Tags"),
}
_YES = {"true": Wording("是", "yes")}


class Change(NamedTuple):
    """A field that differs: its path in the form, its name, its texts as one sequence of ("same" | "out" | "in", text),
    and the words of those texts that stand for something ("true")."""

    field: str
    name: Wording
    marks: list[tuple[str, str]]
    words: dict[str, Wording]


def changes_between(before: Item, after: Item) -> list[Change]:
    """The fields in which two versions differ, as they are typed, in the order of the form."""
    old, new = form_values(before), form_values(after)
    found = []
    for place in _in_order(new, old):
        one, other = old.get(place, ""), new.get(place, "")
        if one == other:
            continue
        name, words = _named(after if place in new else before, place)
        whole = bool(words) or place in {"item_type", "level", "difficulty"}
        marks = [(kind, text) for kind, text in (("out", one), ("in", other)) if text]
        found.append(Change(place, name, marks if whole else word_changes(one, other), words))
    return found


def word_changes(before: str, after: str) -> list[tuple[str, str]]:
    """The two texts as one sequence of ("same" | "out" | "in", text): by Chinese characters, and by whole words and
    numbers of other writing."""
    if len(before) * len(after) > _LONGEST_COMPARISON:
        return [(kind, text) for kind, text in (("out", before), ("in", after)) if text]
    old, new = _WORD.findall(before), _WORD.findall(after)
    found: list[tuple[str, str]] = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(old[i:j])))
            continue
        if i < j:
            found.append(("out", "".join(old[i:j])))
        if k < m:
            found.append(("in", "".join(new[k:m])))
    return found


def part_changes(one: Item, other: Item) -> list[tuple[int, list[tuple[str, str]]]]:
    """The parts of two cases side by side, by their number from 1: the stem of each as `word_changes` tells it. Nothing
    where either is no case."""
    if not isinstance(one.body, CaseBody) or not isinstance(other.body, CaseBody):
        return []
    stems = zip_longest(*([part.stem for part in case.parts] for case in (one.body, other.body)), fillvalue="")
    return [(number, word_changes(*pair)) for number, pair in enumerate(stems, start=1)]


def _in_order(new: dict[str, str], old: dict[str, str]) -> Iterator[str]:
    """Every place of both, those of the older version where they would stand in the newer."""
    heads = list(dict.fromkeys(place.split(".")[0] for place in [*new, *old]))
    for head in heads:
        yield from sorted(
            {place for place in (*new, *old) if place.split(".")[0] == head},
            key=lambda place: [(0, int(step), "") if step.isdecimal() else (1, 0, step) for step in place.split(".")],
        )


def _named(item: Item, place: str) -> tuple[Wording, dict[str, Wording]]:
    """The name of a place, with the numbers of its rows, and the words of what may stand there."""
    head, *steps = place.split(".")
    fields: tuple[Field, ...] = kind_of(item.item_type).sheet.fields if head == "body" else ()
    names, words, value = ([] if head == "body" else [_COMMON[head]]), {}, form_values(item)
    for at, step in enumerate(steps):
        if step.isdecimal():
            names.append(Wording(str(int(step) + 1), str(int(step) + 1)))
            continue
        field = next((one for one in fields if one.name == step), None)
        if field is None:
            names.append(_COMMON[step])
            continue
        words = _YES if field.shape is Shape.TICK else dict(field.picks)
        if field.shape is Shape.BODY:
            chosen = value[".".join([head, *steps[:at], "item_type"])]
            fields = field.bodies[chosen].fields
            continue
        names.append(field.label)
        fields = field.fields
    return Wording(" ".join(name.zh for name in names), " ".join(name.en for name in names)), words
