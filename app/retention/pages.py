"""The desk of retention: what is kept how long, what is due, terms and destruction lists."""

from app.operation import Operation
from app.retention import queries, showing
from app.retention.printed.papers import print_list
from app.retention.rules.classes import MOST_DAYS
from app.retention.schemas import (
    ListGiven,
    ListShown,
    ReasonGiven,
    RetentionShown,
    TermsFormShown,
    TermsGiven,
    TermsShown,
)
from app.retention.service import lists, terms
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import Desk, NavEntry
from app.web.faces import Download

desk = Desk("retention")
_TERMS = "/retention/terms/{terms_id}"
_LIST = "/retention/lists/{list_id}"


@desk.view(
    "/retention", Capability.RETENTION_READ, template="retention/retention.html", nav=NavEntry("保存期限与销毁", 87)
)
def show_retention(op: Operation) -> RetentionShown:
    """How long each class of records is kept, what is due and what holds it."""
    return showing.show_all(op)


@desk.view("/retention/terms/new", Capability.RETENTION_PROPOSE, template="retention/terms_form.html")
def show_new_terms(op: Operation) -> TermsFormShown:
    """The form for the next terms, filled in as they are now."""
    return TermsFormShown(classes=showing.terms_for_form(op), most=MOST_DAYS)


@desk.command(
    "/retention/terms",
    Capability.RETENTION_PROPOSE,
    then="/retention/terms/{id}",
    retry=show_new_terms,
    said="保存期限已提出，须由另一名管理员批准。",
)
def propose_terms(op: Operation, *, given: TermsGiven) -> Done:
    """Propose how long each class is kept."""
    return Done(id=terms.propose(op, days=given.days, reason=given.reason).id)


@desk.view(_TERMS, Capability.RETENTION_READ, template="retention/terms.html")
def show_terms(op: Operation, *, terms_id: int) -> TermsShown:
    """One set of terms, beside the one in force."""
    return showing.show_terms(op, queries.find_terms(op.db, op.actor, terms_id))


@desk.command(
    f"{_TERMS}/approve",
    Capability.RETENTION_APPROVE,
    then=_TERMS,
    retry=show_terms,
    fresh=True,
    said="保存期限已批准，即时生效。",
)
def approve_terms(op: Operation, *, terms_id: int) -> Done:
    """Approve what another administrator proposed."""
    return Done(id=terms.approve(op, terms_id=terms_id).id)


@desk.command(
    f"{_TERMS}/decline",
    Capability.RETENTION_APPROVE,
    then=_TERMS,
    retry=show_terms,
    fresh=True,
    said="保存期限未予批准。",
)
def decline_terms(op: Operation, *, terms_id: int, given: ReasonGiven) -> Done:
    """Decline a proposal, with a reason."""
    return Done(id=terms.decline(op, terms_id=terms_id, reason=given.reason).id)


@desk.command(
    "/retention/lists",
    Capability.RETENTION_PROPOSE,
    then="/retention/lists/{id}",
    retry=show_retention,
    said="销毁清单已拟定，须由另两名管理员先后批准。",
)
def draw_up_list(op: Operation, *, given: ListGiven) -> Done:
    """List what is due of a class."""
    return Done(id=lists.draw_up(op, record_class=given.record_class).id)


@desk.view(_LIST, Capability.RETENTION_READ, template="retention/list.html")
def show_list(op: Operation, *, list_id: int) -> ListShown:
    """One destruction list, and what became of it."""
    return showing.show_list(op, queries.find_list(op.db, op.actor, list_id))


@desk.command(
    f"{_LIST}/approve",
    Capability.RETENTION_APPROVE,
    then=_LIST,
    retry=show_list,
    fresh=True,
    said="您已批准这份销毁清单。",
)
def approve_list(op: Operation, *, list_id: int) -> Done:
    """Approve a list, as the first or the second of two."""
    return Done(id=lists.approve(op, list_id=list_id).id)


@desk.command(
    f"{_LIST}/decline",
    Capability.RETENTION_APPROVE,
    then=_LIST,
    retry=show_list,
    fresh=True,
    said="销毁清单未予批准，清单所列记录继续保存。",
)
def decline_list(op: Operation, *, list_id: int, given: ReasonGiven) -> Done:
    """Do not approve a list."""
    return Done(id=lists.decline(op, list_id=list_id, reason=given.reason).id)


@desk.view(f"{_LIST}/record.pdf", Capability.RETENTION_READ)
def print_record(op: Operation, *, list_id: int) -> Download:
    """The list, or once it is carried out the record of the destruction, on A4."""
    row = queries.find_list(op.db, op.actor, list_id)
    return print_list(op, showing.show_list(op, row), queries.every_entry(op.db, row.id))
