"""The department's joint review: two panel members who agree decide a case."""

from app.accounts.queries import person_of
from app.audit.actions import AuditAction
from app.audit.record import record
from app.clearance import queries
from app.clearance.models import ClearanceCase, JointReview
from app.clearance.rules import (
    CaseAction,
    CaseState,
    CheckAction,
    CheckState,
    MoveRefused,
    NotAllClear,
    PanelHandled,
    VotedAlready,
    move_case,
    move_check,
    still_clear,
    verdict_of,
)
from app.clearance.service.checks import refuse_own_case
from app.operation import Operation
from app.people.calendar import local_date
from app.people.service import add_workdays, encrypt_finding


def vote(op: Operation, *, case_id: int, approve: bool, reason: str) -> ClearanceCase:
    """One panel member's vote; the second that agrees with another decides.

    Raises MoveRefused, OwnCase, PanelHandled, VotedAlready, and NotAllClear for a vote to approve while a check is
    not clear or has aged.
    """
    case = queries.find_case(op.db, op.actor, case_id)
    if case.state is not CaseState.IN_REVIEW:
        raise MoveRefused
    refuse_own_case(op, case)
    _refuse_who_handled(op, case)
    votes = queries.votes_of(op.db, case.id, case.review)
    if any(person_of(op.db, v.member_id) == op.actor.person_id for v in votes):
        raise VotedAlready
    if approve and not still_clear(queries.outcomes_of(op.db, case.id), now=op.now):
        raise NotAllClear
    given = JointReview(
        case_id=case.id,
        review=case.review,
        member_id=op.actor.account_id or 0,
        approve=approve,
        reason_cipher="",
        at=op.now,
    )
    op.db.add(given)
    op.db.flush()
    given.reason_cipher = encrypt_finding(
        op, person_id=case.person_id, table="joint_review", column="reason_cipher", row=given.id, text=reason
    )
    after = {"case_id": case.id, "approve": approve, "review": case.review}
    record(op, AuditAction.REVIEW_VOTE, subject=("case", case.id), after=after)
    verdict = verdict_of([v.approve for v in votes] + [approve])
    if verdict is not None:
        case.state = move_case(case.state, CaseAction.APPROVE if verdict else CaseAction.REJECT)
        case.decided_at = op.now
        op.db.flush()
        decided = {"case_id": case.id, "approved": verdict}
        record(op, AuditAction.REVIEW_DECIDE, subject=("case", case.id), after=decided)
    return case


def _refuse_who_handled(op: Operation, case: ClearanceCase) -> None:
    handled = {person_of(op.db, account_id) for account_id in queries.people_on_checks(op.db, case.id)}
    if op.actor.person_id in handled:
        raise PanelHandled


def ask_again(op: Operation, *, case_id: int, reason: str) -> ClearanceCase:
    """Begin the checks anew: an outcome has aged, or something new is known. Raises MoveRefused, OwnCase."""
    case = queries.find_case(op.db, op.actor, case_id)
    refuse_own_case(op, case)
    return restart_checks(op, case, reason=reason)


def restart_checks(op: Operation, case: ClearanceCase, *, reason: str) -> ClearanceCase:
    """Send a locked case back to its offices; the votes of this review stay with this review."""
    before = case.state
    case.state = move_case(before, CaseAction.ASK_AGAIN)
    case.review += 1
    case.decided_at = None
    due_on = add_workdays(op, local_date(op.now), op.settings.check_working_days)
    for check in queries.checks_of(op.db, [case.id])[case.id]:
        if check.state is CheckState.SIGNED:
            check.state = move_check(check.state, CheckAction.ASK_AGAIN)
        check.round, check.due_on = 1, due_on
        check.outcome = check.signed_at = check.valid_until = check.statement_due_at = None
    op.db.flush()
    record(
        op,
        AuditAction.CASE_ASK_AGAIN,
        subject=("case", case.id),
        before={"state": before.value},
        after={"state": case.state.value, "review": case.review},
        reason=reason,
    )
    return case
