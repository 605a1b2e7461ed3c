"""Rules of clearance: the lifecycles of check, case, notice and objection."""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum

from app.errors import Conflict, Forbidden
from app.security.permissions import Capability


class Office(StrEnum):
    """An office whose check is required."""

    DISCIPLINE = "discipline"
    PUBLIC_SECURITY = "public_security"


class Outcome(StrEnum):
    """结论. Never `pass`: that is a word of exams."""

    CLEAR = "clear"
    ADVERSE = "adverse"
    DEFERRED = "deferred"


class CheckState(StrEnum):
    """Where one office's check stands."""

    OPEN = "open"
    OPINED = "opined"
    STATEMENT = "statement"
    """An adverse outcome was signed; the person may answer it before the second round."""
    SIGNED = "signed"


class CheckAction(StrEnum):
    """What may be done to a check. What `SIGN` leads to depends on the outcome and the round."""

    OPINE = "opine"
    SEND_BACK = "send_back"
    SIGN_CLEAR = "sign_clear"
    SIGN_DEFERRED = "sign_deferred"
    SIGN_ADVERSE_FIRST = "sign_adverse_first"
    SIGN_ADVERSE_FINAL = "sign_adverse_final"
    REOPEN = "reopen"
    """The person's statement is in, or its time is over: the second round begins."""
    ASK_AGAIN = "ask_again"
    """The outcome has aged, or an objection was upheld: the office is asked anew."""


CHECK_TRANSITIONS: dict[tuple[CheckState, CheckAction], CheckState] = {
    (CheckState.OPEN, CheckAction.OPINE): CheckState.OPINED,
    (CheckState.OPINED, CheckAction.SEND_BACK): CheckState.OPEN,
    (CheckState.OPINED, CheckAction.SIGN_CLEAR): CheckState.SIGNED,
    (CheckState.OPINED, CheckAction.SIGN_DEFERRED): CheckState.OPEN,
    (CheckState.OPINED, CheckAction.SIGN_ADVERSE_FIRST): CheckState.STATEMENT,
    (CheckState.OPINED, CheckAction.SIGN_ADVERSE_FINAL): CheckState.SIGNED,
    (CheckState.STATEMENT, CheckAction.REOPEN): CheckState.OPEN,
    (CheckState.SIGNED, CheckAction.ASK_AGAIN): CheckState.OPEN,
}


class CaseState(StrEnum):
    """Where a clearance case stands."""

    CHECKING = "checking"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    """The pass that opened it was lost; the offices and the panel are done with it."""


class CaseAction(StrEnum):
    """What may be done to a case."""

    CHECKS_SIGNED = "checks_signed"
    APPROVE = "approve"
    REJECT = "reject"
    ASK_AGAIN = "ask_again"
    """An outcome has aged, or an objection was upheld: the checks begin anew."""
    WITHDRAW = "withdraw"
    """By the machine, in the transaction in which two people made the result void (P27)."""


CASE_TRANSITIONS: dict[tuple[CaseState, CaseAction], CaseState] = {
    (CaseState.CHECKING, CaseAction.CHECKS_SIGNED): CaseState.IN_REVIEW,
    (CaseState.IN_REVIEW, CaseAction.APPROVE): CaseState.APPROVED,
    (CaseState.IN_REVIEW, CaseAction.REJECT): CaseState.REJECTED,
    (CaseState.IN_REVIEW, CaseAction.ASK_AGAIN): CaseState.CHECKING,
    (CaseState.APPROVED, CaseAction.ASK_AGAIN): CaseState.CHECKING,
    (CaseState.CHECKING, CaseAction.WITHDRAW): CaseState.WITHDRAWN,
    (CaseState.IN_REVIEW, CaseAction.WITHDRAW): CaseState.WITHDRAWN,
    (CaseState.APPROVED, CaseAction.WITHDRAW): CaseState.WITHDRAWN,
}


class NoticeState(StrEnum):
    """Where a public notice stands; that its days are over is computed."""

    PROPOSED = "proposed"
    PUBLISHED = "published"
    DECLINED = "declined"


class NoticeAction(StrEnum):
    """What may be done to a public notice."""

    PUBLISH = "publish"
    DECLINE = "decline"


NOTICE_TRANSITIONS: dict[tuple[NoticeState, NoticeAction], NoticeState] = {
    (NoticeState.PROPOSED, NoticeAction.PUBLISH): NoticeState.PUBLISHED,
    (NoticeState.PROPOSED, NoticeAction.DECLINE): NoticeState.DECLINED,
}


class ObjectionState(StrEnum):
    """Where an objection stands; while it is open it holds its person back."""

    OPEN = "open"
    DISMISSED = "dismissed"
    UPHELD = "upheld"


class ObjectionAction(StrEnum):
    """What may be done to an objection."""

    DISMISS = "dismiss"
    UPHOLD = "uphold"


OBJECTION_TRANSITIONS: dict[tuple[ObjectionState, ObjectionAction], ObjectionState] = {
    (ObjectionState.OPEN, ObjectionAction.DISMISS): ObjectionState.DISMISSED,
    (ObjectionState.OPEN, ObjectionAction.UPHOLD): ObjectionState.UPHELD,
}


