"""What goes on between an author and a reviewer: threads of comments."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.authoring.rules.threads import ThreadAction, ThreadField, ThreadState
from app.database import Base, closed_set


class ItemThread(Base):
    """讨论: opened on a version of an item, about one field or the whole."""

    __tablename__ = "item_thread"
    __table_args__ = (Index("ix_item_thread_item_id_state", "item_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    version: Mapped[int] = mapped_column(Integer)
    field: Mapped[ThreadField] = mapped_column(closed_set(ThreadField))
    state: Mapped[ThreadState] = mapped_column(closed_set(ThreadState))
    opened_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime]


class ItemComment(Base):
    """意见: one entry of a thread, appended. A withdrawn one keeps its place; what it said is shown no more."""

    __tablename__ = "item_comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("item_thread.id"), index=True)
    act: Mapped[ThreadAction] = mapped_column(closed_set(ThreadAction))
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
