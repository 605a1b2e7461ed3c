"""The desk of faulty items: reported by candidates, decided on by the exam's officer."""

from app.attempts.hall import reports
from app.attempts.hall.schemas import FaultDecisionGiven, ItemReportGiven, ItemReportsShown
from app.operation import Operation
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import Desk

desk = Desk("item_reports")


@desk.command("/exams/{exam_id}/item-reports", Capability.ATTEMPT_SIT, page=False)
def report_item(op: Operation, *, exam_id: int, given: ItemReportGiven) -> Done:
    """Report a faulty item of my form."""
    report = reports.report_item(op, exam_id=exam_id, position=given.position, fault=given.fault, words=given.words)
    return Done(id=report.id)


@desk.view("/exams/{exam_id}/item-reports", Capability.EXAM_PRINT, template="attempts/item_reports.html")
def show_reports(op: Operation, *, exam_id: int) -> ItemReportsShown:
    """The items of this exam that candidates reported as faulty."""
    return reports.show_reports(op, exam_id=exam_id)


@desk.command(
    "/exams/{exam_id}/item-reports/{item_version_id}/decide",
    Capability.EXAM_WRITE,
    then="/exams/{exam_id}/item-reports",
    retry=show_reports,
    fresh=True,
    said="已记录决定。",
)
def decide_fault(op: Operation, *, exam_id: int, item_version_id: int, given: FaultDecisionGiven) -> Done:
    """Decide what becomes of a reported item."""
    made = reports.decide_fault(
        op, exam_id=exam_id, item_version_id=item_version_id, decision=given.decision, reason=given.reason
    )
    return Done(id=made.id)
