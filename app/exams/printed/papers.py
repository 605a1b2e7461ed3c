"""准考证、门贴、桌签、签到表、考场记录表、资格联审表 as PDF, A4. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from question_bank.print.symbols import framed_photo, qr_code
from question_bank.print.typesetting import typeset

_HERE = Path(__file__).parent
_INK = "#1c1c1c"


class RoomPaper(StrEnum):
    """What is printed room by room."""

    DOOR = "door"
    LABELS = "labels"
    SIGN_IN = "sign_in"
    RECORD = "record"
    HANDOVER = "handover"


@dataclass(frozen=True)
class Heading:
    """What every sheet says of the exam: who holds it, its name, day and hours in words."""

    authority: str
    exam: str
    day: str
    hours: str


@dataclass(frozen=True)
class Ticket:
    """One admission ticket. `facts` are (term, value) in order, `granted` what was granted to the person; `photo` is a
    JPEG or None. The QR code holds the ticket number and nothing else: it identifies, it never authenticates."""

    name: str
    number: str
    room: str
    seat: str
    facts: tuple[tuple[str, str], ...]
    granted: str
    photo: bytes | None = None


@dataclass(frozen=True)
class Place:
    """One seat of a room as its papers name it."""

    seat: int
    name: str
    number: str
    unit: str
    masked: str
    form: str = ""
    """The number of the form, once there is one."""


@dataclass(frozen=True)
class RoomSheets:
    """One room: its name, its proctors, everybody who sits there by seat."""

    name: str
    remote: bool
    columns: int
    proctors: tuple[str, ...]
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Checked:
    """One row of the joint check list: person, unit, post, status, and whether every rule of eligibility says yes."""

    name: str
    gender: str
    masked: str
    unit: str
    post: str
    status: str
    entered: str
    """How the person came in: by the unit, by themselves, or by themselves and endorsed."""
    eligible: bool
    reason: str


def print_tickets(tickets: Sequence[Ticket], *, heading: Heading, rules: Sequence[str]) -> bytes:
    """The tickets as one PDF, a page each."""
    sheets: list[dict[str, Any]] = [
        {
            **asdict(ticket),
            "photo": None if ticket.photo is None else framed_photo(ticket.photo),
            "qr": qr_code(ticket.number, dark=_INK),
        }
        for ticket in tickets
    ]
    return typeset("ticket.typ", {**asdict(heading), "rules": [*rules], "tickets": sheets}, folder=_HERE)


def print_rooms(paper: RoomPaper, rooms: Sequence[RoomSheets], *, heading: Heading) -> bytes:
    """One kind of sheet for each of these rooms, as one PDF; each room begins on a page of its own."""
    return typeset(f"{paper.value}.typ", {**asdict(heading), "rooms": [asdict(room) for room in rooms]}, folder=_HERE)


def print_joint_list(rows: Sequence[Checked], *, heading: Heading, offices: Sequence[str]) -> bytes:
    """资格联审表: everybody, what the rules say, and a place for each office's opinion and stamp."""
    data = {**asdict(heading), "offices": [*offices], "rows": [asdict(row) for row in rows]}
    return typeset("joint.typ", data, folder=_HERE)
