"""Short messages as the system administrator looks after them."""

from dataclasses import dataclass

from app.audit.actions import AuditAction
from app.audit.record import record
from app.operation import Operation
from app.outbox.delivery import Message
from app.outbox.post import SMS, post_copies
from app.outbox.rules import MessageOver, OutboxAction, OutboxState, move
from app.outbox.sms import queries
from app.outbox.sms.rules import SmsOff

AT_ONCE = 200
"""How many are shown, and sent again by one act."""


@dataclass(frozen=True)
class SmsStanding:
    """Whether short messages are set up, how many wait, and how many were given up."""

    on: bool
    waiting: int
    failed: int


def stand(op: Operation) -> SmsStanding:
    """How it stands with short messages now."""
    counts = queries.count_by_state(op.db)
    return SmsStanding(op.settings.sends_sms, counts[OutboxState.PENDING], counts[OutboxState.DEAD])


def send_again(op: Operation, *, first: int, last: int) -> int:
    """Send those given up from `first` to `last` again, as new messages under new keys: the number may be another one
    by now, and a gateway that knew the old key would repeat its refusal. Returns how many that were, `AT_ONCE` at most.

    Raises SmsOff where nothing would leave, MessageOver where none of them is given up any more.
    """
    if not op.settings.sends_sms:
        raise SmsOff
    rows = queries.hold_failed(op.db, op.actor, first=first, last=last, limit=AT_ONCE)
    if not rows:
        raise MessageOver
    for row in rows:
        row.state = move(row.state, OutboxAction.SEND_AGAIN)
    op.db.flush()
    anew = (Message(row.id, row.person_id, row.template, {}, op.now, attempt=0) for row in rows)
    post_copies(op.db, anew, channel=SMS)
    after = {"messages": len(rows), "first": rows[0].id, "last": rows[-1].id}
    record(op, AuditAction.MESSAGE_SEND_AGAIN, subject=("message", rows[0].id), after=after)
    return len(rows)
