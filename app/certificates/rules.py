"""Rules of certificates: when one is issued, its lifecycle and those of batch and act, numbers and codes, words."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.errors import Conflict, Forbidden
from app.people.calendar import end_of_local_day, local_date
from question_bank.items import Level


class BatchState(StrEnum):
    """Where a batch stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    """Its certificates are being issued, one after the other."""
    ISSUED = "issued"
    DECLINED = "declined"


class BatchAction(StrEnum):
    """What may be done to a batch."""

    APPROVE = "approve"
    FINISH = "finish"
    DECLINE = "decline"


BATCH_TRANSITIONS: dict[tuple[BatchState, BatchAction], BatchState] = {
    (BatchState.PROPOSED, BatchAction.APPROVE): BatchState.APPROVED,
    (BatchState.PROPOSED, BatchAction.DECLINE): BatchState.DECLINED,
    (BatchState.APPROVED, BatchAction.FINISH): BatchState.ISSUED,
}


class Ground(StrEnum):
    """签发依据: the only five grounds on which a certificate is issued (P28)."""

    EARNED = "earned"
    DOWNGRADED = "downgraded"
    CORRECTED = "corrected"
    REPLACED = "replaced"
    TAKEN_OVER = "taken_over"


class Condition(StrEnum):
    """A condition under which a certificate is earned (P28). The values are the fields of `Conditions`."""

    RESULT_PASSED = "result_passed"
    CHECKS_CLEAR = "checks_clear"
    REVIEW_APPROVED = "review_approved"
    NOTICE_ENDED = "notice_ended"
    NO_OPEN_OBJECTION = "no_open_objection"
    NO_HOLD = "no_hold"
    ELIGIBLE = "eligible"


@dataclass(frozen=True)
class Conditions:
    """What P28 asks for, as it stands at one instant; one field for each `Condition`."""

    result_passed: bool
    checks_clear: bool
    review_approved: bool
    notice_ended: bool
    no_open_objection: bool
    no_hold: bool
    eligible: bool


def unmet(conditions: Conditions) -> tuple[Condition, ...]:
    """The conditions of P28 that do not hold, in the order of the rule; none: the certificate is earned."""
    return tuple(condition for condition in Condition if not getattr(conditions, condition.value))


class CertificateState(StrEnum):
    """Where a certificate stands. That it has expired (到期) is computed from `valid_until`, never stored."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    RETIRED = "retired"


class CertificateAction(StrEnum):
    """What may be done to a certificate."""

    SUSPEND = "suspend"
    RESTORE = "restore"
    SUPERSEDE = "supersede"
    CANCEL = "cancel"
    REVOKE = "revoke"
    RETIRE = "retire"


LIVE = (CertificateState.ACTIVE, CertificateState.SUSPENDED)

CERTIFICATE_TRANSITIONS: dict[tuple[CertificateState, CertificateAction], CertificateState] = {
    (CertificateState.ACTIVE, CertificateAction.SUSPEND): CertificateState.SUSPENDED,
    (CertificateState.SUSPENDED, CertificateAction.RESTORE): CertificateState.ACTIVE,
    (CertificateState.ACTIVE, CertificateAction.SUPERSEDE): CertificateState.SUPERSEDED,
    **{(state, CertificateAction.CANCEL): CertificateState.CANCELLED for state in LIVE},
    **{(state, CertificateAction.REVOKE): CertificateState.REVOKED for state in LIVE},
    **{(state, CertificateAction.RETIRE): CertificateState.RETIRED for state in LIVE},
}

PROPOSABLE = (
    CertificateAction.SUSPEND,
    CertificateAction.RESTORE,
    CertificateAction.CANCEL,
    CertificateAction.REVOKE,
    CertificateAction.RETIRE,
)
"""What two people may do; a certificate is superseded by the issue of a higher one and in no other way."""

ACTION_WORDS: dict[CertificateAction, tuple[str, str]] = {
    CertificateAction.SUSPEND: ("暂停", "Suspend"),
    CertificateAction.RESTORE: ("恢复", "Restore"),
    CertificateAction.SUPERSEDE: ("替代", "Supersede"),
    CertificateAction.CANCEL: ("注销", "Cancel"),
    CertificateAction.REVOKE: ("撤销", "Revoke"),
    CertificateAction.RETIRE: ("退出", "Retire"),
}


class Cause(StrEnum):
    """Why a certificate was suspended."""

    PROPOSED = "proposed"
    """By two people."""
    LOST_PASS = "lost_pass"  # noqa: S105 - a cause, not a password
    ADVERSE_OUTCOME = "adverse_outcome"
    BARRED = "barred"


class Standing(StrEnum):
    """What a certificate is to whoever looks at it now: its state, or expired where an active one has run out."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    RETIRED = "retired"


