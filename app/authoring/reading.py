"""What an import has read, with the author's word on it, and what will become of each item. Pure.

A `Reading` is stored with the import (`pack`, `unpack`) until it is committed or discarded.
"""

import gzip
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.authoring.rules import LONGEST_TOPIC_PATH, duplicate_mark
from question_bank.canonical import Json, canonical_json, read_json
from question_bank.errors import InvalidItem
from question_bank.formats import ImportReport
from question_bank.formats import Problem as Found
from question_bank.item_json import item_from_json, item_to_json
from question_bank.items import Difficulty, Item, Level
from question_bank.kinds import problems_of
from question_bank.record import Record
from question_bank.wording import Problem

_SCHEMA = "reading/1"


class Decision(StrEnum):
    """The author's word on one item; UNSAID leaves it to the rule."""

    UNSAID = "unsaid"
    TAKE = "take"
    LEAVE = "leave"


class Duplicates(StrEnum):
    """What the author wants done with items that are there already, in the file or in the bank."""

    KEEP_FIRST = "keep_first"
    LEAVE_OUT = "leave_out"
    KEEP_ALL = "keep_all"


class Fate(StrEnum):
    """What will become of an item of the file at the commit."""

    TAKEN = "taken"
    OPEN = "open"
    """A doubt that nobody has settled: there is no commit before it is."""
    LEFT_OUT = "left_out"
    REPEATED = "repeated"
    """The same stem stands elsewhere in the file."""
    IN_BANK = "in_bank"
    """The same stem is in the bank already."""


@dataclass(frozen=True)
class Note:
    """One thing that a person must know: what, and where in the file; in both languages."""

    code: str
    zh: str
    en: str
    place_zh: str
    place_en: str


@dataclass(frozen=True)
class Entry:
    """One item of the file; `mended` where the author has changed it."""

    item: Item
    place_zh: str
    place_en: str
    doubts: tuple[Note, ...]
    decision: Decision = Decision.UNSAID
    mended: bool = False


@dataclass(frozen=True)
class Reading:
    """A file as read. `level` and `difficulty`, where given, hold for every item, whatever the file says."""

    entries: tuple[Entry, ...]
    refused: tuple[Note, ...]
    lost: tuple[Note, ...]
    level: Level | None = None
    difficulty: Difficulty | None = None
    duplicates: Duplicates = Duplicates.KEEP_FIRST

    def with_entry(self, position: int, entry: Entry) -> "Reading":
        """The same with another entry at `position` (from 0)."""
        return replace(self, entries=(*self.entries[:position], entry, *self.entries[position + 1 :]))


def item_problems(item: Item) -> list[Problem]:
    """Every reason why the bank could not hold this item."""
    problems = problems_of(item)
    if len("/".join(item.topic)) > LONGEST_TOPIC_PATH:
        problems.append(
            Problem(
                "item.topic_too_long",
                f"知识点路径超过 {LONGEST_TOPIC_PATH} 字。",
                f"The topic path is longer than {LONGEST_TOPIC_PATH}.",
            )
        )
    return problems


def reading_of(report: ImportReport) -> Reading:
    """The report of a file as a reading. Where the reader had no doubt, the reasons why the
    bank could not hold an item are its doubts."""
    entries = []
    for read in report.items:
        place_zh, place_en = read.place.zh, read.place.en
        doubts = [_note(doubt) for doubt in read.doubts] or [
            Note(p.code, p.zh, p.en, place_zh, place_en) for p in item_problems(read.item)
        ]
        entries.append(Entry(read.item, place_zh, place_en, tuple(doubts)))
    return Reading(tuple(entries), tuple(map(_note, report.refused)), tuple(map(_note, report.lost)))


def figures_of(reading: Reading) -> dict[str, int | str]:
    """Counts for lists and for the head of the page: items, by item type, doubtful, refused, lost."""
    counts = Counter(entry.item.item_type.value for entry in reading.entries)
    return {
        "items": len(reading.entries),
        **dict(sorted(counts.items())),
        "doubtful": sum(1 for entry in reading.entries if entry.doubts),
        "refused": len(reading.refused),
        "lost": len(reading.lost),
    }


def marks_of(reading: Reading) -> list[str]:
    """The duplicate mark of each entry, in order."""
    return [duplicate_mark(entry.item) for entry in reading.entries]


def groups_of(signs: Sequence[str]) -> list[list[int]]:
    """Positions that share a sign, at least two in each group, in the order of the file."""
    groups: dict[str, list[int]] = {}
    for position, sign in enumerate(signs):
        groups.setdefault(sign, []).append(position)
    return [group for group in groups.values() if len(group) > 1]


