"""Imports: upload, look, mend, commit; everything that a file held is shown before any of it enters the bank."""

from app.authoring.child_reading import ReadFile
from app.authoring.form_schemas import ItemFormShown, ItemGiven
from app.authoring.marking import mark_entries
from app.authoring.models import BankImport
from app.authoring.pages.front import PAGE, desk, item_form, typed_item
from app.authoring.previews import preview
from app.authoring.queries import find_bank
from app.authoring.queries.imports import find_import, list_imports
from app.authoring.queries.staging import SHOWS, entry_at, every_entry
from app.authoring.reading import Entry, read_notes
from app.authoring.rules import ImportState
from app.authoring.schemas import (
    ChoicesGiven,
    CommitGiven,
    DecisionGiven,
    ImportDone,
    ImportRowShown,
    ImportShown,
    QuickGiven,
    UploadShown,
)
from app.authoring.service import import_jobs, imports
from app.authoring.uploads import UnreadFile, prepare_upload
from app.authoring.views import names_of, show_note
from app.authoring.writing import form_values, quick_item
from app.errors import NotFound
from app.operation import Caller, House, Operation
from app.security.permissions import Capability
from app.web.faces import Download, Upload
from question_bank.formats.writers.workbook import make_template

_MOST_IMPORTS = 20
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@desk.view("/banks/{bank_id}/imports", Capability.BANK_IMPORT, template="authoring/upload.html")
def show_upload(op: Operation, *, bank_id: int) -> UploadShown:
    """Where a file is uploaded, and the imports before it."""
    bank = find_bank(op.db, op.actor, bank_id, Capability.BANK_IMPORT)
    rows = list_imports(op.db, bank_id, limit=_MOST_IMPORTS)
    names = names_of(op.db, {row.uploaded_by for row in rows})
    return UploadShown(
        bank_id=bank.id,
        bank_name=bank.name,
        limit_mb=op.settings.upload_limit_mb,
        imports=[
            ImportRowShown(
                id=row.id,
                file_name=row.file_name,
                state=row.state,
                figures=row.figures,
                uploader=names[row.uploaded_by],
                uploaded_at=row.uploaded_at,
            )
            for row in rows
        ],
    )


def _prepare(house: House, caller: Caller, *, bank_id: int, file: Upload) -> ReadFile | UnreadFile:
    return prepare_upload(house, caller, bank_id=bank_id, name=file.name, content=file.content)


@desk.command(
    "/banks/{bank_id}/imports",
    Capability.BANK_IMPORT,
    then="/imports/{id}",
    retry=show_upload,
    prepare=_prepare,
)
def upload_file(op: Operation, *, bank_id: int, file: Upload, prepared: ReadFile | UnreadFile) -> ImportDone:
    """Read a file of any known format and keep what was found, for me to look at; the bank stays as it is."""
    del file  # what was read of it came before the transaction
    if isinstance(prepared, UnreadFile):
        return ImportDone(id=import_jobs.wait_to_read(op, bank_id=bank_id, file=prepared).id, items=0)
    found = imports.start_import(op, bank_id=bank_id, file=prepared)
    return ImportDone(id=found.id, items=int(prepared.figures["items"]))


def _back(done: ImportDone) -> str:
    """Back to the preview, at the item that was dealt with, or to the list that it was dealt with in."""
    if done.show in SHOWS and done.show != "all":
        return f"/imports/{done.id}?show={done.show}#list"
    return f"/imports/{done.id}?after={(done.items - 1) // PAGE * PAGE}#item-{done.items}"


@desk.view("/imports/{import_id}", Capability.BANK_IMPORT, template="authoring/import.html")
def show_import(op: Operation, *, import_id: int, show: str = "all", after: int = 0) -> ImportShown:
    """What a file held, item by item, and what a commit would do; `show` narrows to open, doubtful, duplicates, near,
    taken or left; `after` is the position from 0 where the page begins."""
    found = find_import(op.db, op.actor, import_id)
    bank = find_bank(op.db, op.actor, found.bank_id)
    return preview(op, found, bank_name=bank.name, show=show, after=after, size=PAGE)


@desk.view("/imports/{import_id}/marked", Capability.BANK_IMPORT)
def take_marked(op: Operation, *, import_id: int, lang: str = "zh") -> Download:
    """What was read, as a workbook with the doubtful cells coloured and explained; `lang` en for English notes."""
    found = find_import(op.db, op.actor, import_id)
    _refuse_settled(found)
    told = read_notes([*found.notes.get("refused", []), *found.notes.get("lost", [])])
    content = mark_entries(every_entry(op.db, import_id), told, english=lang == "en")
    return Download(f"存疑-{import_id}.xlsx", content, _XLSX)


@desk.view("/import-template", Capability.BANK_IMPORT)
def take_template(_op: Operation, *, lang: str = "zh") -> Download:
    """The workbook that authors fill in; `lang` en for the English one."""
    english = lang == "en"
    return Download("item-template.xlsx" if english else "试题导入模板.xlsx", make_template(english=english), _XLSX)


@desk.view("/imports/{import_id}/items/{position}", Capability.BANK_IMPORT, template="authoring/item_form.html")
def show_mending(op: Operation, *, import_id: int, position: int) -> ItemFormShown:
    """The form for mending an item of the file; positions count from 1."""
    found = find_import(op.db, op.actor, import_id)
    entry = _entry(op, found, position)
    return item_form(
        op,
        find_bank(op.db, op.actor, found.bank_id),
        import_id=import_id,
        position=position,
        values=form_values(entry.item),
        notes=[show_note(note).model_dump() for note in entry.doubts],
    )


