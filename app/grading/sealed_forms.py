"""Sealed forms, read in one step: the same form as `form_from_json` reads, at a fraction of the time.

A hand-in storm reads a form for each candidate, once. Types are checked by the reader of JSON, all that a form must be
by `check_form`; what does not fit is read again the ordinary way, which says in whose words it is refused.
"""

from functools import lru_cache

import msgspec

from question_bank.canonical import read_json
from question_bank.errors import InvalidForm
from question_bank.form import Entry, Form, FormSection
from question_bank.form_json import SCHEMAS, check_form, form_from_json
from question_bank.items import ItemType
from question_bank.scoring import Scoring
from question_bank.scoring_json import scoring_from_json


class SealedEntry(msgspec.Struct, forbid_unknown_fields=True):
    """An entry as it was kept: `option_order` in the first schema; `order`, `slots` and `part` since."""

    position: int
    item_key: str
    item_type: ItemType
    points_hundredths: int
    scoring: msgspec.Raw
    option_order: tuple[int, ...] = ()
    order: tuple[int, ...] = ()
    slots: int = 0
    part: int | None = None


class SealedSection(msgspec.Struct, forbid_unknown_fields=True):
    """A section as it was kept."""

    title: str
    entries: list[SealedEntry]


class SealedForm(msgspec.Struct, forbid_unknown_fields=True):
    """A form as it was kept; its types are right, what it says is not checked."""

    schema: str
    number: int
    sections: list[SealedSection]


_decode = msgspec.json.Decoder(SealedForm).decode


def read_sealed(content: str) -> Form:
    """The form in the JSON that was kept when its exam was sealed. Raises `InvalidForm`, `Unrepresentable`."""
    read = decode_sealed(content)
    if read is None:
        return form_from_json(read_json(content))
    form = Form(read.number, tuple(_section(section) for section in read.sections))
    check_form(form)
    return form


def decode_sealed(content: str) -> SealedForm | None:
    """What the JSON of a sealed form says, unchecked; None where its shape is none that was ever sealed."""
    try:
        read = _decode(content)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None
    return read if read.schema in SCHEMAS else None


def _section(read: SealedSection) -> FormSection:
    entries = tuple(
        Entry(
            each.position,
            each.item_key,
            each.item_type,
            each.points_hundredths,
            _scoring(bytes(each.scoring)),
            each.option_order or each.order,
            each.slots,
            each.part,
        )
        for each in read.entries
    )
    return FormSection(read.title, entries)


@lru_cache(maxsize=1024)
def _scoring(text: bytes) -> Scoring:
    return scoring_from_json(read_json(text), "scoring", refusal=InvalidForm)
