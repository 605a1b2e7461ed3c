"""What a candidate sees of a form: values that cannot hold a key.

No type here has a field for a key, an explanation, a topic, a difficulty, a basis, a tag, or an id or number of
item or form; what is not there cannot leak into a page, a log or an export (P14). `candidate_view` is the one way
from a form to these values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from question_bank.canonical import Json
from question_bank.form import Entry, Form, content_of
from question_bank.items import Item, ItemType
from question_bank.kinds import kind_of
from question_bank.kinds.case_analysis import CaseBody
from question_bank.kinds.choice import letter_of
from question_bank.wording import Wording


@dataclass(frozen=True, slots=True)
class OptionView:
    """An option, element or choice under the letter of its displayed position."""

    letter: str
    text: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """材料 that the positions from `first` to `last` are about."""

    first: int
    last: int
    stem: str
    stimulus: str


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item, or a part of a case, as displayed; `options[d]` is what a response calls d.

    `premises` are those of a matching item; `blanks` counts those in the stem; a bare number is taken in `unit`.
    """

    position: int
    item_type: ItemType
    type_name: Wording
    stem: str
    options: tuple[OptionView, ...]
    points_hundredths: int
    scoring: Wording
    premises: tuple[str, ...] = ()
    blanks: int = 0
    unit: str = ""
    case: CaseView | None = None


@dataclass(frozen=True, slots=True)
class SectionView:
    """大题 as displayed."""

    title: str
    items: tuple[ItemView, ...]


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A whole form as displayed."""

    sections: tuple[SectionView, ...]
    item_count: int
    maximum_hundredths: int


def candidate_view(form: Form, items: Mapping[str, Item]) -> CandidateView:
    """The form as its candidate may see it. Raises `InvalidForm` where `items` does not fit the form."""
    positions: dict[str, list[int]] = {}
    for entry in form.entries:
        positions.setdefault(entry.item_key, []).append(entry.position)
    return CandidateView(
        sections=tuple(
            SectionView(
                section.title, tuple(_item_view(entry, items, positions[entry.item_key]) for entry in section.entries)
            )
            for section in form.sections
        ),
        item_count=len(form.entries),
        maximum_hundredths=form.maximum_hundredths,
    )


def view_to_json(view: CandidateView) -> dict[str, Json]:
    """The view as plain JSON, for the page and the API."""
    return {
        "item_count": view.item_count,
        "maximum_hundredths": view.maximum_hundredths,
        "sections": [
            {"title": section.title, "items": [_item_to_json(item) for item in section.items]}
            for section in view.sections
        ],
    }


def _item_to_json(item: ItemView) -> dict[str, Json]:
    """What only some types have is written only there: views of sealed forms are recomputed byte for byte."""
    value: dict[str, Json] = {
        "position": item.position,
        "item_type": item.item_type.value,
        "type_name": {"zh": item.type_name.zh, "en": item.type_name.en},
        "stem": item.stem,
        "options": [{"letter": option.letter, "text": option.text} for option in item.options],
        "points_hundredths": item.points_hundredths,
        "scoring": {"zh": item.scoring.zh, "en": item.scoring.en},
    }
    if item.premises:
        value["premises"] = [*item.premises]
    if item.blanks:
        value["blanks"] = item.blanks
    if item.unit:
        value["unit"] = item.unit
    if item.case is not None:
        case = item.case
        value["case"] = {"first": case.first, "last": case.last, "stem": case.stem, "stimulus": case.stimulus}
    return value


def _item_view(entry: Entry, items: Mapping[str, Item], positions: Sequence[int]) -> ItemView:
    content = content_of(entry, items)
    kind = kind_of(entry.item_type)
    layout = kind.layout(content.body)
    case, item = None, items[entry.item_key]
    if isinstance(item.body, CaseBody):
        case = CaseView(positions[0], positions[-1], item.stem, item.body.stimulus)
    return ItemView(
        position=entry.position,
        item_type=entry.item_type,
        type_name=kind.name,
        stem=content.stem,
        options=tuple(OptionView(letter_of(shown), layout.shown[place]) for shown, place in enumerate(entry.order)),
        points_hundredths=entry.points_hundredths,
        scoring=kind.describe(entry.scoring),
        premises=layout.premises,
        blanks=layout.blanks,
        unit=layout.unit,
        case=case,
    )
