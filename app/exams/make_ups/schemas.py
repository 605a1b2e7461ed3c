"""What comes out of make-up exams."""

from datetime import datetime

from app.exams.make_ups.rules import Cause, EntitlementState
from app.exams.rules import RegistrationState
from app.shapes import Shown


class EntitlementShown(Shown):
    """One entitlement of a registration of the exam; `used_in` is the exam in which it is made up, empty before."""

    registration_id: int
    person_name: str
    unit_name: str
    ticket_number: str
    cause: Cause
    cause_zh: str
    cause_en: str
    state: EntitlementState
    granted_at: datetime
    used_in: str
    used_exam_id: int | None
    used_registration_id: int | None


class MakeUpCandidateShown(Shown):
    """Somebody to whom a make-up in this exam is due: entered with a registration, or not, and then why not. Original
    registration and cause are empty where another exam has made up for it."""

    person_name: str
    unit_name: str
    original_id: int | None
    cause: Cause | None
    cause_zh: str
    cause_en: str
    registration_id: int | None
    registration_state: RegistrationState | None
    eligible: bool
    why_zh: str
    why_en: str


class MakeUpsShown(Shown):
    """The make-ups of an exam: whom its causes entitle, and, where it is a make-up itself, who is to sit it."""

    exam_id: int
    exam_name: str
    makes_up_for: int | None
    original_name: str
    candidates: list[MakeUpCandidateShown]
    entitlements: list[EntitlementShown]
    to_enter: int
    may_enter: bool