def identical_marks(reading: Reading) -> list[str]:
    """A sign for each entry that is the same where type and stem are, white space aside."""
    return [f"{entry.item.item_type}\n{''.join(entry.item.stem.split())}" for entry in reading.entries]


def fates(reading: Reading, marks: Sequence[str], in_bank: Collection[str]) -> list[Fate]:
    """What will become of each entry. `in_bank`: the marks that stand in the bank already.

    The author's word on an item comes first; then its doubts; then the choice about duplicates, under which the
    first of a group is the first that is not left out.
    """
    keep = reading.duplicates
    claimed = {m for m, e in zip(marks, reading.entries, strict=True) if e.decision is Decision.TAKE}
    standing = Counter(m for m, e in zip(marks, reading.entries, strict=True) if e.decision is not Decision.LEAVE)
    found: list[Fate] = []
    for mark, entry in zip(marks, reading.entries, strict=True):
        if entry.decision is Decision.LEAVE:
            fate = Fate.LEFT_OUT
        elif entry.decision is Decision.TAKE:
            fate = Fate.TAKEN
        elif entry.doubts:
            fate = Fate.OPEN
        elif keep is Duplicates.KEEP_ALL:
            fate = Fate.TAKEN
        elif mark in in_bank:
            fate = Fate.IN_BANK
        elif mark in claimed or (keep is Duplicates.LEAVE_OUT and standing[mark] > 1):
            fate = Fate.REPEATED
        else:
            fate = Fate.TAKEN
            claimed.add(mark)
        found.append(fate)
    return found


def final_item(reading: Reading, entry: Entry) -> Item:
    """The item as it will enter the bank: with the level and difficulty chosen for the whole file, if any."""
    item = entry.item
    if reading.level is not None:
        item = replace(item, level=reading.level)
    if reading.difficulty is not None:
        item = replace(item, difficulty=reading.difficulty)
    return item


def pack(reading: Reading) -> bytes:
    """The reading as gzipped canonical JSON; the same bytes for the same reading."""
    value: Json = {
        "schema": _SCHEMA,
        "entries": [
            {
                "item": item_to_json(e.item),
                "place_zh": e.place_zh,
                "place_en": e.place_en,
                "doubts": _notes_to_json(e.doubts),
                "decision": e.decision.value,
                "mended": e.mended,
            }
            for e in reading.entries
        ],
        "refused": _notes_to_json(reading.refused),
        "lost": _notes_to_json(reading.lost),
        "level": reading.level.value if reading.level else "",
        "difficulty": reading.difficulty.value if reading.difficulty else "",
        "duplicates": reading.duplicates.value,
    }
    return gzip.compress(canonical_json(value), compresslevel=5, mtime=0)


def unpack(packed: bytes) -> Reading:
    """The reading that `pack` wrote. Raises InvalidItem for anything else."""
    members = frozenset({"schema", "entries", "refused", "lost", "level", "difficulty", "duplicates"})
    record = Record(read_json(gzip.decompress(packed)), members=members, at="reading", refusal=InvalidItem)
    record.expect("schema", _SCHEMA)
    return Reading(
        record.each("entries", _entry_from_json),
        record.each("refused", _note_from_json),
        record.each("lost", _note_from_json),
        Level(record.text("level")) if record.text("level") else None,
        Difficulty(record.text("difficulty")) if record.text("difficulty") else None,
        record.member("duplicates", Duplicates),
    )


def _note(found: Found) -> Note:
    return Note(found.code, found.zh, found.en, found.place.zh, found.place.en)


def _notes_to_json(notes: Sequence[Note]) -> list[Json]:
    return [{"code": n.code, "zh": n.zh, "en": n.en, "place_zh": n.place_zh, "place_en": n.place_en} for n in notes]


def _note_from_json(value: Json, at: str) -> Note:
    members = ("code", "zh", "en", "place_zh", "place_en")
    record = Record(value, members=frozenset(members), at=at, refusal=InvalidItem)
    return Note(*(record.text(name) for name in members))


def _entry_from_json(value: Json, at: str) -> Entry:
    members = frozenset({"item", "place_zh", "place_en", "doubts", "decision", "mended"})
    record = Record(value, members=members, at=at, refusal=InvalidItem)
    return Entry(
        record.nested("item", lambda item, place: item_from_json(item, at=place)),
        record.text("place_zh"),
        record.text("place_en"),
        record.each("doubts", _note_from_json),
        record.member("decision", Decision),
        record.boolean("mended"),
    )
