"""Scoring of closed attempts, absences, and the release of results to all at once."""

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache

from app.accounts.queries import person_of
from app.attempts import queries as attempts
from app.attempts.events import AttemptClosed
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import NotFound
from app.exams import queries as exams
from app.grading import queries
from app.grading.events import ResultsReleased
from app.grading.models import Release, Result, ScoringRun
from app.grading.rules import ReleaseAction, ReleaseState, SameReleaser, check_complete, move
from app.operation import House, Operation, Task, acting_as
from app.security.permissions import Capability
from question_bank.canonical import canonical_json, read_json, sha256_hex
from question_bank.form import Form, form_from_json, parse_response, score_form
from question_bank.items import Item
from question_bank.scoring import passes


def score_closed(op: Operation, event: AttemptClosed) -> None:
    """Score an attempt in the transaction that closes it: acknowledged means marked (P2)."""
    score(op, event.attempt_id)


def score(op: Operation, attempt_id: int) -> ScoringRun:
    """Score one closed attempt exactly; scoring again is a new run beside the old (P17, P25)."""
    attempt = attempts.attempt_by_id(op.db, attempt_id)
    row = exams.form_by_id(op.db, attempt.form_id)
    exam = exams.exam_by_id(op.db, row.exam_id)
    form = _form(row.content)
    stored = attempts.responses_of(op.db, attempt_id)
    responses = {position: parse_response(form, raw, position=position) for position, raw in stored.items()}
    outcome = score_form(form, _items(op, row.exam_id), responses)
    run = ScoringRun(
        attempt_id=attempt_id,
        number=queries.last_run_number(op.db, attempt_id) + 1,
        points=canonical_json(list(outcome.points)).decode(),
        responses_hash=sha256_hex({str(position): raw for position, raw in stored.items()}),
        at=op.now,
    )
    op.db.add(run)
    op.db.flush()
    passed = passes(outcome.total, cut_score_hundredths=exams.blueprint_of(op.db, exam).cut_score_hundredths)
    _keep_result(
        op, exam.id, attempt.registration_id, run=run, total=outcome.total, maximum=outcome.maximum, passed=passed
    )
    after = {
        "attempt_id": attempt_id,
        "run": run.number,
        "points": outcome.total,
        "passed": passed,
        "responses_hash": run.responses_hash,
    }
    record(op, AuditAction.RESULT_SCORE, subject=("registration", attempt.registration_id), after=after)
    return run


@lru_cache(maxsize=4096)
def _form(content: str) -> Form:
    """A form's content never changes once sealed: reading it once is enough."""
    return form_from_json(read_json(content))


def _items(op: Operation, exam_id: int) -> Mapping[str, Item]:
    """The frozen items of an exam, read once per process: a hand-in storm asks for them a thousand times."""
    cache = op.house.tool(FrozenItems)
    if exam_id not in cache:
        if len(cache) >= _MOST_EXAMS_KEPT:
            cache.clear()
        cache[exam_id] = exams.items_of_exam(op.db, exam_id)
    return cache[exam_id]


_MOST_EXAMS_KEPT = 8


class FrozenItems(dict[int, Mapping[str, Item]]):
    """The items of sealed exams by exam: sealed content never changes, so it is kept in memory."""


def _keep_result(
    op: Operation,
    exam_id: int,
    registration_id: int,
    *,
    run: ScoringRun | None,
    total: int,
    maximum: int,
    passed: bool,
) -> None:
    release = queries.release_of(op.db, exam_id)
    if release is None:
        _open_release(op, exam_id)
    else:
        move(release.state, ReleaseAction.SCORE)
    result = queries.result_row(op.db, registration_id)
    if result is None:
        result = Result(exam_id=exam_id, registration_id=registration_id)
        op.db.add(result)
    result.run_id = run.id if run else None
    result.absent = run is None
    result.total, result.maximum, result.passed = total, maximum, passed
    op.db.flush()


def _open_release(op: Operation, exam_id: int) -> None:
    """The exam's release row; the first two attempts may close at the same moment."""
    queries.insert_release_if_missing(op.db, Release(exam_id=exam_id, state=move(None, ReleaseAction.SCORE)))


