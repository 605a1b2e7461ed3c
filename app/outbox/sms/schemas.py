"""What goes into and comes out of the page of short messages: no number, no name, no text."""

from datetime import datetime

from app.shapes import Given, Key, Shown


class SendAgainGiven(Given):
    """Which messages: those given up from `first` to `last`, both inside."""

    first: Key
    last: Key


class FailedShown(Shown):
    """A short message that was given up, and why."""

    id: int
    person_id: int
    created_at: datetime
    attempts: int
    why_zh: str
    why_en: str


class SmsShown(Shown):
    """Whether short messages are set up, how many wait, how many were given up, and the oldest of those."""

    on: bool
    waiting: int
    failed: int
    messages: list[FailedShown]


class SentAgain(Shown):
    """How many messages are sent again."""

    count: int
