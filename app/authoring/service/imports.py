"""An import in two steps: what was read is looked at and mended, then one commit, all or nothing."""

from typing import cast

from sqlalchemy import Table, update

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.child_reading import ReadFile
from app.authoring.models import BankImport, ItemRow
from app.authoring.queries import find_bank
from app.authoring.queries.imports import find_import, gone_far_of_import, lock_items_of_import
from app.authoring.queries.staging import doubtful_entries, entry_at
from app.authoring.reading import Decision, Duplicates, item_problems, stage_item
from app.authoring.rules import (
    ImportAction,
    ImportState,
    ImportUnderWay,
    ItemAction,
    ItemState,
    NotOwnImport,
    UndoRefused,
    move_import,
    states_for,
)
from app.authoring.rules.assigning import AssignmentAction
from app.authoring.service.assigning import end_assignments
from app.authoring.service.commits import enter_at_once, weigh_commit
from app.authoring.service.entering import account_of
from app.authoring.service.items import refuse_bad
from app.authoring.service.near import compare_few
from app.authoring.service.pictures import keep_pictures
from app.authoring.service.staging import change_entry, decide_entries, forget_entries, keep_pack, look_ahead
from app.jobs.queue import find as find_job
from app.jobs.rules import LIVING
from app.operation import Operation
from app.security.permissions import Capability
from question_bank.items import Difficulty, Item, Level

_ITEM = cast("Table", ItemRow.__table__)
FORGOTTEN_AT_ONCE = 5_000
"""What was read of a larger file is let go of by the worker, a little at a time."""


def start_import(op: Operation, *, bank_id: int, file: ReadFile) -> BankImport:
    """Keep what was read from a file, and its pictures, for its uploader to look at. Raises NotFound."""
    find_bank(op.db, op.actor, bank_id, Capability.BANK_IMPORT)
    if file.pictures:
        keep_pictures(op, bank_id=bank_id, pictures=file.pictures)
    found = BankImport(
        bank_id=bank_id,
        state=ImportState.CHECKED,
        file_name=file.name,
        file_hash=file.file_hash,
        format=file.format,
        read=b"",
        figures=file.figures,
        notes=file.notes,
        uploaded_by=account_of(op),
        uploaded_at=op.now,
    )
    op.db.add(found)
    op.db.flush()
    for pack in file.packs:
        keep_pack(op.db, found.id, pack)
    look_ahead(op, found)
    compare_few(op, found)
    after = {"bank_id": bank_id, "file_hash": file.file_hash, "items": file.figures["items"]}
    record(op, AuditAction.IMPORT_PREPARE, subject=("import", found.id), after=after)
    return found


def choose(
    op: Operation, *, import_id: int, level: Level | None, difficulty: Difficulty | None, duplicates: Duplicates
) -> None:
    """Say what holds for the whole file; None leaves what the file says. Raises as `own_import` does."""
    found = own_import(op, import_id, ImportAction.MEND)
    found.level = level and level.value
    found.difficulty = difficulty and difficulty.value
    found.duplicates = duplicates.value
    _note_mending(op, found, decision=f"duplicates:{duplicates}", items=0)


def look_again(op: Operation, *, import_id: int) -> None:
    """Weigh the items anew against what the bank holds by now. Raises as `own_import` does."""
    look_ahead(op, own_import(op, import_id, ImportAction.MEND))


def mend_entry(op: Operation, *, import_id: int, position: int, item: Item) -> None:
    """Put a mended item in the place of the one that was read (`position` from 0); its doubts are settled by that.

    Raises ItemRefused where the bank could not hold it, NotFound where there is no such position.
    """
    refuse_bad(item)
    found = own_import(op, import_id, ImportAction.MEND)
    entry = entry_at(op.db, import_id, position)
    mended = stage_item(position, item, (entry.place_zh, entry.place_en))
    values = {**mended._asdict(), "flagged": True, "mended": True}
    del values["position"]
    change_entry(op.db, import_id, position, **values)
    _note_mending(op, found, decision="mended", items=1)


