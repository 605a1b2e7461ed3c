"""What an import has read of a file, item by item, with the author's word on each, and what will become of it. Pure.

A file is read into `Staged` entries, which are stored until the import is settled (`packing`, `import_models`).
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from app.authoring.rules import LONGEST_TOPIC_PATH, topic_names
from question_bank.canonical import Json, read_json, stem_fold
from question_bank.content import plain
from question_bank.formats import Problem as Found
from question_bank.formats import ReadItem
from question_bank.item_json import item_from_json, item_text
from question_bank.items import Difficulty, Item, Level
from question_bank.kinds import item_fold, problems_of
from question_bank.kinds.case_analysis import CaseBody
from question_bank.wording import Problem

_STEM_START = 120
_LONGEST_PATH = 500
# Nothing else is white space here: a blank （　） is part of the stem and keeps its width.
_LINE_ENDS = re.compile(r"[ \t\r\n\0]+")
_SEVERAL_SPACES = re.compile(r"[\t\r\n\0]|  ")


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
    """One item of the file as people look at it; `position` from 0, `mended` where the author has changed it."""

    position: int
    item: Item
    place_zh: str
    place_en: str
    doubts: tuple[Note, ...]
    decision: Decision
    fate: Fate
    valid: bool
    mended: bool
    mark: str
    near: tuple["Near", ...]


class Near(NamedTuple):
    """What says almost the same as an item of the file: at a position of it (from 0), or in the bank."""

    position: int | None
    item_id: int | None


class Staged(NamedTuple):
    """What is stored of one item of the file: all that the bank will hold of it, worked out when it is read."""

    position: int
    item_type: str
    level: str
    difficulty: str
    topic: str
    stem_start: str
    stem_fold: str
    mark: str
    content: str
    content_hash: str
    place_zh: str
    place_en: str
    doubts: str
    valid: bool
    flagged: bool
    mended: bool
    decision: str
    fate: str
    repeated: bool = False
    head: bool = False
    near: str = ""


class Weighed(NamedTuple):
    """What decides about one item of the file."""

    mark: str
    decision: Decision
    doubtful: bool


def stage(position: int, read: ReadItem) -> Staged:
    """One item that was read. Where the reader had no doubt, the reasons why the bank could not hold it are its doubts.
    Raises Unrepresentable for a text with half a character."""
    place_zh, place_en = read.place.zh, read.place.en
    notes = [note_of(doubt) for doubt in read.doubts]
    if not notes and sum(map(len, read.item.topic)) + len(read.item.topic) > LONGEST_TOPIC_PATH:
        # Of an item without doubts the reader has asked everything else.
        notes = [Note(p.code, p.zh, p.en, place_zh, place_en) for p in item_problems(read.item)]
    return stage_item(position, read.item, (place_zh, place_en), tuple(notes))


def stage_item(position: int, item: Item, place: tuple[str, str], doubts: tuple[Note, ...] = ()) -> Staged:
    """The same for an item that stood at a place (in Chinese, in English)."""
    fold = item_fold(item)
    content = item_text(item)
    return Staged(
        position,
        item.item_type.value,
        item.level.value,
        item.difficulty.value,
        _path_of(item.topic),
        stem_start(item),
        stem_fold(item.stem) if isinstance(item.body, CaseBody) else fold,
        mark_of(item, fold),
        content.decode(),
        sha256(content).hexdigest(),
        *place,
        write_notes(doubts) if doubts else "",
        not doubts or not item_problems(item),
        bool(doubts),
        mended=False,
        decision=Decision.UNSAID.value,
        fate=Fate.OPEN.value if doubts else Fate.TAKEN.value,
    )


@lru_cache(maxsize=1_024)
def _path_of(topic: tuple[str, ...]) -> str:
    return "/".join(topic_names(topic))[:_LONGEST_PATH]


def duplicate_mark(item: Item) -> str:
    """The same (64 hex digits) for items of one type whose stems are the same after folding."""
    return mark_of(item, item_fold(item))


def mark_of(item: Item, fold: str) -> str:
    """The same for who has the item's fold already."""
    folded = fold or item.stem  # a stem of marks alone folds to nothing
    return sha256(f"{item.item_type}\n{folded}".encode()).hexdigest()


