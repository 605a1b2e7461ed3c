"""What was read of a file, kept item by item while the author looks at it; and what would become of each item now."""

import gzip
import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, insert, update
from sqlalchemy.orm import Session

from app.authoring.import_models import ImportEntry, ImportPack
from app.authoring.models import BankImport
from app.authoring.packing import PACKED_AT_ONCE, Pack, pack
from app.authoring.queries import chunks
from app.authoring.queries.imports import find_checked
from app.authoring.queries.pairs import bank_mark
from app.authoring.queries.staging import (
    any_left,
    entry_weights,
    imports_left_behind,
    imports_packed,
    marks_in_bank,
    packed_at,
    staged_at,
)
from app.authoring.reading import (
    Decision,
    Duplicates,
    Fate,
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

_PACK = cast("Table", ImportPack.__table__)
_ENTRY = cast("Table", ImportEntry.__table__)
_FORGOTTEN_AT_ONCE = 1_000


def keep_pack(db: Session, import_id: int, pack: Pack, *, spelt: bytes | None = None) -> None:
    """Store what was read of a file, some of it or all; `spelt` where it is worked out already (`ImportPack`)."""
    columns = {"first": pack.first, "count": pack.count, "entries": pack.entries, "signs": pack.signs, "spelt": spelt}
    db.execute(insert(_PACK).values(import_id=import_id, **columns))
    _write_told(db, import_id, pack.told)


def _write_told(db: Session, import_id: int, entries: Iterable[Staged]) -> None:
    write_rows(db, _ENTRY.name, ("import_id", *Staged._fields), [(import_id, *entry) for entry in entries])


def look_ahead(op: Operation, found: BankImport) -> Outlook:
    """What a commit of this import would do now; kept with the import and its entries, for its pages."""
    weighing = weigh_entries(op.db, found)
    keep_weighing(op.db, found, weighing)
    return weighing.outlook


@dataclass(frozen=True)
class Weighing:
    """What weighing an import found: the outlook, and of which entries something else is to be kept than was kept."""

    outlook: Outlook
    changed: dict[tuple[str, bool, bool], list[int]]
    """Positions by the new fate, whether repeated, whether head."""


def weigh_entries(db: Session, found: BankImport) -> Weighing:
    """Weigh an import without writing anything: a large one takes long, and a writer has SQLite for itself."""
    mark = bank_mark(db, found.bank_id)  # before all else: what changes from here on is seen by a mark that is another
    rows = entry_weights(db, found.id)
    in_bank = marks_in_bank(db, found.bank_id, {row.mark for row in rows})
    weighed = [Weighed(row.mark, Decision(row.decision), row.doubtful) for row in rows]
    found_fates = fates(Duplicates(found.duplicates), weighed, in_bank)
    groups = groups_of([one.mark for one in weighed])
    repeated = {at for group in groups for at in group}
    later = {at for group in groups for at in group[1:]}
    heads = {group[0] for group in groups}
    if in_bank:
        heads |= {at for at, one in enumerate(weighed) if one.mark in in_bank}
    heads -= later
    changed: dict[tuple[str, bool, bool], list[int]] = {}
    for at, (row, fate) in enumerate(zip(rows, found_fates, strict=True)):
        now = (fate.value, at in repeated, at in heads)
        if now != (row.fate, row.repeated, row.head):
            changed.setdefault(now, []).append(row.position)
    outlook = Outlook(
        tuple(found_fates),
        dict(Counter([row.topic for row in rows])),
        tuple(sorted({row.topic for row, fate in zip(rows, found_fates, strict=True) if fate is Fate.TAKEN} - {""})),
        len(groups),
        _identical(db, found.id, repeated),
        mark,
    )
    return Weighing(outlook, changed)


def keep_weighing(db: Session, found: BankImport, weighing: Weighing) -> None:
    """Keep what was found, for the pages of the import and for its commit."""
    for (fate, is_repeated, is_head), positions in weighing.changed.items():
        _change_entries(db, found.id, positions, fate=fate, repeated=is_repeated, head=is_head)
    found.outlook = weighing.outlook.to_json()
    db.flush()


def outlook_now(op: Operation, found: BankImport) -> dict[str, Any]:
    """`Outlook.to_json` of this moment: whatever is said of an entry is weighed at once, so that what was found last
    stands for as long as the bank does. Nothing comes back to a bank once it is retired, so its mark tells that."""
    known = found.outlook
    if known.get("bank") != bank_mark(op.db, found.bank_id) or "entering" not in known:
        known = look_ahead(op, found).to_json()
    return known


def _identical(db: Session, import_id: int, repeated: Collection[int]) -> int:
    """How many groups of those that share a stem are told apart by nothing but white space."""
    return len(
        groups_of([unspaced(read_item(one.content)) for _, one in sorted(staged_at(db, import_id, repeated).items())])
    )


def _give_rows(db: Session, import_id: int, positions: Collection[int]) -> None:
    """Give a row of its own to each entry at these positions that has none."""
    if positions:
        _write_told(db, import_id, packed_at(db, import_id, positions).values())


def change_entry(db: Session, import_id: int, position: int, **values: Any) -> None:
    """Write down what an author says of one entry, or its mended content."""
    _change_entries(db, import_id, [position], **values)


def decide_entries(db: Session, import_id: int, positions: Collection[int], decision: Decision) -> None:
    """The same word for many."""
    _change_entries(db, import_id, sorted(positions), decision=decision.value)


def _change_entries(db: Session, import_id: int, positions: Collection[int], **values: Any) -> None:
    _give_rows(db, import_id, positions)
    for chunk in chunks(positions):
        those = (_ENTRY.c.import_id == import_id, _ENTRY.c.position.in_(chunk))
        db.execute(update(_ENTRY).where(*those).values(**values))


def forget_entries(db: Session, import_id: int, *, before: int | None = None) -> None:
    """Let go of what was read, or of what stands before a position."""
    for table, position in ((_ENTRY, _ENTRY.c.position), (_PACK, _PACK.c.first)):
        query = delete(table).where(table.c.import_id == import_id)
        db.execute(query if before is None else query.where(position < before))


def forget_settled(house: House) -> None:
    """Let go of what is left of settled imports, a little in each transaction: others want to write, too."""
    with house.database.transaction(reading=True) as db:
        left = imports_left_behind(db)
    for import_id in left:
        gone, left_over = 0, True
        while left_over:
            gone += _FORGOTTEN_AT_ONCE
            with house.database.transaction() as db:
                forget_entries(db, import_id, before=gone)
                left_over = any_left(db, import_id)


def note_near(db: Session, import_id: int, near: dict[int, str]) -> None:
    """Write down what is near to the entries at these positions."""
    _give_rows(db, import_id, near)
    rows = [{"at": position, "text": text} for position, text in near.items()]
    if rows:
        one = (_ENTRY.c.import_id == import_id, _ENTRY.c.position == bindparam("at"))
        db.execute(update(_ENTRY).where(*one).values(near=bindparam("text")), rows)


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
            entries = [_laid_out(at, entry) for at, entry in enumerate(reading["entries"])]
            for first in range(0, len(entries), PACKED_AT_ONCE):
                keep_pack(op.db, import_id, pack(entries[first : first + PACKED_AT_ONCE]))
            found.read, found.notes = b"", {"refused": reading["refused"], "lost": reading["lost"]}
            found.level, found.difficulty = reading["level"] or None, reading["difficulty"] or None
            found.duplicates = reading["duplicates"]
            look_ahead(op, found)


def _laid_out(at: int, entry: dict[str, Any]) -> Staged:
    doubts = read_notes(entry["doubts"])
    staged = stage_item(at, item_from_json(entry["item"]), (entry["place_zh"], entry["place_en"]), doubts)
    flagged = staged.flagged or entry["mended"]
    return staged._replace(decision=entry["decision"], mended=entry["mended"], flagged=flagged)
