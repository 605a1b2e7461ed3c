"""What goes into and comes out of changes of the register."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from app.people.changes.rules import ChangeAction, ChangeKind, ChangeState
from app.people.rules import Education, PoliticalStatus
from app.shapes import Given, Key, Line, OptionalLine, Prose, Shown

Short = Annotated[Line, StringConstraints(max_length=100)]
"""What the register keeps of a name or a post."""
Count = Annotated[int, Field(ge=0, le=10_000_000)]


class StatusGiven(Given):
    """A new political status, from the day on which it holds."""

    political_status: PoliticalStatus
    day: date


class PostGiven(Given):
    """The post that a person has taken up in their unit; who had left one is in post again."""

    post: Short
    day: date


class MoveGiven(Given):
    """The unit that a person has moved to, by its whole name, and the post there."""

    unit_name: Line
    new_post: Short
    day: date


class LeaveGiven(Given):
    """Why a person is no longer in post."""

    reason: Line
    day: date


class CorrectionGiven(Given):
    """What the register ought to have said all along, and what shows it."""

    name: Short
    education: Education
    reason: Line


class NumberGiven(Given):
    """The right ID number of a person, and what shows it."""

    id_number: Line
    reason: Line


class NewcomerGiven(Given):
    """A person who is to be entered, from the day on which they took up the post; `organisation` is the whole name of
    their party organisation, where it is in the register."""

    name: Short
    id_number: Line
    unit_id: Key
    organisation: OptionalLine = ""
    post: Short
    political_status: PoliticalStatus
    education: Education
    in_post: bool = False
    day: date
    reason: OptionalLine = ""


class ConfirmGiven(Given):
    """Of a filing that brings an ID number, that number, keyed from the card a second time."""

    id_number: OptionalLine = ""


class FiguresGiven(Given):
    """The headcount of a unit and the posts of its quota."""

    headcount: Count
    quota_posts: Count
    day: date
    reason: OptionalLine = ""


class ReturnGiven(Given):
    """Why a filing is returned; the unit sees it."""

    reason: Prose


class Written(Shown):
    """One column that a change writes; `before` and `after` in words of both languages."""

    label_zh: str
    label_en: str
    before_zh: str
    before_en: str
    after_zh: str
    after_en: str


class ChangeShown(Shown):
    """One change; `can` is what this person may do with it now."""

    id: int
    kind: ChangeKind
    kind_zh: str
    kind_en: str
    state: ChangeState
    person_id: int | None
    name: str
    """Of the person, in the register or to be entered, or of the unit whose figures change."""
    unit_id: int
    unit_name: str
    day: date
    due_on: date
    late: bool
    columns: list[Written]
    reason: str
    filed_by: str
    filed_at: datetime
    settled_by: str
    remark: str
    can: list[ChangeAction]
    keyed_again: bool
    """Whether confirming it asks for the ID number."""


class ChangesShown(Shown):
    """A page of changes, and the filter that made it."""

    changes: list[ChangeShown]
    state: str
    filed_in_all: int
    next_before: int


class FoundLine(Shown):
    """A person whose change can be filed."""

    person_id: int
    name: str
    id_number_masked: str
    unit_id: int
    unit_name: str
    post: str
    in_post: bool


class FoundShown(Shown):
    """The persons of my units, a page of them."""

    persons: list[FoundLine]
    search: str
    next_after: str | None


class PersonChangesShown(FoundLine):
    """One person, what the register says that can change, and every change of theirs that I may see."""

    today: date
    political_status: PoliticalStatus
    education: Education
    statuses: list[tuple[str, str, str]]
    educations: list[tuple[str, str, str]]
    """Value, Chinese, English of every choice."""
    units: list[str]
    changes: list[ChangeShown]
    may_file: bool


class NewcomerShown(Shown):
    """What a filing of a new person chooses from."""

    today: date
    units: list[tuple[int, str]]
    """Id and name of each unit from which one may file."""
    organisations: list[str]
    statuses: list[tuple[str, str, str]]
    educations: list[tuple[str, str, str]]


class UnitChangesShown(Shown):
    """One unit with its figures, the rule for its quota, and every change of them."""

    unit_id: int
    unit_name: str
    headcount: int
    quota_posts: int
    today: date
    changes: list[ChangeShown]
    may_file: bool
