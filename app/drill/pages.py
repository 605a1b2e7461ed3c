"""The desk of drills: rehearse an exam on the deployment, and read what came of it."""

from app.drill import queries, service
from app.drill.printed.papers import print_report
from app.drill.schemas import DrillGiven, DrillShown, DrillsShown
from app.drill.service import reporting
from app.operation import Operation
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import Desk
from app.web.faces import Download

desk = Desk("drill")


@desk.view("/drills", Capability.CONTROL_READ, template="drill/drills.html")
def list_drills(op: Operation) -> DrillsShown:
    """The drills that were held, and a new one."""
    return reporting.show_list(op)


@desk.view("/drills/{drill_id}", Capability.CONTROL_READ, template="drill/drill.html")
def show_drill(op: Operation, *, drill_id: int) -> DrillShown:
    """How far a drill is, or what it has found."""
    return reporting.show(op, queries.find_drill(op.db, op.actor, drill_id))


@desk.view("/drills/{drill_id}/report.pdf", Capability.CONTROL_READ)
def print_drill(op: Operation, *, drill_id: int) -> Download:
    """The report on A4."""
    return print_report(op, reporting.show(op, queries.find_drill(op.db, op.actor, drill_id)))


@desk.command(
    "/drills", Capability.DRILL_RUN, then="/drills/{id}", retry=list_drills, fresh=True, said="演练已安排，马上开始。"
)
def start_drill(op: Operation, *, given: DrillGiven) -> Done:
    """Have an exam rehearsed."""
    drill = service.ask(op, exam_id=given.exam_id, candidates=given.candidates, minutes=given.minutes)
    return Done(id=drill.id)


@desk.command(
    "/drills/{drill_id}/cancel",
    Capability.DRILL_RUN,
    then="/drills/{drill_id}",
    retry=show_drill,
    said="正在停止演练并清理演练库。",
)
def cancel_drill(op: Operation, *, drill_id: int) -> Done:
    """Stop a drill."""
    return Done(id=service.cancel(op, drill_id=drill_id).id)
