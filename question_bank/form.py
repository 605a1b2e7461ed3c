"""试卷: which items one candidate gets, in which order, with which order of options and for how many points.

A form holds no content: items are looked up by key, in the versions that were frozen with the pool. Positions
count from 1 through the whole form. `option_order[d]` is the place in the item of the option displayed at d.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from question_bank.canonical import Json, sha256_hex
from question_bank.errors import InvalidForm, InvalidResponse
from question_bank.items import Item, ItemType
from question_bank.kinds import NEEDS_MARKING, OBJECTIVE_KINDS, Response, kind_of, objective_kind_of
from question_bank.record import Record
from question_bank.scoring import FormScore, Scoring, round_half_up
from question_bank.scoring_json import scoring_from_json, scoring_to_json

_SCHEMA = "form/1"


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as it stands in one form."""

    position: int
    item_key: str
    item_type: ItemType
    points_hundredths: int
    scoring: Scoring
    option_order: tuple[int, ...]


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
    return objective_kind_of(entry.item_type).parse_response(raw, option_count=len(entry.option_order))


def key_of(form: Form, items: Mapping[str, Item], *, position: int) -> frozenset[int]:
    """The key at that position, as displayed positions. Raises `InvalidForm` where the item is not that item."""
    entry = form.entry_at(position)
    return _displayed_key(entry, item_of(entry, items))


def score_form(form: Form, items: Mapping[str, Item], responses: Mapping[int, Response]) -> FormScore:
    """Points of every position; a position without a response earns 0.

    Responses are parsed again: what cannot be a response of this form raises `InvalidResponse` instead of
    scoring 0 unseen. Raises `InvalidForm` where `items` lacks an item or holds another under its key.
    """
    entries = form.entries
    for position in responses.keys() - {entry.position for entry in entries}:
        form.entry_at(position)  # there is none: it refuses
    points = []
    for entry in entries:
        kind = objective_kind_of(entry.item_type)
        option_count = len(entry.option_order)
        exact = kind.score(
            kind.parse_response(responses.get(entry.position, []), option_count=option_count),
            key=_displayed_key(entry, item_of(entry, items)),
            option_count=option_count,
            scoring=entry.scoring,
            points_hundredths=entry.points_hundredths,
        )
        points.append(round_half_up(exact))
    return FormScore(tuple(points), form.maximum_hundredths)


def item_of(entry: Entry, items: Mapping[str, Item]) -> Item:
    """The item of an entry. Raises `InvalidForm` if it is missing, or of another type or number of options."""
    item = items.get(entry.item_key)
    if item is None:
        _refuse(
            "form.item_missing",
            f"第 {entry.position} 题的试题不在备选题集中。",
            f"The item at position {entry.position} is not in the pool.",
        )
    if item.item_type is not entry.item_type or len(item.options) != len(entry.option_order):
        _refuse(
            "form.item_differs",
            f"第 {entry.position} 题的试题与试卷不符。",
            f"The item at position {entry.position} is not the one that the form was drawn with.",
        )
    return item


def form_to_json(form: Form) -> dict[str, Json]:
    """Every field of the form. It names items and orders: for the vault, never for a candidate."""
    return {
        "schema": _SCHEMA,
        "number": form.number,
        "sections": [
            {
                "title": section.title,
                "entries": [
                    {
                        "position": entry.position,
                        "item_key": entry.item_key,
                        "item_type": entry.item_type.value,
                        "points_hundredths": entry.points_hundredths,
                        "scoring": scoring_to_json(entry.scoring),
                        "option_order": [*entry.option_order],
                    }
                    for entry in section.entries
                ],
            }
            for section in form.sections
        ],
    }


def form_from_json(value: Json) -> Form:
    """The form that `form_to_json` wrote. Raises `InvalidForm`, naming the place, for anything else."""
    record = Record(value, members=frozenset({"schema", "number", "sections"}), at="form", refusal=InvalidForm)
    record.expect("schema", _SCHEMA)
    form = Form(number=record.integer("number"), sections=record.each("sections", _read_section))
    if form.number < 1:
        _refuse("form.number", "试卷序号应从 1 起。", "The number of a form is 1 or more.")
    for expected, entry in enumerate(form.entries, start=1):
        _check_entry(entry, expected)
    if len({entry.item_key for entry in form.entries}) != len(form.entries):
        _refuse("form.item_twice", "同一试题在试卷中出现两次。", "The form holds an item twice.")
    return form


def form_hash(form: Form) -> str:
    """SHA-256 (hex) of the form's canonical JSON."""
    return sha256_hex(form_to_json(form))


def forms_hash(forms: Sequence[Form]) -> str:
    """SHA-256 (hex) of the canonical list of the forms' hashes, in the order given."""
    return sha256_hex([form_hash(form) for form in forms])


def _displayed_key(entry: Entry, item: Item) -> frozenset[int]:
    return frozenset(shown for shown, place in enumerate(entry.option_order) if place in item.key)


def _check_entry(entry: Entry, expected: int) -> None:
    if entry.position != expected:
        _refuse("form.positions", "题号不连续。", "The positions do not run from 1 without a gap.")
    if not kind_of(entry.item_type).is_objective:
        _refuse("form.needs_marking", f"第 {expected} 题：{NEEDS_MARKING.zh}。", f"{expected}: {NEEDS_MARKING.en}.")
    if sorted(entry.option_order) != list(range(len(entry.option_order))) or not entry.option_order:
        _refuse("form.option_order", f"第 {expected} 题的选项顺序有误。", f"{expected}: no order of its options.")
    if entry.points_hundredths < 1:
        _refuse("form.points", f"第 {expected} 题的分值有误。", f"{expected}: its points are not above 0.")
    scoring = entry.scoring
    fits_type = scoring.rule in OBJECTIVE_KINDS[entry.item_type].scoring_rules
    has_mark = scoring.mark_hundredths is not None and scoring.mark_hundredths > 0
    if not fits_type or has_mark is not scoring.rule.takes_mark:
        _refuse("form.scoring", f"第 {expected} 题的评分规则有误。", f"{expected}: a scoring rule it cannot have.")


def _read_section(value: Json, at: str) -> FormSection:
    record = Record(value, members=frozenset({"title", "entries"}), at=at, refusal=InvalidForm)
    return FormSection(record.text("title"), record.each("entries", _read_entry))


def _read_entry(value: Json, at: str) -> Entry:
    members = frozenset({"position", "item_key", "item_type", "points_hundredths", "scoring", "option_order"})
    record = Record(value, members=members, at=at, refusal=InvalidForm)
    return Entry(
        position=record.integer("position"),
        item_key=record.text("item_key"),
        item_type=record.member("item_type", ItemType),
        points_hundredths=record.integer("points_hundredths"),
        scoring=record.nested("scoring", partial(scoring_from_json, refusal=InvalidForm)),
        option_order=record.integers("option_order"),
    )


def _refuse(code: str, zh: str, en: str) -> NoReturn:
    raise InvalidForm(code, zh=zh, en=en)