def stem_start(item: Item) -> str:
    """How the stem begins, in one line, as lists show it."""
    text = plain(item.stem)
    return (_LINE_ENDS.sub(" ", text) if _SEVERAL_SPACES.search(text) else text).strip()[:_STEM_START]


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


@dataclass(frozen=True)
class Outlook:
    """What a commit would do: the fate of each item in order, and what lists and heads of pages show of it.

    `bank` is the mark of the bank when that was found (`queries.pairs.bank_mark`); `topics` counts items by path,
    `entering` are the paths of those that are taken.
    """

    fates: tuple[Fate, ...]
    topics: dict[str, int]
    entering: tuple[str, ...]
    groups: int
    identical: int
    bank: str

    @property
    def taken(self) -> int:
        """How many items a commit would bring in now."""
        return self.fates.count(Fate.TAKEN)

    def to_json(self) -> dict[str, Any]:
        """What is stored with the import: counts."""
        counts = Counter(fate.value for fate in self.fates)
        return {
            "fates": dict(counts),
            "topics": self.topics,
            "entering": self.entering,
            "groups": self.groups,
            "identical": self.identical,
            "bank": self.bank,
        }


def groups_of(signs: Sequence[str]) -> list[list[int]]:
    """Positions that share a sign, at least two in each group, in the order of the file."""
    groups: dict[str, list[int]] = {}
    for position, sign in enumerate(signs):
        groups.setdefault(sign, []).append(position)
    return [group for group in groups.values() if len(group) > 1]


def fates(keep: Duplicates, entries: Sequence[Weighed], in_bank: Collection[str]) -> list[Fate]:
    """What will become of each entry. `in_bank`: the marks that stand in the bank already.

    The author's word on an item comes first; then its doubts; then the choice about duplicates, under which the
    first of a group is the first that is not left out.
    """
    claimed = {entry.mark for entry in entries if entry.decision is Decision.TAKE}
    standing = Counter(entry.mark for entry in entries if entry.decision is not Decision.LEAVE)
    found: list[Fate] = []
    for mark, decision, doubtful in entries:
        if decision is Decision.LEAVE:
            fate = Fate.LEFT_OUT
        elif decision is Decision.TAKE:
            fate = Fate.TAKEN
        elif doubtful:
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


def unspaced(item: Item) -> str:
    """A sign that is the same where type and stem are, white space aside."""
    return f"{item.item_type}\n{''.join(item.stem.split())}"


def settled_content(content: str, level: Level | None, difficulty: Difficulty | None) -> str:
    """The content as it will enter the bank: with the level and difficulty chosen for the whole file, if any."""
    if level is None and difficulty is None:
        return content
    item = read_item(content)
    return item_text(replace(item, level=level or item.level, difficulty=difficulty or item.difficulty)).decode()


def read_item(content: str) -> Item:
    """The item in its canonical JSON."""
    return item_from_json(read_json(content))


def note_of(found: Found) -> Note:
    """What a reader says of a file, for the page."""
    return Note(found.code, found.zh, found.en, found.place.zh, found.place.en)


def note_to_json(note: Note) -> dict[str, Json]:
    """A note as it is stored."""
    return {"code": note.code, "zh": note.zh, "en": note.en, "place_zh": note.place_zh, "place_en": note.place_en}


def write_notes(notes: Sequence[Note]) -> str:
    """Notes as text."""
    return json.dumps([note_to_json(note) for note in notes], ensure_ascii=False)


def read_notes(notes: str | Sequence[dict[str, Any]]) -> tuple[Note, ...]:
    """The notes that were written; "" holds none."""
    found = (json.loads(notes) if notes else []) if isinstance(notes, str) else notes
    return tuple(Note(**one) for one in found)


def write_near(near: Sequence[Near]) -> str:
    """What is near, as text; "" for nothing."""
    return json.dumps(near) if near else ""


def read_near(text: str) -> tuple[Near, ...]:
    """What was written."""
    return tuple(Near(*one) for one in json.loads(text)) if text else ()
