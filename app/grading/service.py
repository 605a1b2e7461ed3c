"""Scoring of closed attempts, absences, and the release of results to all at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.accounts.queries import person_of
from app.attempts import queries as attempts
from app.attempts.events import AttemptClosed
from app.attempts.responses import hash_responses
from app.attempts.rules import AttemptState
from app.attempts.sitting_record import queries as records
from app.attempts.technical_faults.queries import count_undecided
from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.queries import read_content, versions_by_id
from app.errors import NotFound
from app.exams import queries as exams
from app.exams.models import Exam, FormRow
from app.exams.reading import read_form
from app.exams.rules import ExamState
from app.exams.service.blueprints import blueprint_of
from app.grading import queries
from app.grading.events import ResultsReleased
from app.grading.models import Release, Result, ScoringRun
from app.grading.rescoring.queries import decided_in, is_living
from app.grading.rescoring.rules import Decided, Judged, RescoringWaits, Verdict, judge
from app.grading.rules import (
    ReleaseAction,
    ReleaseState,
    SameReleaser,
    check_complete,
    check_faults,
    check_records,
    move,
)
from app.operation import House, Operation, Task, acting_as
from app.outbox.post import post_to_all
from app.outbox.templates import Kind
from app.security.permissions import Capability
from question_bank.blueprint import Blueprint
from question_bank.canonical import canonical_json, read_json
from question_bank.form import parse_response
from question_bank.items import Item


def score_closed(op: Operation, event: AttemptClosed) -> None:
    """Score an attempt in the transaction that closes it: acknowledged means marked (P2)."""
    score(op, event.attempt_id)


def score(op: Operation, attempt_id: int) -> ScoringRun:
    """Score one closed attempt exactly; scoring again is a new run beside the old (P17, P25)."""
    attempt = attempts.hold(op.db, attempt_id)
    row = exams.form_for(op.db, attempt.registration_id) if attempt else None
    if attempt is None or row is None:
        raise NotFound
    run, verdict = run_anew(op, attempt_id, row, decided_in(op.db, row.exam_id))
    found = verdict.counting
    _keep_result(
        op, row.exam_id, attempt.registration_id, run=run, total=found.total, maximum=found.maximum, passed=found.passed
    )
    tell_score(op, attempt.registration_id, run, found)
    return run


def run_anew(op: Operation, attempt_id: int, row: FormRow, decided: Sequence[Decided]) -> tuple[ScoringRun, Verdict]:
    """Score the responses of an attempt to its form under what was decided; returns the run that counts. Where another
    is exact by every correction, that one is the newest run: statistics go by it, the candidate does not lose by it."""
    form, exam = read_form(row.content), exams.exam_by_id(op.db, row.exam_id)
    stored = attempts.folded_responses(op.db, attempt_id)
    responses = {at: parse_response(form, read_json(raw), position=at) for at, raw in stored.items()}
    items, blueprint = frozen_items(op.db, op.house, row.exam_id), blueprint_of_exam(op, exam)
    verdict = judge(form, items, responses, blueprint=blueprint, decided=decided)
    number, digest = queries.last_run_number(op.db, attempt_id), hash_responses(stored)
    runs = [
        ScoringRun(
            attempt_id=attempt_id,
            number=number + n,
            points=canonical_json(list(one.points)).decode(),
            responses_hash=digest,
            at=op.now,
        )
        for n, one in enumerate(dict.fromkeys((verdict.counting, verdict.exact)), 1)
    ]
    op.db.add_all(runs)
    op.db.flush()
    return runs[0], verdict


def tell_score(op: Operation, registration_id: int, run: ScoringRun, found: Judged) -> None:
    """Write the record of a scoring."""
    after = {
        "attempt_id": run.attempt_id,
        "run": run.number,
        "points": found.total,
        "passed": found.passed,
        "responses_hash": run.responses_hash,
    }
    record(op, AuditAction.RESULT_SCORE, subject=("registration", registration_id), after=after)


def frozen_items(db: Session, house: House, exam_id: int) -> Mapping[str, Item]:
    """The frozen items of an exam, read once per process: a hand-in storm asks for them a thousand times."""
    cache = house.tool(FrozenItems)
    if exam_id not in cache:
        if len(cache) >= _MOST_EXAMS_KEPT:
            cache.clear()
        versions = versions_by_id(db, exams.pool_version_ids(db, exam_id))
        cache[exam_id] = {str(v.item_version_id): read_content(v.content) for v in versions}
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
    """Once every sitting is over, whoever was confirmed and never started is absent (缺考); returns how many. That is
    said by people, so that the machine says it only where nobody will: without a room, in a room whose record an
    approver does without, and of a sheet of paper that two people found to be nobody's."""
    grace = timedelta(seconds=op.settings.grace_seconds)
    if last_end(op, exam_id) + grace >= op.now:
        return 0
    confirmed = exams.confirmed_registrations(op.db, exam_id)
    waived = records.waived_among(op.db, {r.room_id for r in confirmed if r.room_id})
    found = attempts.attempts_of(op.db, [r.id for r in confirmed])
    registrations = [r.id for r in confirmed if r.room_id is None or r.room_id in waived or r.id in found]
    started = attempts.begun_of(op.db, registrations)
    known = queries.registrations_with_result(op.db, exam_id)
    absent = [r for r in registrations if r not in started and r not in known]
    note_absent(op, exam_id, absent)
    return len(absent)


