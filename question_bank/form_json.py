"""A form as JSON and back: strict, byte for byte the same through `canonical_json`.

A form is written in the oldest schema that holds it, so that sealed forms are recomputed byte for byte: `form/1` holds
whole items with options, `form/2` every type, and the parts of cases.
"""

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import NoReturn

from question_bank.canonical import Json, sha256_hex
from question_bank.errors import InvalidForm
from question_bank.form import Entry, Form, FormSection
from question_bank.items import ItemType
from question_bank.kinds import kind_of
from question_bank.record import Record
from question_bank.scoring_json import scoring_from_json, scoring_to_json

_FIRST, _SECOND = "form/1", "form/2"
SCHEMAS = frozenset({_FIRST, _SECOND})
"""What `schema` of a form may say."""
_FIRST_TYPES = frozenset({ItemType.SINGLE_CHOICE, ItemType.MULTIPLE_CHOICE, ItemType.TRUE_FALSE})


def form_to_json(form: Form) -> dict[str, Json]:
    """Every field of the form. It names items and orders: for the vault, never for a candidate."""
    is_first = _is_first(form)
    return {
        "schema": _FIRST if is_first else _SECOND,
        "number": form.number,
        "sections": [
            {"title": section.title, "entries": [_write_entry(entry, is_first=is_first) for entry in section.entries]}
            for section in form.sections
        ],
    }


def form_from_json(value: Json) -> Form:
    """The form that `form_to_json` wrote. Raises `InvalidForm`, naming the place, for anything else."""
    record = Record(value, members=frozenset({"schema", "number", "sections"}), at="form", refusal=InvalidForm)
    schema = _FIRST if record.text("schema") == _FIRST else _SECOND
    record.expect("schema", schema)
    read_section = partial(_read_section, is_first=schema == _FIRST)
    form = Form(number=record.integer("number"), sections=record.each("sections", read_section))
    if _is_first(form) is not (schema == _FIRST):
        _refuse("json.shape", f"form.schema：应为「{_FIRST}」。", f"form.schema: {_FIRST!r} holds this form.")
    check_form(form)
    return form


def check_form(form: Form) -> None:
    """Raise `InvalidForm` where the form is none that could have been drawn: its number, its positions, an order, a
    scoring rule, an item that stands twice."""
    if form.number < 1:
        _refuse("form.number", "试卷序号应从 1 起。", "The number of a form is 1 or more.")
    for expected, entry in enumerate(form.entries, start=1):
        _check_entry(entry, expected)
    _check_cases(form)


def form_hash(form: Form) -> str:
    """SHA-256 (hex) of the form's canonical JSON."""
    return sha256_hex(form_to_json(form))


def forms_hash(forms: Sequence[Form]) -> str:
    """SHA-256 (hex) of the canonical list of the forms' hashes, in the order given."""
    return sha256_hex([form_hash(form) for form in forms])


def _is_first(form: Form) -> bool:
    return all(
        entry.part is None
        and not entry.slots
        and entry.item_type in _FIRST_TYPES
        and not entry.scoring.rule.takes_weights
        for entry in form.entries
    )


def _write_entry(entry: Entry, *, is_first: bool) -> dict[str, Json]:
    value: dict[str, Json] = {
        "position": entry.position,
        "item_key": entry.item_key,
        "item_type": entry.item_type.value,
        "points_hundredths": entry.points_hundredths,
        "scoring": scoring_to_json(entry.scoring),
    }
    if is_first:
        return value | {"option_order": [*entry.order]}
    return value | {"order": [*entry.order], "slots": entry.slots, "part": entry.part}


def _check_entry(entry: Entry, expected: int) -> None:
    if entry.position != expected:
        _refuse("form.positions", "题号不连续。", "The positions do not run from 1 without a gap.")
    if sorted(entry.order) != list(range(len(entry.order))):
        _refuse("form.option_order", f"第 {expected} 题的选项顺序有误。", f"{expected}: no order of its options.")
    if entry.slots < 0 or (entry.item_type in _FIRST_TYPES and (entry.slots or not entry.order)):
        _refuse("form.option_order", f"第 {expected} 题的选项顺序有误。", f"{expected}: no order of its options.")
    if entry.points_hundredths < 1:
        _refuse("form.points", f"第 {expected} 题的分值有误。", f"{expected}: its points are not above 0.")
    scoring = entry.scoring
    weighs_all = not scoring.rule.takes_weights or len(scoring.weights) == len(entry.order)
    if scoring.rule not in kind_of(entry.item_type).scoring_rules or not scoring.is_sound or not weighs_all:
        _refuse("form.scoring", f"第 {expected} 题的评分规则有误。", f"{expected}: a scoring rule it cannot have.")


def _check_cases(form: Form) -> None:
    """Each item stands once: whole, or as all the parts of a case, together and in their order."""
    runs = [
        (key, [entry.part for entry in entries])
        for section in form.sections
        for key, entries in groupby(section.entries, key=lambda entry: entry.item_key)
    ]
    if len({key for key, _ in runs}) != len(runs) or any(
        parts != [None] and parts != list(range(len(parts))) for _, parts in runs
    ):
        _refuse("form.item_twice", "同一试题在试卷中出现两次。", "The form holds an item twice, or a case torn apart.")


def _read_section(value: Json, at: str, *, is_first: bool) -> FormSection:
    record = Record(value, members=frozenset({"title", "entries"}), at=at, refusal=InvalidForm)
    return FormSection(record.text("title"), record.each("entries", partial(_read_entry, is_first=is_first)))


def _read_entry(value: Json, at: str, *, is_first: bool) -> Entry:
    members = {"position", "item_key", "item_type", "points_hundredths", "scoring"}
    members |= {"option_order"} if is_first else {"order", "slots", "part"}
    record = Record(value, members=frozenset(members), at=at, refusal=InvalidForm)
    return Entry(
        position=record.integer("position"),
        item_key=record.text("item_key"),
        item_type=record.member("item_type", ItemType),
        points_hundredths=record.integer("points_hundredths"),
        scoring=record.nested("scoring", partial(scoring_from_json, refusal=InvalidForm)),
        order=record.integers("option_order" if is_first else "order"),
        slots=0 if is_first else record.integer("slots"),
        part=None if is_first else record.integer_or_none("part"),
    )


def _refuse(code: str, zh: str, en: str) -> NoReturn:
    raise InvalidForm(code, zh=zh, en=en)