@desk.command(
    "/imports/{import_id}/items/{position}",
    Capability.BANK_IMPORT,
    then=_back,
    retry=show_mending,
)
def mend_entry(op: Operation, *, import_id: int, position: int, given: ItemGiven) -> ImportDone:
    """Put the mended item in the place of the one that was read."""
    before = _entry(op, find_import(op.db, op.actor, import_id), position).item
    imports.mend_entry(op, import_id=import_id, position=position - 1, item=typed_item(given, before))
    return ImportDone(id=import_id, items=position)


@desk.command(
    "/imports/{import_id}/items/{position}/quick",
    Capability.BANK_IMPORT,
    then=_back,
    retry=show_mending,
)
def mend_quickly(op: Operation, *, import_id: int, position: int, given: QuickGiven, show: str = "all") -> ImportDone:
    """Give an item its type, key and topic."""
    before = _entry(op, find_import(op.db, op.actor, import_id), position).item
    item = quick_item(before, item_type=given.item_type, key=given.key, topic=given.topic)
    imports.mend_entry(op, import_id=import_id, position=position - 1, item=item)
    return ImportDone(id=import_id, items=position, show=show)


@desk.command(
    "/imports/{import_id}/items/{position}/decide",
    Capability.BANK_IMPORT,
    then=_back,
    retry=show_mending,
)
def decide(op: Operation, *, import_id: int, position: int, given: DecisionGiven, show: str = "all") -> ImportDone:
    """Take an item as it stands, leave it out, or withdraw the word."""
    imports.decide(op, import_id=import_id, position=position - 1, decision=given.decision)
    return ImportDone(id=import_id, items=position, show=show)


@desk.command("/imports/{import_id}/doubtful", Capability.BANK_IMPORT, then="/imports/{import_id}", retry=show_import)
def decide_doubtful(op: Operation, *, import_id: int, given: DecisionGiven) -> ImportDone:
    """The same for every doubtful item that has no word yet."""
    settled = imports.decide_doubtful(op, import_id=import_id, decision=given.decision)
    return ImportDone(id=import_id, items=settled)


@desk.command(
    "/imports/{import_id}/choices",
    Capability.BANK_IMPORT,
    then="/imports/{import_id}",
    retry=show_import,
    said="已按所选设置重新预览。",
)
def choose(op: Operation, *, import_id: int, given: ChoicesGiven) -> ImportDone:
    """Say what level and difficulty hold for the whole file, and what becomes of duplicates."""
    imports.choose(op, import_id=import_id, level=given.level, difficulty=given.difficulty, duplicates=given.duplicates)
    return ImportDone(id=import_id, items=0)


@desk.command(
    "/imports/{import_id}/again",
    Capability.BANK_IMPORT,
    then="/imports/{import_id}",
    retry=show_import,
    said="已按题库现状重新核对。",
)
def look_again(op: Operation, *, import_id: int) -> ImportDone:
    """Weigh the items anew against what the bank holds by now."""
    imports.look_again(op, import_id=import_id)
    return ImportDone(id=import_id, items=0)


@desk.command(
    "/imports/{import_id}/commit",
    Capability.BANK_IMPORT,
    then="/imports/{import_id}",
    retry=show_import,
    said="已确认导入。",
)
def commit(op: Operation, *, import_id: int, given: CommitGiven) -> ImportDone:
    """Bring the items into the bank in my name, all or none; of very many the worker does it."""
    if given.seen >= import_jobs.LARGE_COMMIT:
        import_jobs.wait_to_commit(op, import_id=import_id, seen=given.seen, submit=given.submit)
        return ImportDone(id=import_id, items=0)
    done = imports.commit_import(op, import_id=import_id, seen=given.seen, submit=given.submit)
    return ImportDone(id=import_id, items=done)


@desk.command(
    "/imports/{import_id}/cancel",
    Capability.BANK_IMPORT,
    then="/imports/{import_id}",
    retry=show_import,
    said="已取消，题库没有任何变化。",
)
def cancel(op: Operation, *, import_id: int) -> ImportDone:
    """Stop the job that reads the file or brings its items in; nothing of it stays."""
    import_jobs.cancel_job(op, import_id=import_id)
    return ImportDone(id=import_id, items=0)


@desk.command(
    "/imports/{import_id}/discard",
    Capability.BANK_IMPORT,
    then="/imports/{import_id}",
    retry=show_import,
    said="已放弃，题库没有任何变化。",
)
def discard(op: Operation, *, import_id: int) -> ImportDone:
    """Put an import aside."""
    imports.discard_import(op, import_id=import_id)
    return ImportDone(id=import_id, items=0)


@desk.command(
    "/imports/{import_id}/undo",
    Capability.BANK_IMPORT,
    then="/imports/{import_id}",
    retry=show_import,
    said="整批试题已撤回。",
)
def undo(op: Operation, *, import_id: int) -> ImportDone:
    """Take back a committed import as a whole, while none of it was approved or used."""
    return ImportDone(id=import_id, items=imports.undo_import(op, import_id=import_id))


def _refuse_settled(found: BankImport) -> None:
    if found.state is not ImportState.CHECKED or found.entering:
        raise NotFound


def _entry(op: Operation, found: BankImport, position: int) -> Entry:
    """The entry at a position from 1. Raises NotFound."""
    _refuse_settled(found)
    return entry_at(op.db, found.id, position - 1)
