"""The record of a room as PDF, A4. Pure."""

from dataclasses import asdict, dataclass
from pathlib import Path

from question_bank.print.typesetting import typeset

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class RecordPaper:
    """考场记录表, or an addition to it. `rows` are (term, paragraphs) in order; `signatures` the words of those who
    signed with their accounts, and lines to sign on for the others."""

    authority: str
    title: str
    exam: str
    reference: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    signatures: tuple[str, ...]
    content_hash: str


def print_paper(paper: RecordPaper) -> bytes:
    """The paper as one PDF."""
    return typeset("record.typ", asdict(paper), folder=_HERE)
