"""One module per item type, behind one protocol; `kind_of` finds the kind of a type.

Objective kinds are scored by rule. The others are carried for import, export and review until marking by people
exists; a blueprint refuses them.
"""

from question_bank.errors import InvalidItem
from question_bank.items import Item, ItemType
from question_bank.kinds.fill_blank import FillBlank
from question_bank.kinds.multiple_choice import MultipleChoice
from question_bank.kinds.protocol import Kind, ObjectiveKind, Response
from question_bank.kinds.short_answer import ShortAnswer
from question_bank.kinds.single_choice import SingleChoice
from question_bank.kinds.true_false import TrueFalse
from question_bank.wording import Wording

NEEDS_MARKING = Wording("需人工阅卷的题型暂不能入卷", "items that people must mark cannot stand in a form yet")

OBJECTIVE_KINDS: dict[ItemType, ObjectiveKind] = {
    ItemType.SINGLE_CHOICE: SingleChoice(),
    ItemType.MULTIPLE_CHOICE: MultipleChoice(),
    ItemType.TRUE_FALSE: TrueFalse(),
}

KINDS: dict[ItemType, Kind] = {
    **OBJECTIVE_KINDS,
    ItemType.FILL_BLANK: FillBlank(),
    ItemType.SHORT_ANSWER: ShortAnswer(),
}

__all__ = [
    "KINDS",
    "NEEDS_MARKING",
    "OBJECTIVE_KINDS",
    "Kind",
    "ObjectiveKind",
    "Response",
    "check",
    "kind_of",
    "objective_kind_of",
]


def kind_of(item_type: ItemType) -> Kind:
    """The kind of a type; every type has one."""
    return KINDS[item_type]


def objective_kind_of(item_type: ItemType) -> ObjectiveKind:
    """The kind of a type that is scored by rule. Raises `InvalidItem` for a type that people must mark."""
    kind = OBJECTIVE_KINDS.get(item_type)
    if kind is None:
        raise InvalidItem("item.needs_marking", zh=f"{NEEDS_MARKING.zh}。", en=f"{NEEDS_MARKING.en.capitalize()}.")
    return kind


def check(item: Item) -> None:
    """Raise `InvalidItem` with the first problem of the item, if it has one."""
    for problem in kind_of(item.item_type).validate(item):
        raise InvalidItem(problem.code, zh=problem.zh, en=problem.en)