def close_absences(op: Operation, exam_id: int) -> int:
    """Once every sitting is over, whoever was confirmed and never started is absent (缺考); returns how many."""
    grace = timedelta(seconds=op.settings.grace_seconds)
    if exams.last_end(op.db, exam_id) + grace >= op.now:
        return 0
    started = attempts.started_registrations(op.db, exam_id)
    maximum = exams.blueprint_of(op.db, exams.exam_by_id(op.db, exam_id)).maximum_hundredths
    absent = [
        r.id
        for r in exams.confirmed_registrations(op.db, exam_id)
        if r.id not in started and queries.result_row(op.db, r.id) is None
    ]
    for registration_id in absent:
        _keep_result(op, exam_id, registration_id, run=None, total=0, maximum=maximum, passed=False)
        record(op, AuditAction.RESULT_ABSENT, subject=("registration", registration_id), after={"exam_id": exam_id})
    return len(absent)


def sweep_absences(house: House) -> None:
    """Note the absences of every sealed exam that is over; harmless to repeat."""
    with house.database.transaction(reading=True) as session:
        due = exams.exams_over(session, house.clock.now())
    for exam_id in due:
        with acting_as(house, "absences") as op:
            release = queries.release_of(op.db, exam_id, lock=True)
            if release is None or release.state is ReleaseState.SCORED:
                close_absences(op, exam_id)


def propose_release(op: Operation, *, exam_id: int) -> Release:
    """Propose to release the results. Raises NotAllScored while anyone writes or waits for a score."""
    release = _release(op, exam_id)
    close_absences(op, exam_id)
    closed = attempts.closed_attempts(op.db, exam_id)
    scored = queries.scored_attempts(op.db, closed)
    still_open = attempts.count_open(op.db, exam_id)
    if exams.last_end(op.db, exam_id) >= op.now:
        still_open += exams.count_confirmed(op.db, exam_id) - len(closed) - still_open
    check_complete(still_open=still_open, unscored=len(closed) - len(scored))
    _step(op, release, ReleaseAction.PROPOSE, AuditAction.RESULT_PROPOSE_RELEASE)
    release.proposed_by, release.proposed_at = op.actor.account_id, op.now
    return release


def decline_release(op: Operation, *, exam_id: int, reason: str) -> Release:
    """Send a proposal back to the officer, with a reason."""
    release = _release(op, exam_id)
    _step(op, release, ReleaseAction.DECLINE, AuditAction.RESULT_DECLINE_RELEASE, reason=reason)
    release.proposed_by = release.proposed_at = None
    return release


def release(op: Operation, *, exam_id: int) -> Release:
    """Release the results to all at once (P18); another person than who proposed. Opens what follows by an event."""
    row = _release(op, exam_id)
    if row.proposed_by is not None and person_of(op.db, row.proposed_by) == op.actor.person_id:
        raise SameReleaser
    row.released_by, row.released_at = op.actor.account_id, op.now
    _step(op, row, ReleaseAction.RELEASE, AuditAction.RESULT_RELEASE)
    op.db.flush()
    op.publish(ResultsReleased(exam_id, queries.passed_registrations(op.db, exam_id)))
    return row


def _release(op: Operation, exam_id: int) -> Release:
    found = queries.release_of(op.db, exam_id, lock=True)
    if found is None:
        raise NotFound
    return found


def _step(op: Operation, row: Release, action: ReleaseAction, audited: AuditAction, *, reason: str = "") -> None:
    """Move by the table; the row is locked, so nobody was first meanwhile."""
    before = row.state
    row.state = move(before, action)
    op.db.flush()
    record(
        op,
        audited,
        subject=("exam", row.exam_id),
        before={"state": before.value},
        after={
            "state": row.state.value,
            "exam_id": row.exam_id,
            "released_at": row.released_at,
            "proposed_by": row.proposed_by,
        },
        reason=reason,
    )


def waiting(op: Operation) -> list[Task]:
    """What waits in grading: results to propose, results to release."""
    tasks = []
    if op.may(Capability.RELEASE_PROPOSE):
        ready = [e for e in queries.exams_in(op.db, ReleaseState.SCORED) if exams.last_end(op.db, e) < op.now]
        tasks.append(
            Task("场考试的成绩待提请公布", "exams whose results may be proposed for release", len(ready), "/results")
        )
    if op.may(Capability.RELEASE_APPROVE):
        proposed = queries.exams_in(op.db, ReleaseState.PROPOSED)
        tasks.append(Task("场考试的成绩待批准公布", "exams whose results wait for release", len(proposed), "/results"))
    return tasks
