"""Keys that stand away from their items: 1-5 ABCDE at the end of a section or of the file."""

import re
from dataclasses import dataclass

from question_bank.formats.drafts import Draft
from question_bank.formats.report import Place, Problem
from question_bank.formats.spellings import JUDGE_MARKS, fold_width
from question_bank.items import ItemType

_MARK = rf"(?:[A-L]|[{JUDGE_MARKS}]\ufe0f?|正确|错误|[对错TFXx])"
_RANGE = re.compile(
    rf"(\d{{1,4}})\s*(?:-|—|–|~|～|至|到)+\s*(\d{{1,4}})\s*[题.、:]*\s*((?:{_MARK}[\s,、;]*)+?)(?=\s*\d|[\s,、;。]*$)[\s,、;。]*"
)
_PAIR = re.compile(rf"(\d{{1,4}})\s*[.、:)]?\s*((?:[A-L][,、]?){{1,12}}|{_MARK})(?=[\s,、;。]|\d|$)[\s,、;。]*")


_EXPLAINED = re.compile(
    rf"(\d{{1,4}})\s*[.、:)]\s*(?:[\[【]?\s*(?:正确|参考|标准)?答案\s*[\]】]?\s*:?\s*)?"
    rf"((?:[A-L][,、]?)+|{_MARK})\s*[.。;,]?\s*(?=[\[【(]|(?:答案|试题)?解析|$)"
)


@dataclass(frozen=True)
class LooseKey:
    """A key for the item with this number."""

    number: int
    text: str
    place: Place


def read_answer_run(text: str, place: Place, *, lone_pair: bool = False) -> list[LooseKey]:
    """The keys of a line that is nothing but ranges or pairs of number and key; else nothing.

    A lone pair such as "3. A" counts only where keys are expected.
    """
    if not text[:1].isdecimal():
        return []
    folded = fold_width(text).strip()
    keys: list[LooseKey] = []
    at = 0
    while at < len(folded):
        found = _RANGE.match(folded, at)
        if found is not None:
            numbers = range(int(found[1]), int(found[2]) + 1)
            marks = _split_keys(found[3], len(numbers))
            keys += [LooseKey(number, mark, place) for number, mark in zip(numbers, marks, strict=False)]
        else:
            found = _PAIR.match(folded, at)
            marks = [found[2]] if found is not None else []
            keys += [LooseKey(int(found[1]), mark, place) for mark in marks if found is not None]
        if found is None or not marks:
            return []
        at = found.end()
    return keys if len(keys) > 1 or lone_pair or _RANGE.match(folded) else []


def read_explained_key(text: str, place: Place) -> tuple[LooseKey, str] | None:
    """The key at the start of a line such as "3．【答案】B　解析：…", and what follows it."""
    found = _EXPLAINED.match(fold_width(text))
    return (LooseKey(int(found[1]), found[2], place), text[found.end() :]) if found else None


def _split_keys(text: str, wanted: int) -> list[str]:
    """Keys for `wanted` items: one mark each, or groups divided by spaces; empty when the count is another."""
    groups = re.split(r"[\s,、;]+", text.strip(" ,、;"))
    if len(groups) == wanted:
        return groups
    marks = re.findall(_MARK, text)
    return marks if len(marks) == wanted else []


class AnswerBlock:
    """Gives loose keys to the items before them, section by section."""

    def __init__(self, drafts: list[Draft], item_type: ItemType | None = None) -> None:
        self._groups: list[dict[int, Draft]] = []
        group: int | None = None
        for draft in drafts:
            if draft.key_text is not None or draft.number is None:
                continue
            if item_type is not None and draft.declared is not item_type:
                continue
            if draft.group != group:
                group = draft.group
                self._groups.append({})
            self._groups[-1].setdefault(draft.number, draft)
        self._at = 0
        self._last = 0

    def give(self, key: LooseKey) -> Draft | Problem:
        """Gives one key to its item, and gives that back; the problem when no such item lacks a key.

        Numbers that restart go on with the next section.
        """
        start = self._at + 1 if key.number <= self._last else self._at
        self._last = key.number
        for at in range(start, len(self._groups)):
            draft = self._groups[at].pop(key.number, None)
            if draft is not None:
                self._at = at
                draft.key_text = key.text
                return draft
        return Problem(
            "key.no_item",
            f"答案区第 {key.number} 题（{key.text}）找不到对应的试题。",
            f"The key {key.number} ({key.text}) has no item that lacks one.",
            key.place,
        )
