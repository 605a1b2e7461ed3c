"""回避: who meets a case of somebody close declares it, at either office's desks and on the panel."""

from app.clearance import queries
from app.clearance.pages.offices import (
    find_of_office,
    show_discipline_check,
    show_discipline_opinion,
    show_public_security_check,
    show_public_security_opinion,
)
from app.clearance.pages.panel import show_case
from app.clearance.pages.routes import desk
from app.clearance.rules import Office
from app.clearance.schemas import RecusalGiven
from app.clearance.service import checks
from app.operation import Operation
from app.security.permissions import Capability
from app.shapes import Done

SAID = "已申报回避，由其他人员办理。"


def _recuse(op: Operation, office: Office, check_id: int, given: RecusalGiven) -> Done:
    check, case = find_of_office(op, office, check_id)
    checks.recuse(op, case, given.relation)
    return Done(id=check.id)


@desk.command(
    "/discipline/checks/{check_id}/recuse",
    Capability.DISCIPLINE_HANDLE,
    then="/discipline",
    retry=show_discipline_check,
    said=SAID,
)
def recuse_discipline_handler(op: Operation, *, check_id: int, given: RecusalGiven) -> Done:
    """The discipline handler is close to the person."""
    return _recuse(op, Office.DISCIPLINE, check_id, given)


@desk.command(
    "/discipline/signing/{check_id}/recuse",
    Capability.DISCIPLINE_APPROVE,
    then="/discipline/signing",
    retry=show_discipline_opinion,
    said=SAID,
)
def recuse_discipline_approver(op: Operation, *, check_id: int, given: RecusalGiven) -> Done:
    """The discipline approver is close to the person."""
    return _recuse(op, Office.DISCIPLINE, check_id, given)


@desk.command(
    "/public-security/checks/{check_id}/recuse",
    Capability.PUBLIC_SECURITY_HANDLE,
    then="/public-security",
    retry=show_public_security_check,
    said=SAID,
)
def recuse_public_security_handler(op: Operation, *, check_id: int, given: RecusalGiven) -> Done:
    """The public-security handler is close to the person."""
    return _recuse(op, Office.PUBLIC_SECURITY, check_id, given)


@desk.command(
    "/public-security/signing/{check_id}/recuse",
    Capability.PUBLIC_SECURITY_APPROVE,
    then="/public-security/signing",
    retry=show_public_security_opinion,
    said=SAID,
)
def recuse_public_security_approver(op: Operation, *, check_id: int, given: RecusalGiven) -> Done:
    """The public-security approver is close to the person."""
    return _recuse(op, Office.PUBLIC_SECURITY, check_id, given)


@desk.command("/cases/{case_id}/recuse", Capability.JOINT_REVIEW, then="/cases", retry=show_case, said=SAID)
def recuse_member(op: Operation, *, case_id: int, given: RecusalGiven) -> Done:
    """The member of the panel is close to the person."""
    case = queries.find_case(op.db, op.actor, case_id)
    checks.recuse(op, case, given.relation)
    return Done(id=case.id)
