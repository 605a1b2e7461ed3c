"""标定: figures of items that grading appends once an exam's results are out; the draw goes by them from then on."""

from collections.abc import Mapping

from sqlalchemy import insert

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.models import Calibration
from app.authoring.queries.calibrations import last_numbers
from app.operation import Operation
from question_bank.statistics.calibration import ItemFigures


def keep_calibrations(op: Operation, exam_id: int, figures: Mapping[int, ItemFigures]) -> None:
    """Append what an exam said of each item version, by its id. Nobody approves it: whether it stands for the author's
    word follows from the number of responses and the standard error (`Tally.suffices`)."""
    if not figures:
        return
    before = last_numbers(op.db, exam_id)
    op.db.execute(
        insert(Calibration),
        [
            {
                "item_version_id": version_id,
                "exam_id": exam_id,
                "number": before.get(version_id, 0) + 1,
                "method": found.method,
                "responses": found.tally.responses,
                "shares": found.tally.shares,
                "squares": found.tally.squares,
                "item_rest": found.item_rest,
                "slope": found.slope,
                "location": found.location,
                "at": op.now,
            }
            for version_id, found in sorted(figures.items())
        ],
    )
    after = {"versions": len(figures), "responses": sum(found.tally.responses for found in figures.values())}
    record(op, AuditAction.ITEM_CALIBRATE, subject=("exam", exam_id), after=after)
