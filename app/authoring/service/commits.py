"""The commit of an import: its rows move from what was read into the bank, all or none of them.

A small import moves in one transaction. A large one moves in many short ones, so that others may write between them,
and until the last of them nobody sees an item of it (`queries.hide_entering`); what died on the way is taken back.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, cast

from sqlalchemy import Table, delete
from sqlalchemy.orm import Session

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.models import BankImport, ItemInvolvement, ItemRow, ItemTag, ItemVersion
from app.authoring.queries import lock_bank, read_content
from app.authoring.queries.imports import import_by_id
from app.authoring.queries.staging import (
    entered_count,
    entries_to_enter,
    hidden_ids,
    imports_entering,
    other_entering,
    spelt_between,
    topic_ids,
)
from app.authoring.reading import Fate, settled_content
from app.authoring.register_models import Citation
from app.authoring.rules import (
    BankBusy,
    BankChanged,
    Confidentiality,
    DoubtsOpen,
    ImportAction,
    Involvement,
    ItemState,
    NothingToImport,
    move_import,
)
from app.authoring.searching import spell
from app.authoring.service.bulk_rows import next_ids, stored, write_rows
from app.authoring.service.entering import account_of, ensure_topics
from app.authoring.service.indexing import drop_words, file_items, write_words
from app.authoring.service.staging import forget_entries, outlook_now
from app.errors import Forbidden
from app.jobs.queue import find as find_job
from app.jobs.rules import LIVING
from app.operation import House, Operation
from question_bank.items import Difficulty, Level

_WITHDRAWN_AT_ONCE = 500
_ITEM = cast("Table", ItemRow.__table__)
_VERSION = cast("Table", ItemVersion.__table__)
_INVOLVEMENT = cast("Table", ItemInvolvement.__table__)
_TAG = cast("Table", ItemTag.__table__)
FILLED = (_ITEM.name, _VERSION.name, _INVOLVEMENT.name, "item_search")
"""The tables that a commit fills."""
_CITATION = cast("Table", Citation.__table__)
_WORKED_OUT = (
    "item_type",
    "level",
    "difficulty",
    "stem_start",
    "stem_fold",
    "duplicate_mark",
    "pinyin",
    "initials",
)
# As canonical JSON writes them; inside a text the marks would be escaped.
_PLAIN_SCHEMA, _NO_BASIS, _NO_TAGS = '"schema":"item/1"', '"basis":null', '"tags":[]'


class HalfEntered(Exception):
    """What stands in the bank is not what was written there."""


@dataclass(frozen=True)
class Commit:
    """What a commit writes: so many `entries` were read, `items` of them are taken."""

    import_id: int
    bank_id: int
    entries: int
    items: int
    state: ItemState
    account_id: int
    person_id: int
    at: datetime
    level: Level | None
    difficulty: Difficulty | None


def weigh_commit(op: Operation, found: BankImport, *, seen: int, submit: bool) -> Commit:
    """Judge whether the import can enter as the preview said, and make its topics; locks the bank.

    Raises DoubtsOpen, NothingToImport, BankChanged where it would be another number now, BankBusy while another import
    is being written into the bank.
    """
    lock_bank(op.db, found.bank_id)
    if other_entering(op.db, found.bank_id, found.id):
        raise BankBusy
    ahead = outlook_now(op, found)
    fates: dict[str, int] = ahead["fates"]
    if waiting := fates.get(Fate.OPEN, 0):
        raise DoubtsOpen(count=waiting)
    taken = fates.get(Fate.TAKEN, 0)
    if not taken:
        raise NothingToImport
    if taken != seen:
        raise BankChanged(now=taken, seen=seen)
    ensure_topics(op, found.bank_id, [tuple(path.split("/")) for path in ahead["entering"]])
    if op.actor.person_id is None:
        raise Forbidden
    return Commit(
        found.id,
        found.bank_id,
        sum(fates.values()),
        taken,
        ItemState.SUBMITTED if submit else ItemState.DRAFT,
        account_of(op),
        op.actor.person_id,
        op.now,
        Level(found.level) if found.level else None,
        Difficulty(found.difficulty) if found.difficulty else None,
    )


class Entering(NamedTuple):
    """An entry as it will stand in the bank: all that is worked out of it before a transaction opens."""

    position: int
    topic: str
    columns: tuple[str, ...]
    """Of its row: the values of `_WORKED_OUT`."""
    content: str
    content_hash: str
    words: str
    mended: bool

    @property
    def filed(self) -> bool:
        """Whether it has tags or cites a basis, or might have."""
        return not (_PLAIN_SCHEMA in self.content and _NO_BASIS in self.content and _NO_TAGS in self.content)


def read_span(db: Session, commit: Commit, span: tuple[int, int]) -> list[Entering]:
    """The entries taken of a span of positions (from, to before which), with the words under which they are found."""
    found, known = [], spelt_between(db, commit.import_id, span)
    for entry in entries_to_enter(db, commit.import_id, span):
        content, digest = entry.content, entry.content_hash
        if commit.level is not None or commit.difficulty is not None:
            content = settled_content(content, commit.level, commit.difficulty)
            digest = hashlib.sha256(content.encode()).hexdigest()
        spelt = None if entry.mended else known.get(entry.position)
        if spelt is None:
            spelt = spell(entry.stem_fold)
        columns = (
            entry.item_type,
            entry.level if commit.level is None else commit.level.value,
            entry.difficulty if commit.difficulty is None else commit.difficulty.value,
            entry.stem_start,
            entry.stem_fold,
            entry.mark,
            spelt.pinyin,
            spelt.initials,
        )
        found.append(Entering(entry.position, entry.topic, columns, content, digest, spelt.words, entry.mended))
    return found


def enter_span(db: Session, commit: Commit, span: Sequence[Entering]) -> None:
    """Write the items of a span: rows, versions, who wrote what was mended, and all by which they are found."""
    topics = topic_ids(db, commit.bank_id, {one.topic for one in span if one.topic})
    ids = next_ids(db, _ITEM, len(span))
    at = stored(db, _ITEM.c.created_at, commit.at)
    item_words = {"state": commit.state.value, "confidentiality": Confidentiality.INTERNAL.value}
    common = {
        "bank_id": commit.bank_id,
        "version": 1,
        "import_id": commit.import_id,
        "created_by": commit.account_id,
        "created_at": at,
        "forms_seen": 0,
        **item_words,
    }
    write_rows(
        db,
        _ITEM.name,
        ("id", "topic_id", "import_position", *_WORKED_OUT, *common),
        [
            (item_id, topics.get(one.topic), one.position, *one.columns, *common.values())
            for item_id, one in zip(ids, span, strict=True)
        ],
    )
    first = {"number": 1, "author_id": commit.account_id, "reason": "", "created_at": at}
    write_rows(
        db,
        _VERSION.name,
        ("item_id", "content", "content_hash", *first),
        [(item_id, one.content, one.content_hash, *first.values()) for item_id, one in zip(ids, span, strict=True)],
    )
    mended = [item_id for item_id, one in zip(ids, span, strict=True) if one.mended]
    wrote = {"involvement": Involvement.WROTE.value, "person_id": commit.person_id, "at": at}
    write_rows(db, _INVOLVEMENT.name, ("item_id", *wrote), [(item_id, *wrote.values()) for item_id in mended])
    write_words(db, ((item_id, one.words) for item_id, one in zip(ids, span, strict=True)))
    filed = {item_id: read_content(one.content) for item_id, one in zip(ids, span, strict=True) if one.filed}
    if filed:
        file_items(db, commit.bank_id, filed)


def settle_commit(op: Operation, found: BankImport, commit: Commit, hashes: Sequence[str]) -> int:
    """The end of a commit: from here on everybody sees the items; returns how many. One record stands for them all,
    with a digest of what was entered: SHA-256 of the items' content hashes (`hashes`) in the order of the file, a line
    each. Raises HalfEntered, and nothing is seen, where another number of items stands there."""
    if entered_count(op.db, found.id) != len(hashes):
        raise HalfEntered
    found.state, found.settled_at = move_import(found.state, ImportAction.COMMIT), op.now
    found.entering, found.imported_by = False, commit.person_id
    found.figures = {**found.figures, "committed": len(hashes)}
    op.db.flush()
    after = {
        "file_hash": found.file_hash,
        "items": len(hashes),
        "contents": hashlib.sha256("\n".join(hashes).encode()).hexdigest(),
        "bank_id": found.bank_id,
        "state": found.state,
        "item_state": commit.state,
    }
    record(op, AuditAction.IMPORT_COMMIT, subject=("import", found.id), after=after)
    return len(hashes)


def enter_at_once(op: Operation, found: BankImport, commit: Commit) -> int:
    """All of it in the transaction that is open; returns how many items."""
    entered = read_span(op.db, commit, (0, commit.entries))
    enter_span(op.db, commit, entered)
    done = settle_commit(op, found, commit, [one.content_hash for one in entered])
    forget_entries(op.db, found.id)
    return done


def withdraw(house: House, import_id: int, check: Callable[[], None] = lambda: None) -> None:
    """Take back what was written of an import that nobody has seen; a little in each transaction."""
    rows = True
    while rows:
        check()
        with house.database.transaction() as db:
            if not (found := import_by_id(db, import_id)).entering:
                return
            ids = hidden_ids(db, import_id, limit=_WITHDRAWN_AT_ONCE)
            drop_words(db, ids)
            for table in (_INVOLVEMENT, _VERSION, _TAG, _CITATION):
                db.execute(delete(table).where(table.c.item_id.in_(ids)))
            db.execute(delete(_ITEM).where(_ITEM.c.id.in_(ids)))
            rows = bool(ids)
            if not rows:
                found.entering = False


def withdraw_abandoned(house: House) -> None:
    """Take back what a worker that died has left half-written."""
    with house.database.transaction(reading=True) as db:
        dead = [
            found.id
            for found in imports_entering(db)
            if found.job_id is None or find_job(db, found.job_id).state not in LIVING
        ]
    for import_id in dead:
        withdraw(house, import_id)
