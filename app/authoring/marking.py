"""What was read of a file, as a workbook to mend: doubtful cells coloured, each with the reason and its place. Pure."""

from collections.abc import Sequence

from app.authoring.reading import Entry, Note
from question_bank.formats import Problem
from question_bank.formats.writers.workbook import Marked, mark_doubts
from question_bank.wording import Wording


def mark_entries(entries: Sequence[Entry], told: Sequence[Note], *, english: bool) -> bytes:
    """The .xlsx file of these items; what was refused or lost (`told`) stands among its notes."""
    marked = [
        Marked(
            entry.item,
            Wording(entry.place_zh, entry.place_en),
            tuple((doubt.code, Wording(doubt.zh, doubt.en)) for doubt in entry.doubts),
        )
        for entry in entries
    ]
    return mark_doubts(marked, map(_told, told), english=english)


def _told(note: Note) -> Problem:
    zh, en = f"{note.place_zh} {note.zh}".strip(), f"{note.place_en} {note.en}".strip()
    return Problem(note.code, zh, en)
