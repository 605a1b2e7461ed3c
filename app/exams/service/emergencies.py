"""An announced exam postponed, a sealed one called off: proposed with a cause, done by another person, told to all."""

from datetime import datetime

from app.audit.actions import AuditAction
from app.audit.record import record
from app.exams import queries
from app.exams.emergencies import (
    BegunAlready,
    ChangeAction,
    ChangeKind,
    ChangeState,
    ChangeWaits,
    check_postponed,
    move_change,
)
from app.exams.make_ups import entitlements
from app.exams.models import Exam, ExamChange, Sitting
from app.exams.queries.changes import change_by_id, changes_of
from app.exams.rules import ExamAction, move_exam
from app.exams.service.deciding import acting_account, check_other_person
from app.exams.service.ticket_news import void_tickets
from app.operation import Operation
from app.outbox.post import post_to_all
from app.outbox.templates import Kind
from app.people.calendar import LOCAL

MOVES = {ChangeKind.POSTPONE: ExamAction.POSTPONE, ChangeKind.CALL_OFF: ExamAction.CALL_OFF}


def propose_change(
    op: Operation,
    *,
    exam_id: int,
    kind: ChangeKind,
    reason: str,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> ExamChange:
    """Propose to postpone an exam (with its new start and end) or to call it off, before it begins.

    Raises ExamMoveRefused, BegunAlready, ChangeWaits, and Invalid naming fields.
    """
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    move_exam(exam.state, MOVES[kind])
    sitting = _not_begun(op, exam)
    if any(change.state is ChangeState.PROPOSED for change in changes_of(op.db, exam.id)):
        raise ChangeWaits
    if kind is ChangeKind.POSTPONE:
        _check(op, exam, sitting, starts_at, ends_at)
    change = ExamChange(
        exam_id=exam.id,
        kind=kind,
        state=ChangeState.PROPOSED,
        starts_at=starts_at if kind is ChangeKind.POSTPONE else None,
        ends_at=ends_at if kind is ChangeKind.POSTPONE else None,
        reason=reason,
        proposed_by=acting_account(op),
        proposed_at=op.now,
    )
    op.db.add(change)
    op.db.flush()
    after = {"change_id": change.id, "kind": kind, "starts_at": change.starts_at, "ends_at": change.ends_at}
    record(op, AuditAction.EXAM_PROPOSE_CHANGE, subject=("exam", exam.id), after=after, reason=reason)
    return change


def approve_change(op: Operation, *, exam_id: int, change_id: int) -> ExamChange:
    """Do what another person proposed, and tell every candidate. Raises NotFound, ChangeSettled, SameOfficer,
    ExamMoveRefused, BegunAlready, Invalid where time has overtaken the new start."""
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    change = change_by_id(op.db, exam.id, change_id)
    settled = move_change(change.state, ChangeAction.APPROVE)
    check_other_person(op, change.proposed_by)
    state = move_exam(exam.state, MOVES[change.kind])
    sitting = _not_begun(op, exam)
    told = {row.person_id for row in queries.live_registrations(op.db, exam.id)}
    done = {"change_id": change.id, "proposed_by": change.proposed_by}
    if change.kind is ChangeKind.POSTPONE:
        starts_at, ends_at = _check(op, exam, sitting, change.starts_at, change.ends_at)
        before: dict[str, object] = {"starts_at": sitting.starts_at, "ends_at": sitting.ends_at}
        sitting.starts_at, sitting.ends_at = starts_at, ends_at
        action = AuditAction.EXAM_POSTPONE
        after: dict[str, object] = {"starts_at": starts_at, "ends_at": ends_at, **done}
        starts = f"{starts_at.astimezone(LOCAL):%Y-%m-%d %H:%M}"
        kind, params = Kind.EXAM_POSTPONED, {"exam": exam.name, "starts": starts}
        void_tickets(op, exam, queries.confirmed_registrations(op.db, exam.id))
    else:
        before = {"state": exam.state}
        exam.state, exam.remark = state, change.reason
        action = AuditAction.EXAM_CALL_OFF
        after = {"state": state, **done}
        kind, params = Kind.EXAM_CANCELLED, {"exam": exam.name}
        entitlements.follow_cancellation(op, exam, f"change:{change.id}")
    _settle(op, change, settled)
    record(op, action, subject=("exam", exam.id), before=before, after=after, reason=change.reason)
    post_to_all(op.db, person_ids=told, template=kind, params=params, now=op.now)
    return change


def decline_change(op: Operation, *, exam_id: int, change_id: int, reason: str) -> ExamChange:
    """Decline a proposal, with a reason: the exam is as it was. Raises NotFound, ChangeSettled, SameOfficer."""
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    change = change_by_id(op.db, exam.id, change_id)
    settled = move_change(change.state, ChangeAction.DECLINE)
    check_other_person(op, change.proposed_by)
    _settle(op, change, settled)
    after = {"change_id": change.id}
    record(op, AuditAction.EXAM_DECLINE_CHANGE, subject=("exam", exam.id), after=after, reason=reason)
    return change


def _settle(op: Operation, change: ExamChange, state: ChangeState) -> None:
    change.state, change.settled_by, change.settled_at = state, acting_account(op), op.now
    op.db.flush()


def _not_begun(op: Operation, exam: Exam) -> Sitting:
    sitting = queries.sittings_of(op.db, exam.id)[0]
    if op.now >= sitting.starts_at:
        raise BegunAlready
    return sitting


def _check(
    op: Operation, exam: Exam, sitting: Sitting, starts_at: datetime | None, ends_at: datetime | None
) -> tuple[datetime, datetime]:
    check_postponed(starts_at, ends_at, before=sitting.starts_at, now=op.now, duration_minutes=exam.duration_minutes)
    return starts_at or op.now, ends_at or op.now
