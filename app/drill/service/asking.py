"""Asking for a drill, cancelling it, and writing down how it ended."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.audit.actions import AuditAction
from app.audit.record import record
from app.drill import queries
from app.drill.models import Drill
from app.drill.rules import (
    MOST_CANDIDATES,
    DrillAction,
    DrillState,
    DrillUnderWay,
    Figures,
    Finding,
    NothingToRehearse,
    SittingTime,
    check_quiet,
    move,
)
from app.errors import FieldProblem
from app.exams import queries as exams
from app.exams.models import Exam
from app.exams.rules import ExamState
from app.jobs import queue
from app.jobs.rules import LIVING, JobState
from app.operation import Operation

JOB = "drill"
_REHEARSABLE = (ExamState.SUBMITTED, ExamState.PUBLISHED, ExamState.SEAL_PROPOSED, ExamState.SEALED)


@dataclass(frozen=True)
class Choice:
    """An exam that may be rehearsed, and how many candidates it has so far."""

    exam: Exam
    candidates: int


def rehearsable(op: Operation) -> list[Choice]:
    """The exams that the actor sees, planned and not over, the next one first."""
    found = [exam for exam in exams.list_exams(op.db, op.actor) if exam.state in _REHEARSABLE]
    sittings = exams.sittings_by_exam(op.db, [exam.id for exam in found])
    ahead = [exam for exam in found if exam.id in sittings and sittings[exam.id].ends_at > op.now]
    ahead.sort(key=lambda exam: sittings[exam.id].starts_at)
    return [Choice(exam, len(exams.confirmed_registrations(op.db, exam.id))) for exam in ahead]


def ask(op: Operation, *, exam_id: int, candidates: int | None, minutes: int) -> Drill:
    """Have an exam rehearsed by the worker; by as many candidates as it has, where no number is given.

    Raises NotFound, ExamTooNear, NothingToRehearse, DrillUnderWay.
    """
    exam = exams.find_exam(op.db, op.actor, exam_id)
    refuse_near(op)
    wanted = candidates or min(MOST_CANDIDATES, len(exams.confirmed_registrations(op.db, exam_id)))
    if not wanted:
        raise NothingToRehearse(FieldProblem("candidates", NothingToRehearse.zh, NothingToRehearse.en))
    settle_abandoned(op)
    drill = Drill(
        exam_id=exam.id,
        state=DrillState.UNDER_WAY,
        candidates=wanted,
        minutes=minutes,
        asked_by=op.actor.account_id,
        asked_at=op.now,
    )
    try:
        with op.db.begin_nested():
            op.db.add(drill)
    except IntegrityError:
        raise DrillUnderWay from None
    # Once only: where the machine went down under a drill, nobody wants it to begin again by itself.
    drill.job_id = queue.enqueue(
        op.db, kind=JOB, payload={"drill_id": drill.id}, now=op.now, max_attempts=1, created_by=op.actor.account_id
    )
    op.db.flush()
    after = {"exam_id": exam.id, "candidates": wanted, "minutes": minutes, "job_id": drill.job_id}
    record(op, AuditAction.DRILL_START, subject=("drill", drill.id), after=after)
    return drill


def cancel(op: Operation, *, drill_id: int) -> Drill:
    """Cancel a drill: at once where it waits, else the worker clears it away first. Raises NotFound, DrillOver,
    JobOver."""
    drill = queries.find_drill(op.db, op.actor, drill_id, lock=True)
    move(drill.state, DrillAction.CANCEL)
    if queue.cancel(op.db, drill.job_id or 0, now=op.now) is JobState.CANCELLED:
        end(op, drill, DrillAction.CANCEL)
    return drill


def refuse_near(op: Operation) -> None:
    """Raises ExamTooNear where a sitting of a sealed exam runs, or begins soon."""
    for exam in exams.exams_in(op.db, ExamState.SEALED):
        times = exams.sittings_of(op.db, exam.id)
        check_quiet([SittingTime(exam.name, one.starts_at, one.ends_at) for one in times], now=op.now)


def settle_abandoned(op: Operation) -> None:
    """End the drill whose job has ended without it: its worker is gone."""
    drill = queries.drill_under_way(op.db, lock=True)
    if drill is not None and (drill.job_id is None or queue.find(op.db, drill.job_id).state not in LIVING):
        end(op, drill, DrillAction.BREAK, reason=("执行演练的进程意外终止。", "The process that held it is gone."))


def end(
    op: Operation,
    drill: Drill,
    action: DrillAction,
    *,
    figures: Figures | None = None,
    findings: list[Finding] | None = None,
    tables: list[list[Any]] | None = None,
    reason: tuple[str, str] = ("", ""),
) -> None:
    """Write down how a drill ended, with all that it found. Raises DrillOver where it has ended already."""
    drill.state = move(drill.state, action)
    drill.ended_at = op.now
    drill.figures = asdict(figures) if figures else None
    drill.tables = tables
    drill.reason_zh, drill.reason_en = reason[0][:400], reason[1][:400]
    op.db.flush()
    against = [finding.rule.value for finding in findings or () if not finding.kept]
    after = {"state": drill.state, "against": against, "exam_id": drill.exam_id}
    record(op, AuditAction.DRILL_END, subject=("drill", drill.id), before={"state": "under_way"}, after=after)
