"""What goes into and comes out of postponing an exam and calling it off."""

from datetime import datetime

from app.exams.emergencies import ChangeKind, ChangeState
from app.shapes import Given, Moment, Prose, Shown


class ChangeGiven(Given):
    """What is proposed and why; the new start and end where it is postponed."""

    kind: ChangeKind
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    reason: Prose


class ChangeShown(Shown):
    """One proposal; `may_settle`: it waits for this person or another approver."""

    id: int
    kind: ChangeKind
    state: ChangeState
    starts_at: datetime | None
    reason: str
    proposed_by: str
    proposed_at: datetime
    settled_by: str
    settled_at: datetime | None
    may_settle: bool


class EmergenciesShown(Shown):
    """The proposals of an exam, and what can be proposed now."""

    exam_id: int
    exam_name: str
    starts_at: datetime
    kinds: list[ChangeKind]
    changes: list[ChangeShown]
