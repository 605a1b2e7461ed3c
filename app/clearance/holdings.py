"""What clearance keeps for a term: findings of a case, and objections to one who was shown.

Outcomes, who gave them and when stay, and so do the hashes of what was written, in the audit log: what a certificate
rests on is proved by those.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from app.clearance.models import (
    Check,
    ClearanceCase,
    JointReview,
    NoticeEntry,
    Objection,
    Opinion,
    SignOff,
    Statement,
)
from app.clearance.rules import CaseState
from app.holdings import Holding, Part, subjects_of

_BY_CHECK = ((Check.id, Check.case_id),)
FINDINGS = (
    Part(Opinion.check_id, _BY_CHECK, leaves={"ground_cipher": ""}),
    Part(SignOff.opinion_id, ((Opinion.id, Opinion.check_id), *_BY_CHECK), leaves={"reason_cipher": ""}),
    Part(Statement.check_id, _BY_CHECK, leaves={"text_cipher": ""}),
    Part(JointReview.case_id, leaves={"reason_cipher": ""}),
)
"""Findings of a case; when they are due is said where certificates are known."""


def findings_due(until: datetime, *, but: Select[int]) -> Select[int]:
    """The cases that were decided by then and of which findings are left, but those of some persons. A case that was
    withdrawn undecided counts from its opening."""
    ended = func.coalesce(ClearanceCase.decided_at, ClearanceCase.opened_at)
    decided = ClearanceCase.decided_at.is_not(None) | (ClearanceCase.state == CaseState.WITHDRAWN)
    query = select(ClearanceCase.id).where(decided, ended <= until, ClearanceCase.id.in_(subjects_of(FINDINGS, until)))
    return query.where(ClearanceCase.person_id.not_in(but))


def cases_of_registrations(registrations: Select[int]) -> Select[Any]:
    """The cases that some registrations have opened."""
    return select(ClearanceCase.id).where(ClearanceCase.registration_id.in_(registrations))


_OBJECTIONS = (
    Part(
        Objection.id,
        old=Objection.decided_at,
        leaves={"text_cipher": "", "contact_cipher": "", "decision_cipher": None},
    ),
)


def _objections_due(until: datetime) -> Select[int]:
    return subjects_of(_OBJECTIONS, until)


def _objections_held(registrations: Select[int]) -> Select[Any]:
    entry = select(NoticeEntry.id).where(NoticeEntry.case_id.in_(cases_of_registrations(registrations)))
    return select(Objection.id).where(Objection.entry_id.in_(entry))


OBJECTIONS = Holding("objections", _OBJECTIONS, _objections_due, _objections_held)
