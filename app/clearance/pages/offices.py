"""The two offices' desks, and the person's answer to an adverse outcome."""

from app.accounts.queries import person_of
from app.clearance import queries
from app.clearance.models import Check, ClearanceCase
from app.clearance.pages.routes import desk
from app.clearance.rules import (
    APPROVES,
    HANDLES,
    CheckState,
    Office,
)
from app.clearance.schemas import (
    CheckDetailShown,
    DeskShown,
    IdentityShown,
    OpinionGiven,
    OpinionShown,
    OwnCheckShown,
    SignOffGiven,
    StatementGiven,
    StatementsShown,
)
from app.clearance.service import checks
from app.clearance.views import checks_shown
from app.errors import NotFound
from app.operation import Operation
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import NavEntry

PAGE = 100
SOON_WORKDAYS = 2


def _show_desk(op: Operation, office: Office, after: int) -> DeskShown:
    """What waits for this person at their office's desk, and what else the office has under way."""
    approving = op.may(APPROVES[office])
    own = [CheckState.OPINED] if approving else [CheckState.OPEN]
    rest = [s for s in CheckState if s not in own]
    to_do = queries.list_checks(op.db, op.actor, states=own, after=after, limit=PAGE + 1)
    others = queries.list_checks(op.db, op.actor, states=rest, after=0, limit=PAGE)
    shown = checks_shown(op, to_do[:PAGE])
    return DeskShown(
        office=office,
        role="approve" if approving else "handle",
        to_do=shown,
        others=checks_shown(op, others),
        due_soon=sum(check.workdays_left <= SOON_WORKDAYS for check in shown),
        next_after=to_do[PAGE - 1][0].id if len(to_do) > PAGE else None,
    )


def find_of_office(op: Operation, office: Office, check_id: int) -> tuple[Check, ClearanceCase]:
    """A check of that office with its case, held. Raises NotFound for another office's."""
    check = queries.find_check(op.db, op.actor, check_id)
    if check.office is not office:
        raise NotFound
    return check, queries.lock_case(op.db, check.case_id)


def _show_identity(op: Operation, office: Office, check_id: int) -> IdentityShown:
    check, case = find_of_office(op, office, check_id)
    number = checks.unmask_person(op, check=check, case=case)
    shown = checks_shown(op, [(check, case)])[0]
    return IdentityShown(id=check.id, office=office, name=shown.name, unit_name=shown.unit_name, id_number=number)


def _show_check(op: Operation, office: Office, check_id: int) -> CheckDetailShown:
    check, case = find_of_office(op, office, check_id)
    opinion = queries.last_opinion(op.db, check.id)
    mine = opinion is not None and person_of(op.db, opinion.handler_id) == op.actor.person_id
    shown = None
    if opinion is not None:
        ground = checks.ground_of(op, check, case)
        shown = OpinionShown(outcome=opinion.outcome, ground=ground, at=opinion.at, mine=mine)
    recused = checks.is_recused(op, case)
    return CheckDetailShown(
        check=checks_shown(op, [(check, case)])[0],
        opinion=shown,
        statement=checks.statement_text(op, check, case),
        may_opine=check.state is CheckState.OPEN and op.may(HANDLES[office]) and not recused,
        may_sign=check.state is CheckState.OPINED and op.may(APPROVES[office]) and not mine and not recused,
        recused=recused,
    )


@desk.view(
    "/discipline",
    Capability.DISCIPLINE_HANDLE,
    template="clearance/desk.html",
    nav=NavEntry("纪检经办", 60),
)
def show_discipline_handling(op: Operation, *, after: int = 0) -> DeskShown:
    """The discipline office's desk, for handlers."""
    return _show_desk(op, Office.DISCIPLINE, after)


@desk.view(
    "/discipline/signing",
    Capability.DISCIPLINE_APPROVE,
    template="clearance/desk.html",
    nav=NavEntry("纪检审批", 61),
)
def show_discipline_signing(op: Operation, *, after: int = 0) -> DeskShown:
    """The discipline office's desk, for approvers."""
    return _show_desk(op, Office.DISCIPLINE, after)


@desk.view("/discipline/checks/{check_id}", Capability.DISCIPLINE_HANDLE, template="clearance/check.html")
def show_discipline_check(op: Operation, *, check_id: int) -> CheckDetailShown:
    """One check, for the handler."""
    return _show_check(op, Office.DISCIPLINE, check_id)


@desk.view("/discipline/signing/{check_id}", Capability.DISCIPLINE_APPROVE, template="clearance/check.html")
def show_discipline_opinion(op: Operation, *, check_id: int) -> CheckDetailShown:
    """One check with its opinion, for the approver."""
    return _show_check(op, Office.DISCIPLINE, check_id)


@desk.command(
    "/discipline/checks/{check_id}/identity",
    Capability.DISCIPLINE_HANDLE,
    template="clearance/identity.html",
    retry=show_discipline_check,
    fresh=True,
)
def unmask_for_discipline(op: Operation, *, check_id: int) -> IdentityShown:
    """The whole ID number, for the handler who looks the person up; each look is logged."""
    return _show_identity(op, Office.DISCIPLINE, check_id)


