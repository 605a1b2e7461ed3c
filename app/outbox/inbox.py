"""站内消息: the channel that ships, and what a person does with their inbox."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.database import Database, locked
from app.errors import NotFound
from app.outbox.delivery import Message
from app.outbox.models import InboxMessage
from app.outbox.post import INBOX
from app.outbox.rules import Failure
from app.security.actor import Actor
from app.statements import Statement


class InboxChannel:
    """Delivers into the person's inbox, in one transaction per batch; a repeat changes nothing. `forward` is told of
    the batch within that transaction, for what is to leave by another way as well."""

    name = INBOX
    at_once = 200

    def __init__(
        self, database: Database, *, forward: Callable[[Session, Sequence[Message]], None] = lambda *_: None
    ) -> None:
        self._database = database
        self._forward = forward

    def deliver(self, messages: Sequence[Message]) -> Mapping[int, Failure]:
        """Put the messages into the inboxes; all arrive or it raises."""
        insert = sqlite.insert if self._database.dialect == "sqlite" else postgresql.insert
        with self._database.transaction() as session:
            session.execute(
                insert(InboxMessage).on_conflict_do_nothing(index_elements=[InboxMessage.outbox_id]),
                [
                    {
                        "outbox_id": message.id,
                        "person_id": message.person_id,
                        "template": message.template,
                        "params": dict(message.params),
                        "created_at": message.created_at,
                    }
                    for message in messages
                ],
            )
            self._forward(session, messages)
        return {}


@dataclass(frozen=True)
class InboxView:
    """A message as its reader sees it, before its template makes text of it."""

    id: int
    template: str
    params: Mapping[str, Any]
    created_at: datetime
    read_at: datetime | None
    printed_at: datetime | None
    receipt_on: date | None


_UNREAD = Statement(
    select(func.count()).where(InboxMessage.person_id == bindparam("person_id"), InboxMessage.read_at.is_(None))
)


def unread(session: Session, person_id: int) -> int:
    """How many messages the person has not read."""
    count: int = _UNREAD.rows(session, person_id=person_id)[0][0]
    return count


def visible(actor: Actor) -> Select[InboxMessage]:
    """The messages this actor may see: their own, and nobody else's (P21)."""
    return select(InboxMessage).where(InboxMessage.person_id == actor.person_id)


def newest_unread(session: Session, actor: Actor, *, limit: int) -> list[InboxView]:
    """The actor's newest `limit` messages that they have not read."""
    return _views(session, visible(actor).where(InboxMessage.read_at.is_(None)), limit)


def page_of_read(session: Session, actor: Actor, *, limit: int, before: int = 0) -> list[InboxView]:
    """The actor's newest `limit` messages that they have read, older than the message `before` (0: from the top)."""
    query = visible(actor).where(InboxMessage.read_at.is_not(None))
    return _views(session, query.where(InboxMessage.id < before) if before else query, limit)


def _views(session: Session, query: Select[InboxMessage], limit: int) -> list[InboxView]:
    rows = session.scalars(query.order_by(InboxMessage.id.desc()).limit(limit))
    return [_view(row) for row in rows]


def _view(row: InboxMessage) -> InboxView:
    return InboxView(row.id, row.template, row.params, row.created_at, row.read_at, row.printed_at, row.receipt_on)


def read_one(session: Session, actor: Actor, message_id: int, *, now: datetime) -> InboxView:
    """Note that the actor has read it, the first reading counts; returns it. Raises NotFound for another's, too."""
    row = session.scalars(locked(visible(actor).where(InboxMessage.id == message_id))).one_or_none()
    if row is None:
        raise NotFound
    row.read_at = row.read_at or now
    return _view(row)


def read_up_to(session: Session, actor: Actor, newest: int, *, now: datetime) -> int:
    """Note that the actor has read everything up to the message `newest`; returns how many that were."""
    rows = session.scalars(
        locked(visible(actor).where(InboxMessage.read_at.is_(None), InboxMessage.id <= newest))
    ).all()
    for row in rows:
        row.read_at = now
    session.flush()  # `unread` asks by a statement that is compiled once, which flushes nothing
    return len(rows)
