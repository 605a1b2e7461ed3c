"""What was read of a file, as a workbook to mend: doubtful cells coloured, each with the reason and its place. Pure."""

from app.authoring.reading import Decision, Note, Reading
from question_bank.formats import Problem
from question_bank.formats.writers.workbook import Marked, mark_doubts
from question_bank.wording import Wording


def mark_reading(reading: Reading, *, english: bool) -> bytes:
    """The .xlsx file. Items that the author has left out are not in it; what was refused stands among its notes."""
    entries = [
        Marked(
            entry.item,
            Wording(entry.place_zh, entry.place_en),
            tuple((doubt.code, Wording(doubt.zh, doubt.en)) for doubt in entry.doubts),
        )
        for entry in reading.entries
        if entry.decision is not Decision.LEAVE
    ]
    return mark_doubts(entries, map(_told, (*reading.refused, *reading.lost)), english=english)


def _told(note: Note) -> Problem:
    zh, en = f"{note.place_zh} {note.zh}".strip(), f"{note.place_en} {note.en}".strip()
    return Problem(note.code, zh, en)
