"""What is given to and shown of what is said in a room: announcements, hands, replies."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from app.attempts.hall.rules import LONGEST, FaultDecision, HandKind, HandState, ItemFault
from app.shapes import Done, Given, Key, Line, OptionalLine, Prose, Shown, one_line

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


class HandGiven(Given):
    """举手: why, about which item, and words of one's own."""

    kind: HandKind
    position: Annotated[int, Field(ge=1, le=1000)] | None = None
    words: OptionalLine = ""


class HandShown(Shown):
    """One's own hand, with what the proctor says to it; `reply_en` is empty where those are words of their own."""

    id: int
    kind: HandKind
    position: int | None
    state: HandState
    turn: int
    raised_at: datetime
    reply_zh: str
    reply_en: str


class HandLine(Shown):
    """A hand that is up, as the proctor sees it."""

    id: int
    registration_id: int
    candidate_name: str
    seat: int | None
    kind: HandKind
    position: int | None
    words: str
    state: HandState
    raised_at: datetime


class ReplyGiven(Given):
    """A canned reply, or words of one's own."""

    canned_id: Key | None = None
    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(one_line)] = ""


class HandDone(Done):
    """What became of a hand."""

    room_id: int
    state: HandState


class CannedReplyGiven(Given):
    """常用答复 in both languages."""

    zh: Line
    en: Line


class CannedReplyShown(Shown):
    """One canned reply."""

    id: int
    zh: str
    en: str


class CannedRepliesShown(Shown):
    """常用答复 in use; `keeps`: the actor may add and retire them."""

    replies: list[CannedReplyShown]
    keeps: bool


class ItemReportGiven(Given):
    """A faulty item: its number on one's own form, and what is wrong."""

    position: Annotated[int, Field(ge=1, le=1000)]
    fault: ItemFault
    words: OptionalLine = ""


class FaultCount(Shown):
    """How many candidates found the same fault."""

    fault: ItemFault
    count: int


class ReportedItem(Shown):
    """One reported item of an exam; nothing of who reported it. `settled`: its thread in the bank is."""

    item_version_id: int
    item_id: int
    version: int
    reports: int
    faults: list[FaultCount]
    words: list[str]
    first_at: datetime
    settled: bool
    decision: FaultDecision | None
    reason: str
    decided_by: str
    decided_at: datetime | None


class ItemReportsShown(Shown):
    """The reported items of an exam, those without a decision first; `decides`: the actor may decide."""

    exam_id: int
    exam_name: str
    items_reported: list[ReportedItem]
    decides: bool


class FaultDecisionGiven(Given):
    """What becomes of a reported item, and why."""

    decision: FaultDecision
    reason: Prose


class HallShown(Shown):
    """What is said to one candidate, the oldest first; `turns` counts the moves of the own hands."""

    announcements: list[AnnouncementShown]
    hands: list[HandShown]
    turns: int
