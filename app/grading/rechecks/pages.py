"""成绩复核: the candidate's page, and that of the two who recount and answer."""

from app.accounts.queries import persons_of
from app.exams import queries as exams
from app.grading import queries as grading
from app.grading.rechecks import queries, service
from app.grading.rechecks.models import Recheck
from app.grading.rechecks.rules import RecheckState
from app.grading.rechecks.schemas import (
    AnswerGiven,
    OwnRechecksShown,
    OwnResultLine,
    RecheckLine,
    RechecksShown,
    RecountGiven,
)
from app.operation import Operation
from app.people.queries import names_of
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import Desk, NavEntry

desk = Desk("grading")


@desk.view("/own-rechecks", Capability.WAY_READ, template="grading/own_rechecks.html")
def list_own_rechecks(op: Operation) -> OwnRechecksShown:
    """My released results, and what became of their rechecks."""
    person_id = op.actor.person_id
    lines = []
    for registration in exams.registrations_of_person(op.db, person_id) if person_id is not None else []:
        released = grading.released_result(op.db, registration.id)
        result = grading.result_row(op.db, registration.id)
        if released is None or released.withheld or released.void or result is None or result.absent:
            continue
        row, until = queries.recheck_of(op.db, registration.id), service.may_ask_until(op, released.at)
        lines.append(
            OwnResultLine(
                registration_id=registration.id,
                exam_name=exams.exam_by_id(op.db, registration.exam_id).name,
                total=released.total,
                total_before=row.total_before if row else None,
                until=until,
                may_ask=row is None and op.now < until,
                state=row.state if row else None,
                answered_at=row.answered_at if row else None,
            )
        )
    return OwnRechecksShown(results=lines)


@desk.command(
    "/own-rechecks/{registration_id}",
    Capability.WAY_READ,
    then="/own-rechecks",
    retry=list_own_rechecks,
    said="已申请成绩复核，结果会在站内消息中通知。",
)
def ask_for_recheck(op: Operation, *, registration_id: int) -> Done:
    """Ask for a recheck of my result."""
    return Done(id=service.ask(op, registration_id=registration_id).id)


@desk.view("/rechecks", Capability.RESULT_READ, template="grading/rechecks.html", nav=NavEntry("成绩复核", 51))
def list_rechecks(op: Operation) -> RechecksShown:
    """The rechecks that were asked for."""
    return RechecksShown(rechecks=[_line(op, row) for row in queries.list_rechecks(op.db, op.actor)])


@desk.command(
    "/rechecks/{recheck_id}/recount",
    Capability.RESCORING_PROPOSE,
    then="/rechecks",
    retry=list_rechecks,
    fresh=True,
    said="已重新核对，须由另一人审批后答复考生。",
)
def recount(op: Operation, *, recheck_id: int, given: RecountGiven) -> Done:
    """Score the kept responses once more, and propose that as the answer."""
    return Done(id=service.recount(op, recheck_id=recheck_id, note=given.note).id)


@desk.command(
    "/rechecks/{recheck_id}/settle",
    Capability.RESCORING_APPROVE,
    then="/rechecks",
    retry=list_rechecks,
    fresh=True,
    said="已办理。",
)
def settle(op: Operation, *, recheck_id: int, given: AnswerGiven) -> Done:
    """Answer the candidate, or send it back."""
    return Done(id=service.settle(op, recheck_id=recheck_id, agreed=given.agreed, reason=given.reason).id)


def _line(op: Operation, row: Recheck) -> RecheckLine:
    registration = exams.registration_by_id(op.db, row.registration_id)
    accounts = {account for account in (row.recounted_by, row.answered_by) if account is not None}
    staff = persons_of(op.db, accounts)
    names = names_of(op.db, {registration.person_id, *staff.values()})
    result = grading.result_row(op.db, row.registration_id)
    outside = op.actor.person_id != registration.person_id
    recounter = staff[row.recounted_by] if row.recounted_by else None
    return RecheckLine(
        id=row.id,
        exam_name=exams.exam_by_id(op.db, row.exam_id).name,
        name=names[registration.person_id],
        ticket_number=registration.ticket_number or "",
        state=row.state,
        total_before=row.total_before,
        total=result.total if result else row.total_before,
        recounted=row.recounted,
        note=row.note,
        asked_at=row.asked_at,
        recounted_by=names[recounter] if recounter else "",
        recounted_at=row.recounted_at,
        answered_by=names[staff[row.answered_by]] if row.answered_by else "",
        answered_at=row.answered_at,
        may_recount=row.state is RecheckState.ASKED and op.may(Capability.RESCORING_PROPOSE) and outside,
        may_settle=row.state is RecheckState.RECOUNTED
        and op.may(Capability.RESCORING_APPROVE)
        and outside
        and recounter != op.actor.person_id,
    )
