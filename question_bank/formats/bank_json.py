"""Our own format: every item without loss, as canonical JSON; what is read and written again is the same bytes.

`{"schema": "bank/1", "items": […], "pictures": {"<sha256>": {…}}}`. What the service exports for a bank
(`chizheng-bank/1`, with the version and state of each item beside it) is read as well.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping

from question_bank.canonical import Json, canonical_json, read_json
from question_bank.content import Picture, pictures_in
from question_bank.errors import InvalidItem, UnreadableFile, Unrepresentable
from question_bank.formats.markup import Shelf
from question_bank.formats.notes import Refusals
from question_bank.formats.report import Place, Problem, ReadItem
from question_bank.item_json import item_from_json, item_to_json
from question_bank.items import Item
from question_bank.kinds import problems_of

SCHEMA = "bank/1"
SCHEMA_OF_THE_SERVICE = "chizheng-bank/1"

_MARKS = (f'"{SCHEMA}"'.encode(), f'"{SCHEMA_OF_THE_SERVICE}"'.encode())


def looks_like_bank_json(data: bytes) -> bool:
    """Whether the bytes are an object that names one of our schemas."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and any(mark in data for mark in _MARKS)


def write_bank_json(items: list[Item], pictures: Mapping[str, Picture]) -> bytes:
    """The items in the order given, and the pictures."""
    return canonical_json(
        {
            "schema": SCHEMA,
            "items": [item_to_json(item) for item in items],
            "pictures": pictures_to_json(pictures),
        }
    )


def pictures_to_json(pictures: Mapping[str, Picture]) -> dict[str, Json]:
    """Pictures by hash, their bytes in base64."""
    return {
        sha256: {
            "media_type": picture.media_type,
            "width": picture.width,
            "height": picture.height,
            "data": base64.b64encode(picture.data).decode(),
        }
        for sha256, picture in pictures.items()
    }


def pictures_of(item: Item) -> frozenset[str]:
    """The hashes of all pictures that any text of the item shows."""
    found: set[str] = set()
    pending: list[Json] = [item_to_json(item)]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            found.update(use.sha256 for use in pictures_in(value))
        elif isinstance(value, list):
            pending += value
        elif isinstance(value, dict):
            pending += value.values()
    return frozenset(found)


def read_bank_json(data: bytes, shelf: Shelf) -> tuple[list[ReadItem | Problem], Refusals]:
    """(items in order, what was refused). Raises `UnreadableFile` where the whole is not one of our schemas."""
    try:
        value = read_json(data.removeprefix(b"\xef\xbb\xbf"))
    except Unrepresentable as wrong:
        raise UnreadableFile("file.json", zh=f"JSON 无法读取：{wrong.zh}", en=f"The JSON: {wrong.en}") from wrong
    if not isinstance(value, dict) or value.get("schema") not in (SCHEMA, SCHEMA_OF_THE_SERVICE):
        raise _not_ours()
    items = value.get("items")
    if not isinstance(items, list):
        raise _not_ours()
    refusals = Refusals()
    _keep_pictures(value.get("pictures"), shelf, refusals)
    within = value["schema"] == SCHEMA_OF_THE_SERVICE
    results = [_read_item(one, number, within=within) for number, one in enumerate(items, start=1)]
    return results, refusals


def _read_item(value: Json, number: int, *, within: bool) -> ReadItem | Problem:
    place = Place(row=number)
    if within and isinstance(value, dict):
        value = value.get("item")
    try:
        item = item_from_json(value, at=f"items[{number - 1}]")
    except InvalidItem as wrong:
        return Problem(
            wrong.code, f"第 {number} 题未读入：{wrong.zh}", f"Item {number} was not read: {wrong.en}", place
        )
    doubts = tuple(Problem(code, zh, en, place) for code, zh, en in problems_of(item))
    return ReadItem(item, place, doubts)


def _keep_pictures(value: Json, shelf: Shelf, refusals: Refusals) -> None:
    for sha256, one in value.items() if isinstance(value, dict) else ():
        encoded = one.get("data") if isinstance(one, dict) else None
        try:
            data = base64.b64decode(encoded, validate=True) if isinstance(encoded, str) else b""
        except (binascii.Error, ValueError):
            data = b""
        if hashlib.sha256(data).hexdigest() != sha256 or not shelf.keep_unchanged(data):
            refusals.refuse(
                "json.picture",
                f"图片 {sha256[:12]} 与其摘要不符或无法识别，未读入。",
                f"The picture {sha256[:12]} does not fit its hash or is no picture; not read.",
                Place(),
            )


def _not_ours() -> UnreadableFile:
    return UnreadableFile(
        "file.json",
        zh=f"这个 JSON 不是题库文件（schema 应为 {SCHEMA}）。",
        en=f"This JSON is no bank; its schema should be {SCHEMA}.",
    )
