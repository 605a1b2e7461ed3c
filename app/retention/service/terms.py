"""Terms of retention: proposed by one administrator, approved by another, never changed afterwards."""

from app.audit.actions import AuditAction
from app.audit.record import record
from app.exams.service.deciding import acting_account
from app.operation import Operation
from app.retention import queries
from app.retention.models import RetentionTerms
from app.retention.rules import TermsAction, TermsState, check_people, move_terms
from app.retention.rules.classes import DELIVERED, RecordClass, Terms, check_terms
from app.retention.service import persons_behind


def propose(op: Operation, *, days: Terms, reason: str) -> RetentionTerms:
    """Propose how long each class is kept. Raises Invalid, naming each class whose term cannot be."""
    check_terms(days)
    row = RetentionTerms(
        state=TermsState.PROPOSED,
        number=None,
        days={one.value: days[one] for one in days},
        reason=reason,
        proposed_by=acting_account(op),
        proposed_at=op.now,
        remark="",
    )
    op.db.add(row)
    op.db.flush()
    record(op, AuditAction.RETENTION_PROPOSE, subject=("retention_terms", row.id), after=_told(row), reason=reason)
    return row


def approve(op: Operation, *, terms_id: int) -> RetentionTerms:
    """Approve what another administrator proposed: it is the version in force from now on. Raises NotFound,
    RetentionMoved, SameAdministrator."""
    before = queries.terms_in_force(op.db, lock=True)
    row = queries.find_terms(op.db, op.actor, terms_id, lock=True)
    state = move_terms(row.state, TermsAction.APPROVE)
    check_people(*persons_behind(op, row.proposed_by), decider=op.actor.person_id)
    row.number = 1 + (before.number or 0)
    return _settle(op, row, state, AuditAction.RETENTION_APPROVE)


def decline(op: Operation, *, terms_id: int, reason: str) -> RetentionTerms:
    """Decline a proposal, with a reason. Raises NotFound, RetentionMoved, SameAdministrator."""
    row = queries.find_terms(op.db, op.actor, terms_id, lock=True)
    state = move_terms(row.state, TermsAction.DECLINE)
    check_people(*persons_behind(op, row.proposed_by), decider=op.actor.person_id)
    row.remark = reason
    return _settle(op, row, state, AuditAction.RETENTION_DECLINE, reason)


def days_of(row: RetentionTerms) -> dict[RecordClass, int]:
    """The terms of a version. A class that it does not name came with a later release of the service, and is kept as
    delivered until terms are set that name it."""
    return {**DELIVERED, **{RecordClass(name): days for name, days in row.days.items()}}


def _settle(
    op: Operation, row: RetentionTerms, state: TermsState, action: AuditAction, reason: str = ""
) -> RetentionTerms:
    before = {"state": row.state}
    row.state, row.settled_by, row.settled_at = state, acting_account(op), op.now
    op.db.flush()
    record(op, action, subject=("retention_terms", row.id), before=before, after=_told(row), reason=reason)
    return row


def _told(row: RetentionTerms) -> dict[str, object]:
    return {"state": row.state, "number": row.number, "days": row.days, "proposed_by": row.proposed_by}
