"""Keys that stand inside the stem: （ AB ）, a mark at its end, or a letter after it."""

import re

from question_bank.formats.drafts import Draft
from question_bank.formats.report import Problem
from question_bank.formats.spellings import JUDGE_MARKS, fold_width, read_judge, read_letters
from question_bank.items import ItemType

BLANK = re.compile(r"_{2,}|﹍+|\(\s*\)|【\s*】|\[\s*\]|\{\s*\}|《\s+》")

# A letter or digit before the bracket makes it a relation or a formula, such as R(A，B), never a key.
_LETTERS = re.compile(r"(?<![A-Za-z0-9])[(\[【]\s*([A-L](?:[\s,、]*[A-L])*)\s*[)\]】]")
_LETTERS_AFTER = re.compile(r"\s+([A-L](?:[\s,、]?[A-L])*)\s*[.。]?$")
_MARK = re.compile(
    rf"^\s*[(\[【]\s*([{JUDGE_MARKS}]|正确|错误|对|错|[TFxX])\s*[)\]】]"
    rf"|[(\[【]\s*([{JUDGE_MARKS}]|正确|错误|对|错|[TFxX])\s*[)\]】]\s*[.。]?$"
)
_MARK_AFTER = re.compile(rf"\s*([{JUDGE_MARKS}])\ufe0f?\s*[.。]?$|(?<=[\s。.])(对|错|正确|错误)$")
_EMPTY_BRACKETS = "（　）"


def take_key_from_stem(draft: Draft) -> None:
    """Moves a key out of the stem, so that the stem no longer gives it away.

    With a key after the item already, the one in the stem is removed where both agree and named where they
    do not. Without options only judge marks count; with options only letters that are options.
    """
    if draft.options:
        _take_letters(draft)
    if draft.key_text is None or not draft.options:
        _take_mark(draft)


def _take_letters(draft: Draft) -> None:
    folded = fold_width(draft.stem)
    found = [match for match in _LETTERS.finditer(folded) if _fits(draft, match[1])]
    if len(found) == 1 and not BLANK.search(folded):
        _settle_found(draft, found[0].start(), found[0].end(), found[0][1], _EMPTY_BRACKETS)
        return
    if draft.key_text is None and not found:
        after = _LETTERS_AFTER.search(folded)
        if after and _fits(draft, after[1]):
            _settle_found(draft, after.start(), after.end(), after[1], "")


def _fits(draft: Draft, text: str) -> bool:
    letters = read_letters(text) or ()
    return list(letters) == sorted(set(letters)) and all(draft.label_position(letter) is not None for letter in letters)


def _settle_found(draft: Draft, start: int, end: int, key: str, replacement: str) -> None:
    if draft.key_text is None:
        draft.key_text = key
    elif not _same_key(draft.key_text, key):
        draft.doubts.append(
            Problem(
                "key.two_keys",
                f"题干中的答案“{key}”与答案行的“{draft.key_text.strip()[:20]}”不一致。",
                f"The key in the stem ({key}) is not the key given after it ({draft.key_text.strip()[:20]}).",
                draft.place,
            )
        )
        return
    draft.stem = (draft.stem[:start] + replacement + draft.stem[end:]).strip()


def _same_key(one: str, other: str) -> bool:
    judged = read_judge(one)
    if judged is not None and judged == read_judge(other):
        return True
    return set(read_letters(one) or one) == set(read_letters(other) or other)


def _take_mark(draft: Draft) -> None:
    if draft.declared not in (None, ItemType.TRUE_FALSE):
        return
    folded = fold_width(draft.stem)
    found = _MARK.search(folded)
    if found:
        mark = found[1] or found[2]
        if draft.declared is None and mark in "TFxX":
            return  # (x) and (T) are formulas unless the item is known to be judged
        _settle_found(draft, found.start(), found.end(), mark, _EMPTY_BRACKETS)
        return
    after = _MARK_AFTER.search(folded)
    if after and (after[1] or draft.declared is ItemType.TRUE_FALSE):
        _settle_found(draft, after.start(), after.end(), after[1] or after[2], "")
