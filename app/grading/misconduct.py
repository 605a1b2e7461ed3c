"""What a decided misconduct case means for a result: it counts after all, or it is void; its points stay."""

from app.attempts.events import MisconductSettled
from app.attempts.misconduct.rules import VOIDING
from app.audit.actions import AuditAction
from app.audit.record import record
from app.grading import queries
from app.grading.events import PassConfirmed, PassLost
from app.grading.rules import ReleaseState
from app.operation import Operation


def follow_ruling(op: Operation, event: MisconductSettled) -> None:
    """Tell those above what has become of a pass, in the transaction of the decision (P27). The release is held: what
    it lets out was judged wholly before or wholly after."""
    release = queries.release_of(op.db, event.exam_id, lock=True)
    result = queries.result_row(op.db, event.registration_id)
    if result is None:
        return
    void = event.ruling in VOIDING
    if void:
        after = {"exam_id": event.exam_id, "case_id": event.case_id, "ruling": event.ruling, "passed": False}
        about = ("registration", event.registration_id)
        record(op, AuditAction.RESULT_VOID, subject=about, before={"passed": result.passed}, after=after)
    if release is None or release.state is not ReleaseState.RELEASED or not result.passed:
        return
    if void:
        op.publish(PassLost(event.registration_id))
    elif queries.counts(op.db, event.registration_id):
        op.publish(PassConfirmed(event.exam_id, event.registration_id))
