"""Rechecks: asked for by the candidate within some working days, recounted by one person, answered by another."""

from datetime import datetime

from app.accounts.queries import person_of
from app.attempts import queries as attempts
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import NotFound
from app.exams import queries as exams
from app.exams.models import Registration
from app.exams.reading import RecordsDestroyed
from app.grading import queries as grading
from app.grading.models import ScoringRun
from app.grading.rechecks import queries
from app.grading.rechecks.models import Recheck
from app.grading.rechecks.rules import (
    RecheckAction,
    RecheckState,
    check_asking,
    check_people,
    move_recheck,
)
from app.grading.rescoring.applying import follow_change
from app.grading.rescoring.queries import decided_in, hold_result
from app.grading.rescoring.rules import Verdict
from app.grading.service import run_anew, tell_score
from app.operation import Operation, Task
from app.outbox.post import post
from app.outbox.templates import Kind
from app.people.calendar import end_of_local_day, local_date
from app.people.service import add_workdays
from app.security.permissions import Capability


def may_ask_until(op: Operation, released_at: datetime) -> datetime:
    """The end of the last working day in which a recheck may be asked for."""
    return end_of_local_day(add_workdays(op, local_date(released_at), op.settings.recheck_working_days))


def ask(op: Operation, *, registration_id: int) -> Recheck:
    """Ask for a recheck of my own released result. Raises NotFound, RecheckRepeated, RecheckTooLate."""
    registration = _own(op, registration_id)
    released = grading.released_result(op.db, registration.id)
    result = queries.hold_released(op.db, registration.id)
    if released is None or released.withheld or released.void or result is None:
        raise NotFound
    asked = queries.recheck_of(op.db, registration.id) is not None
    check_asking(op.now, until=may_ask_until(op, released.at), asked=asked)
    row = Recheck(
        exam_id=registration.exam_id,
        registration_id=registration.id,
        state=RecheckState.ASKED,
        total_before=result.total,
        asked_at=op.now,
        note="",
    )
    op.db.add(row)
    op.db.flush()
    after = {"exam_id": row.exam_id, "registration_id": registration.id}
    record(op, AuditAction.RECHECK_ASK, subject=("recheck", row.id), after=after)
    return row


def recount(op: Operation, *, recheck_id: int, note: str) -> Recheck:
    """Score the responses that are kept once more, beside what stands, and propose what they give as the answer.

    Raises NotFound, RecheckMoved, SameRechecker.
    """
    row = queries.find_recheck(op.db, op.actor, recheck_id, lock=True)
    state = move_recheck(row.state, RecheckAction.RECOUNT)
    check_people(decider=op.actor.person_id, candidate=_candidate(op, row))
    result, _ = hold_result(op.db, row.registration_id)
    run, verdict = _score(op, row)
    tell_score(op, row.registration_id, run, verdict.counting)
    row.state, row.recounted, row.note = state, verdict.counting.total, note
    row.recounted_by, row.recounted_at = op.actor.account_id, op.now
    op.db.flush()
    after = {"state": state, "points": row.recounted, "agrees": row.recounted == result.total}
    record(op, AuditAction.RECHECK_RECOUNT, subject=("recheck", row.id), after=after, reason=note)
    return row


def settle(op: Operation, *, recheck_id: int, agreed: bool, reason: str = "") -> Recheck:
    """Answer the candidate with what was recounted, or send it back. Where the recount is another than what stands, the
    result changes now, and what follows from it in the same transaction (P27).

    Raises NotFound, RecheckMoved, SameRechecker.
    """
    found = queries.find_recheck(op.db, op.actor, recheck_id)
    grading.release_of(op.db, found.exam_id, lock=True)
    row = queries.find_recheck(op.db, op.actor, recheck_id, lock=True)
    state = move_recheck(row.state, RecheckAction.ANSWER if agreed else RecheckAction.SEND_BACK)
    by = person_of(op.db, row.recounted_by) if row.recounted_by else None
    check_people(decider=op.actor.person_id, candidate=_candidate(op, row), recounted_by=by)
    row.state = state
    after = {"state": state, "recounted_by": row.recounted_by}
    if agreed:
        row.answered_by, row.answered_at = op.actor.account_id, op.now
        _adopt(op, row)
        told = {"exam": exams.exam_by_id(op.db, row.exam_id).name}
        post(op.db, person_id=_candidate(op, row), template=Kind.RECHECK_ANSWERED, params=told, now=op.now)
    op.db.flush()
    record(op, AuditAction.RECHECK_SETTLE, subject=("recheck", row.id), after=after, reason=reason)
    return row


def _adopt(op: Operation, row: Recheck) -> None:
    """Let the result be what the kept responses give; nothing changes where it is that already."""
    result, _ = hold_result(op.db, row.registration_id)
    run, verdict = _score(op, row)
    found = verdict.counting
    if (result.total, result.maximum, result.passed) == (found.total, found.maximum, found.passed):
        tell_score(op, row.registration_id, run, found)
        return
    before = {"points": result.total, "maximum": result.maximum, "passed": result.passed}
    result.run_id, result.total, result.maximum, result.passed = run.id, found.total, found.maximum, found.passed
    op.db.flush()
    after = {
        "attempt_id": run.attempt_id,
        "run": run.number,
        "points": found.total,
        "maximum": found.maximum,
        "passed": found.passed,
        "proposed_by": row.recounted_by,
        "recheck_id": row.id,
    }
    about = ("registration", row.registration_id)
    record(op, AuditAction.RESULT_CHANGE, subject=about, before=before, after=after, reason=row.note)
    follow_change(op, result, passed_before=bool(before["passed"]))


def _own(op: Operation, registration_id: int) -> Registration:
    """My own registration. Raises NotFound, for another's like for a missing one (P21)."""
    person_id = op.actor.person_id
    mine = exams.registrations_of_person(op.db, person_id) if person_id is not None else []
    found = next((one for one in mine if one.id == registration_id), None)
    if found is None:
        raise NotFound
    return found


def _candidate(op: Operation, row: Recheck) -> int:
    return exams.registration_by_id(op.db, row.registration_id).person_id


def _score(op: Operation, row: Recheck) -> tuple[ScoringRun, Verdict]:
    """Score the responses that are kept, under the corrections in force. Raises RecordsDestroyed where none are."""
    attempt, form = attempts.attempt_of(op.db, row.registration_id), exams.form_for(op.db, row.registration_id)
    if attempt is None or form is None:
        raise NotFound
    if attempts.destroyed_of(op.db, attempt.id) is not None:
        raise RecordsDestroyed
    return run_anew(op, attempt.id, form, decided_in(op.db, row.exam_id))


def waiting(op: Operation) -> list[Task]:
    """What waits: rechecks to recount, answers to sign."""
    counts = queries.count_waiting(op.db) if op.may(Capability.RESULT_READ) else {}
    tasks = []
    if op.may(Capability.RESCORING_PROPOSE):
        words = ("份成绩复核待核对", "rechecks to recount")
        tasks.append(Task(*words, counts.get(RecheckState.ASKED, 0), "/rechecks"))
    if op.may(Capability.RESCORING_APPROVE):
        words = ("份成绩复核待审批", "rechecks to answer")
        tasks.append(Task(*words, counts.get(RecheckState.RECOUNTED, 0), "/rechecks"))
    return tasks
