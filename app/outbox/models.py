"""The tables of messages: those on their way out, and those in a person's inbox."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, Id, closed_set
from app.outbox.rules import OutboxState


class OutboxMessage(Base):
    """One message through one channel. It holds a template's key and parameters (ids, names, dates: never an ID number
    or a finding, P46), so that its text can be shown in either language."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    person_id: Mapped[int]
    """For whom; no foreign key, for the outbox knows no persons and outlives them."""
    template: Mapped[str] = mapped_column(String(64))
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    dedupe_key: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[OutboxState] = mapped_column(closed_set(OutboxState))
    attempts: Mapped[int]
    next_try_at: Mapped[datetime]
    """Not before then. Whoever takes the message moves it on: that is their lease."""
    error_code: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("channel", "dedupe_key"),
        CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name="delivered"),
        Index("ix_outbox_state_next_try_at", "state", "next_try_at"),
    )


class InboxMessage(Base):
    """站内消息: a message where the person finds it after signing in."""

    __tablename__ = "inbox_message"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    outbox_id: Mapped[int] = mapped_column(Id, unique=True)
    """The message it came from: delivered twice, it still stands here once."""
    person_id: Mapped[int]
    template: Mapped[str] = mapped_column(String(64))
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    printed_at: Mapped[datetime | None]
    """When it was last printed for the person."""
    prints: Mapped[int] = mapped_column(default=0, server_default="0")
    receipt_on: Mapped[date | None]
    """The day on the receipt that the person signed for the print."""

    __table_args__ = (Index("ix_inbox_message_person_id_id", "person_id", "id"),)
