"""What comes out of asking for eligibility."""

from app.exams.eligibility import EligibilityRule
from app.exams.schemas import AnswerShown
from app.shapes import Shown


class RuleAsked(Shown):
    """A rule of the policy, with its words."""

    kind: EligibilityRule
    zh: str
    en: str


class PolicyAsked(Shown):
    """Which exam and which policy is asked about; `announced` says whether the exam is bound to it already."""

    exam_id: int
    exam_name: str
    policy_id: int
    policy_number: int
    announced: bool
    rules: list[RuleAsked]


class EligibilityLine(Shown):
    """One person of the list; `entered` says whether they are registered."""

    person_id: int
    person_name: str
    id_number_masked: str
    unit_name: str
    eligible: bool
    entered: bool
    answers: list[AnswerShown]


class EligibilityListShown(PolicyAsked):
    """A page of persons with every rule's answer, and the filters that made it."""

    persons: list[EligibilityLine]
    search: str
    unit_id: int
    unit_name: str
    next_after: str | None


class EligibilityShown(PolicyAsked):
    """One person with every rule's answer."""

    person_id: int
    person_name: str
    id_number_masked: str
    unit_name: str
    eligible: bool
    registration_id: int | None
    answers: list[AnswerShown]
