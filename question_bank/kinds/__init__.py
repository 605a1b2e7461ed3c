"""One module per item type, behind one protocol; `kind_of` finds the kind of a type.

A new type is a module here, its line in `KINDS` below and its member of `ItemType`; nothing else knows the types apart.
"""

from collections.abc import Iterator

from question_bank.canonical import stem_fold
from question_bank.errors import InvalidItem
from question_bank.items import Body, Item, ItemType
from question_bank.kinds.case_analysis import CaseAnalysis, CaseBody, fits, is_objective_throughout
from question_bank.kinds.fill_blank import FillBlank
from question_bank.kinds.limits import content_problems
from question_bank.kinds.matching import Matching
from question_bank.kinds.multiple_choice import MultipleChoice
from question_bank.kinds.numeric import Numeric
from question_bank.kinds.ordering import Ordering
from question_bank.kinds.practical import Practical
from question_bank.kinds.protocol import AnyKind, BodyText, Extent, Kind, Layout, Response
from question_bank.kinds.short_answer import ShortAnswer
from question_bank.kinds.single_choice import SingleChoice
from question_bank.kinds.true_false import TrueFalse
from question_bank.wording import Problem

_SIMPLE: dict[ItemType, AnyKind] = {
    kind.item_type: kind
    for kind in (
        SingleChoice(),
        MultipleChoice(),
        TrueFalse(),
        FillBlank(),
        Numeric(),
        Ordering(),
        Matching(),
        ShortAnswer(),
    )
}

KINDS: dict[ItemType, AnyKind] = {
    **_SIMPLE,
    **{kind.item_type: kind for kind in (CaseAnalysis(_SIMPLE), Practical())},
}

__all__ = [
    "KINDS",
    "AnyKind",
    "Extent",
    "Kind",
    "Layout",
    "Response",
    "check",
    "content_fold",
    "content_text",
    "is_objective",
    "item_fold",
    "kind_of",
    "marker_texts",
    "problems_of",
    "telling_text",
]


def kind_of(item_type: ItemType) -> AnyKind:
    """The kind of a type; every type has one."""
    return KINDS[item_type]


def is_objective(item: Item) -> bool:
    """Whether rules alone score the item, and no people need mark it; a case is if all its parts are."""
    return is_objective_throughout(item, lambda item_type: KINDS[item_type].is_objective)


def problems_of(item: Item) -> list[Problem]:
    """Every reason why the item could not be presented and scored; empty if it can."""
    kind = KINDS[item.item_type]
    if not isinstance(item.body, kind.body_type):
        return [Problem("item.body", "内容与题型不符。", "Its content is not that of its type.")]
    problems = kind.body_problems(item.stem, item.body)
    if any(code == "item.part_type" for code, _, _ in problems):
        return problems  # the texts of such a part are nobody's
    if item.scoring is not None and not fits(item.scoring, kind, item.body):
        problems.append(Problem("item.scoring", "评分规则与题型不符。", "Its scoring rule does not fit its type."))
    return content_problems(item, kind.texts(item.body)) + problems


def check(item: Item) -> None:
    """Raise `InvalidItem` with the first problem of the item, if it has one."""
    for problem in problems_of(item):
        raise InvalidItem(problem.code, zh=problem.zh, en=problem.en)


def marker_texts(item: Item) -> Iterator[BodyText]:
    """What those who mark are shown and no candidate is: model answers and scoring points, conditions and checklist; of
    a case those of its parts, under their numbers."""
    if isinstance(item.body, CaseBody):
        for number, part in enumerate(item.body.parts, start=1):
            for text in _marker_texts(part.item_type, part.body):
                yield text._replace(zh=f"第 {number} 小题：{text.zh}", en=f"Part {number}: {text.en}")
    else:
        yield from _marker_texts(item.item_type, item.body)


def _marker_texts(item_type: ItemType, body: Body) -> Iterator[BodyText]:
    """People mark by every text that such a body has: its candidate is shown the stem and room to write."""
    if not KINDS[item_type].is_objective:
        yield from KINDS[item_type].texts(body)


def telling_text(item: Item) -> str:
    """What tells the item from others: its stem. Cases often have one stem, and differ in their stimulus."""
    return f"{item.stem}\n{item.body.stimulus}" if isinstance(item.body, CaseBody) else item.stem


def item_fold(item: Item) -> str:
    """`stem_fold` of what tells the item from others: items of one fold are one in the bank, and in a draw of cz1."""
    return stem_fold(telling_text(item))


def content_text(item: Item) -> str:
    """What a form must not hold twice: the stem; of a case its stimulus and the stems of its parts. The stem of a case
    is a lead-in (阅读材料，回答问题) that it shares with others, and is left out."""
    return "\n".join(_contents(item))


def content_fold(item: Item) -> str:
    """Items of one such fold have one content: every text of `content_text` folded, the parts of a case in any order;
    a text of marks alone stands for itself."""
    first, *parts = (stem_fold(text) or text for text in _contents(item))
    return "\n".join([first, *sorted(parts)])


def _contents(item: Item) -> list[str]:
    if isinstance(item.body, CaseBody):
        return [item.body.stimulus, *(part.stem for part in item.body.parts)]
    return [item.stem]
