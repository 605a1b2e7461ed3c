"""What of clearance waits for whom."""

from app.clearance import queries
from app.clearance.rules import APPROVES, HANDLES, CaseState, CheckState, NoticeState, Office
from app.operation import Operation, Task
from app.security.permissions import Capability

_MOST = 1000
_ROOMS = {Office.DISCIPLINE: "/discipline", Office.PUBLIC_SECURITY: "/public-security"}


def waiting(op: Operation) -> list[Task]:
    """Checks to handle or sign, cases to review, objections, notices, and one's own statements."""
    tasks = []
    for office in Office:
        if op.may(HANDLES[office]):
            count = _count(op, CheckState.OPEN)
            tasks.append(Task("项审查待经办", "checks to handle", count, _ROOMS[office]))
        if op.may(APPROVES[office]):
            count = _count(op, CheckState.OPINED)
            tasks.append(Task("项审查意见待签署", "opinions to sign", count, f"{_ROOMS[office]}/signing"))
    if op.may(Capability.JOINT_REVIEW):
        cases = queries.list_cases(op.db, op.actor, states=[CaseState.IN_REVIEW], after=0, limit=_MOST)
        tasks.append(Task("件审查案待综合评审", "cases for joint review", len(cases), "/cases"))
    if op.may(Capability.OBJECTION_DECIDE):
        open_objections = len(queries.open_objections(op.db))
        tasks.append(Task("件异议待处理", "objections to decide", open_objections, "/cases", urgent=True))
    if op.may(Capability.NOTICE_PROPOSE):
        ready = sum(bool(queries.approved_unshown(op.db, e)) for e in queries.exams_with_cases(op.db))
        tasks.append(Task("场考试的拟发证人员待公示", "exams with people to show publicly", ready, "/notices/desk"))
    if op.may(Capability.NOTICE_APPROVE):
        proposed = len(queries.notices(op.db, states=[NoticeState.PROPOSED]))
        tasks.append(Task("份公示待审批", "notices to approve", proposed, "/notices/approval"))
    if op.may(Capability.STATEMENT_WRITE) and op.actor.person_id is not None:
        own = len(queries.checks_awaiting_person(op.db, op.actor.person_id))
        tasks.append(Task("项审查可陈述申辩", "outcomes you may answer", own, "/statements", urgent=True))
    return tasks


def _count(op: Operation, state: CheckState) -> int:
    return len(queries.list_checks(op.db, op.actor, states=[state], after=0, limit=_MOST))
