"""What goes into and comes out of exams."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.exams.eligibility import EligibilityRule
from app.exams.integrity import Integrity
from app.exams.make_ups.rules import Cause
from app.exams.registering.rules import RegistrationWay
from app.exams.rules import (
    ExamAction,
    ExamState,
    ListState,
    Phase,
    RegistrationAction,
    RegistrationState,
    RowOutcome,
)
from app.shapes import Given, Key, Line, Moment, Prose, Shown
from question_bank.items import Level

Minutes = Annotated[int, Field(ge=0, le=600)]


class ReasonGiven(Given):
    """Why; kept for good."""

    reason: Prose


class RoomGiven(Given):
    """A room."""

    name: Annotated[Line, Field(max_length=100)]
    capacity: Annotated[int, Field(ge=1, le=5000)]
    remote: bool = False
    columns: Annotated[int, Field(ge=1, le=50)] = 6
    separate: bool = False


class ExamGiven(Given):
    """An exam as planned; a moment without a zone is Beijing time."""

    name: Line
    blueprint_id: Key
    registration_opens_at: Moment
    registration_closes_at: Moment
    starts_at: Moment
    ends_at: Moment
    duration_minutes: Annotated[int, Field(ge=1, le=600)]
    late_entry_minutes: Minutes = 30
    earliest_hand_in_minutes: Minutes = 30
    reserve_forms: Annotated[int, Field(ge=0, le=500)] = 10
    reserve_set: bool = False
    lockdown: bool = False
    integrity: Integrity = Integrity.STANDARD
    rooms: Annotated[list[RoomGiven], Field(max_length=100, default_factory=list)]
    way: RegistrationWay = RegistrationWay.UNIT
    endorsement_closes_at: Moment | None = None
    makes_up_for: Key | None = None


class ProctorGiven(Given):
    """The proctor's account."""

    account_id: Key


class PersonGiven(Given):
    """A person by name and ID number."""

    name: Line
    id_number: Line


class LateGiven(PersonGiven):
    """A person who joins after sealing, and why."""

    reason: Prose


class ConfirmGiven(Given):
    """Registrations to confirm, all or none."""

    registration_ids: Annotated[list[Key], Field(max_length=2000, default_factory=list)]


class CommitGiven(Given):
    """Consent to leaving out this many rows: 0 asks for all or nobody."""

    left_out: Annotated[int, Field(ge=0, le=100_000)]


class ChoiceShown(Shown):
    """Something to choose."""

    id: int
    name: str


class ExamListed(Shown):
    """A line of the list of exams."""

    id: int
    name: str
    level: Level
    state: ExamState
    phase: Phase | None
    registration_opens_at: datetime
    registration_closes_at: datetime
    starts_at: datetime
    ends_at: datetime


class ExamsShown(Shown):
    """Every exam that this person may see."""

    exams: list[ExamListed]
    may_write: bool


class ProctorShown(Shown):
    """A proctor of a room."""

    account_id: int
    name: str


class RoomShown(Shown):
    """A room; proctors only for who runs the exam."""

    id: int
    name: str
    capacity: int
    columns: int
    remote: bool
    separate: bool
    seated: int
    proctors: list[ProctorShown]


class NeedShown(Shown):
    """A line of a checklist."""

    zh: str
    en: str
    met: bool


class SealShown(Shown):
    """What is public of a sealed exam: nothing of it tells a form before the seed is disclosed."""

    draw_version: str

    sealed_at: datetime | None
    seed_commitment: str | None
    pool_hash: str | None
    forms_hash: str | None
    seed_disclosed: str | None
    reserve_left: int | None
    reserve_set_forms: int | None
    """How many forms the reserve set has, and how many of them were given out; empty for units."""
    reserve_set_used: int | None


class ExamShown(ExamListed):
    """One exam. `can` is what this person may do with it now; checklists, proctors and remark are for officers and
    approvers, empty for units."""

    duration_minutes: int
    late_entry_minutes: int
    earliest_hand_in_minutes: int
    reserve_forms: int
    reserve_set: bool
    lockdown: bool
    integrity: Integrity
    blueprint_id: int | None
    blueprint_name: str
    item_count: int
    maximum_hundredths: int
    cut_score_hundredths: int
    way: RegistrationWay
    endorsement_closes_at: datetime | None
    makes_up_for: int | None
    original_name: str
    applied: int
    registered: int
    confirmed: int
    rooms: list[RoomShown]
    checklist: list[NeedShown]
    has_fairness: bool
    seal: SealShown | None
    remark: str
    can: list[ExamAction]
    proctors: list[ChoiceShown]


class ExamFormShown(Shown):
    """What the form of an exam needs."""

    id: int | None
    blueprints: list[ChoiceShown]
    originals: list[ChoiceShown]
    values: dict[str, str]


class AnswerShown(Shown):
    """The answer of one rule of eligibility, with the rule's words."""

    rule: EligibilityRule
    rule_zh: str
    rule_en: str
    yes: bool
    zh: str
    en: str
    from_day: str | None


class RegistrationListed(Shown):
    """A line of the list of registrations; `can` is what this person may do to it now."""

    id: int
    person_name: str
    id_number_masked: str
    unit_name: str
    state: RegistrationState
    eligible: bool
    remark: str
    ticket_number: str | None
    room_name: str | None
    seat: int | None
    registered_at: datetime
    can: list[RegistrationAction]


class RegistrationsShown(Shown):
    """A page of the registrations of an exam that this person may see."""

    exam_id: int
    exam_name: str
    exam_state: ExamState
    phase: Phase
    registration_closes_at: datetime
    counts: dict[RegistrationState, int]
    rows: list[RegistrationListed]
    state: str
    next_after: int | None
    may_register: bool


class OriginalShown(Shown):
    """What a registration for a make-up exam makes up for, and what entitles to it."""

    exam_id: int
    exam_name: str
    registration_id: int
    cause: Cause
    cause_zh: str
    cause_en: str


class RegistrationShown(RegistrationListed):
    """One registration with every rule's answer, and whether this person may send the photograph."""

    exam_id: int
    exam_name: str
    makes_up: OriginalShown | None
    answers: list[AnswerShown]
    may_photograph: bool


class RowShown(Shown):
    """A row of a list, and what would become of it."""

    row: int
    name: str
    masked: str
    outcome: RowOutcome
    zh: str
    en: str


class ListShown(Shown):
    """A list after its dry run: who would be registered, and who would be left out and why."""

    id: int
    exam_id: int
    exam_name: str
    state: ListState
    file_name: str
    good: int
    left_out: int
    rows: list[RowShown]
