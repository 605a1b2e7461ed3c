"""Everything that is read of short messages."""

from collections.abc import Sequence

from sqlalchemy import Select, false, func, select, true
from sqlalchemy.orm import Session

from app.database import locked
from app.outbox.models import OutboxMessage
from app.outbox.post import SMS
from app.outbox.rules import OutboxState
from app.security.actor import Actor
from app.security.permissions import Capability


def visible(actor: Actor) -> Select[OutboxMessage]:
    """The short messages this actor may see: all, for whoever runs the service."""
    may = true() if actor.may(Capability.SERVICE_RUN) else false()
    return select(OutboxMessage).where(OutboxMessage.channel == SMS, may)


def list_failed(db: Session, actor: Actor, *, limit: int) -> Sequence[OutboxMessage]:
    """The visible ones that were given up, the oldest first."""
    query = visible(actor).where(OutboxMessage.state == OutboxState.DEAD)
    return db.scalars(query.order_by(OutboxMessage.id).limit(limit)).all()


def hold_failed(db: Session, actor: Actor, *, first: int, last: int, limit: int) -> Sequence[OutboxMessage]:
    """Of those the ones from `first` to `last`, both inside; their rows are held until the transaction ends."""
    query = visible(actor).where(
        OutboxMessage.state == OutboxState.DEAD, OutboxMessage.id >= first, OutboxMessage.id <= last
    )
    return db.scalars(locked(query.order_by(OutboxMessage.id).limit(limit))).all()


def count_by_state(db: Session) -> dict[OutboxState, int]:
    """How many short messages wait, and how many were given up."""
    states = (OutboxState.PENDING, OutboxState.DEAD)
    query = (
        select(OutboxMessage.state, func.count())
        .where(OutboxMessage.channel == SMS, OutboxMessage.state.in_(states))
        .group_by(OutboxMessage.state)
    )
    counts = dict.fromkeys(states, 0)
    for state, count in db.execute(query):
        counts[state] = count
    return counts
