"""Corrections of faulty items: proposed with what they would change in sight, approved by another person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.accounts.queries import person_of
from app.attempts import queries as attempts
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import NotFound
from app.exams import queries as exams
from app.exams.reading import RecordsDestroyed, read_form
from app.exams.rules import check_two_people
from app.grading import queries as grading
from app.grading.models import Result
from app.grading.rescoring import queries
from app.grading.rescoring.models import Rescoring
from app.grading.rescoring.rules import (
    CorrectionRefused,
    Decided,
    Judged,
    RescoringAction,
    RescoringState,
    RescoringWaits,
    Verdict,
    check_time,
    concerns,
    judge,
    move_rescoring,
)
from app.grading.service import blueprint_of_exam, frozen_items, progress
from app.jobs.queue import enqueue
from app.operation import Operation, Task
from app.security.permissions import Capability
from question_bank.canonical import read_json
from question_bank.corrections import check_correction, corrected_form
from question_bank.errors import InvalidCorrection
from question_bank.form import Form, parse_response

JOB = "grading.rescore"


@dataclass(frozen=True)
class Shift:
    """What a correction does, or would do, to one candidate: the result as it stands, and what would stand then."""

    result: Result
    verdict: Verdict

    @property
    def after(self) -> Judged:
        """What counts for the candidate."""
        return self.verdict.counting

    @property
    def changes(self) -> bool:
        """Whether total, full points or pass become others."""
        now = (self.result.total, self.result.maximum, self.result.passed)
        return now != (self.after.total, self.after.maximum, self.after.passed)

    @property
    def kept(self) -> bool:
        """Whether the exact score would have been worse, and the better one counts."""
        return self.verdict.exact.standing < self.after.standing


def simulate(op: Operation, exam_id: int, proposed: Decided) -> list[Shift]:
    """What a correction would do to everyone who had the item, by registration; nothing is kept.

    Raises NotFound where the exam's pool has no such item, CorrectionRefused where it cannot be treated so,
    RecordsDestroyed where anybody's responses or form are no longer kept.
    """
    if attempts.any_destroyed(op.db, exam_id):
        raise RecordsDestroyed
    items = frozen_items(op.db, op.house, exam_id)
    item = items.get(proposed.correction.item_key)
    if item is None:
        raise NotFound
    decided = [*queries.decided_in(op.db, exam_id), proposed]
    blueprint = blueprint_of_exam(op, exams.exam_by_id(op.db, exam_id))
    shifts = []
    forms = _forms_concerned(op, exam_id, proposed)
    try:
        check_correction(item, proposed.correction)
        for drawn in forms.values():
            corrected_form(drawn, [one.correction for one in decided])
        for result, attempt_id in queries.scored_in(op.db, exam_id):
            form = forms.get(result.registration_id)
            if form is None:
                continue
            stored = attempts.folded_responses(op.db, attempt_id)
            responses = {at: parse_response(form, read_json(raw), position=at) for at, raw in stored.items()}
            shifts.append(Shift(result, judge(form, items, responses, blueprint=blueprint, decided=decided)))
    except InvalidCorrection as error:
        raise CorrectionRefused(zh=error.zh, en=error.en) from error
    return shifts


def _forms_concerned(op: Operation, exam_id: int, proposed: Decided) -> Mapping[int, Form]:
    forms = {row.registration_id: read_form(row.content) for row in exams.forms_of(op.db, exam_id)}
    return {
        registration_id: form
        for registration_id, form in forms.items()
        if registration_id is not None and concerns(form, proposed.correction)
    }


def propose(op: Operation, *, exam_id: int, proposed: Decided, reason: str) -> Rescoring:
    """Propose a correction, by which nothing changes yet.

    Raises NotFound, CorrectionRefused, RescoringWaits, ReleaseWaits, RescoringTooEarly, RecordsDestroyed.
    """
    _check_time(op, exam_id)
    if queries.is_living(op.db, exam_id):
        raise RescoringWaits
    shifts = simulate(op, exam_id, proposed)
    correction = proposed.correction
    row = Rescoring(
        exam_id=exam_id,
        item_version_id=int(correction.item_key),
        part=correction.part,
        treatment=correction.treatment,
        key=correction.key,
        policy=proposed.policy,
        reason=reason,
        state=RescoringState.PROPOSED,
        proposed_by=op.actor.account_id or 0,
        proposed_at=op.now,
    )
    op.db.add(row)
    op.db.flush()
    after = _told(row) | {"had": len(shifts), "changed": sum(shift.changes for shift in shifts)}
    record(op, AuditAction.RESCORING_PROPOSE, subject=("rescoring", row.id), after=after, reason=reason)
    return row


def approve(op: Operation, *, exam_id: int, rescoring_id: int) -> Rescoring:
    """Put a correction in force that another person has proposed, and have everyone scored anew by the worker.

    Raises NotFound, RescoringSettled, SameOfficer, ReleaseWaits, RescoringTooEarly, CorrectionRefused.
    """
    _check_time(op, exam_id)
    row = _settle(op, exam_id, rescoring_id, RescoringAction.APPROVE)
    after = _told(row) | {"state": row.state, "proposed_by": row.proposed_by}
    record(op, AuditAction.RESCORING_APPROVE, subject=("rescoring", row.id), after=after, reason=row.reason)
    key = f"{JOB}/{row.id}"
    enqueue(op.db, kind=JOB, payload={"rescoring_id": row.id}, now=op.now, dedupe_key=key)
    return row


def decline(op: Operation, *, exam_id: int, rescoring_id: int, reason: str) -> Rescoring:
    """Leave every result as it is. Raises NotFound, RescoringSettled, SameOfficer."""
    row = _settle(op, exam_id, rescoring_id, RescoringAction.DECLINE)
    after = {"exam_id": exam_id, "state": row.state}
    record(op, AuditAction.RESCORING_DECLINE, subject=("rescoring", row.id), after=after, reason=reason)
    return row


def _settle(op: Operation, exam_id: int, rescoring_id: int, action: RescoringAction) -> Rescoring:
    row = queries.find_rescoring(op.db, op.actor, exam_id, rescoring_id, lock=True)
    state = move_rescoring(row.state, action)
    check_two_people(person_of(op.db, row.proposed_by), decider=op.actor.person_id)
    row.state, row.settled_by, row.settled_at = state, op.actor.account_id, op.now
    op.db.flush()
    return row


def _check_time(op: Operation, exam_id: int) -> None:
    """The release is held: it is not proposed meanwhile, nor does another correction begin."""
    release = grading.release_of(op.db, exam_id, lock=True)
    if release is None:
        raise NotFound
    figures = progress(op, exam_id)
    check_time(release.state, still_open=figures.still_open, unscored=figures.unscored)


def _told(row: Rescoring) -> dict[str, object]:
    return {
        "exam_id": row.exam_id,
        "version_id": row.item_version_id,
        "treatment": row.treatment,
        "policy": row.policy,
    }


def waiting(op: Operation) -> list[Task]:
    """What waits: corrections to approve."""
    if not op.may(Capability.RESCORING_APPROVE):
        return []
    found: Sequence[Rescoring] = queries.waiting_rescorings(op.db)
    words = ("项试题更正待批准", "corrections of items wait for approval")
    href = f"/results/{found[0].exam_id}/rescorings/{found[0].id}" if found else ""
    return [Task(*words, len(found), href)] if found else []
