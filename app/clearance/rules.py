"""Rules of clearance: the lifecycles of check, case, notice and objection."""

from enum import StrEnum


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


CHECK_TRANSITIONS: dict[tuple[CheckState, CheckAction], CheckState] = {
    (CheckState.OPEN, CheckAction.OPINE): CheckState.OPINED,
    (CheckState.OPINED, CheckAction.SEND_BACK): CheckState.OPEN,
    (CheckState.OPINED, CheckAction.SIGN_CLEAR): CheckState.SIGNED,
    (CheckState.OPINED, CheckAction.SIGN_DEFERRED): CheckState.OPEN,
    (CheckState.OPINED, CheckAction.SIGN_ADVERSE_FIRST): CheckState.STATEMENT,
    (CheckState.OPINED, CheckAction.SIGN_ADVERSE_FINAL): CheckState.SIGNED,
    (CheckState.STATEMENT, CheckAction.REOPEN): CheckState.OPEN,
}


class CaseState(StrEnum):
    """Where a clearance case stands."""

    CHECKING = "checking"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    REJECTED = "rejected"


class CaseAction(StrEnum):
    """What may be done to a case."""

    CHECKS_SIGNED = "checks_signed"
    APPROVE = "approve"
    REJECT = "reject"
    ASK_AGAIN = "ask_again"
    """An outcome has aged, or an objection was upheld: the checks begin anew."""


CASE_TRANSITIONS: dict[tuple[CaseState, CaseAction], CaseState] = {
    (CaseState.CHECKING, CaseAction.CHECKS_SIGNED): CaseState.IN_REVIEW,
    (CaseState.IN_REVIEW, CaseAction.APPROVE): CaseState.APPROVED,
    (CaseState.IN_REVIEW, CaseAction.REJECT): CaseState.REJECTED,
    (CaseState.IN_REVIEW, CaseAction.ASK_AGAIN): CaseState.CHECKING,
    (CaseState.APPROVED, CaseAction.ASK_AGAIN): CaseState.CHECKING,
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
