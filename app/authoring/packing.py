"""What was read of a file as it is stored: many items packed into one value. Pure.

A file of 100,000 items is two hundred rows so. An item about which there is something to say leaves its pack and has a
row of its own (`import_models.ImportEntry`); nearly none of a large file does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
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
        tuple([one for one in entries if one.flagged or one.fate != Fate.TAKEN.value]),
    )


def unpack(entries: bytes) -> list[Staged]:
    """The items of a pack, as they were read."""
    return _ENTRIES.decode(entries)


def read_signs(signs: bytes) -> list[Sign]:
    """The signs of a pack."""
    return _SIGNS.decode(signs)
