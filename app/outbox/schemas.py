"""What goes into and comes out of an inbox."""

from datetime import date, datetime

from app.shapes import Given, Key, Shown


class ReadGiven(Given):
    """Everything up to here was seen."""

    newest: Key


class MessageShown(Shown):
    """One message in both languages; `href` is where it leads, `receipt_on` when the person signed for its print."""

    id: int
    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    href: str
    created_at: datetime
    read_at: datetime | None
    printed_at: datetime | None
    receipt_on: date | None


class InboxShown(Shown):
    """An inbox: what was not read yet, then a page of what was."""

    unread: int
    new: list[MessageShown]
    read: list[MessageShown]
    next_before: int | None