def note_absent(op: Operation, exam_id: int, registration_ids: Sequence[int]) -> None:
    """Give these registrations, which have no attempt, the result of who is absent."""
    maximum = blueprint_of_exam(op, exams.exam_by_id(op.db, exam_id)).maximum_hundredths
    for registration_id in registration_ids:
        _keep_result(op, exam_id, registration_id, run=None, total=0, maximum=maximum, passed=False)
        record(op, AuditAction.RESULT_ABSENT, subject=("registration", registration_id), after={"exam_id": exam_id})


def sweep_absences(house: House) -> None:
    """Note the absences of every sealed exam that is over; harmless to repeat."""
    with house.database.transaction(reading=True) as session:
        sealed = [exam.id for exam in exams.exams_in(session, ExamState.SEALED)]
        settled = queries.settled_exams(session)
    for exam_id in sealed:
        if exam_id not in settled:
            with acting_as(house, "absences") as op:
                close_absences(op, exam_id)


def propose_release(op: Operation, *, exam_id: int) -> Release:
    """Propose to release the results. Raises RecordsMissing while the record of a room is not signed, FaultsWaiting
    while a technical fault is undecided, NotAllScored while anyone writes or waits for a score, RescoringWaits while a
    correction is not settled or not applied to all."""
    release = _release(op, exam_id)
    if is_living(op.db, exam_id):
        raise RescoringWaits
    check_records(len(rooms_without_record(op, exam_id)))
    check_faults(count_undecided(op.db, exam_id))
    close_absences(op, exam_id)
    figures = progress(op, exam_id)
    check_complete(still_open=figures.still_open, unscored=figures.unscored)
    _step(op, release, ReleaseAction.PROPOSE, AuditAction.RESULT_PROPOSE_RELEASE)
    release.proposed_by, release.proposed_at = op.actor.account_id, op.now
    return release


@dataclass(frozen=True)
class Progress:
    """How far an exam is: who may still write (before the end, everyone who has not handed in), who waits for a
    score."""

    still_open: int
    unscored: int


def progress(op: Operation, exam_id: int) -> Progress:
    """How many may still write and how many wait for a score, now."""
    registrations = [r.id for r in exams.confirmed_registrations(op.db, exam_id)]
    begun = attempts.begun_of(op.db, registrations)
    closed = [a.id for a in begun.values() if a.state is AttemptState.CLOSED]
    over = last_end(op, exam_id) < op.now
    still_open = len(begun) - len(closed) if over else len(registrations) - len(closed)
    return Progress(still_open, len(closed) - len(queries.scored_attempts(op.db, closed)))


def rooms_without_record(op: Operation, exam_id: int) -> set[int]:
    """The rooms in which candidates of the exam have seats, and whose record is not filed."""
    rooms = {r.room_id for r in exams.confirmed_registrations(op.db, exam_id) if r.room_id}
    return records.unfiled(op.db, rooms)


def last_end(op: Operation, exam_id: int) -> datetime:
    """When the last of an exam's sittings ends; a room that stood still ends as much later."""
    ends_at = max(sitting.ends_at for sitting in exams.sittings_of(op.db, exam_id))
    return ends_at + attempts.longest_standstill(op.db, exam_id, now=op.now)


def blueprint_of_exam(op: Operation, exam: Exam) -> Blueprint:
    """What an exam's forms were drawn by: full points and cut score stand in it."""
    return blueprint_of(exams.blueprint_by_id(op.db, exam.blueprint_id))


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
    check_records(len(rooms_without_record(op, exam_id)))  # an addition may have been drawn up since
    row.released_by, row.released_at = op.actor.account_id, op.now
    _step(op, row, ReleaseAction.RELEASE, AuditAction.RESULT_RELEASE)
    op.db.flush()
    op.publish(ResultsReleased(exam_id, queries.passed_registrations(op.db, exam_id)))
    told = {"exam": exams.exam_by_id(op.db, exam_id).name}
    sat = [registration.person_id for registration in exams.confirmed_registrations(op.db, exam_id)]
    post_to_all(op.db, person_ids=sat, template=Kind.RESULTS_RELEASED, params=told, now=op.now)
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
        ready = [e for e in queries.exams_in(op.db, ReleaseState.SCORED) if last_end(op, e) < op.now]
        tasks.append(
            Task("场考试的成绩待提请公布", "exams whose results may be proposed for release", len(ready), "/results")
        )
    if op.may(Capability.RELEASE_APPROVE):
        proposed = queries.exams_in(op.db, ReleaseState.PROPOSED)
        tasks.append(Task("场考试的成绩待批准公布", "exams whose results wait for release", len(proposed), "/results"))
    return tasks