def decide(op: Operation, *, import_id: int, position: int, decision: Decision) -> None:
    """Take an item as it stands, leave it out, or withdraw the word. Raises ItemRefused, NotFound."""
    found = own_import(op, import_id, ImportAction.MEND)
    entry = entry_at(op.db, import_id, position)
    if decision is Decision.TAKE:
        refuse_bad(entry.item)
    change_entry(op.db, import_id, position, decision=decision.value)
    _note_mending(op, found, decision=decision.value, items=1)


def decide_doubtful(op: Operation, *, import_id: int, decision: Decision) -> int:
    """The same for every doubtful item without a word yet; "take" takes those only that the bank could hold.

    Returns how many it settled.
    """
    found = own_import(op, import_id, ImportAction.MEND)
    wanted = [
        entry.position
        for entry in doubtful_entries(op.db, import_id)
        if decision is not Decision.TAKE or not item_problems(entry.item)
    ]
    decide_entries(op.db, import_id, wanted, decision)
    _note_mending(op, found, decision=decision.value, items=len(wanted))
    return len(wanted)


def commit_import(op: Operation, *, import_id: int, seen: int, submit: bool) -> int:
    """Bring the items into the bank, in the actor's name, all or none; returns how many.

    `seen` is how many the preview said it would be. With `submit` they go to review at once. Raises as `weigh_commit`
    and `own_import` do.
    """
    found = own_import(op, import_id, ImportAction.COMMIT)
    return enter_at_once(op, found, weigh_commit(op, found, seen=seen, submit=submit))


def discard_import(op: Operation, *, import_id: int) -> None:
    """Put an import aside; what was read is forgotten. Raises as `own_import` does."""
    found = own_import(op, import_id, ImportAction.DISCARD)
    found.state, found.settled_at, found.read = ImportState.DISCARDED, op.now, b""
    if found.figures["items"] <= FORGOTTEN_AT_ONCE:
        forget_entries(op.db, import_id)
    op.db.flush()
    record(op, AuditAction.IMPORT_DISCARD, subject=("import", found.id), after={"state": found.state})


def undo_import(op: Operation, *, import_id: int) -> int:
    """Take back a committed import as a whole: every item is retired; returns how many.

    Raises UndoRefused where any of them was approved once, retired or drawn for an exam. One record stands for all.
    """
    found = own_import(op, import_id, ImportAction.UNDO)
    items = lock_items_of_import(op.db, import_id)
    if gone_far := gone_far_of_import(op.db, import_id, states_for(ItemAction.UNDO)):
        raise UndoRefused(count=gone_far)
    op.db.execute(update(_ITEM).where(_ITEM.c.import_id == import_id).values(state=ItemState.RETIRED))
    end_assignments(op, items, AssignmentAction.TAKE_BACK)
    found.state, found.settled_at = ImportState.UNDONE, op.now
    op.db.flush()
    after = {"items": len(items), "state": found.state, "item_state": ItemState.RETIRED}
    record(op, AuditAction.IMPORT_UNDO, subject=("import", import_id), after=after)
    return len(items)


def own_import(op: Operation, import_id: int, action: ImportAction, *, job_id: int | None = None) -> BankImport:
    """The import, locked, if its state allows the action, the actor uploaded it, and no job but `job_id` is at it.

    Raises NotFound, NotOwnImport, ImportUnderWay, ImportMoveRefused.
    """
    found = find_import(op.db, op.actor, import_id, lock=True)
    if found.uploaded_by != account_of(op):
        raise NotOwnImport
    busy = found.job_id not in {None, job_id} and find_job(op.db, found.job_id or 0).state in LIVING
    if busy or found.entering:
        raise ImportUnderWay
    move_import(found.state, action)
    return found


def _note_mending(op: Operation, found: BankImport, *, decision: str, items: int) -> None:
    look_ahead(op, found)
    record(op, AuditAction.IMPORT_MEND, subject=("import", found.id), after={"decision": decision, "items": items})