@desk.command(
    "/discipline/checks/{check_id}/opinion",
    Capability.DISCIPLINE_HANDLE,
    then="/discipline",
    retry=show_discipline_check,
    fresh=True,
    said="意见已提交审批。",
)
def opine_discipline(op: Operation, *, check_id: int, given: OpinionGiven) -> Done:
    """The discipline handler's opinion."""
    return Done(id=checks.give_opinion(op, check_id=check_id, outcome=given.outcome, ground=given.ground).id)


@desk.command(
    "/discipline/signing/{check_id}/sign",
    Capability.DISCIPLINE_APPROVE,
    then="/discipline/signing",
    retry=show_discipline_opinion,
    fresh=True,
    said="已签署。",
)
def sign_discipline(op: Operation, *, check_id: int, given: SignOffGiven) -> Done:
    """The discipline approver's sign-off."""
    return Done(id=checks.sign_off(op, check_id=check_id, agreed=given.agreed, reason=given.reason).id)


@desk.view(
    "/public-security",
    Capability.PUBLIC_SECURITY_HANDLE,
    template="clearance/desk.html",
    nav=NavEntry("公安经办", 62),
)
def show_public_security_handling(op: Operation, *, after: int = 0) -> DeskShown:
    """The public-security office's desk, for handlers."""
    return _show_desk(op, Office.PUBLIC_SECURITY, after)


@desk.view(
    "/public-security/signing",
    Capability.PUBLIC_SECURITY_APPROVE,
    template="clearance/desk.html",
    nav=NavEntry("公安审批", 63),
)
def show_public_security_signing(op: Operation, *, after: int = 0) -> DeskShown:
    """The public-security office's desk, for approvers."""
    return _show_desk(op, Office.PUBLIC_SECURITY, after)


@desk.view(
    "/public-security/checks/{check_id}",
    Capability.PUBLIC_SECURITY_HANDLE,
    template="clearance/check.html",
)
def show_public_security_check(op: Operation, *, check_id: int) -> CheckDetailShown:
    """One check, for the handler."""
    return _show_check(op, Office.PUBLIC_SECURITY, check_id)


@desk.view(
    "/public-security/signing/{check_id}",
    Capability.PUBLIC_SECURITY_APPROVE,
    template="clearance/check.html",
)
def show_public_security_opinion(op: Operation, *, check_id: int) -> CheckDetailShown:
    """One check with its opinion, for the approver."""
    return _show_check(op, Office.PUBLIC_SECURITY, check_id)


@desk.command(
    "/public-security/checks/{check_id}/identity",
    Capability.PUBLIC_SECURITY_HANDLE,
    template="clearance/identity.html",
    retry=show_public_security_check,
    fresh=True,
)
def unmask_for_public_security(op: Operation, *, check_id: int) -> IdentityShown:
    """The whole ID number, for the handler who looks the person up; each look is logged."""
    return _show_identity(op, Office.PUBLIC_SECURITY, check_id)


@desk.command(
    "/public-security/checks/{check_id}/opinion",
    Capability.PUBLIC_SECURITY_HANDLE,
    then="/public-security",
    retry=show_public_security_check,
    fresh=True,
    said="意见已提交审批。",
)
def opine_public_security(op: Operation, *, check_id: int, given: OpinionGiven) -> Done:
    """The public-security handler's opinion."""
    return Done(id=checks.give_opinion(op, check_id=check_id, outcome=given.outcome, ground=given.ground).id)


@desk.command(
    "/public-security/signing/{check_id}/sign",
    Capability.PUBLIC_SECURITY_APPROVE,
    then="/public-security/signing",
    retry=show_public_security_opinion,
    fresh=True,
    said="已签署。",
)
def sign_public_security(op: Operation, *, check_id: int, given: SignOffGiven) -> Done:
    """The public-security approver's sign-off."""
    return Done(id=checks.sign_off(op, check_id=check_id, agreed=given.agreed, reason=given.reason).id)


@desk.view("/statements", Capability.STATEMENT_WRITE, template="clearance/statements.html")
def show_statements(op: Operation) -> StatementsShown:
    """The adverse outcomes that I may answer now."""
    shown = []
    for check in queries.checks_awaiting_person(op.db, op.actor.person_id or 0):
        case = queries.lock_case(op.db, check.case_id)
        ground = checks.ground_of(op, check, case)
        shown.append(OwnCheckShown(id=check.id, office=check.office, ground=ground, due_at=check.statement_due_at))
    return StatementsShown(checks=shown)


@desk.command(
    "/statements/{check_id}",
    Capability.STATEMENT_WRITE,
    then="/statements",
    retry=show_statements,
    said="陈述申辩已提交，将由该部门复核。",
)
def file_statement(op: Operation, *, check_id: int, given: StatementGiven) -> Done:
    """My statement on an adverse outcome."""
    return Done(id=checks.file_statement(op, check_id=check_id, text=given.text).id)
