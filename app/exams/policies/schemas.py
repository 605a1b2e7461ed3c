"""What goes into and comes out of policies of eligibility."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.exams.eligibility import EligibilityRule
from app.exams.policies.rules import PolicyAction, PolicyState
from app.shapes import Given, Line, Prose, Shown
from question_bank.items import Level

Kind = Annotated[Line, Field(max_length=40)]
Number = Annotated[int, Field(ge=0, le=1_000_000)]


class PolicyGiven(Given):
    """The rules of a level from a day on: the kinds that are asked, and the parameters by kind and name."""

    level: Level
    effective_from: date
    rules: Annotated[list[EligibilityRule], Field(max_length=len(EligibilityRule), default_factory=list)]
    parameters: Annotated[dict[Kind, dict[Kind, Number]], Field(max_length=40, default_factory=dict)]
    reason: Prose


class ParameterShown(Shown):
    """A number that a rule is given, with its words and bounds."""

    name: str
    zh: str
    en: str
    least: int
    most: int
    value: int


class RuleShown(Shown):
    """A rule with its words; `asked` says whether the policy has it."""

    kind: EligibilityRule
    zh: str
    en: str
    always: bool
    asked: bool
    parameters: list[ParameterShown]


class PolicyFormShown(Shown):
    """What the form of a policy needs: every kind that its level can ask, filled in as the version in force has it."""

    level: Level
    today: date
    rules: list[RuleShown]


class PolicyLine(Shown):
    """One policy of the list."""

    id: int
    level: Level
    state: PolicyState
    number: int | None
    effective_from: date
    in_force: bool
    exams: int
    proposed_by: str
    settled_by: str
    reason: str
    remark: str
    can: list[PolicyAction]


class PoliciesShown(Shown):
    """Every policy, the newest first."""

    policies: list[PolicyLine]
    may_propose: bool


class ChangeShown(Shown):
    """A rule as the version before and this one have it; what one does not ask is None."""

    kind: EligibilityRule
    zh: str
    en: str
    before: list[ParameterShown] | None
    after: list[ParameterShown] | None
    changed: bool


class PolicyShown(PolicyLine):
    """One policy, beside another version: the one before it, or `against`."""

    proposed_at: datetime
    settled_at: datetime | None
    against: int | None
    numbers: list[int]
    changes: list[ChangeShown]