OFFICE_WORDS: dict[Office, tuple[str, str]] = {
    Office.DISCIPLINE: ("纪检审查", "Discipline inspection"),
    Office.PUBLIC_SECURITY: ("公安审查", "Public security"),
}
HANDLES: dict[Office, Capability] = {
    Office.DISCIPLINE: Capability.DISCIPLINE_HANDLE,
    Office.PUBLIC_SECURITY: Capability.PUBLIC_SECURITY_HANDLE,
}
APPROVES: dict[Office, Capability] = {
    Office.DISCIPLINE: Capability.DISCIPLINE_APPROVE,
    Office.PUBLIC_SECURITY: Capability.PUBLIC_SECURITY_APPROVE,
}
VOTES_THAT_DECIDE = 2
"""A joint review is decided by two panel members who agree: one person alone decides nothing."""


class MoveRefused(Conflict):
    """The state does not allow this action."""

    code = "clearance.move_refused"
    zh = "当前状态不能执行此操作，可能已由他人办理。"
    en = "The present state does not allow this; somebody else may have acted already."


class SameHandler(Forbidden):
    """Handler and approver of one check are two people (P29)."""

    code = "clearance.same_person"
    zh = "经办与审批须由两人分别办理，不能审批自己提出的意见。"
    en = "Opinion and sign-off are given by two people; one does not sign one's own opinion."


class OwnCase(Forbidden):
    """Nobody decides on their own case, nor on that of somebody close (P29)."""

    code = "clearance.own_case"
    zh = "本人或有回避关系人员的审查案不能办理，已请回避。"
    en = "This is one's own case or that of somebody close; recusal applies."


class PanelHandled(Forbidden):
    """Who handled or signed a check of a case does not sit on its joint review."""

    code = "clearance.panel_handled"
    zh = "曾经办或审批该案审查项的人员不能参加综合评审。"
    en = "Who handled or signed a check of this case does not take part in its joint review."


class VotedAlready(Conflict):
    """One panel member has one vote in a review."""

    code = "clearance.voted_already"
    zh = "您已对该案提出评审意见。"
    en = "You have given your vote on this case."


class NotAllClear(Conflict):
    """A case cannot be approved while a check is not clear, or has aged."""

    code = "clearance.not_all_clear"
    zh = "该案有审查项未同意或已过有效期，不能评审通过。"
    en = "A check of this case is not clear, or has aged; it cannot be approved."


class StatementClosed(Conflict):
    """A statement was given, or its time is over."""

    code = "clearance.statement_closed"
    zh = "陈述申辩期已过或已提交，不能再次提交。"
    en = "The time for a statement is over, or it was given already."


class NoticeClosed(Conflict):
    """Objections are taken while the notice is shown."""

    code = "clearance.notice_closed"
    zh = "该公示不在公示期内，不能提出异议。"
    en = "This notice is not being shown now; objections are taken while it is."


class NothingToShow(Conflict):
    """A public notice without anyone on it."""

    code = "clearance.nothing_to_show"
    zh = "没有评审通过且尚未公示的人员。"
    en = "There is nobody approved who has not been shown yet."


def move_check(state: CheckState, action: CheckAction) -> CheckState:
    """The state of a check after `action`; raises MoveRefused where the table has no such move."""
    try:
        return CHECK_TRANSITIONS[state, action]
    except KeyError:
        raise MoveRefused from None


def move_case(state: CaseState, action: CaseAction) -> CaseState:
    """The state of a case after `action`; raises MoveRefused where the table has no such move."""
    try:
        return CASE_TRANSITIONS[state, action]
    except KeyError:
        raise MoveRefused from None


def move_notice(state: NoticeState, action: NoticeAction) -> NoticeState:
    """The state of a notice after `action`; raises MoveRefused where the table has no such move."""
    try:
        return NOTICE_TRANSITIONS[state, action]
    except KeyError:
        raise MoveRefused from None


def move_objection(state: ObjectionState, action: ObjectionAction) -> ObjectionState:
    """The state of an objection after `action`; raises MoveRefused where the table has no such move."""
    try:
        return OBJECTION_TRANSITIONS[state, action]
    except KeyError:
        raise MoveRefused from None


def signing(outcome: Outcome, *, round_number: int) -> CheckAction:
    """What a sign-off of `outcome` does: an adverse one is final only after the person could answer it."""
    if outcome is Outcome.CLEAR:
        return CheckAction.SIGN_CLEAR
    if outcome is Outcome.DEFERRED:
        return CheckAction.SIGN_DEFERRED
    return CheckAction.SIGN_ADVERSE_FIRST if round_number == 1 else CheckAction.SIGN_ADVERSE_FINAL


def must_recuse(*, actor_person: int, judged: int, close_to: Collection[int]) -> bool:
    """Whether the actor is the person judged, under any account, or stands in a relation to them (P29).

    `close_to` holds the persons to whom the person judged has a relation.
    """
    return actor_person == judged or actor_person in close_to


def still_clear(outcomes: Mapping[Office, tuple[Outcome | None, datetime | None]], *, now: datetime) -> bool:
    """Whether every required office has said "clear" and none of it has aged at `now` (P28)."""
    return all(
        office in outcomes
        and outcomes[office][0] is Outcome.CLEAR
        and outcomes[office][1] is not None
        and now < outcomes[office][1]  # type: ignore[operator]  # just shown not to be None
        for office in Office
    )


def verdict_of(votes: Collection[bool]) -> bool | None:
    """What a joint review has decided: True, False, or None while fewer than two agree."""
    for side in (True, False):
        if sum(vote is side for vote in votes) >= VOTES_THAT_DECIDE:
            return side
    return None


def notice_open(*, published_at: datetime | None, ends_at: datetime | None, now: datetime) -> bool:
    """Whether a notice is being shown at `now`."""
    return published_at is not None and ends_at is not None and published_at <= now < ends_at
