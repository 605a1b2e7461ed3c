"""What was read of a file, kept item by item while the author looks at it; and what would become of each item now."""

import gzip
import json
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, cast

from sqlalchemy import Table, delete, update
from sqlalchemy.orm import Session

from app.authoring.models import BankImport, ImportEntry
from app.authoring.queries import chunks
from app.authoring.queries.imports import find_checked
from app.authoring.queries.pairs import bank_mark
from app.authoring.queries.staging import (
    contents_at,
    entry_count,
    entry_weights,
    imports_left_behind,
    imports_packed,
    marks_in_bank,
)
from app.authoring.reading import (
    Decision,
    Duplicates,
    Outlook,
    Staged,
    Weighed,
    fates,
    groups_of,
    read_item,
    read_notes,
    stage_item,
    unspaced,
)
from app.authoring.service.bulk_rows import write_rows
from app.operation import House, Operation, acting_as
from question_bank.item_json import item_from_json

_ENTRY = cast("Table", ImportEntry.__table__)
_COLUMNS = ("import_id", *Staged._fields)
_DEFAULTS: dict[str, Any] = {"repeated": False, "head": False, "near": ""}
_FORGOTTEN_AT_ONCE = 1_000


def keep_entries(db: Session, import_id: int, entries: Sequence[Staged]) -> None:
    """Store what was read of a file, some of it or all."""
    rows = ((import_id, *entry, *_DEFAULTS.values()) for entry in entries)
    write_rows(db, _ENTRY.name, (*_COLUMNS, *_DEFAULTS), rows)


def look_ahead(op: Operation, found: BankImport) -> Outlook:
    """What a commit of this import would do now; kept with the import and its entries, for its pages."""
    rows = entry_weights(op.db, found.id)
    in_bank = marks_in_bank(op.db, found.id, found.bank_id)
    weighed = [Weighed(mark, Decision(decision), doubtful) for _, mark, decision, doubtful, *_ in rows]
    found_fates = fates(Duplicates(found.duplicates), weighed, in_bank)
    groups = groups_of([one.mark for one in weighed])
    repeated = {at for group in groups for at in group}
    later = {at for group in groups for at in group[1:]}
    heads = {group[0] for group in groups} | {at for at, one in enumerate(weighed) if one.mark in in_bank}
    heads -= later
    changed: dict[tuple[str, bool, bool], list[int]] = {}
    for at, (row, fate) in enumerate(zip(rows, found_fates, strict=True)):
        now = (fate.value, at in repeated, at in heads)
        if now != (row.fate, row.repeated, row.head):
            changed.setdefault(now, []).append(row.position)
    for (fate_now, is_repeated, is_head), positions in changed.items():
        for chunk in chunks(positions):
            op.db.execute(
                update(_ENTRY)
                .where(_ENTRY.c.import_id == found.id, _ENTRY.c.position.in_(chunk))
                .values(fate=fate_now, repeated=is_repeated, head=is_head)
            )
    outlook = Outlook(
        tuple(found_fates),
        dict(Counter(row.topic for row in rows)),
        len(groups),
        _identical(op.db, found.id, repeated),
        bank_mark(op.db, found.bank_id),
    )
    found.outlook = outlook.to_json()
    op.db.flush()
    return outlook


def _identical(db: Session, import_id: int, repeated: Collection[int]) -> int:
    """How many groups of those that share a stem are told apart by nothing but white space."""
    signs: list[str] = []
    for chunk in chunks(sorted(repeated)):
        signs += [unspaced(read_item(content)) for content in contents_at(db, import_id, chunk).values()]
    return len(groups_of(signs))


def change_entry(db: Session, import_id: int, position: int, **values: Any) -> None:
    """Write down what an author says of one entry, or its mended content."""
    db.execute(update(_ENTRY).where(_ENTRY.c.import_id == import_id, _ENTRY.c.position == position).values(**values))


def forget_entries(db: Session, import_id: int, *, most: int | None = None) -> None:
    """Let go of what was read, or of so much of it."""
    query = delete(_ENTRY).where(_ENTRY.c.import_id == import_id)
    db.execute(query if most is None else query.where(_ENTRY.c.position < most))


def forget_settled(house: House) -> None:
    """Let go of what is left of settled imports, a little in each transaction: others want to write, too."""
    with house.database.transaction(reading=True) as db:
        left = imports_left_behind(db)
    for import_id in left:
        gone, left_over = 0, True
        while left_over:
            gone += _FORGOTTEN_AT_ONCE
            with house.database.transaction() as db:
                forget_entries(db, import_id, most=gone)
                left_over = entry_count(db, import_id) > 0


def decide_entries(db: Session, import_id: int, positions: Collection[int], decision: Decision) -> None:
    """The same word for many."""
    for chunk in chunks(sorted(positions)):
        db.execute(
            update(_ENTRY)
            .where(_ENTRY.c.import_id == import_id, _ENTRY.c.position.in_(chunk))
            .values(decision=decision.value)
        )


def note_near(db: Session, import_id: int, near: dict[int, str]) -> None:
    """Write down what is near to the entries at these positions."""
    for position, text in near.items():
        change_entry(db, import_id, position, near=text)


def lay_out_packed(house: House) -> None:
    """Lay out item by item what releases before this one kept packed with an import that is still looked at."""
    with house.database.transaction(reading=True) as db:
        packed = imports_packed(db)
    for import_id in packed:
        with acting_as(house, "import") as op:
            found = find_checked(op.db, import_id)
            if found is None or not found.read:
                continue
            reading = json.loads(gzip.decompress(found.read))
            keep_entries(op.db, import_id, [_laid_out(at, entry) for at, entry in enumerate(reading["entries"])])
            found.read, found.notes = b"", {"refused": reading["refused"], "lost": reading["lost"]}
            found.level, found.difficulty = reading["level"] or None, reading["difficulty"] or None
            found.duplicates = reading["duplicates"]
            look_ahead(op, found)


def _laid_out(at: int, entry: dict[str, Any]) -> Staged:
    doubts = read_notes(entry["doubts"])
    staged = stage_item(at, item_from_json(entry["item"]), (entry["place_zh"], entry["place_en"]), doubts)
    flagged = staged.flagged or entry["mended"]
    return staged._replace(decision=entry["decision"], mended=entry["mended"], flagged=flagged)
