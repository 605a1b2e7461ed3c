"""What goes into and comes out of retention."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.retention.rules import Fate, ListState, TermsState
from app.retention.rules.classes import MOST_DAYS, RecordClass
from app.shapes import Given, OptionalProse, Prose, Shown

Days = Annotated[int, Field(ge=0, le=MOST_DAYS)]


class TermsGiven(Given):
    """How many days each class is kept, and why."""

    days: Annotated[dict[RecordClass, Days], Field(max_length=len(RecordClass), default_factory=dict)]
    reason: Prose


class ListGiven(Given):
    """The class of which a list is drawn up."""

    record_class: RecordClass


class ReasonGiven(Given):
    """Why something is declined."""

    reason: Prose


class HoldShown(Shown):
    """What stops the destruction of how many that are due otherwise."""

    zh: str
    en: str
    count: int


class ClassLine(Shown):
    """One class: its words, its term in force and where it comes from, how much is due, what holds it. `days` and `due`
    are None for what is kept for good."""

    record_class: RecordClass
    zh: str
    en: str
    what_zh: str
    what_en: str
    counted_zh: str
    counted_en: str
    days: int | None
    least: int
    source_zh: str
    source_en: str
    due: int | None
    held: list[HoldShown]
    list_id: int | None
    """The list that waits, where there is one."""
    may_draw_up: bool


class TermsLine(Shown):
    """One set of terms."""

    id: int
    state: TermsState
    number: int | None
    in_force: bool
    reason: str
    remark: str
    proposed_by: str
    proposed_at: datetime
    settled_by: str
    settled_at: datetime | None


class ListLine(Shown):
    """One destruction list."""

    id: int
    record_class: RecordClass
    zh: str
    en: str
    state: ListState
    subjects: int
    rows: int
    drawn_up_by: str
    drawn_up_at: datetime
    finished_at: datetime | None


class LastingLine(Shown):
    """Tables that no list touches, and why."""

    zh: str
    en: str
    why_zh: str
    why_en: str


class RetentionShown(Shown):
    """The classes, the versions of their terms, the lists, what is in none of them."""

    number: int
    classes: list[ClassLine]
    terms: list[TermsLine]
    lists: list[ListLine]
    lasting: list[LastingLine]
    may_propose: bool


class TermShown(Shown):
    """The term of one class in a set of terms, beside the one in force."""

    record_class: RecordClass
    zh: str
    en: str
    counted_zh: str
    counted_en: str
    least: int
    usual: int
    source_zh: str
    source_en: str
    before: int
    days: int


class TermsFormShown(Shown):
    """What the form of new terms needs, filled in as they are now."""

    classes: list[TermShown]
    most: int


class TermsShown(TermsLine):
    """One set of terms, beside the one in force."""

    classes: list[TermShown]
    may_settle: bool


class FateShown(Shown):
    """What became of how many subjects, and rows of theirs."""

    fate: Fate
    subjects: int
    rows: int


class EntryShown(Shown):
    """One entry of a list: whose records, how many, their digest."""

    holding: str
    subject_zh: str
    subject_en: str
    subject_id: int
    rows: int
    digest: str
    fate: Fate


class ListShown(ListLine):
    """One destruction list, with the first of its entries."""

    what_zh: str
    what_en: str
    terms_number: int
    days: int
    counted_until: datetime
    list_hash: str
    approved_by: str
    approved_at: datetime | None
    approved_again_by: str
    approved_again_at: datetime | None
    declined_by: str
    declined_at: datetime | None
    remark: OptionalProse
    fates: list[FateShown]
    entries: list[EntryShown]
    may_approve: bool
    may_decline: bool
