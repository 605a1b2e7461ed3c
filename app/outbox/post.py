"""Sending: a row in the transaction of whatever is told."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert as insert_many
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.outbox.delivery import Message
from app.outbox.models import OutboxMessage
from app.outbox.rules import OutboxState

INBOX = "inbox"
SMS = "sms"


def post(
    session: Session,
    *,
    person_id: int,
    template: str,
    params: Mapping[str, Any],
    now: datetime,
    dedupe_key: str | None = None,
    channel: str = INBOX,
) -> int:
    """Send a message with the caller's transaction; returns its id. It leaves after the commit, at least once.

    A `dedupe_key` is sent once for ever per channel: the second time returns the id of the first. `template` is a key
    of `templates.TEMPLATES`; `params` are JSON values for its placeholders, none of them an ID number or a
    finding (P46).
    """
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made = session.execute(
        insert(OutboxMessage)
        .values(
            channel=channel,
            person_id=person_id,
            template=template,
            params=json.loads(json.dumps(dict(params), allow_nan=False)),
            dedupe_key=dedupe_key,
            state=OutboxState.PENDING,
            attempts=0,
            next_try_at=now,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=[OutboxMessage.channel, OutboxMessage.dedupe_key])
        .returning(OutboxMessage.id)
    ).scalar_one_or_none()
    if made is not None:
        return made
    return session.execute(
        select(OutboxMessage.id).where(OutboxMessage.channel == channel, OutboxMessage.dedupe_key == dedupe_key)
    ).scalar_one()


def post_copies(session: Session, messages: Iterable[Message], *, channel: str) -> None:
    """Send messages that are being delivered through another channel as well, with the caller's transaction; told of
    a message again, it sends nothing twice. A copy is as old as what it was made of."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    rows = [
        {
            "channel": channel,
            "person_id": message.person_id,
            "template": message.template,
            "params": {},
            "dedupe_key": f"copy of {message.id}",
            "state": OutboxState.PENDING,
            "attempts": 0,
            "next_try_at": message.created_at,
            "created_at": message.created_at,
        }
        for message in messages
    ]
    if rows:
        once = [OutboxMessage.channel, OutboxMessage.dedupe_key]
        session.execute(insert(OutboxMessage).on_conflict_do_nothing(index_elements=once), rows)


def post_to_all(
    session: Session, *, person_ids: Collection[int], template: str, params: Mapping[str, Any], now: datetime
) -> None:
    """Send one message to many inboxes with the caller's transaction, in one statement; see `post`."""
    rows = [
        {
            "channel": INBOX,
            "person_id": person_id,
            "template": template,
            "params": dict(params),
            "dedupe_key": None,
            "state": OutboxState.PENDING,
            "attempts": 0,
            "next_try_at": now,
            "error_code": None,
            "created_at": now,
            "delivered_at": None,
        }
        for person_id in person_ids
    ]
    if rows:
        session.execute(insert_many(OutboxMessage), rows)
