"""Use cases of retention, by module: terms, destruction lists, their carrying out."""

from app.accounts.queries import persons_of
from app.operation import Operation, Task
from app.retention import queries
from app.retention.rules import ListState, TermsState
from app.security.permissions import Capability


def persons_behind(op: Operation, *account_ids: int | None) -> tuple[int, ...]:
    """The natural persons of these accounts; those that are None are left out."""
    return tuple(persons_of(op.db, {account for account in account_ids if account is not None}).values())


def waiting(op: Operation) -> list[Task]:
    """What waits for this administrator: terms and lists that others proposed."""
    if not op.may(Capability.RETENTION_APPROVE):
        return []
    me = op.actor.person_id
    terms = [
        row
        for row in queries.list_terms(op.db, op.actor)
        if row.state is TermsState.PROPOSED and me not in persons_behind(op, row.proposed_by)
    ]
    lists = [
        row
        for row in queries.list_lists(op.db, op.actor)
        if row.state in {ListState.DRAWN_UP, ListState.APPROVED_ONCE}
        and me not in persons_behind(op, row.drawn_up_by, row.approved_by)
    ]
    return [
        Task("份保存期限待批准", "retention terms to approve", len(terms), "/retention"),
        Task("份销毁清单待批准", "destruction lists to approve", len(lists), "/retention"),
    ]
