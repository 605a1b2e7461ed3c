"""Messages as they are printed for persons of a unit. Whose they may be, the caller judges and hands in."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.database import locked
from app.outbox.models import InboxMessage
from app.outbox.paper.rules import PRINTABLE, PaperState

_STANDS: dict[PaperState, ColumnElement[bool]] = {
    PaperState.WAITING: InboxMessage.read_at.is_(None) & InboxMessage.printed_at.is_(None),
    PaperState.PRINTED: InboxMessage.printed_at.is_not(None) & InboxMessage.receipt_on.is_(None),
    PaperState.SIGNED: InboxMessage.receipt_on.is_not(None),
}


def visible(persons: Select[int]) -> Select[InboxMessage]:
    """The messages of these persons that may be printed."""
    return select(InboxMessage).where(InboxMessage.person_id.in_(persons), InboxMessage.template.in_(PRINTABLE))


def list_on_paper(
    db: Session, persons: Select[int], *, state: PaperState, before: int, limit: int
) -> Sequence[InboxMessage]:
    """The newest of them in this state, with `before` only those older than that id."""
    query = visible(persons).where(_STANDS[state]).order_by(InboxMessage.id.desc()).limit(limit)
    return db.scalars(query.where(InboxMessage.id < before) if before else query).all()


def count_waiting(db: Session, persons: Select[int]) -> int:
    """How many of them were neither read nor printed."""
    waiting = visible(persons).where(_STANDS[PaperState.WAITING]).subquery()
    return db.execute(select(func.count()).select_from(waiting)).scalar_one()


def hold_messages(db: Session, persons: Select[int], message_ids: Collection[int]) -> Sequence[InboxMessage]:
    """Those of these messages that are among them, by id, their rows held."""
    return db.scalars(locked(visible(persons).where(InboxMessage.id.in_(message_ids)).order_by(InboxMessage.id))).all()
