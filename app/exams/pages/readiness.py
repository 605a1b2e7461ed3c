"""The checklist before the day: one page of yes and no."""

from dataclasses import asdict

from app.exams import queries
from app.exams.pages.desk import desk
from app.exams.schemas.readiness import ReadinessShown, ReadyLine
from app.exams.service.readiness import readiness
from app.operation import Operation
from app.security.permissions import Capability


@desk.view("/exams/{exam_id}/readiness", Capability.EXAM_PRINT, template="exams/readiness.html")
def show_readiness(op: Operation, *, exam_id: int) -> ReadinessShown:
    """What is in place for an exam and what lacks, with numbers and where it is mended."""
    exam = queries.find_exam(op.db, op.actor, exam_id)
    lines = readiness(op, exam)
    return ReadinessShown(
        exam_id=exam.id,
        exam_name=exam.name,
        state=exam.state,
        starts_at=queries.sittings_of(op.db, exam.id)[0].starts_at,
        met=sum(line.met for line in lines),
        lines=[ReadyLine(**asdict(line) | {"lacking": [*line.lacking]}) for line in lines],
    )
