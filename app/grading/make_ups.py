"""Released results that are no pass, and what policy makes of them: an entitlement to a make-up exam."""

from app.attempts.events import MisconductSettled
from app.exams import queries as exams
from app.exams.make_ups.entitlements import follow_failures
from app.grading import queries
from app.grading.events import PassConfirmed, PassLost, ResultsReleased, ResultsRescored
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
