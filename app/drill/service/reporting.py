"""A drill as it is shown, on its page, on paper and at the command line."""

from typing import Any

import msgspec

from app.accounts.queries import person_of
from app.drill import queries
from app.drill.models import Drill
from app.drill.rules import DrillState, Figures, Step, bears, bend, capacity, judge
from app.drill.schemas import (
    ChoiceShown,
    DrillLine,
    DrillShown,
    DrillsShown,
    FindingShown,
    LivingShown,
    ReportShown,
    StepShown,
    TableShown,
)
from app.drill.service.asking import rehearsable
from app.drill.service.digests import LIVING
from app.drill.words import LIMIT_WORDS, RULE_WORDS, STATE_WORDS, amount, duration, limit
from app.exams import queries as exams
from app.jobs import queue
from app.operation import Operation
from app.people.queries import person_by_id
from app.security.permissions import Capability

LISTED = 50
_SHOWN_OF_DIGEST = 16


def show_list(op: Operation) -> DrillsShown:
    """The newest drills; what may be rehearsed, for who may have it rehearsed."""
    runs = op.may(Capability.DRILL_RUN)
    choices = rehearsable(op) if runs else []
    return DrillsShown(
        drills=[_line(op, drill) for drill in queries.list_drills(op.db, op.actor, limit=LISTED)],
        choices=[ChoiceShown(exam_id=c.exam.id, name=c.exam.name, candidates=c.candidates) for c in choices],
        runs=runs,
    )


def show(op: Operation, drill: Drill) -> DrillShown:
    """One drill with its progress or its report."""
    job = queue.find(op.db, drill.job_id) if drill.state is DrillState.UNDER_WAY and drill.job_id else None
    zh, en = STATE_WORDS[drill.state]
    return DrillShown(
        id=drill.id,
        exam_id=drill.exam_id,
        exam_name=exams.exam_by_id(op.db, drill.exam_id).name,
        state=drill.state,
        zh=zh,
        en=en,
        candidates=drill.candidates,
        minutes=drill.minutes,
        asked_by=person_by_id(op.db, person_of(op.db, drill.asked_by)).name if drill.asked_by else "",
        asked_at=drill.asked_at,
        ended_at=drill.ended_at,
        done=job.done if job else 0,
        doing_zh=job.message_zh if job else "",
        doing_en=job.message_en if job else "",
        reason_zh=drill.reason_zh,
        reason_en=drill.reason_en,
        stops=job is not None and job.cancel_requested_at is None and op.may(Capability.DRILL_RUN),
        report=_report(drill.figures, drill.tables or []) if drill.figures else None,
    )


def _line(op: Operation, drill: Drill) -> DrillLine:
    zh, en = STATE_WORDS[drill.state]
    return DrillLine(
        id=drill.id,
        exam_name=exams.exam_by_id(op.db, drill.exam_id).name,
        state=drill.state,
        zh=zh,
        en=en,
        candidates=drill.candidates,
        minutes=drill.minutes,
        asked_at=drill.asked_at,
        ended_at=drill.ended_at,
    )


def _report(kept: dict[str, Any], tables: list[list[Any]]) -> ReportShown:
    figures = msgspec.convert(kept, Figures)
    bend_zh, bend_en = LIMIT_WORDS[bend(figures.steps)]
    return ReportShown(
        findings=[
            FindingShown(
                rule=one.rule.value,
                zh=RULE_WORDS[one.rule][0],
                en=RULE_WORDS[one.rule][1],
                kept=one.kept,
                found=amount(one.rule, one.found),
                limit=limit(one.rule, one.limit),
            )
            for one in judge(figures)
        ],
        saves=figures.saves,
        refused=figures.refused,
        first_error=figures.first_error,
        broken=list(figures.broken[:10]),
        **{scene: figures.played.get(scene, 0) for scene in ("away", "swapped", "second_page", "left_to_bell")},
        capacity=capacity(figures.steps),
        needed=figures.needed,
        bend_zh=bend_zh,
        bend_en=bend_en,
        steps=[_step(step) for step in figures.steps],
        front=figures.front.address if figures.front else "",
        missing=list(figures.front.missing) if figures.front else [],
        tables=[
            TableShown(
                name=name,
                rows=rows,
                before=before[:_SHOWN_OF_DIGEST],
                after=after[:_SHOWN_OF_DIGEST],
                same=before == after,
            )
            for name, rows, before, after in tables
        ],
        living=[LivingShown(name=name, zh=zh, en=en) for name, (zh, en) in LIVING.items()],
    )


def _step(step: Step) -> StepShown:
    return StepShown(
        rate=step.rate,
        answered=step.answered,
        borne=bears(step),
        save_p99=duration(step.save_p99_us),
        process_percent=step.process_permille // 10,
        machine_percent=step.machine_permille // 10,
        fsync_p99=duration(step.fsync_p99_us),
        connections_left=step.connections_left,
    )