def due_warning(valid_until: datetime, *, now: datetime, days: Collection[int], told: int | None) -> int | None:
    """Of which term before its end a certificate is to be told of at `now`: the shortest that has begun, unless one as
    short was `told` of already; None where there is nothing to tell. One telling makes up for terms missed."""
    begun = [term for term in days if now < valid_until <= now + timedelta(days=term)]
    due = min(begun, default=None)
    return due if due is not None and (told is None or due < told) else None


def standing_of(state: CertificateState, *, valid_until: datetime, now: datetime) -> Standing:
    """How a certificate stands at `now`."""
    if state in LIVE and now >= valid_until:
        return Standing.EXPIRED
    return Standing(state.value)


class ActState(StrEnum):
    """Where a proposed act on a certificate stands."""

    PROPOSED = "proposed"
    DONE = "done"
    DECLINED = "declined"


class ActAction(StrEnum):
    """What may be done to a proposed act."""

    APPROVE = "approve"
    DECLINE = "decline"


ACT_TRANSITIONS: dict[tuple[ActState, ActAction], ActState] = {
    (ActState.PROPOSED, ActAction.APPROVE): ActState.DONE,
    (ActState.PROPOSED, ActAction.DECLINE): ActState.DECLINED,
}


class CertificateMoveRefused(Conflict):
    """The state does not allow this action."""

    code = "certificate.move_refused"
    zh = "当前状态不能执行此操作，可能已由他人办理。"
    en = "The present state does not allow this; somebody else may have acted already."


class SameApprover(Forbidden):
    """Who proposes does not approve, under whatever account (P29)."""

    code = "certificate.same_person"
    zh = "提请与审批须由两人分别办理，不能审批自己提请的事项。"
    en = "Proposing and approving are done by two people; one does not approve what one proposed."


class OwnCertificate(Forbidden):
    """Nobody decides on their own certificate, nor on that of somebody close (P29)."""

    code = "certificate.own"
    zh = "涉及本人或有回避关系人员的证书不能办理，已请回避。"
    en = "This is about one's own certificate or that of somebody close; recusal applies."


class NothingToIssue(Conflict):
    """A batch without anyone in it."""

    code = "certificate.nothing_to_issue"
    zh = "请至少选择一名条件全部满足的人员。"
    en = "Choose at least one person who meets every condition."


class NotAllMet(Conflict):
    """Somebody chosen does not meet every condition now, or is in another batch already."""

    code = "certificate.not_all_met"
    zh = "所选人员中有 {count} 人条件未全部满足或已在其他批次，请刷新后重新选择。"
    en = "{count} of those chosen do not meet every condition, or stand in another batch; reload and choose again."


class ActWaiting(Conflict):
    """One act at a time is proposed for a certificate."""

    code = "certificate.act_waiting"
    zh = "该证书已有待审批的事项，请先办结。"
    en = "An act on this certificate waits for approval already; settle that first."


def move_batch(state: BatchState, action: BatchAction) -> BatchState:
    """The state of a batch after `action`; raises CertificateMoveRefused where the table has no such move."""
    try:
        return BATCH_TRANSITIONS[state, action]
    except KeyError:
        raise CertificateMoveRefused from None


