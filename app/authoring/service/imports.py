"""An import in two steps: a reading that is looked at and mended, then one commit, all or nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import update

from app.audit.actions import AuditAction
from app.audit.record import compose, record
from app.authoring.child_reading import ReadFile
from app.authoring.models import BankImport, ItemRow
from app.authoring.queries import chunks, find_bank, lock_bank
from app.authoring.queries.imports import approved_once, find_import, items_of_import
from app.authoring.queries.items import items_with_mark
from app.authoring.reading import (
    Decision,
    Duplicates,
    Entry,
    Fate,
    Reading,
    fates,
    final_item,
    item_problems,
    marks_of,
    pack,
    unpack,
)
from app.authoring.rules import (
    BankChanged,
    DoubtsOpen,
    ImportAction,
    ImportState,
    ImportUnderWay,
    Involvement,
    ItemAction,
    ItemState,
    NothingToImport,
    NotOwnImport,
    UndoRefused,
    move,
    move_import,
    states_for,
)
from app.authoring.rules.assigning import AssignmentAction
from app.authoring.service.assigning import end_assignments
from app.authoring.service.entering import (
    Prepared,
    account_of,
    enter_items,
    involve,
    keep_records,
    prepare_item,
)
from app.authoring.service.items import refuse_bad
from app.authoring.service.pictures import keep_pictures
from app.errors import NotFound
from app.jobs.queue import find as find_job
from app.jobs.rules import LIVING
from app.operation import Operation
from app.security.permissions import Capability
from question_bank.items import Difficulty, Item, Level

_TOLD_EVERY = 500


@dataclass(frozen=True)
class Ready:
    """What was worked out for a commit before its transaction: the reading, and each item that may enter, prepared."""

    reading: Reading
    marks: list[str]
    prepared: list[Prepared | None]


@dataclass(frozen=True)
class Outlook:
    """A reading with what will become of each entry, and the items of the bank that have the same stem."""

    reading: Reading
    marks: list[str]
    in_bank: dict[str, list[ItemRow]]
    fates: list[Fate]

    @property
    def taken(self) -> int:
        """How many items a commit would bring in now."""
        return self.fates.count(Fate.TAKEN)


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
        read=file.packed,
        figures=file.figures,
        uploaded_by=account_of(op),
        uploaded_at=op.now,
    )
    op.db.add(found)
    op.db.flush()
    after = {"bank_id": bank_id, "file_hash": file.file_hash, "items": file.figures["items"]}
    record(op, AuditAction.IMPORT_PREPARE, subject=("import", found.id), after=after)
    return found


def look_ahead(op: Operation, found: BankImport) -> Outlook:
    """What a commit of this import would do now."""
    reading = unpack(found.read)
    return _outlook(op, found, reading, marks_of(reading))


def _outlook(op: Operation, found: BankImport, reading: Reading, marks: list[str]) -> Outlook:
    in_bank = items_with_mark(op.db, found.bank_id, marks)
    return Outlook(reading, marks, in_bank, fates(reading, marks, in_bank))


def choose(
    op: Operation, *, import_id: int, level: Level | None, difficulty: Difficulty | None, duplicates: Duplicates
) -> None:
    """Say what holds for the whole file; None leaves what the file says. Raises as `own_import` does."""

    def change(reading: Reading) -> Reading:
        return replace(reading, level=level, difficulty=difficulty, duplicates=duplicates)

    _mend(op, import_id, change, decision=f"duplicates:{duplicates}", items=0)


def mend_entry(op: Operation, *, import_id: int, position: int, item: Item) -> None:
    """Put a mended item in the place of the one that was read (`position` from 0); its doubts are settled by that.

    Raises ItemRefused where the bank could not hold it, NotFound where there is no such position.
    """
    refuse_bad(item)

    def change(reading: Reading) -> Reading:
        entry = entry_at(reading, position)
        mended = replace(entry, item=item, doubts=(), decision=Decision.UNSAID, mended=True)
        return reading.with_entry(position, mended)

    _mend(op, import_id, change, decision="mended", items=1)


def decide(op: Operation, *, import_id: int, position: int, decision: Decision) -> None:
    """Take an item as it stands, leave it out, or withdraw the word. Raises ItemRefused, NotFound."""

    def change(reading: Reading) -> Reading:
        entry = entry_at(reading, position)
        if decision is Decision.TAKE:
            refuse_bad(entry.item)
        return reading.with_entry(position, replace(entry, decision=decision))

    _mend(op, import_id, change, decision=decision.value, items=1)


def decide_doubtful(op: Operation, *, import_id: int, decision: Decision) -> int:
    """The same for every doubtful item without a word yet; "take" takes those only that the bank could hold.

    Returns how many it settled.
    """
    settled = 0

    def settle(entry: Entry) -> Entry:
        nonlocal settled
        if not entry.doubts or entry.decision is not Decision.UNSAID:
            return entry
        if decision is Decision.TAKE and item_problems(entry.item):
            return entry
        settled += 1
        return replace(entry, decision=decision)

    def change(reading: Reading) -> Reading:
        return replace(reading, entries=tuple(map(settle, reading.entries)))

    _mend(op, import_id, change, decision=decision.value, items=None, count=lambda: settled)
    return settled


def get_ready(ahead: Outlook, told: Callable[[int], None]) -> Ready:
    """Prepare what would enter now, outside the transaction in which it will; `told` hears how many are prepared."""
    prepared: list[Prepared | None] = []
    for entry, fate in zip(ahead.reading.entries, ahead.fates, strict=True):
        if len(prepared) % _TOLD_EVERY == 0:
            told(len(prepared))
        prepared.append(prepare_item(final_item(ahead.reading, entry)) if fate is Fate.TAKEN else None)
    return Ready(ahead.reading, ahead.marks, prepared)


def commit_import(
    op: Operation,
    *,
    import_id: int,
    seen: int,
    submit: bool,
    ready: Ready | None = None,
    job_id: int | None = None,
    told: Callable[[int], None] = lambda _done: None,
) -> int:
    """Bring the items into the bank, in the actor's name, all or none; returns how many.

    `seen` is how many the preview said it would be. With `submit` they go to review at once. The job `job_id` comes
    with what it has made `ready`, and is `told` how many are in. Raises DoubtsOpen, NothingToImport, BankChanged where
    it would be another number now, and as `own_import` does.
    """
    found = own_import(op, import_id, ImportAction.COMMIT, job_id=job_id)
    lock_bank(op.db, found.bank_id)
    ahead = look_ahead(op, found) if ready is None else _outlook(op, found, ready.reading, ready.marks)
    if waiting := ahead.fates.count(Fate.OPEN):
        raise DoubtsOpen(count=waiting)
    if not ahead.taken:
        raise NothingToImport
    if ahead.taken != seen:
        raise BankChanged(now=ahead.taken, seen=seen)
    places = [at for at, fate in enumerate(ahead.fates) if fate is Fate.TAKEN]
    taken = [ahead.reading.entries[at] for at in places]
    before = [None] * len(ahead.fates) if ready is None else ready.prepared
    items = [before[at] or final_item(ahead.reading, entry) for at, entry in zip(places, taken, strict=True)]
    state = ItemState.SUBMITTED if submit else ItemState.DRAFT
    ids = enter_items(op, bank_id=found.bank_id, items=items, state=state, import_id=found.id, told=told)
    involve(op, ids, Involvement.IMPORTED)
    involve(op, [i for i, entry in zip(ids, taken, strict=True) if entry.mended], Involvement.WROTE)
    found.state, found.settled_at = ImportState.COMMITTED, op.now
    found.figures = {**found.figures, "committed": len(ids)}
    op.db.flush()
    after = {"file_hash": found.file_hash, "items": len(ids), "bank_id": found.bank_id, "state": found.state}
    record(op, AuditAction.IMPORT_COMMIT, subject=("import", found.id), after=after)
    return len(ids)


def discard_import(op: Operation, *, import_id: int) -> None:
    """Put an import aside; what was read is forgotten. Raises as `own_import` does."""
    found = own_import(op, import_id, ImportAction.DISCARD)
    found.state, found.settled_at, found.read = ImportState.DISCARDED, op.now, b""
    op.db.flush()
    record(op, AuditAction.IMPORT_DISCARD, subject=("import", found.id), after={"state": found.state})


def undo_import(op: Operation, *, import_id: int) -> int:
    """Take back a committed import as a whole: every item is retired; returns how many.

    Raises UndoRefused where any of them was approved once, retired or drawn for an exam.
    """
    found = own_import(op, import_id, ImportAction.UNDO)
    items = items_of_import(op.db, import_id)
    possible = states_for(ItemAction.UNDO)
    gone_far = approved_once(op.db, [i.id for i in items]) | {i.id for i in items if i.state not in possible}
    if gone_far:
        raise UndoRefused(count=len(gone_far))
    acts = [
        compose(
            op,
            AuditAction.ITEM_RETIRE,
            subject=("item", item.id),
            before={"state": item.state},
            after={"state": move(item.state, ItemAction.UNDO), "import_id": import_id},
        )
        for item in items
    ]
    for chunk in chunks([item.id for item in items]):
        op.db.execute(update(ItemRow).where(ItemRow.id.in_(chunk)).values(state=ItemState.RETIRED))
    keep_records(op, acts)
    end_assignments(op, [item.id for item in items], AssignmentAction.TAKE_BACK)
    found.state, found.settled_at = ImportState.UNDONE, op.now
    op.db.flush()
    after = {"items": len(items), "state": found.state}
    record(op, AuditAction.IMPORT_UNDO, subject=("import", import_id), after=after)
    return len(items)


def entry_at(reading: Reading, position: int) -> Entry:
    """The entry at `position`, from 0. Raises NotFound."""
    if not 0 <= position < len(reading.entries):
        raise NotFound
    return reading.entries[position]


def own_import(op: Operation, import_id: int, action: ImportAction, *, job_id: int | None = None) -> BankImport:
    """The import, locked, if its state allows the action, the actor uploaded it, and no job but `job_id` is at it.

    Raises NotFound, NotOwnImport, ImportUnderWay, ImportMoveRefused.
    """
    found = find_import(op.db, op.actor, import_id, lock=True)
    if found.uploaded_by != account_of(op):
        raise NotOwnImport
    if found.job_id not in {None, job_id} and find_job(op.db, found.job_id or 0).state in LIVING:
        raise ImportUnderWay
    move_import(found.state, action)
    return found


def _mend(
    op: Operation,
    import_id: int,
    change: Callable[[Reading], Reading],
    *,
    decision: str,
    items: int | None,
    count: Callable[[], int] = lambda: 0,
) -> None:
    found = own_import(op, import_id, ImportAction.MEND)
    found.read = pack(change(unpack(found.read)))
    op.db.flush()
    after = {"decision": decision, "items": count() if items is None else items}
    record(op, AuditAction.IMPORT_MEND, subject=("import", import_id), after=after)
