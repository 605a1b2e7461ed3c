"""What goes into and comes out of the routes of certificates."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.certificates.rules import (
    ActState,
    BatchState,
    CertificateAction,
    CertificateState,
    Condition,
    Ground,
    Standing,
)
from app.certificates.way import Stage, StageState, Word
from app.shapes import Given, Key, Line, Prose, Shown
from question_bank.items import Level


class BatchGiven(Given):
    """A batch as the officer proposes it."""

    document_number: Line
    case_ids: Annotated[list[Key], Field(min_length=1, max_length=2000)]


class ReasonGiven(Given):
    """Why something is sent back."""

    reason: Prose


class ActGiven(Given):
    """A step upon a certificate, and why."""

    action: CertificateAction
    reason: Prose


class CertificateLineShown(Shown):
    """A certificate on a list."""

    id: int
    number: str
    name: str
    unit_name: str
    level: Level
    standing: Standing
    issued_at: datetime
    valid_until: date
    """The last day of validity."""


class CertificatesShown(Shown):
    """A page of certificates; `next_before` continues the list, 0 where it ends."""

    certificates: list[CertificateLineShown]
    search: str
    state: CertificateState | None
    ending: bool
    """Whether only those are listed that end within the longest term of warning."""
    next_before: int
    waiting_acts: list["ActLineShown"]


class EndingShown(Shown):
    """A certificate that ends soon; `valid_until` is its last valid day."""

    person_id: int
    name: str
    unit_name: str
    number: str
    level: Level
    valid_until: date
    days_left: int


class EndingsShown(Shown):
    """A page of certificates that end within `days`; `next_after` continues the list, 0 where it ends."""

    endings: list[EndingShown]
    days: int
    next_after: int


class ActLineShown(Shown):
    """An act that waits for a second person."""

    id: int
    certificate_id: int
    number: str
    name: str
    action: CertificateAction
    proposed_at: datetime
    proposed_by_me: bool


class ActShown(Shown):
    """What was proposed and done upon a certificate."""

    id: int
    action: CertificateAction
    state: ActState
    reason: str
    proposed_by: str
    proposed_at: datetime
    settled_by: str
    settled_at: datetime | None
    proposed_by_me: bool


class CertificateShown(Shown):
    """One certificate as staff see it; `possible` are the steps that the reader may propose, `settles` says whether
    they may settle one."""

    id: int
    number: str
    check_code: str
    name: str
    id_number_masked: str
    unit_name: str
    level: Level
    ground: Ground
    standing: Standing
    moved_at: datetime
    issued_at: datetime
    valid_until: date
    batch_id: int | None
    acts: list[ActShown]
    possible: list[CertificateAction]
    waiting: bool
    settles: bool


class ReadyShown(Shown):
    """An exam with cases that could be put into a batch."""

    exam_id: int
    name: str
    level: Level
    ready: int


class BatchLineShown(Shown):
    """A batch on a list."""

    id: int
    exam_name: str
    level: Level
    document_number: str
    state: BatchState
    entries: int
    issued: int
    held_back: int
    proposed_at: datetime
    settled_at: datetime | None


class BatchesShown(Shown):
    """Batches, and the exams for which another may be proposed."""

    batches: list[BatchLineShown]
    ready: list[ReadyShown]


class CandidacyShown(Shown):
    """A case before a batch, each condition of P28 as it stands."""

    case_id: int
    name: str
    unit_name: str
    unmet: list[Condition]
    taken: bool
    certificate_number: str
    ready: bool


class ProposalShown(Shown):
    """Every case of an exam that has no certificate yet, those who are ready first."""

    exam_id: int
    name: str
    level: Level
    cases: list[CandidacyShown]
    ready: int
    issued: int


class EntryShown(Shown):
    """One entry of a batch."""

    name: str
    unit_name: str
    held_back: list[Condition]
    certificate_id: int | None
    certificate_number: str


class BatchShown(Shown):
    """One batch; `settles`: it waits for the reader or another approver."""

    id: int
    exam_id: int
    exam_name: str
    level: Level
    document_number: str
    state: BatchState
    proposed_by: str
    proposed_at: datetime
    settled_by: str
    settled_at: datetime | None
    proposed_by_me: bool
    settles: bool
    entries: list[EntryShown]
    issued: int
    held_back: int


class VerdictShown(Shown):
    """What the public is told: nothing but `found` false for a wrong code and for a number that was never given."""

    asked: bool
    found: bool
    number: str
    name: str
    level: Level | None
    unit_name: str
    standing: Standing | None
    since: datetime | None
    issued_at: datetime | None
    valid_until: date | None


class StationShown(Shown):
    """One station of the way."""

    stage: Stage
    name_zh: str
    name_en: str
    state: StageState
    word: Word
    at: datetime | None
    due_at: datetime | None
    due_on: date | None
    total: int | None
    counted: int | None


class WayShown(Shown):
    """One registration of the candidate. `makes_up_for` names the exam that it makes up for, with the cause; `due` is
    the cause for which a make-up of it is due, `made_up_in` the exam in which; all empty where there is none."""

    exam_name: str
    level: Level
    ticket_number: str
    starts_at: datetime
    stations: list[StationShown]
    makes_up_for: str
    makes_up_zh: str
    makes_up_en: str
    due_zh: str
    due_en: str
    made_up_in: str
    fault_zh: str
    """How the report stands that the attempt was lost to a technical fault; empty where there is none."""
    fault_en: str
    certificate_id: int | None
    certificate_number: str
    valid_until: date | None
    exam_id: int


class WaysShown(Shown):
    """The candidate's registrations, the newest first."""

    ways: list[WayShown]
