"""The preview of an import: one page of its items with what will become of each, and the figures of the whole.

Only what the page shows is read; the figures were counted when the import was last looked at (`staging.look_ahead`).
"""

from app.authoring.models import BankImport, ItemRow
from app.authoring.queries import read_content
from app.authoring.queries.items import items_with_mark, newest_versions, rows_by_id, stems_of
from app.authoring.queries.pairs import bank_mark
from app.authoring.queries.staging import SHOWS, entries_at, entries_with_mark, entry_page, near_count
from app.authoring.reading import Decision, Duplicates, Entry, Fate, Near, read_notes
from app.authoring.rules import ImportState
from app.authoring.schemas import EntryShown, ImportJobShown, ImportShown, TwinShown
from app.authoring.service.import_jobs import job_of
from app.authoring.views import names_of, show_content, show_note
from app.authoring.writing import key_text
from app.jobs.rules import LIVING, JobState
from app.operation import Operation
from question_bank.items import Difficulty, Level

_MOST_TWINS = 8
_MOST_NOTES = 200
_MOST_TOPICS = 500


def preview(op: Operation, found: BankImport, *, bank_name: str, show: str, after: int, size: int) -> ImportShown:
    """The page of an import; the items themselves are shown while it is not settled."""
    open_still = found.state is ImportState.CHECKED and not found.entering
    show = show if show in SHOWS else "all"
    entries = entry_page(op.db, found.id, show=show, after=after, limit=size + 1) if open_still else []
    outlook, notes = found.outlook, found.notes
    fates = outlook.get("fates", {})
    return ImportShown(
        id=found.id,
        bank_id=found.bank_id,
        bank_name=bank_name,
        file_name=found.file_name,
        state=found.state,
        format=found.format,
        own=found.uploaded_by == op.actor.account_id,
        uploader=names_of(op.db, [found.uploaded_by])[found.uploaded_by],
        uploaded_at=found.uploaded_at,
        figures=found.figures,
        fates={fate: fates.get(fate.value, 0) for fate in Fate},
        topics={path.replace("/", " / "): n for path, n in list(outlook.get("topics", {}).items())[:_MOST_TOPICS]},
        duplicate_groups=outlook.get("groups", 0),
        identical_groups=outlook.get("identical", 0),
        level=Level(found.level) if found.level else None,
        difficulty=Difficulty(found.difficulty) if found.difficulty else None,
        duplicates=Duplicates(found.duplicates),
        show=show,
        entries=_entries(op, found, entries[:size]),
        next_after=entries[size].position if len(entries) > size else None,
        refused=[show_note(note) for note in read_notes(notes.get("refused", [])[:_MOST_NOTES])],
        lost=[show_note(note) for note in read_notes(notes.get("lost", [])[:_MOST_NOTES])],
        bank_changed=open_still and outlook.get("bank") != bank_mark(op.db, found.bank_id),
        compared=found.compared,
        near_count=near_count(op.db, found.id) if open_still else 0,
        job=_job(op, found),
    )


def _job(op: Operation, found: BankImport) -> ImportJobShown | None:
    job = job_of(op.db, found)
    if job is None or job.state in {JobState.DONE, JobState.CANCELLED}:
        return None
    error = job.error or {}
    living = job.state in LIVING
    passed = (op.now - job.created_at).total_seconds()
    return ImportJobShown(
        living=living,
        done=job.done,
        total=job.total,
        zh=job.message_zh if living else error.get("zh", ""),
        en=job.message_en if living else error.get("en", ""),
        seconds_left=round(passed * (job.total - job.done) / job.done) if living and job.done else None,
    )


def _entries(op: Operation, found: BankImport, entries: list[Entry]) -> list[EntryShown]:
    marks = {entry.mark for entry in entries}
    in_file = entries_with_mark(op.db, found.id, marks, limit=_MOST_TWINS)
    same = items_with_mark(op.db, found.bank_id, marks)
    near = [one for entry in entries for one in entry.near]
    near_in_file = entries_at(op.db, found.id, [one.position for one in near if one.position is not None])
    near_rows = rows_by_id(op.db, found.bank_id, [one.item_id or 0 for one in near])
    # What is secret is not told to whoever has no need to know it.
    seen = stems_of(op.db, op.actor, {row.id for rows in (*same.values(), near_rows) for row in rows})
    in_bank = {mark: [row for row in rows if row.id in seen] for mark, rows in same.items()}
    near_in_bank = {row.id: row for row in near_rows if row.id in seen}
    shown = {row.id for mark in marks for row in in_bank.get(mark, [])[:_MOST_TWINS]} | near_in_bank.keys()
    contents = {item_id: version.content for item_id, version in newest_versions(op.db, shown).items()}

    def stored(row: ItemRow) -> TwinShown:
        content = show_content(read_content(contents[row.id]))
        return TwinShown(position=None, item_id=row.id, content=content, fate=None, decision=Decision.UNSAID)

    def beside(one: Near) -> TwinShown | None:
        if one.position is not None:
            return _twin(near_in_file[one.position]) if one.position in near_in_file else None
        row = near_in_bank.get(one.item_id or 0)
        return None if row is None else stored(row)

    def twins(entry: Entry) -> list[TwinShown]:
        others = [_twin(other) for other in in_file.get(entry.mark, []) if other.position != entry.position]
        return others + [stored(row) for row in in_bank.get(entry.mark, [])[:_MOST_TWINS]]

    return [
        _entry(entry, twins(entry), [twin for one in entry.near if (twin := beside(one)) is not None])
        for entry in entries
    ]


def _twin(entry: Entry) -> TwinShown:
    return TwinShown(
        position=entry.position + 1,
        item_id=None,
        content=show_content(entry.item),
        fate=entry.fate,
        decision=entry.decision,
    )


def _entry(entry: Entry, twins: list[TwinShown], near: list[TwinShown]) -> EntryShown:
    return EntryShown(
        position=entry.position + 1,
        content=show_content(entry.item),
        key=key_text(entry.item),
        place_zh=entry.place_zh,
        place_en=entry.place_en,
        notes=[show_note(note) for note in entry.doubts],
        decision=entry.decision,
        fate=entry.fate,
        mended=entry.mended,
        valid=entry.valid,
        twins=twins,
        near=near,
    )
