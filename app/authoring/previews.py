"""The preview of an import: one page of its items with what will become of each, and the figures of the whole."""

from collections import Counter
from collections.abc import Callable

from app.authoring.models import BankImport
from app.authoring.queries import read_content
from app.authoring.queries.items import newest_versions, stems_of
from app.authoring.reading import (
    Decision,
    Entry,
    Fate,
    Reading,
    groups_of,
    identical_marks,
    item_problems,
)
from app.authoring.rules import ImportState
from app.authoring.schemas import EntryShown, ImportJobShown, ImportShown, TwinShown
from app.authoring.service.import_jobs import job_of
from app.authoring.service.imports import Outlook, look_ahead
from app.authoring.views import names_of, show_content, show_note
from app.authoring.writing import key_text
from app.jobs.rules import LIVING, JobState
from app.operation import Operation

SHOWS = ("all", "open", "doubtful", "duplicates", "taken", "left")
_EMPTY = Reading((), (), ())


def preview(op: Operation, found: BankImport, *, bank_name: str, show: str, after: int, size: int) -> ImportShown:
    """The page of an import; the items themselves are shown while it is not settled."""
    open_still = found.state is ImportState.CHECKED
    ahead = look_ahead(op, found) if open_still else Outlook(_EMPTY, [], {}, [])
    reading = ahead.reading
    groups = groups_of(ahead.marks)
    show = show if show in SHOWS else "all"
    wanted = [at for at in _narrowed(ahead, groups, show) if at >= after]
    topics = Counter(" / ".join(entry.item.topic) for entry in reading.entries)
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
        fates={fate: ahead.fates.count(fate) for fate in Fate},
        topics=dict(topics),
        duplicate_groups=len(groups),
        identical_groups=len(groups_of(identical_marks(reading))),
        level=reading.level,
        difficulty=reading.difficulty,
        duplicates=reading.duplicates,
        show=show,
        entries=_entries(op, ahead, wanted[:size], groups),
        next_after=wanted[size - 1] + 1 if len(wanted) > size else None,
        refused=[show_note(note) for note in reading.refused],
        lost=[show_note(note) for note in reading.lost],
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


def _narrowed(ahead: Outlook, groups: list[list[int]], show: str) -> list[int]:
    """The positions that `show` narrows to; of duplicates the first of each group, which shows the others."""
    entries = ahead.reading.entries
    if show == "duplicates":
        later = {at for group in groups for at in group[1:]}
        heads = {group[0] for group in groups} | {at for at, mark in enumerate(ahead.marks) if mark in ahead.in_bank}
        return sorted(heads - later)
    keep: dict[str, Callable[[int], bool]] = {
        "all": lambda _: True,
        "open": lambda at: ahead.fates[at] is Fate.OPEN,
        "doubtful": lambda at: bool(entries[at].doubts) or entries[at].mended,
        "taken": lambda at: ahead.fates[at] is Fate.TAKEN,
        "left": lambda at: ahead.fates[at] in {Fate.LEFT_OUT, Fate.REPEATED, Fate.IN_BANK},
    }
    return [at for at in range(len(entries)) if keep[show](at)]


def _entries(op: Operation, ahead: Outlook, positions: list[int], groups: list[list[int]]) -> list[EntryShown]:
    group_of = {at: group for group in groups for at in group}
    stored = {row.id for at in positions for row in ahead.in_bank.get(ahead.marks[at], [])}
    seen = stems_of(op.db, op.actor, stored)
    in_bank = {at: [row for row in ahead.in_bank.get(ahead.marks[at], []) if row.id in seen] for at in positions}
    versions = newest_versions(op.db, {row.id for rows in in_bank.values() for row in rows})

    def twins(at: int) -> list[TwinShown]:
        in_file = [
            TwinShown(
                position=other + 1,
                item_id=None,
                content=show_content(ahead.reading.entries[other].item),
                fate=ahead.fates[other],
                decision=ahead.reading.entries[other].decision,
            )
            for other in group_of.get(at, [])
            if other != at
        ]
        stored = [
            TwinShown(
                position=None,
                item_id=row.id,
                content=show_content(read_content(versions[row.id].content)),
                fate=None,
                decision=Decision.UNSAID,
            )
            for row in in_bank[at]
        ]
        return in_file + stored

    return [_entry(at, ahead.reading.entries[at], ahead.fates[at], twins(at)) for at in positions]


def _entry(at: int, entry: Entry, fate: Fate, twins: list[TwinShown]) -> EntryShown:
    return EntryShown(
        position=at + 1,
        content=show_content(entry.item),
        key=key_text(entry.item),
        place_zh=entry.place_zh,
        place_en=entry.place_en,
        notes=[show_note(note) for note in entry.doubts],
        decision=entry.decision,
        fate=fate,
        mended=entry.mended,
        valid=not item_problems(entry.item),
        twins=twins,
    )
