"""Aiken: single choice only, every text on one line."""

import re
from collections.abc import Sequence

from question_bank.content import plain
from question_bank.formats.writers.outlay import CannotCarry, ItemOut, Pictures, Written, write_each
from question_bank.items import Difficulty, Item, ItemType, Level
from question_bank.kinds.choice import ChoiceBody, letter_of

_MOST_OPTIONS = 26
# What would be read as an option, or as the key, at the start of a stem.
_MISREAD = re.compile(r"[A-Z][).]|ANSWER:")


def write_aiken(items: Sequence[Item], pictures: Pictures) -> Written:
    """The items as an Aiken file in UTF-8."""
    blocks: list[str] = []
    written, lost = write_each(items, pictures, lambda out: blocks.append(_block(out)))
    return Written("\n".join(blocks).encode(), len(written), tuple(lost))


def _block(out: ItemOut) -> str:
    item, body = out.item, out.item.body
    if item.item_type not in (ItemType.SINGLE_CHOICE, ItemType.TRUE_FALSE) or not isinstance(body, ChoiceBody):
        raise CannotCarry("Aiken 只有单选题", "Aiken has single choice only")
    if len(body.key) != 1 or len(body.options) > _MOST_OPTIONS:
        raise CannotCarry("没有唯一答案，或选项过多", "no single key, or too many options")
    stem = _line(out, item.stem)
    if _MISREAD.match(stem):
        stem = f"· {stem}"
        out.lose("题干开头的写法", "how the stem begins")
    for zh, en, there in (
        ("解析", "explanation", item.explanation),
        ("知识点", "topic", item.topic),
        ("标签", "tags", item.tags),
        ("依据", "basis", item.basis),
        ("评分规则", "scoring rule", item.scoring),
        ("难度", "difficulty", item.difficulty is not Difficulty.MEDIUM),
        ("等级", "level", item.level is not Level.PRIMARY),
        (
            "固定位置的选项",
            "options that keep their place",
            any(option.pinned for option in body.options),
        ),
    ):
        if there:
            out.lose(zh, en)
    lines = [stem, *(f"{letter_of(place)}) {_line(out, one.text)}" for place, one in enumerate(body.options))]
    return "\n".join([*lines, f"ANSWER: {letter_of(min(body.key))}", ""])


def _line(out: ItemOut, text: str) -> str:
    words = " ".join(plain(text).split())
    if words != text:
        out.lose("换行、空格或标记", "line breaks, spaces or markup")
    return words
