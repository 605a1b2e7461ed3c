"""What goes into and comes out of printed notices."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.outbox.paper.rules import PaperState
from app.shapes import Given, Key, Shown

Chosen = Annotated[list[Key], Field(min_length=1, max_length=300)]


class PrintGiven(Given):
    """The notices to print, in one paper."""

    message_ids: Chosen


class ReceiptsGiven(Given):
    """The notices whose receipts came back, and the day on which they were signed."""

    message_ids: Chosen
    day: date


class NoticeShown(Shown):
    """One notice as whoever prints it sees it; `read` where the person has read it on a screen meanwhile."""

    id: int
    person_id: int
    name: str
    unit_name: str
    title_zh: str
    title_en: str
    created_at: datetime
    read: bool
    printed_at: datetime | None
    receipt_on: date | None


class NoticesShown(Shown):
    """A page of notices in one state, and the filters that made it."""

    notices: list[NoticeShown]
    state: PaperState
    search: str
    waiting_in_all: int
    today: date
    next_before: int
