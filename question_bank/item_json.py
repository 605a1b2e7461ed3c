"""An item as JSON and back: strict, lossless, byte for byte the same through `canonical_json`."""

from question_bank.canonical import Json, sha256_hex
from question_bank.errors import InvalidItem
from question_bank.items import Basis, Difficulty, Item, ItemType, Level, Option
from question_bank.record import Record

_SCHEMA = "item/1"
_MEMBERS = frozenset(
    {
        "schema",
        "item_type",
        "stem",
        "options",
        "key",
        "accepted",
        "explanation",
        "topic",
        "difficulty",
        "level",
        "basis",
        "tags",
    }
)


def item_to_json(item: Item) -> dict[str, Json]:
    """Every field of the item; the key as ascending positions."""
    return {
        "schema": _SCHEMA,
        "item_type": item.item_type.value,
        "stem": item.stem,
        "options": [{"text": option.text, "pinned": option.pinned} for option in item.options],
        "key": [*sorted(item.key)],
        "accepted": [[*variants] for variants in item.accepted],
        "explanation": item.explanation,
        "topic": [*item.topic],
        "difficulty": item.difficulty.value,
        "level": item.level.value,
        "basis": None if item.basis is None else {"document": item.basis.document, "clause": item.basis.clause},
        "tags": [*item.tags],
    }


def item_from_json(value: Json, *, at: str = "item") -> Item:
    """The item that `item_to_json` wrote. Raises `InvalidItem` for any other shape, naming the place under `at`.

    Only the shape is judged here; whether the item can be answered is judged by its kind's `validate`.
    """
    record = Record(value, members=_MEMBERS, at=at, refusal=InvalidItem)
    record.expect("schema", _SCHEMA)
    key = record.integers("key")
    if list(key) != sorted(set(key)):
        raise InvalidItem("json.shape", zh=f"{at}.key：应按升序且不重复。", en=f"{at}.key: not ascending.")
    return Item(
        item_type=record.member("item_type", ItemType),
        stem=record.text("stem"),
        options=record.each("options", _read_option),
        key=frozenset(key),
        accepted=record.text_lists("accepted"),
        explanation=record.text("explanation"),
        topic=record.texts("topic"),
        difficulty=record.member("difficulty", Difficulty),
        level=record.member("level", Level),
        basis=record.optional("basis", _read_basis),
        tags=record.texts("tags"),
    )


def item_hash(item: Item) -> str:
    """SHA-256 (hex) of the item's canonical JSON: two items with one hash are the same in every field."""
    return sha256_hex(item_to_json(item))


def _read_option(value: Json, at: str) -> Option:
    record = Record(value, members=frozenset({"text", "pinned"}), at=at, refusal=InvalidItem)
    return Option(record.text("text"), pinned=record.boolean("pinned"))


def _read_basis(value: Json, at: str) -> Basis:
    record = Record(value, members=frozenset({"document", "clause"}), at=at, refusal=InvalidItem)
    return Basis(record.text("document"), record.text("clause"))