def move_certificate(state: CertificateState, action: CertificateAction) -> CertificateState:
    """The state of a certificate after `action`; raises CertificateMoveRefused where the table has no such move."""
    try:
        return CERTIFICATE_TRANSITIONS[state, action]
    except KeyError:
        raise CertificateMoveRefused from None


def move_act(state: ActState, action: ActAction) -> ActState:
    """The state of an act after `action`; raises CertificateMoveRefused where the table has no such move."""
    try:
        return ACT_TRANSITIONS[state, action]
    except KeyError:
        raise CertificateMoveRefused from None


def actions_from(state: CertificateState) -> tuple[CertificateAction, ...]:
    """What two people may do to a certificate in `state`."""
    return tuple(action for action in PROPOSABLE if (state, action) in CERTIFICATE_TRANSITIONS)


def refuse_one_person(
    *, proposer: int, decider: int | None, judged: Collection[int], close_to: Collection[int]
) -> None:
    """Refuse whoever proposed, is judged, or is close to one of those judged (P29); all are natural persons.

    Raises SameApprover, OwnCertificate. `close_to` are the persons to whom the decider has a relation.
    """
    if decider is None or decider == proposer:
        raise SameApprover
    refuse_own(decider=decider, judged=judged, close_to=close_to)


def refuse_own(*, decider: int | None, judged: Collection[int], close_to: Collection[int]) -> None:
    """Refuse who is among those judged, or close to one of them. Raises OwnCertificate."""
    if decider in judged or not set(judged).isdisjoint(close_to):
        raise OwnCertificate


LEVEL_LETTERS: dict[Level, str] = {Level.PRIMARY: "C", Level.INTERMEDIATE: "Z", Level.ADVANCED: "G"}
"""The letter of each level in a certificate number: 初 C, 中 Z, 高 G."""

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0 and O, 1, I and L: a check code is read from paper and typed."""
CODE_LENGTH = 12
"""31 to the power of 12: 59 bits (P33)."""


def series_of(*, prefix: str, year: int, level: Level) -> str:
    """The series that certificates of a level share in a year, "SF-2026-C": its numbers have no gaps (P34)."""
    return f"{prefix}-{year}-{LEVEL_LETTERS[level]}"


def number_in(series: str, place: int) -> str:
    """A certificate number: "SF-2026-C-000142"."""
    return f"{series}-{place:06d}"


def check_code(characters: str) -> str:
    """A check code as it is printed, XXXX-XXXX-XXXX. Raises ValueError for what is not twelve of the alphabet."""
    if len(characters) != CODE_LENGTH or set(characters) - set(CODE_ALPHABET):
        raise ValueError("a check code has twelve characters of its alphabet")
    return "-".join(characters[i : i + 4] for i in range(0, CODE_LENGTH, 4))


_NUMBER = re.compile(r"[A-Z]{2,6}-[0-9]{4}-[CZG]-[0-9]{6,9}")


def read_number(typed: str) -> str | None:
    """A certificate number as people type it (full-width, lower case, spaces), or None where it is none."""
    text = re.sub(r"[\s‐-―−]+", lambda m: "" if m[0].isspace() else "-", unicodedata.normalize("NFKC", typed).upper())
    return text if _NUMBER.fullmatch(text) else None


def read_code(typed: str) -> str | None:
    """A check code as people type it, with or without hyphens, or None where it is none."""
    text = re.sub(r"[^0-9A-Z]+", "", unicodedata.normalize("NFKC", typed).upper())
    return check_code(text) if len(text) == CODE_LENGTH and not set(text) - set(CODE_ALPHABET) else None


def valid_until_for(issued_at: datetime, *, days: int) -> datetime:
    """The end of validity of a certificate issued then: the end of the local day `days` after."""
    return end_of_local_day(local_date(issued_at) + timedelta(days=days))


def last_valid_day(valid_until: datetime) -> date:
    """有效期至: the last local day on which the certificate is valid."""
    return local_date(valid_until - timedelta(microseconds=1))
