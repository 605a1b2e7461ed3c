"""Technical faults come before the release: an attempt that was lost is no result, and nothing of it is ever told."""

from app.attempts.events import FaultRecognised, FaultReported
from app.grading import queries
from app.grading.rules import ReleaseState, TooLateForFault
from app.operation import Operation


def keep_in_time(op: Operation, event: FaultReported | FaultRecognised) -> None:
    """Hold the release, so that a proposal comes wholly before or wholly after. Raises TooLateForFault."""
    release = queries.release_of(op.db, event.exam_id, lock=True)
    if release is not None and release.state is not ReleaseState.SCORED:
        raise TooLateForFault
