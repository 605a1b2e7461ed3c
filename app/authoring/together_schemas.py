"""What acts on many items take and show."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from app.authoring.assignment_schemas import ReviewerShown
from app.authoring.rules import Confidentiality
from app.authoring.rules.together import DONE_AT_ONCE, BulkState, TogetherAct
from app.authoring.schemas import TopicShown
from app.shapes import Given, Key, OptionalLine, OptionalProse, Shown


class OwnGiven(Given):
    """The items of one's own, whatever their banks, and what to do with them; retiring needs a reason."""

    item_ids: Annotated[list[Key], Field(min_length=1, max_length=DONE_AT_ONCE)]
    act: TogetherAct
    reason: OptionalProse = ""


class TogetherGiven(Given):
    """The items, and what to do with them: those named, or, where none is, all that the filter `query` (as in the
    address of the list) finds, of which there were `seen`. Each act says which of the other fields it needs."""

    act: TogetherAct
    item_ids: Annotated[list[Key], Field(max_length=500, default_factory=list)]
    query: Annotated[str, StringConstraints(max_length=2000)] = ""
    seen: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    reason: OptionalProse = ""
    reviewer_id: Key | None = None
    reviewer_ids: Annotated[list[Key], Field(max_length=100, default_factory=list)]
    due_on: date | None = None
    tag: OptionalLine = ""
    topic_id: Key | None = None
    confidentiality: Confidentiality | None = None


class StayedShown(Shown):
    """An item that stays as it is, and why; its stem is empty where the actor may not look into it."""

    id: int
    stem_start: str
    zh: str
    en: str


class OwnDone(Shown):
    """How many items were dealt with, and those that were not."""

    act: TogetherAct
    done: list[int]
    stayed: list[StayedShown]


class ChoosingShown(Shown):
    """What may be done to the chosen items, or to all that a filter finds (`item_ids` is empty then)."""

    bank_id: int
    bank_name: str
    item_ids: list[int]
    query: str
    found: int
    acts: list[TogetherAct]
    reviewers: list[ReviewerShown]
    topics: list[TopicShown]
    tags: list[str]


class BulkShown(Shown):
    """An act on many items: how far it is, and what stayed as it was (the first 200 of `stayed_count`)."""

    id: int
    bank_id: int
    bank_name: str
    act: TogetherAct
    state: BulkState
    total: int
    position: int
    done: int
    stayed_count: int
    stayed: list[StayedShown]
    asked_at: datetime
    running: bool
    broken_zh: str
    broken_en: str
