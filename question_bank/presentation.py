"""What a candidate sees of a form: values that cannot hold a key.

No type here has a field for a key, an explanation, a topic, a difficulty, a basis, a tag, or an id or number of
item or form; what is not there cannot leak into a page, a log or an export (P14). `candidate_view` is the one way
from a form to these values.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from question_bank.canonical import Json
from question_bank.form import Entry, Form, item_of
from question_bank.items import Item, ItemType
from question_bank.kinds import objective_kind_of
from question_bank.kinds.choice import letter_of
from question_bank.wording import Wording


@dataclass(frozen=True, slots=True)
class OptionView:
    """An option under the letter of its displayed position."""

    letter: str
    text: str


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item as displayed; `options[d]` is what a response calls d."""

    position: int
    item_type: ItemType
    type_name: Wording
    stem: str
    options: tuple[OptionView, ...]
    points_hundredths: int
    scoring: Wording


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
    return CandidateView(
        sections=tuple(
            SectionView(section.title, tuple(_item_view(entry, item_of(entry, items)) for entry in section.entries))
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
            {
                "title": section.title,
                "items": [
                    {
                        "position": item.position,
                        "item_type": item.item_type.value,
                        "type_name": {"zh": item.type_name.zh, "en": item.type_name.en},
                        "stem": item.stem,
                        "options": [{"letter": option.letter, "text": option.text} for option in item.options],
                        "points_hundredths": item.points_hundredths,
                        "scoring": {"zh": item.scoring.zh, "en": item.scoring.en},
                    }
                    for item in section.items
                ],
            }
            for section in view.sections
        ],
    }


def _item_view(entry: Entry, item: Item) -> ItemView:
    kind = objective_kind_of(entry.item_type)
    return ItemView(
        position=entry.position,
        item_type=entry.item_type,
        type_name=kind.name,
        stem=item.stem,
        options=tuple(
            OptionView(letter_of(shown), item.options[place].text) for shown, place in enumerate(entry.option_order)
        ),
        points_hundredths=entry.points_hundredths,
        scoring=kind.describe(entry.scoring),
    )
