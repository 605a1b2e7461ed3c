"""What candidates are told of their admission tickets: that they can be printed, and that a printed one is void."""

from collections.abc import Sequence

from app.audit.actions import AuditAction
from app.audit.record import record
from app.exams import queries
from app.exams.models import Exam, Registration
from app.exams.queries.tickets import exams_to_announce, take_untold
from app.exams.service.tickets import window_of
from app.operation import House, Operation, acting_as
from app.outbox.post import post_to_all
from app.outbox.templates import Kind
from app.shapes import LOCAL

AT_ONCE = 500
"""How many are told in one transaction: exams of ten thousand must not hold the writers up."""


def announce_tickets(house: House) -> None:
    """Tell the candidates of every exam whose tickets can be printed now, each once; who is added later is told then.
    Harmless to repeat, and to run beside another."""
    with house.database.transaction(reading=True) as session:
        due = exams_to_announce(session, house.clock.now())
    for exam_id in due:
        while announce_some(house, exam_id) == AT_ONCE:
            pass


def announce_some(house: House, exam_id: int) -> int:
    """Tell at most `AT_ONCE` candidates of an exam who were not told; returns how many. Nobody is told where the
    window has been moved or the exam called off meanwhile."""
    with acting_as(house, "tickets") as op:
        exam = queries.hold_exam(op.db, exam_id)
        if exam.id not in exams_to_announce(op.db, op.now):
            return 0
        told = take_untold(op.db, exam.id, op.now, limit=AT_ONCE)
        _, ends = window_of(op, exam)
        params = {"exam": exam.name, "exam_id": exam.id, "until": f"{ends.astimezone(LOCAL):%Y-%m-%d %H:%M}"}
        post_to_all(op.db, person_ids=told, template=Kind.TICKET_READY, params=params, now=op.now)
        record(op, AuditAction.EXAM_ANNOUNCE_TICKETS, subject=("exam", exam.id), after={"candidates": len(told)})
    return len(told)


def void_tickets(op: Operation, exam: Exam, rows: Sequence[Registration]) -> set[int]:
    """Void what was printed of these candidates of an exam, whose row is held; returns the persons who held one."""
    held = [row for row in rows if row.ticket_stands]
    for row in held:
        row.ticket_voided_at = op.now
    op.db.flush()
    if held:
        record(op, AuditAction.EXAM_VOID_TICKETS, subject=("exam", exam.id), after={"tickets": len(held)})
    return {row.person_id for row in held}
