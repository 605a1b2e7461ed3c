"""What goes into and comes out of rechecks. Totals are hundredths."""

from datetime import datetime

from app.grading.rechecks.rules import RecheckState
from app.shapes import Given, OptionalProse, Prose, Shown


class RecountGiven(Given):
    """What the person who recounted says of it; the candidate does not read it."""

    note: Prose


class AnswerGiven(Given):
    """Whether the recount is given as the answer; else it goes back, with a reason."""

    agreed: bool
    reason: OptionalProse = ""


class RecheckLine(Shown):
    """One recheck, for officers. `total` is what stands now; `may_recount`, `may_settle`: what this person can do."""

    id: int
    exam_name: str
    name: str
    ticket_number: str
    state: RecheckState
    total_before: int
    total: int
    recounted: int | None
    note: str
    asked_at: datetime
    recounted_by: str
    recounted_at: datetime | None
    answered_by: str
    answered_at: datetime | None
    may_recount: bool
    may_settle: bool


class RechecksShown(Shown):
    """The rechecks, those that wait first."""

    rechecks: list[RecheckLine]


class OwnResultLine(Shown):
    """One of my released results and its recheck; `may_ask` until `until`. Once it is answered `total` is what the
    recount has found."""

    registration_id: int
    exam_name: str
    total: int
    total_before: int | None
    until: datetime
    may_ask: bool
    state: RecheckState | None
    answered_at: datetime | None


class OwnRechecksShown(Shown):
    """My released results."""

    results: list[OwnResultLine]
