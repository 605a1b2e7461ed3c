"""Rules of rechecks: who may ask until when, how a recheck goes, and what each refusal says."""

from datetime import datetime
from enum import StrEnum

from app.errors import Conflict, Forbidden


class RecheckState(StrEnum):
    """Where a recheck stands: asked for; recounted, with an answer proposed; answered."""

    ASKED = "asked"
    RECOUNTED = "recounted"
    ANSWERED = "answered"


class RecheckAction(StrEnum):
    """What may be done with a recheck; SEND_BACK has it recounted again."""

    RECOUNT = "recount"
    SEND_BACK = "send_back"
    ANSWER = "answer"


RECHECK_TRANSITIONS: dict[tuple[RecheckState, RecheckAction], RecheckState] = {
    (RecheckState.ASKED, RecheckAction.RECOUNT): RecheckState.RECOUNTED,
    (RecheckState.RECOUNTED, RecheckAction.SEND_BACK): RecheckState.ASKED,
    (RecheckState.RECOUNTED, RecheckAction.ANSWER): RecheckState.ANSWERED,
}


class RecheckMoved(Conflict):
    """The state of the recheck does not allow this."""

    code = "recheck.moved"
    zh = "这项成绩复核已由他人办理，请刷新后再看。"
    en = "Somebody has dealt with this recheck meanwhile; please reload."


class RecheckTooLate(Conflict):
    """The working days in which one may ask are over."""

    code = "recheck.too_late"
    zh = "成绩复核的申请期限已过。"
    en = "The time in which a recheck may be asked for is over."


class RecheckRepeated(Conflict):
    """A result is rechecked once."""

    code = "recheck.repeated"
    zh = "您已申请过这次考试的成绩复核，每次考试可申请一次。"
    en = "You have asked for a recheck of this exam; it can be asked for once."


class SameRechecker(Forbidden):
    """Recounting and answering are done by two people, neither of them the candidate (P29)."""

    code = "recheck.same_person"
    zh = "复核与审批须由两人分别办理，本人的成绩不能由本人复核。"
    en = "Recounting and answering are done by two people, and nobody rechecks their own result."


def move_recheck(state: RecheckState, action: RecheckAction) -> RecheckState:
    """The state after `action`; raises RecheckMoved where the table has no such move."""
    try:
        return RECHECK_TRANSITIONS[state, action]
    except KeyError:
        raise RecheckMoved from None


def check_asking(now: datetime, *, until: datetime, asked: bool) -> None:
    """Refuse a second request, and one at or after `until`."""
    if asked:
        raise RecheckRepeated
    if now >= until:
        raise RecheckTooLate


def check_people(*, decider: int | None, candidate: int, recounted_by: int | None = None) -> None:
    """Refuse who is the candidate, and for the answer who has recounted."""
    if decider is not None and decider in {candidate, recounted_by}:
        raise SameRechecker
