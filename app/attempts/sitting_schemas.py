"""What the candidate's pages show: the door of an exam, the paper behind it, the list of one's own exams."""

from datetime import datetime
from enum import StrEnum

from app.attempts.schemas import Entrance
from app.authoring.asking_schemas import ItemAsked, WordingShown
from app.shapes import Shown


class Step(StrEnum):
    """What a candidate finds at the door; computed from the entrance, never stored."""

    BROWSER = "browser"
    NOT_OPEN = "not_open"
    WAITING = "waiting"
    READY = "ready"
    CHECK_IN = "check_in"
    ENTRY_OVER = "entry_over"
    MISSED = "missed"
    ELSEWHERE = "elsewhere"
    WRITING = "writing"
    COLLECTING = "collecting"
    CLOSED = "closed"
    ON_PAPER = "on_paper"


class ItemShown(ItemAsked):
    """An item with what is stored of the response to it: `revision` is 0 where there is none."""

    revision: int
    saved_at: datetime | None


class SectionShown(Shown):
    """大题 as displayed."""

    title: str
    points_hundredths: int
    items_shown: list[ItemShown]


class PaperShown(Shown):
    """One's own form with what is stored; only after one's own start (P15), and nothing of the key (P14)."""

    attempt_id: int
    epoch: int
    deadline_at: datetime
    hand_in_from: datetime
    now: datetime
    item_count: int
    responded: int
    current: int
    sections: list[SectionShown]


class FileLock(Shown):
    """What a page shuts a response file with: the exam's public key, and the pass of its own attempt."""

    key: str
    file_pass: str


class DeclarationShown(Shown):
    """诚信承诺: the words that are asked now, and when the candidate made it."""

    version: int
    text: WordingShown
    accepted_at: datetime | None


class BrowserShown(Shown):
    """考试浏览器 of an exam: the page's own path in this session, and where the browser is opened, checked and left:
    empty where the exam has no settings."""

    path: str
    open_href: str
    check_href: str
    quit_href: str


class DoorShown(Shown):
    """The door of an exam. `paper` where this session may write; `answered` once the attempt is closed."""

    step: Step
    entrance: Entrance
    paper: PaperShown | None
    answered: int | None
    declaration: DeclarationShown
    lock: FileLock
    browser: BrowserShown | None


class EarlyForm(DoorShown):
    """The paper before the start, to be sealed; `pictures` are data addresses by hash."""

    form_hash: str
    pictures: dict[str, str]


class SittingLine(Shown):
    """One of the candidate's own exams."""

    exam_id: int
    exam_name: str
    ticket_number: str
    room_name: str
    seat: int | None
    remote: bool
    starts_at: datetime
    ends_at: datetime
    duration_minutes: int
    extra_minutes: int
    state: str
    """absent, running or closed."""


class SittingsShown(Shown):
    """The candidate's own exams, the next first."""

    sittings: list[SittingLine]
