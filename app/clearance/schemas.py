"""What goes into and comes out of clearance."""

from datetime import date, datetime

from app.clearance.rules import CaseState, CheckState, NoticeState, Office, Outcome
from app.people.rules import Relation
from app.shapes import Given, Key, Line, OptionalLine, Prose, Shown


class OpinionGiven(Given):
    """The handler's opinion."""

    outcome: Outcome
    ground: Prose


class SignOffGiven(Given):
    """The approver's word: agreed, or back to the handler, and why."""

    agreed: bool
    reason: Prose


class RecusalGiven(Given):
    """How the actor stands to the person of a case."""

    relation: Relation


class StatementGiven(Given):
    """What the person says."""

    text: Prose


class VoteGiven(Given):
    """A panel member's vote."""

    approve: bool
    reason: Prose


class ReasonGiven(Given):
    """Why."""

    reason: Prose


class NoticeGiven(Given):
    """A public notice of everyone approved and not shown yet."""

    exam_id: Key
    document_number: Line


class ObjectionGiven(Given):
    """An objection against one person on a notice. The contact is seen by the panel alone."""

    entry_id: Key
    text: Prose
    contact: OptionalLine = ""


class ObjectionDecisionGiven(Given):
    """The panel's word on an objection."""

    uphold: bool
    reason: Prose


class CheckShown(Shown):
    """A check as its office sees it: who, which unit, by when; nothing of the exam, nothing of the other office."""

    id: int
    office: Office
    name: str
    id_number_masked: str
    unit_name: str
    post: str
    received_at: datetime
    due_on: date
    workdays_left: int
    overdue: bool
    """The last day has gone by; on it there are 0 days left."""
    state: CheckState
    round: int
    outcome: Outcome | None
    statement_due_at: datetime | None


class DeskShown(Shown):
    """An office's desk."""

    office: Office
    role: str
    """"handle" or "approve": what this person does here."""
    to_do: list[CheckShown]
    others: list[CheckShown]
    due_soon: int
    next_after: int | None


class OpinionShown(Shown):
    """An opinion, for the approver of the same office."""

    outcome: Outcome
    ground: str
    at: datetime
    mine: bool


class IdentityShown(Shown):
    """The whole ID number of the person of a check, shown once; empty where it was erased."""

    id: int
    office: Office
    name: str
    unit_name: str
    id_number: str


class CheckDetailShown(Shown):
    """One check with its opinion and what the person has stated."""

    check: CheckShown
    opinion: OpinionShown | None
    statement: str
    may_opine: bool
    may_sign: bool
    recused: bool


class OwnCheckShown(Shown):
    """What the person is told of an adverse outcome before it is final."""

    id: int
    office: Office
    ground: str
    due_at: datetime | None


class StatementsShown(Shown):
    """The adverse outcomes that the person may answer now."""

    checks: list[OwnCheckShown]


class VoteShown(Shown):
    """One vote of the present review."""

    approve: bool
    at: datetime
    mine: bool


class CaseCheckShown(Shown):
    """What the panel sees of one office's outcome."""

    office: Office
    outcome: Outcome | None
    ground: str
    statement: str
    valid_until: datetime | None


class CaseShown(Shown):
    """A case on the panel's list."""

    id: int
    name: str
    id_number_masked: str
    unit_name: str
    post: str
    state: CaseState
    opened_at: datetime
    decided_at: datetime | None
    clear: bool
    votes: int
    voted: bool


class CaseDetailShown(Shown):
    """A case as the panel reviews it."""

    case: CaseShown
    checks: list[CaseCheckShown]
    votes: list[VoteShown]
    may_vote: bool
    recused: bool


class ObjectionShown(Shown):
    """An objection that waits for the panel."""

    id: int
    case_id: int
    name: str
    unit_name: str
    text: str
    contact: str
    raised_at: datetime


class PanelShown(Shown):
    """The panel's desk."""

    in_review: list[CaseShown]
    decided: list[CaseShown]
    objections: list[ObjectionShown]
    next_after: int | None


class NoticeLineShown(Shown):
    """A notice on a list."""

    id: int
    exam_name: str
    document_number: str
    state: NoticeState
    published_at: datetime | None
    last_day: date | None
    persons: int
    shown_now: bool
    proposed_by_me: bool


class ReadyShown(Shown):
    """An exam with persons approved and not shown yet."""

    exam_id: int
    name: str
    persons: int


class NoticesShown(Shown):
    """The department's list of notices, and what may be shown next."""

    notices: list[NoticeLineShown]
    ready: list[ReadyShown]


class PublicNoticesShown(Shown):
    """What the public sees: the notices that are being shown."""

    notices: list[NoticeLineShown]


class EntryShown(Shown):
    """One person on a notice, masked."""

    id: int
    masked_name: str
    unit_name: str


class PublicNoticeShown(Shown):
    """A public notice."""

    notice: NoticeLineShown
    working_days: int
    entries: list[EntryShown]
    authority: str
