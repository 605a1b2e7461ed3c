"""The record of a breach, and the letters to the person, as PDF, A4. Pure."""

from dataclasses import asdict, dataclass
from pathlib import Path

from question_bank.print.typesetting import typeset

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Record:
    """违纪违规情况记录. `facts` are (term, value) in order; `candidate` is empty where the candidate did not sign with
    their own account, then the paper has a line to sign on, and so for each of two `witnesses`."""

    authority: str
    exam: str
    number: str
    facts: tuple[tuple[str, str], ...]
    category: str
    account: str
    evidence: str
    ended: bool
    reporter: str
    candidate: str
    witnesses: tuple[str, ...]


@dataclass(frozen=True)
class Letter:
    """告知书 or 处理决定书: `body` by paragraphs, `on` its date in words."""

    authority: str
    title: str
    number: str
    addressee: str
    body: tuple[str, ...]
    on: str
    reference: str


def print_record(record: Record) -> bytes:
    """The record as one PDF."""
    return typeset("record.typ", asdict(record), folder=_HERE)


def print_letter(letter: Letter) -> bytes:
    """The letter as one PDF, with the place of the stamp."""
    return typeset("letter.typ", asdict(letter), folder=_HERE)
