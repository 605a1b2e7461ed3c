"""What was read of a file as it is stored: many items packed into one value. Pure.

A file of 100,000 items is two hundred rows so. An item about which there is something to say leaves its pack and has a
row of its own (`import_models.ImportEntry`); nearly none of a large file does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

import msgspec

from app.authoring.reading import Fate, Staged

PACKED_AT_ONCE = 500
"""So many items stand in one pack: a page that shows fifty of them unpacks one or two."""


class Sign(NamedTuple):
    """What decides about an item that nothing was said of."""

    mark: str
    topic: str


@dataclass(frozen=True, slots=True)
class Pack:
    """Items that stood one after another in the file."""

    first: int
    """The position of the first of them, from 0."""
    count: int
    entries: bytes
    """All that is stored of them: MessagePack of `Staged` in order."""
    signs: bytes
    """MessagePack of their `Sign`, so that whoever weighs the file need not unpack all of it."""
    told: tuple[Staged, ...]
    """Those that have a row of their own from the beginning: what the reader doubts."""


_ENCODER = msgspec.msgpack.Encoder()
_ENTRIES = msgspec.msgpack.Decoder(list[Staged])
_SIGNS = msgspec.msgpack.Decoder(list[Sign])


def pack(entries: Sequence[Staged]) -> Pack:
    """Pack what was read of a file, at least one item."""
    return Pack(
        entries[0].position,
        len(entries),
        _ENCODER.encode(entries),
        _ENCODER.encode([(one.mark, one.topic) for one in entries]),
        _told(entries),
    )


def _told(entries: Sequence[Staged]) -> tuple[Staged, ...]:
    return tuple([one for one in entries if one.flagged or one.fate != Fate.TAKEN.value])


class ForeignPackError(ValueError):
    """What came is no pack of the file that is being read, or not the next of it."""


def follow(pack: object, position: int) -> int:
    """The position after a pack that begins at `position`. Who reads a stranger's file may be made to say anything: it
    is believed as far as its word agrees with itself. Raises ForeignPackError where positions, counts, signs, hashes or
    the items that have a row of their own do not, or where something has another shape."""
    if not isinstance(pack, Pack):
        raise ForeignPackError
    try:
        entries, signs = unpack(pack.entries), read_signs(pack.signs)
    except (msgspec.DecodeError, TypeError, ValueError) as error:  # text that is not UTF-8 is no DecodeError
        raise ForeignPackError from error
    if (
        not 0 < len(entries) <= PACKED_AT_ONCE
        or (pack.first, pack.count) != (position, len(entries))
        or [one.position for one in entries] != [*range(position, position + len(entries))]
        or signs != [(one.mark, one.topic) for one in entries]
        or pack.told != _told(entries)
        or any(sha256(one.content.encode()).hexdigest() != one.content_hash for one in entries)
    ):
        raise ForeignPackError
    return position + len(entries)


def unpack(entries: bytes) -> list[Staged]:
    """The items of a pack, as they were read."""
    return _ENTRIES.decode(entries)


def read_signs(signs: bytes) -> list[Sign]:
    """The signs of a pack."""
    return _SIGNS.decode(signs)
