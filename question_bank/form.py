"""试卷: which items one candidate gets, in which order, with which order of options and for how many points.

A form holds no content: items are looked up by key, in the versions that were frozen with the pool. Positions
count from 1 through the whole form; a case takes one for each of its parts, together and in their order. `order[d]` is
the place in the item of the option, element or choice displayed at d.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from question_bank.errors import InvalidForm, InvalidResponse
from question_bank.items import Item, ItemType
from question_bank.kinds import Extent, Response, kind_of
from question_bank.kinds.case_analysis import CaseBody, Part
from question_bank.scoring import FormScore, Scoring, round_half_up


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as it stands in one form, or the part number `part` (from 0) of a case, whose type `item_type` then is.

    `slots` counts the blanks or premises that wait to be filled; 0 where the type has none.
    """

    position: int
    item_key: str
    item_type: ItemType
    points_hundredths: int
    scoring: Scoring
    order: tuple[int, ...]
    slots: int = 0
    part: int | None = None

    @property
    def extent(self) -> Extent:
        """What a response is parsed by."""
        return Extent(len(self.order), self.slots)


@dataclass(frozen=True, slots=True)
class FormSection:
    """大题 of a form."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """试卷 number `number` (from 1) of an exam."""

    number: int
    sections: tuple[FormSection, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry, in the order of positions."""
        return tuple(entry for section in self.sections for entry in section.entries)

    @property
    def maximum_hundredths(self) -> int:
        """Full points."""
        return sum(entry.points_hundredths for entry in self.entries)

    def entry_at(self, position: int) -> Entry:
        """The entry at a position from 1. Raises `InvalidResponse` where the form has none."""
        entries = self.entries
        if not 1 <= position <= len(entries):
            raise InvalidResponse(
                "response.no_such_position",
                zh=f"试卷没有第 {position} 题。",
                en=f"The form has no item {position}.",
            )
        return entries[position - 1]


def parse_response(form: Form, raw: object, *, position: int) -> Response:
    """The canonical response in `raw`, sent for that position. Raises `InvalidResponse`; needs no item."""
    entry = form.entry_at(position)
    response: Response = kind_of(entry.item_type).parse_response(raw, entry.extent)
    return response


def key_of(form: Form, items: Mapping[str, Item], *, position: int) -> Response:
    """The right response at that position, as displayed; empty where only people can tell. Raises `InvalidForm` where
    the item is not that item."""
    entry = form.entry_at(position)
    key: Response = kind_of(entry.item_type).key(content_of(entry, items).body, entry.order)
    return key


def score_form(form: Form, items: Mapping[str, Item], responses: Mapping[int, Response]) -> FormScore:
    """Points of every position: 0 without a response, None where people have to mark one.

    Responses are parsed again: what cannot be a response of this form raises `InvalidResponse` instead of
    scoring 0 unseen. Raises `InvalidForm` where `items` lacks an item or holds another under its key.
    """
    entries = form.entries
    for position in responses.keys() - {entry.position for entry in entries}:
        form.entry_at(position)  # there is none: it refuses
    points = tuple(score_entry(entry, items, responses) for entry in entries)
    return FormScore(points, form.maximum_hundredths)


def score_entry(entry: Entry, items: Mapping[str, Item], responses: Mapping[int, Response]) -> int | None:
    """The points of one position, rounded; None where people have to mark it. Refuses as `score_form` does."""
    kind, body = kind_of(entry.item_type), content_of(entry, items).body
    if entry.position not in responses:
        # Nothing was written: nobody needs to mark that. What was done before an examiner is another matter.
        return 0 if kind.is_written else None
    response = kind.parse_response(responses[entry.position], entry.extent)
    if kind.is_written and not kind.is_answered(response):
        return 0
    exact = kind.score(
        response,
        body=body,
        order=entry.order,
        scoring=entry.scoring,
        points_hundredths=entry.points_hundredths,
    )
    return None if exact is None else round_half_up(exact)


def content_of(entry: Entry, items: Mapping[str, Item]) -> Item | Part:
    """The item of an entry, or the part of a case. Raises `InvalidForm` if it is missing, of another type or size."""
    item = items.get(entry.item_key)
    if item is None:
        _refuse(
            "form.item_missing",
            f"第 {entry.position} 题的试题不在备选题集中。",
            f"The item at position {entry.position} is not in the pool.",
        )
    content: Item | Part | None = item
    if entry.part is not None:
        parts = item.body.parts if isinstance(item.body, CaseBody) else ()
        content = parts[entry.part] if entry.part < len(parts) else None
    if (
        content is None
        or content.item_type is not entry.item_type
        or kind_of(content.item_type).layout(content.body).extent != entry.extent
    ):
        _refuse(
            "form.item_differs",
            f"第 {entry.position} 题的试题与试卷不符。",
            f"The item at position {entry.position} is not the one that the form was drawn with.",
        )
    return content


def _refuse(code: str, zh: str, en: str) -> NoReturn:
    raise InvalidForm(code, zh=zh, en=en)
