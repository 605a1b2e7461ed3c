"""The commit of an import: its rows move from what was read into the bank, all or none of them.

A small import moves in one transaction. A large one moves in many short ones, so that others may write between them,
and until the last of them nobody sees an item of it (`queries.hide_entering`); what died on the way is taken back.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, delete, insert, literal
from sqlalchemy.orm import Session

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.models import BankImport, ItemInvolvement, ItemRow, ItemVersion
from app.authoring.queries import lock_bank, read_content
from app.authoring.queries.imports import import_by_id
from app.authoring.queries.staging import (
    CONTENT,
    CONTENT_HASH,
    MENDED,
    entered,
    entered_hashes,
    hidden_ids,
    imports_entering,
    other_entering,
    rows_to_enter,
    topics_to_enter,
)
from app.authoring.reading import Fate, settled_content
from app.authoring.rules import (
    BankBusy,
    BankChanged,
    DoubtsOpen,
    ImportAction,
    Involvement,
    ItemState,
    NothingToImport,
    move_import,
)
from app.authoring.service.entering import account_of, ensure_topics
from app.authoring.service.indexing import index_items, write_spelling
from app.authoring.service.staging import forget_entries, look_ahead
from app.errors import Forbidden
from app.jobs.queue import find as find_job
from app.jobs.rules import LIVING
from app.operation import House, Operation
from question_bank.items import Difficulty, Level

INDEXED_AT_ONCE = 500
"""So many items are found by a search from the moment of the commit on; those of a larger import within a minute."""
_WITHDRAWN_AT_ONCE = 500
_ITEM = cast("Table", ItemRow.__table__)
_VERSION = cast("Table", ItemVersion.__table__)
_INVOLVEMENT = cast("Table", ItemInvolvement.__table__)


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
    ahead = look_ahead(op, found)
    if waiting := ahead.fates.count(Fate.OPEN):
        raise DoubtsOpen(count=waiting)
    if not ahead.taken:
        raise NothingToImport
    if ahead.taken != seen:
        raise BankChanged(now=ahead.taken, seen=seen)
    ensure_topics(op, found.bank_id, [tuple(path.split("/")) for path in topics_to_enter(op.db, found.id)])
    if op.actor.person_id is None:
        raise Forbidden
    return Commit(
        found.id,
        found.bank_id,
        len(ahead.fates),
        ahead.taken,
        ItemState.SUBMITTED if submit else ItemState.DRAFT,
        account_of(op),
        op.actor.person_id,
        op.now,
        Level(found.level) if found.level else None,
        Difficulty(found.difficulty) if found.difficulty else None,
    )


def enter_span(db: Session, commit: Commit, span: tuple[int, int]) -> None:
    """Write the items of a span of positions (from, to before which): rows, versions, involvement."""
    columns, query = rows_to_enter(
        commit.import_id,
        commit.bank_id,
        span,
        state=commit.state,
        by=commit.account_id,
        at=commit.at,
        level=commit.level,
        difficulty=commit.difficulty,
    )
    db.execute(insert(_ITEM).from_select(columns, query, include_defaults=False))
    common: dict[str, Any] = {"number": 1, "author_id": commit.account_id, "reason": "", "created_at": commit.at}
    if commit.level is None and commit.difficulty is None:
        named = {"content": CONTENT, "content_hash": CONTENT_HASH}
        given = [*named.values(), *(literal(value, _VERSION.c[name].type) for name, value in common.items())]
        versions = entered(commit.import_id, span, *given)
        db.execute(insert(_VERSION).from_select(["item_id", *named, *common], versions, include_defaults=False))
    else:
        rows = []
        for item_id, content in db.execute(entered(commit.import_id, span, CONTENT)).all():
            settled = settled_content(content, commit.level, commit.difficulty)
            digest = hashlib.sha256(settled.encode()).hexdigest()
            rows.append({"item_id": item_id, "content": settled, "content_hash": digest, **common})
        if rows:
            db.execute(insert(_VERSION), rows)
    columns_of = ["item_id", "person_id", "involvement", "at"]
    for involvement, which in ((Involvement.IMPORTED, None), (Involvement.WROTE, MENDED)):
        person = (
            literal(commit.person_id),
            literal(involvement, _INVOLVEMENT.c.involvement.type),
            literal(commit.at, _INVOLVEMENT.c.at.type),
        )
        who = entered(commit.import_id, span, *person)
        who = who if which is None else who.where(which.is_(True))
        db.execute(insert(_INVOLVEMENT).from_select(columns_of, who, include_defaults=False))


def settle_commit(op: Operation, found: BankImport, commit: Commit) -> int:
    """The end of a commit: from here on everybody sees the items; returns how many. One record stands for them all,
    with a digest of what was entered: SHA-256 of the items' content hashes in the order of the file, a line each."""
    hashes = entered_hashes(op.db, found.id)
    found.state, found.settled_at = move_import(found.state, ImportAction.COMMIT), op.now
    found.entering = False
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
    enter_span(op.db, commit, (0, commit.entries))
    if commit.items <= INDEXED_AT_ONCE:
        rows = op.db.execute(entered(commit.import_id, (0, commit.entries), CONTENT)).all()
        items = {item_id: read_content(content) for item_id, content in rows}
        write_spelling(op.db, items)
        index_items(op, commit.bank_id, items)
    done = settle_commit(op, found, commit)
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
            for table in (_INVOLVEMENT, _VERSION):
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
