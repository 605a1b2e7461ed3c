"""What a child process does with a file. It imports little: what it need not load, nobody waits for."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from app.authoring.reading import Staged, note_of, note_to_json, stage
from question_bank.content import Picture
from question_bank.formats import ReadItem, naming_file, open_bank

_AT_ONCE = 500
"""How many items go to the parent at a time."""


@dataclass(frozen=True)
class ReadFile:
    """What came of a file: its digest, its format by content, counts, notes of what was refused and lost, pictures;
    `entries` are its items, where they did not go ahead of it."""

    name: str
    file_hash: str
    format: str
    figures: dict[str, int]
    notes: dict[str, Any]
    pictures: tuple[Picture, ...] = ()
    entries: tuple[Staged, ...] = ()


def read_parts(given: tuple[str, bytes]) -> Iterator[list[Staged] | ReadFile]:
    """Read a file (name, bytes): its items, some at a time, and at the end all else, without them. Never more of them
    than that is in memory. Raises UnreadableFile."""
    name, content = given
    with naming_file(name):
        opened = open_bank(content)
        types: Counter[str] = Counter()
        doubtful = 0
        refused = []
        part: list[Staged] = []
        for found in opened:
            if not isinstance(found, ReadItem):
                refused.append(note_to_json(note_of(found)))
                continue
            entry = stage(types.total(), found)
            types[entry.item_type] += 1
            doubtful += entry.flagged
            part.append(entry)
            if len(part) == _AT_ONCE:
                yield part
                part = []
        if part:
            yield part
    lost = [note_to_json(note_of(one)) for one in opened.lost]
    counts = {"doubtful": doubtful, "refused": len(refused), "lost": len(lost)}
    yield ReadFile(
        name,
        hashlib.sha256(content).hexdigest(),
        opened.format,
        {"items": types.total(), **dict(sorted(types.items())), **counts},
        {"refused": refused, "lost": lost},
        opened.pictures,
    )


def read_here(given: tuple[str, bytes]) -> ReadFile:
    """Read a file (name, bytes) in this very process, as a whole. Raises UnreadableFile."""
    entries: list[Staged] = []
    for part in read_parts(given):
        if isinstance(part, ReadFile):
            return replace(part, entries=tuple(entries))
        entries += part
    raise AssertionError("a file that was read ends with what it was")
