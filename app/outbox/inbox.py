"""站内消息: the channel that ships, and what a person does with their inbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.database import Database
from app.errors import NotFound
from app.outbox.delivery import Message
from app.outbox.models import InboxMessage
from app.outbox.post import INBOX


class InboxChannel:
    """Delivers into the person's inbox, in one transaction per batch; a repeat changes nothing."""

    name = INBOX

    def __init__(self, database: Database) -> None:
        self._database = database

    def deliver(self, messages: Sequence[Message]) -> Mapping[int, str]:
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
        return {}


@dataclass(frozen=True)
class InboxView:
    """A message as its reader sees it, before its template makes text of it."""

    id: int
    template: str
    params: Mapping[str, Any]
    created_at: datetime
    read_at: datetime | None


def unread(session: Session, person_id: int) -> int:
    """How many messages the person has not read."""
    return session.execute(
        select(func.count()).where(InboxMessage.person_id == person_id, InboxMessage.read_at.is_(None))
    ).scalar_one()


def page(session: Session, person_id: int, *, limit: int, before: int | None = None) -> list[InboxView]:
    """The person's newest `limit` messages, older than the message `before` where that is given."""
    statement = select(InboxMessage).where(InboxMessage.person_id == person_id)
    if before is not None:
        statement = statement.where(InboxMessage.id < before)
    rows = session.scalars(statement.order_by(InboxMessage.id.desc()).limit(limit))
    return [InboxView(row.id, row.template, row.params, row.created_at, row.read_at) for row in rows]


def mark_read(session: Session, person_id: int, message_id: int, *, now: datetime) -> None:
    """Note that the person has read it; the first reading counts. Raises NotFound for another's, too."""
    touched = session.execute(
        update(InboxMessage)
        .where(InboxMessage.id == message_id, InboxMessage.person_id == person_id)
        .values(read_at=func.coalesce(InboxMessage.read_at, now))
        .returning(InboxMessage.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if touched is None:
        raise NotFound
