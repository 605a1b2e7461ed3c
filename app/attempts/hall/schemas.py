"""What is given to and shown of the announcements of a room."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from app.attempts.hall.rules import LONGEST
from app.shapes import Done, Given, Key, Shown, one_line

Spoken = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST), AfterValidator(one_line)
]
"""Something said in a running exam: one paragraph."""


class AnnouncementGiven(Given):
    """公告: its words, and the announcement that it corrects, or with `withdraws` takes back."""

    words: Spoken
    replaces_id: Key | None = None
    withdraws: bool = False


class AnnouncementMade(Done):
    """`number` is what the pages count by; the place is where it was made."""

    exam_id: int
    sitting_id: int | None
    room_id: int | None
    number: int


class AnnouncementShown(Shown):
    """One announcement as everybody reads it; `replaced_by` is the number of the one that stands in its place."""

    id: int
    number: int
    words: str
    made_at: datetime
    reach: str
    """room, sitting or exam."""
    replaces: int | None
    """The number of the one that it corrects, or takes back."""
    withdraws: bool
    replaced_by: int | None


class AnnouncementReceived(AnnouncementShown):
    """The same with how far it has got: seats whose page has shown it, and the number of each seat that is there
    and has not (0 without a number)."""

    received: int
    missing: list[int]


class HallShown(Shown):
    """What is said to one candidate, the oldest first."""

    announcements: list[AnnouncementShown]
