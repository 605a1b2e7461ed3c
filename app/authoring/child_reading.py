"""What a child process does with a file. It imports little: what it need not load, nobody waits for."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from app.authoring.packing import PACKED_AT_ONCE, Pack, pack
from app.authoring.reading import Staged, note_of, note_to_json, stage
from question_bank.content import Picture
from question_bank.formats import ReadItem, naming_file, open_bank


@dataclass(frozen=True)
class ReadFile:
    """What came of a file: its digest, its format by content, counts, notes of what was refused and lost, pictures;
    `packs` are its items, where they did not go ahead of it."""

    name: str
    file_hash: str
    format: str
    figures: dict[str, int]
    notes: dict[str, Any]
    pictures: tuple[Picture, ...] = ()
    packs: tuple[Pack, ...] = ()


def read_parts(given: tuple[str, bytes]) -> Iterator[Pack | ReadFile]:
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
            if len(part) == PACKED_AT_ONCE:
                yield pack(part)
                part = []
        if part:
            yield pack(part)
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
    packs: list[Pack] = []
    for part in read_parts(given):
        if isinstance(part, ReadFile):
            return replace(part, packs=tuple(packs))
        packs.append(part)
    raise AssertionError("a file that was read ends with what it was")
