"""Rules of policies: drafted by one person, approved by another, in force from a day, never changed afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.errors import Conflict


class PolicyState(StrEnum):
    """Where a policy stands. An approved one is a version; it stays as it is for good."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"


class PolicyAction(StrEnum):
    """What may be done to one."""

    APPROVE = "approve"
    DECLINE = "decline"


POLICY_TRANSITIONS: dict[tuple[PolicyState, PolicyAction], PolicyState] = {
    (PolicyState.PROPOSED, PolicyAction.APPROVE): PolicyState.APPROVED,
    (PolicyState.PROPOSED, PolicyAction.DECLINE): PolicyState.DECLINED,
}


class PolicyMoveRefused(Conflict):
    """The state does not allow this."""

    code = "policy.move_refused"
    zh = "这份政策已经审批，不能再办理。"
    en = "This policy has been decided on already."


class PolicyOverdue(Conflict):
    """A policy never reaches back: what was announced before stands."""

    code = "policy.overdue"
    zh = "拟定的生效日期已过，请另行提出，生效日期不早于批准当日。"
    en = "The day from which it was to count has passed; propose it again, from today or later."


@dataclass(frozen=True)
class Version:
    """An approved policy of a level: its number among them, and the first day on which it counts."""

    id: int
    number: int
    effective_from: date


def move_policy(state: PolicyState, action: PolicyAction) -> PolicyState:
    """The state after `action`; raises PolicyMoveRefused where the table has no such move."""
    try:
        return POLICY_TRANSITIONS[state, action]
    except KeyError:
        raise PolicyMoveRefused from None


def check_in_time(effective_from: date, *, today: date) -> None:
    """Raises PolicyOverdue for a day that has passed."""
    if effective_from < today:
        raise PolicyOverdue


def version_on(versions: Iterable[Version], day: date) -> Version | None:
    """The version in force on `day`: the newest of those that count by then; None where there is none."""
    return max((v for v in versions if v.effective_from <= day), key=lambda v: v.number, default=None)
