"""Files in the layouts of people: written, read back by our own reader, and what that does not find is named.

A row or a line has no escapes: whether a stem that looks like a heading is read as a stem only the reader knows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from question_bank.content import plain
from question_bank.formats.report import ReadItem
from question_bank.formats.writers.outlay import CannotCarry, ItemOut, Pictures, Written, write_each
from question_bank.items import Body, Item, ItemType
from question_bank.kinds.case_analysis import CaseBody
from question_bank.kinds.choice import ChoiceBody
from question_bank.kinds.fill_blank import FillBlankBody
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.numeric import NumericBody
from question_bank.kinds.practical import PracticalBody
from question_bank.kinds.short_answer import ShortAnswerBody

Laid = TypeVar("Laid")

_FIELDS = (
    (
        "stem",
        "题干中的标记（含公式、图片）、换行或空格",
        "markup (with formulas, pictures), line breaks or spaces of the stem",
    ),
    (
        "explanation",
        "解析中的标记（含公式、图片）、换行或空格",
        "markup (with formulas, pictures), line breaks or spaces of the explanation",
    ),
    ("topic", "知识点", "topic"),
    ("difficulty", "难度", "difficulty"),
    ("level", "等级", "level"),
    ("basis", "依据", "basis"),
    ("tags", "标签", "tags"),
    ("scoring", "评分规则", "scoring rule"),
)


def write_as_read(
    items: Sequence[Item],
    pictures: Pictures,
    *,
    lay_out: Callable[[Item], Laid],
    pack: Callable[[Sequence[Laid]], bytes],
    read: Callable[[bytes, Sequence[Laid]], Sequence[ReadItem | None]],
) -> Written:
    """The items as `pack` makes a file of what `lay_out` makes of each.

    `lay_out` may raise `CannotCarry`; `read` gives back what our reader finds for each, None for nothing. An item that
    does not come back with its type and its key is left out and named; any other difference is named as lost.
    """
    refused: dict[int, CannotCarry] = {}
    laid: dict[int, Laid] = {}
    for number, item in enumerate(items, start=1):
        try:
            laid[number] = lay_out(item)
        except CannotCarry as cannot:
            refused[number] = cannot
    while True:
        data = pack([*laid.values()])
        found = dict(zip(laid, read(data, [*laid.values()]), strict=True))
        missed = {number: why for number, one in found.items() if (why := _miss(items[number - 1], one))}
        if not missed:
            break
        refused |= missed
        laid = {number: one for number, one in laid.items() if number not in missed}

    def write(out: ItemOut) -> None:
        if out.number in refused:
            raise refused[out.number]
        check_read(out, found[out.number])

    written, lost = write_each(items, pictures, write)
    if len(written) < len(laid):  # what nobody could answer is written by no writer
        valid = [out.number for out in written]
        data = pack([laid[number] for number in valid])
    return Written(data, len(written), tuple(lost))


def check_read(out: ItemOut, found: ReadItem | None) -> None:
    """Name what our reader does not find of an item that was laid out. Raises `CannotCarry` where it finds none, or one
    of another type or with another key."""
    missed = _miss(out.item, found)
    if missed is not None:
        raise missed
    if found is not None:
        _name_differences(out, found)


def _miss(item: Item, found: ReadItem | None) -> CannotCarry | None:
    if found is None:
        return CannotCarry("写出后读不回来", "it is not read back from such a file")
    if found.item.item_type is not item.item_type:
        return CannotCarry("写出后会被当作别的题型", "it would be read as another type")
    if _key(found.item.body) != _key(item.body):
        return CannotCarry("写出后答案或选项会改变", "its key or its options would change")
    return None


def _key(body: Body) -> object:
    """What of a body must come back for the item to be the same item."""
    kept: object = body
    match body:
        case ChoiceBody():
            kept = len(body.options), body.key
        case FillBlankBody():
            kept = [[variant.text for variant in blank.accepted] for blank in body.blanks]
        case NumericBody():
            kept = body.value, body.unit
        case MatchingBody():
            kept = [plain(body.choices[place]) for place in body.pairs]
        case ShortAnswerBody():
            kept = bool(body.models)
        case PracticalBody():
            kept = [entry.share for entry in body.checklist]
        case CaseBody():
            kept = [(part.item_type, part.share, _key(part.body)) for part in body.parts]
    return kept


def _name_differences(out: ItemOut, read: ReadItem) -> None:
    for name, zh, en in _FIELDS:
        if getattr(read.item, name) != getattr(out.item, name):
            out.lose(zh, en)
    if _meaning(read.item.body) != _meaning(out.item.body):
        out.lose(*_LOST_BODY.get(out.item.item_type, ("答案的部分内容", "parts of the key")))
    if read.doubts:
        out.lose("读回时需人工确认", "a person must confirm it when it is read")


def _meaning(body: Body) -> object:
    """The body without what means nothing: the order of choices, which every form displays in one of its own."""
    match body:
        case MatchingBody() if all(0 <= place < len(body.choices) for place in body.pairs):
            return body.premises, frozenset(body.choices), [body.choices[place] for place in body.pairs]
        case CaseBody():
            return body.stimulus, [replace(part, body=_Told(_meaning(part.body))) for part in body.parts]
    return body


@dataclass(frozen=True)
class _Told(Body):
    """What a body means, in its place."""

    meaning: object


_LOST_BODY = {
    ItemType.SINGLE_CHOICE: ("选项中的标记或固定位置", "markup or fixed places of options"),
    ItemType.MULTIPLE_CHOICE: ("选项中的标记或固定位置", "markup or fixed places of options"),
    ItemType.TRUE_FALSE: ("选项的文字", "words of the options"),
    ItemType.FILL_BLANK: ("作答归一化、分值份额或顺序", "normalisation, shares or order of blanks"),
    ItemType.NUMERIC: ("误差或其他单位", "tolerance or further units"),
    ItemType.SHORT_ANSWER: ("采分点或多份参考答案", "scoring points or several models"),
    ItemType.MATCHING: ("匹配项中的标记", "markup within premises or choices"),
    ItemType.PRACTICAL: ("评分要点或考核条件中的标记", "markup within the checklist or the conditions"),
    ItemType.CASE_ANALYSIS: ("小题或材料中的标记、评分规则", "markup, or the scoring rules, of the parts"),
}
