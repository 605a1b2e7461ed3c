"""What happens in rooms and entitles to a make-up exam; told to exams, who keep the entitlements."""

from app.attempts.events import AbsenceExcused, AbsencesClosed, AbsencesReopened, FaultRecognised, MisconductSettled
from app.attempts.misconduct.rules import ADVERSE, Ruling
from app.exams.make_ups import entitlements
from app.exams.make_ups.queries import postponed_for
from app.exams.make_ups.rules import Cause
from app.operation import Operation


def follow_excuse(op: Operation, event: AbsenceExcused) -> None:
    """The reason of an absence was recognised."""
    entitlements.grant(op, Cause.EXCUSED, {event.registration_id: f"absence:{event.registration_id}"})


def follow_ruling(op: Operation, event: MisconductSettled) -> None:
    """An attempt was ended, and two people found that nothing follows. Found against the person, it is not made up
    either for a fault that was recognised before."""
    if event.ruling is Ruling.MAKE_UP:
        entitlements.grant(op, Cause.UNFOUNDED, {event.registration_id: f"misconduct:{event.case_id}"})
    elif event.ruling in ADVERSE:
        entitlements.lapse(op, Cause.TECHNICAL, [event.registration_id])


def follow_fault(op: Operation, event: FaultRecognised) -> None:
    """An attempt was lost to a technical fault."""
    entitlements.grant(op, Cause.TECHNICAL, {event.registration_id: f"technical_fault:{event.fault_id}"})


def follow_absences(op: Operation, event: AbsencesClosed) -> None:
    """Who had been confirmed for another hour is absent at the hour to which the exam was postponed."""
    changes = postponed_for(op.db, event.exam_id, event.registration_ids)
    entitlements.grant(op, Cause.POSTPONED, {one: f"change:{change_id}" for one, change_id in changes.items()})


def take_back_absences(op: Operation, event: AbsencesReopened) -> None:
    """Nobody of the list is absent any more until it is stated anew."""
    entitlements.lapse(op, Cause.POSTPONED, event.registration_ids)
