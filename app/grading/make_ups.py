"""What policy makes of failing: an entitlement to a make-up exam, and what a pass in that one counts."""

from collections.abc import Collection

from app.attempts.events import MisconductSettled
from app.exams import queries as exams
from app.exams.make_ups.entitlements import follow_failures
from app.exams.make_ups.queries import made_up_by
from app.exams.make_ups.rules import Cause
from app.exams.policies.queries import policy_by_id
from app.exams.rule_kinds import caps_passes, rules_from_json
from app.grading import queries
from app.grading.events import PassConfirmed, PassLost, ResultsReleased, ResultsRescored
from app.grading.rules import capped_total
from app.grading.service import blueprint_of_exam
from app.operation import Operation


def follow_release(op: Operation, event: ResultsReleased | ResultsRescored) -> None:
    """All results of an exam are out, or were scored anew."""
    among = queries.registrations_with_result(op.db, event.exam_id)
    follow_failures(op, event.exam_id, queries.failed_among(op.db, among), among=among)


def follow_one(op: Operation, event: MisconductSettled | PassConfirmed | PassLost) -> None:
    """One result counts, or counts no more, or is another than it was."""
    one = [event.registration_id]
    exam_id = exams.registration_by_id(op.db, event.registration_id).exam_id
    follow_failures(op, exam_id, queries.failed_among(op.db, one), among=one)


def counted_totals(op: Operation, exam_id: int, registration_ids: Collection[int]) -> dict[int, int]:
    """What passes among these registrations of a make-up exam count, in hundredths, where that is another total than
    the one scored: after failing, under a policy that caps them. What the house owed counts in full."""
    exam = exams.exam_by_id(op.db, exam_id)
    if exam.makes_up_for is None or exam.policy_id is None:
        return {}
    if not caps_passes(rules_from_json(policy_by_id(op.db, exam.policy_id).rules)):
        return {}
    used = made_up_by(op.db, registration_ids)
    failed = [one for one, entitlement in used.items() if entitlement.cause is Cause.FAILED]
    blueprint = blueprint_of_exam(op, exam)
    found = {}
    for row in queries.passes_among(op.db, failed):
        counted = capped_total(
            row.total,
            cut_score=blueprint.cut_score_hundredths,
            maximum=row.maximum,
            full=blueprint.maximum_hundredths,
        )
        if counted != row.total:
            found[row.registration_id] = counted
    return found
