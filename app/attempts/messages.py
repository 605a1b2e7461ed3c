"""What the hot routes read and write: msgspec structs, strict. Unknown fields, floats, texts for numbers are refused.

A moment is ISO 8601 in UTC. Numbers stay within what both databases and a browser hold exactly.
"""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from question_bank.kinds.short_answer import LONGEST_RESPONSE
from question_bank.kinds.written import LONGEST_ENTRY

_EXACT = 2**53 - 1

Whole = Annotated[int, Meta(ge=1, le=_EXACT)]
Short = Annotated[str, Meta(min_length=1, max_length=64)]


_Given = (
    Annotated[
        list[Annotated[int, Meta(ge=0, le=1000)] | Annotated[str, Meta(max_length=LONGEST_ENTRY)] | None],
        Meta(max_length=100),
    ]
    | Annotated[str, Meta(max_length=LONGEST_RESPONSE)]
)
"""Wide enough for a response to any type; what may be said at a position, its kind knows."""


class Change(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One response of one position; `revision` counts up per position on the candidate's page."""

    position: Annotated[int, Meta(ge=1, le=1000)]
    revision: Whole
    response: _Given
    epoch: Annotated[int, Meta(ge=1, le=2**31 - 1)]


class SavesGiven(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A save: 1 to 50 changes, kept all or not at all."""

    changes: Annotated[list[Change], Meta(min_length=1, max_length=50)]


class TicketGiven(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """准考证号 and the code from the proctor's board."""

    ticket_number: Short
    code: Short


class StartGiven(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which registration's attempt; `sealed` is the mark of the envelope that the page holds already, or empty."""

    registration_id: Whole
    sealed: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""


class TakeOverGiven(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The proctor's release, where it is needed."""

    code: Annotated[str, Meta(max_length=64)] = ""


class HandInGiven(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The epoch in which the hand-in was made."""

    epoch: Annotated[int, Meta(ge=1, le=2**31 - 1)]


class Result(msgspec.Struct, frozen=True):
    """What is told of one change; the receipt is that of revision `newest`."""

    position: int
    revision: int
    status: str
    newest: int
    at: datetime
    receipt: str


class SavesShown(msgspec.Struct, frozen=True):
    """The acknowledgement of a save."""

    now: datetime
    deadline_at: datetime
    results: list[Result]


class TimeShown(msgspec.Struct, frozen=True):
    """The server's time, and how the attempt stands. While `paused` the deadline moves with the time."""

    now: datetime
    deadline_at: datetime
    state: str
    epoch: int
    writing: bool
    paused: bool
    announced: int
    """The number of the newest announcement to one's room; 0 where there is none."""
    turns: int
    """How often one's raised hands have moved."""


class TicketShown(msgspec.Struct, frozen=True):
    """Whose session was opened, and where to go."""

    registration_id: int
    exam_id: int
    next: str


class SavedResponse(msgspec.Struct, frozen=True):
    """A stored response, for going on after a reload."""

    position: int
    revision: int
    response: msgspec.Raw
    at: datetime


class AttemptShown(msgspec.Struct, frozen=True):
    """An attempt as its candidate sees it; `view` only with a start or a take-over, `responses` only where this
    session writes. Who holds the sealed form is given, in place of the view, the hash of the form and the key to it
    (base64url)."""

    attempt_id: int
    state: str
    phase: str
    epoch: int
    writing: bool
    now: datetime
    started_at: datetime
    deadline_at: datetime
    paused: bool
    hand_in_from: datetime
    closed_at: datetime | None
    closing: str | None
    receipt_code: str | None
    view: msgspec.Raw | None
    responses: list[SavedResponse]
    form_hash: str | None = None
    form_key: str | None = None
    file_pass: str | None = None
    """What the page puts into a response file; with the key, for the sealed page cannot know it."""


class HandInShown(msgspec.Struct, frozen=True):
    """The end, with the short code that the candidate may write down."""

    attempt_id: int
    state: str
    closed_at: datetime
    closing: str
    receipt_code: str
    answered: int
