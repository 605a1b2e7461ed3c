"""A correction applied: everyone who had the item scored anew, each in a transaction of their own, exactly once."""

from collections.abc import Callable

from app.accounts.queries import person_of
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import NotFound
from app.exams import queries as exams
from app.exams.reading import read_form
from app.grading import queries as grading
from app.grading.events import PassConfirmed, PassLost, ResultsRescored
from app.grading.models import Result
from app.grading.rescoring import queries
from app.grading.rescoring.models import RescoredResult
from app.grading.rescoring.rules import RESCORING_TRANSITIONS, RescoringAction, concerns, move_rescoring
from app.grading.rules import ReleaseState
from app.grading.service import run_anew, tell_score
from app.jobs.worker import RunningJob
from app.operation import House, Operation, acting_as
from app.outbox.post import post
from app.outbox.templates import Kind
from app.security.actor import Actor, ActorKind


def make_handler(house: House) -> Callable[[RunningJob], None]:
    """The handler of the job that an approval asks for."""

    def handle(job: RunningJob) -> None:
        apply_rescoring(
            house,
            int(job.payload["rescoring_id"]),
            said=lambda done, total: job.progress(
                done, total, zh=f"已重新评分 {done} / {total} 人", en=f"{done} of {total} scored anew"
            ),
        )

    return handle


def apply_rescoring(
    house: House, rescoring_id: int, *, said: Callable[[int, int], None] = lambda _done, _total: None
) -> None:
    """Score everyone anew who had the item. The approver is the one who acts. `said` is told how far it is, between
    the transactions. Begun anew after a crash it goes on where it stopped; harmless where nothing is to be done."""
    with house.database.transaction(reading=True) as db:
        row = queries.rescoring_by_id(db, rescoring_id)
        if (row.state, RescoringAction.FINISH) not in RESCORING_TRANSITIONS:
            return
        correction = queries.as_decided(row).correction
        having = {
            form.registration_id
            for form in exams.forms_of(db, row.exam_id)
            if form.registration_id is not None and concerns(read_form(form.content), correction)
        }
        everyone = [result.registration_id for result, _ in queries.scored_in(db, row.exam_id)]
        account_id = row.settled_by or 0
        actor = Actor(ActorKind.PERSON, account_id=account_id, person_id=person_of(db, account_id))
    concerned = [registration_id for registration_id in everyone if registration_id in having]
    for done, registration_id in enumerate(concerned):
        said(done, len(concerned))
        with acting_as(house, "rescoring", actor=actor) as op:
            rescore(op, rescoring_id, registration_id)
    with acting_as(house, "rescoring", actor=actor) as op:
        _finish(op, rescoring_id)
    said(len(concerned), len(concerned))


def rescore(op: Operation, rescoring_id: int, registration_id: int) -> None:
    """Score one candidate anew and let follow what follows, in one transaction (P27); done once, harmless to repeat.

    The release is held: a release, or a ruling on misconduct, comes wholly before or wholly after.
    """
    row = queries.rescoring_by_id(op.db, rescoring_id)
    release = grading.release_of(op.db, row.exam_id, lock=True)
    result, attempt_id = queries.hold_result(op.db, registration_id)
    form = exams.form_for(op.db, registration_id)
    if release is None or form is None:
        raise NotFound
    if queries.is_rescored(op.db, rescoring_id, registration_id):
        return
    run, verdict = run_anew(op, attempt_id, form, queries.decided_in(op.db, row.exam_id))
    found, run_before = verdict.counting, result.run_id or 0
    before = {"points": result.total, "maximum": result.maximum, "passed": result.passed}
    after = {"points": found.total, "maximum": found.maximum, "passed": found.passed}
    op.db.add(
        RescoredResult(
            rescoring_id=rescoring_id,
            registration_id=registration_id,
            run_before=run_before,
            total_before=result.total,
            maximum_before=result.maximum,
            passed_before=result.passed,
            run_after=run.id,
            total_after=found.total,
            maximum_after=found.maximum,
            passed_after=found.passed,
            kept=verdict.exact.standing < found.standing,
            at=op.now,
        )
    )
    result.run_id, result.total, result.maximum, result.passed = run.id, found.total, found.maximum, found.passed
    op.db.flush()
    if before == after:
        tell_score(op, registration_id, run, found)
        return
    what = {"attempt_id": attempt_id, "run": run.number, "proposed_by": row.proposed_by, "rescoring_id": row.id}
    about = ("registration", registration_id)
    record(op, AuditAction.RESULT_CHANGE, subject=about, before=before, after=after | what, reason=row.reason)
    if release.state is ReleaseState.RELEASED:
        follow_change(op, result, passed_before=bool(before["passed"]))
        tell_change(op, result)


def follow_change(op: Operation, result: Result, *, passed_before: bool) -> None:
    """Tell those above what has become of a released pass, in the transaction in which it became so (P27)."""
    if passed_before and not result.passed:
        op.publish(PassLost(result.registration_id))
    elif result.passed and not passed_before and grading.counts(op.db, result.registration_id):
        op.publish(PassConfirmed(result.exam_id, result.registration_id))


def tell_change(op: Operation, result: Result) -> None:
    """Tell the candidate that there is news; where the result is withheld or void there is none for them to see."""
    if not grading.counts(op.db, result.registration_id):
        return
    person_id = exams.registration_by_id(op.db, result.registration_id).person_id
    told = {"exam": exams.exam_by_id(op.db, result.exam_id).name}
    post(op.db, person_id=person_id, template=Kind.RESULT_CORRECTED, params=told, now=op.now)


def _finish(op: Operation, rescoring_id: int) -> None:
    """The correction is applied; whoever comes second finds it so."""
    row = queries.rescoring_by_id(op.db, rescoring_id, lock=True)
    if (row.state, RescoringAction.FINISH) not in RESCORING_TRANSITIONS:
        return
    row.state, row.applied_at = move_rescoring(row.state, RescoringAction.FINISH), op.now
    op.db.flush()
    done = queries.rescored_in(op.db, rescoring_id)
    after = {
        "exam_id": row.exam_id,
        "attempts": len(done),
        "changed": sum(one.changes for one in done),
        "won": sum(one.passed_after and not one.passed_before for one in done),
        "lost": sum(one.passed_before and not one.passed_after for one in done),
    }
    record(op, AuditAction.SCORING_RUN, subject=("rescoring", row.id), after=after)
    op.publish(ResultsRescored(row.exam_id, row.id))
