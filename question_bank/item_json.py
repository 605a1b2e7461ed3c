"""An item as JSON and back: strict, lossless, byte for byte the same through `canonical_json`.

There are two schemas, and both stay readable for ever. An item is written in the oldest one that holds it: so what was
written once is written the same again, and the hashes of approved versions and sealed pools stand. `item/1` holds the
first five types, with one basis at most, no rule of the author's own, and blanks and model answers in their plainest
form; `item/2` holds everything.
"""

import hashlib

import msgspec

from question_bank.canonical import Json, canonical_json
from question_bank.errors import InvalidItem
from question_bank.item_json_first import first_body_from_json, first_body_to_json
from question_bank.items import Basis, Difficulty, Item, ItemType, Level
from question_bank.kinds import kind_of
from question_bank.kinds.case_analysis import read_own_scoring
from question_bank.kinds.choice import ChoiceBody
from question_bank.record import Record
from question_bank.scoring_json import scoring_to_json

_FIRST, _SECOND = "item/1", "item/2"
_COMMON = frozenset({"schema", "item_type", "stem", "explanation", "topic", "difficulty", "level", "basis", "tags"})
_FIRST_MEMBERS = _COMMON | {"options", "key", "accepted"}
_SECOND_MEMBERS = _COMMON | {"body", "scoring"}


def item_to_json(item: Item) -> dict[str, Json]:
    """Every field of the item. Raises `InvalidItem` for numbers out of all bounds."""
    first = first_body_to_json(item.body)
    common: dict[str, Json] = {
        "item_type": item.item_type.value,
        "stem": item.stem,
        "explanation": item.explanation,
        "topic": [*item.topic],
        "difficulty": item.difficulty.value,
        "level": item.level.value,
        "tags": [*item.tags],
    }
    bases: list[Json] = [{"document": basis.document, "clause": basis.clause} for basis in item.basis]
    if first is not None and len(bases) <= 1 and item.scoring is None:
        return {"schema": _FIRST, **common, **first, "basis": bases[0] if bases else None}
    return {
        "schema": _SECOND,
        **common,
        "body": kind_of(item.item_type).body_to_json(item.body),
        "basis": bases,
        "scoring": None if item.scoring is None else scoring_to_json(item.scoring),
    }


def item_from_json(value: Json, *, at: str = "item") -> Item:
    """The item that `item_to_json` wrote. Raises `InvalidItem` for any other shape, naming the place under `at`.

    Only the shape is judged here; whether the item can be answered is judged by `kinds.problems_of`.
    """
    is_first = isinstance(value, dict) and value.get("schema") == _FIRST
    members = _FIRST_MEMBERS if is_first else _SECOND_MEMBERS
    record = Record(value, members=members, at=at, refusal=InvalidItem)
    record.expect("schema", _FIRST if is_first else _SECOND)
    item_type = record.member("item_type", ItemType)
    first_basis = record.optional("basis", _read_basis) if is_first else None
    item = Item(
        item_type=item_type,
        stem=record.text("stem"),
        body=(
            first_body_from_json(record, item_type, at)
            if is_first
            else record.nested("body", kind_of(item_type).body_from_json)
        ),
        explanation=record.text("explanation"),
        topic=record.texts("topic"),
        difficulty=record.member("difficulty", Difficulty),
        level=record.member("level", Level),
        basis=((first_basis,) if first_basis else ()) if is_first else record.each("basis", _read_basis),
        tags=record.texts("tags"),
        scoring=None if is_first else record.optional("scoring", read_own_scoring),
    )
    if not is_first and item_to_json(item)["schema"] == _FIRST:
        raise InvalidItem(
            "json.shape", zh=f"{at}.schema：应为「{_FIRST}」。", en=f"{at}.schema: {_FIRST!r} holds this item."
        )
    return item


class _Option(msgspec.Struct):
    """An option, its members in canonical order."""

    pinned: bool
    text: str


class _ChoiceItem(msgspec.Struct):
    """An item of schema `item/1` with options, its members in canonical order."""

    accepted: tuple[()]
    basis: dict[str, str] | None
    difficulty: str
    explanation: str
    item_type: str
    key: list[int]
    level: str
    options: list[_Option]
    schema: str
    stem: str
    tags: tuple[str, ...]
    topic: tuple[str, ...]


# It escapes in texts what `canonical_json` escapes, and nothing else (a test goes through every character).
_ENCODER = msgspec.json.Encoder()


def item_text(item: Item) -> bytes:
    """The canonical JSON of the item: what `canonical_json` makes of `item_to_json`. Raises as those do."""
    if type(item.body) is ChoiceBody and item.scoring is None and len(item.basis) <= 1:
        try:
            return _ENCODER.encode(_choice_item(item, item.body))
        except UnicodeEncodeError:
            pass  # half a character: the general way names its place
    return canonical_json(item_to_json(item))


def _choice_item(item: Item, body: ChoiceBody) -> _ChoiceItem:
    """Nearly every item of a large bank is one with options."""
    basis = {"clause": item.basis[0].clause, "document": item.basis[0].document} if item.basis else None
    return _ChoiceItem(
        (),
        basis,
        item.difficulty,
        item.explanation,
        item.item_type,
        sorted(body.key),
        item.level,
        [_Option(one.pinned, one.text) for one in body.options],
        _FIRST,
        item.stem,
        item.tags,
        item.topic,
    )


def item_hash(item: Item) -> str:
    """SHA-256 (hex) of the item's canonical JSON: two items with one hash are the same in every field."""
    return hashlib.sha256(item_text(item)).hexdigest()


def _read_basis(value: Json, at: str) -> Basis:
    record = Record(value, members=frozenset({"document", "clause"}), at=at, refusal=InvalidItem)
    return Basis(record.text("document"), record.text("clause"))
