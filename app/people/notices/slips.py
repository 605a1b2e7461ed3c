"""通知单: notices as PDF, A4, each with a receipt to tear off. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from question_bank.print.typesetting import typeset

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Slip:
    """One notice: its number, for whom, of which unit, of which day, and what it says."""

    number: int
    name: str
    unit: str
    day: str
    title: str
    text: str


def print_slips(slips: Sequence[Slip], *, authority: str, day: str) -> bytes:
    """The notices as one PDF, three to a page; `day` is that of printing, in words."""
    return typeset(
        "slips.typ", {"authority": authority, "day": day, "slips": [asdict(slip) for slip in slips]}, folder=_HERE
    )
