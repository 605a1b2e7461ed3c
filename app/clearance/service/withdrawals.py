"""A case whose ground is gone: withdrawn by the machine in the transaction in which the pass was lost (P27)."""

from app.audit.actions import AuditAction
from app.audit.record import record
from app.clearance import queries
from app.clearance.rules import CASE_TRANSITIONS, CaseAction, move_case
from app.grading.events import PassLost
from app.operation import Operation


def withdraw(op: Operation, event: PassLost) -> None:
    """Withdraw the case that the pass has opened, wherever it stands; one that was rejected stays so."""
    found = queries.case_of_registration(op.db, event.registration_id)
    if found is None:
        return
    case = queries.lock_case(op.db, found.id)
    before = case.state
    if (before, CaseAction.WITHDRAW) not in CASE_TRANSITIONS:
        return
    case.state = move_case(before, CaseAction.WITHDRAW)
    op.db.flush()
    about = ("case", case.id)
    record(op, AuditAction.CASE_CLOSE, subject=about, before={"state": before}, after={"state": case.state})
