"""What the outbox keeps for a term: messages that left or were given up, and those of the inbox."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func

from app.holdings import Holding, Part, subjects_of
from app.outbox.models import InboxMessage, OutboxMessage

PARTS = (
    Part(InboxMessage.person_id, old=InboxMessage.created_at),
    # What was given up, or waits for a channel that was switched off, is as old as its last attempt.
    Part(OutboxMessage.person_id, old=func.coalesce(OutboxMessage.delivered_at, OutboxMessage.next_try_at)),
)


def _due(until: datetime) -> Select[int]:
    return subjects_of(PARTS, until)


def notices(persons: Any) -> Holding:
    """The holding; `persons` selects the persons of some registrations, which the outbox knows nothing of."""
    return Holding("notices", PARTS, _due, persons)
