"""保密承诺: accepted once per edition, before anything of a bank is seen."""

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.models import Promise
from app.authoring.queries.promises import promise_of
from app.authoring.rules import PROMISE_EDITION, PromiseChanged, PromiseNeeded
from app.authoring.service.entering import account_of
from app.operation import Operation


class Promises:
    """(account, edition) of what this process knows to be accepted: it stays so."""

    def __init__(self) -> None:
        self.known: set[tuple[int, int]] = set()


def need_promise(op: Operation) -> None:
    """Raise PromiseNeeded where a person has not accepted the present edition."""
    account_id, known = op.actor.account_id, op.house.tool(Promises).known
    if account_id is None or (account_id, PROMISE_EDITION) in known:
        return
    if promise_of(op.db, account_id, PROMISE_EDITION) is None:
        raise PromiseNeeded
    known.add((account_id, PROMISE_EDITION))


def accept_promise(op: Operation, *, edition: int) -> None:
    """Accept the declaration in the edition that was read; a second time changes nothing. Raises PromiseChanged."""
    if edition != PROMISE_EDITION:
        raise PromiseChanged
    account_id = account_of(op)
    if promise_of(op.db, account_id, edition) is not None:
        return
    op.db.add(Promise(account_id=account_id, edition=edition, accepted_at=op.now))
    op.db.flush()
    record(op, AuditAction.PROMISE_ACCEPT, subject=("account", account_id), after={"edition": edition})
