"""What closed absences mean for results: who is absent has one that says so; a list opened again takes it back."""

from app.attempts.events import AbsencesClosed, AbsencesReopened
from app.audit.actions import AuditAction
from app.audit.record import record
from app.grading import queries
from app.grading.rules import ReleaseAction, ReleaseState, ResultsOut, move
from app.grading.service import note_absent
from app.operation import Operation


def follow_absences(op: Operation, event: AbsencesClosed) -> None:
    """Note the absences in the transaction that closes them; one that the machine noted before stays as it is."""
    known = queries.registrations_with_result(op.db, event.exam_id)
    note_absent(op, event.exam_id, [one for one in event.registration_ids if one not in known])


def take_back_absences(op: Operation, event: AbsencesReopened) -> None:
    """Take back what the list said. Raises ResultsOut once the results are out, ReleaseMoveRefused while they are
    proposed for release."""
    release = queries.release_of(op.db, event.exam_id, lock=True)
    if release is None:
        return
    if release.state is ReleaseState.RELEASED:
        raise ResultsOut
    move(release.state, ReleaseAction.SCORE)
    for registration_id in queries.strike_absent(op.db, event.registration_ids):
        about = ("registration", registration_id)
        record(op, AuditAction.RESULT_UNDO_ABSENT, subject=about, after={"exam_id": event.exam_id})
