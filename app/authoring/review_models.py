"""What goes on between authors and reviewers: threads of comments, who is asked to review what, acts on many items."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.authoring.rules.assigning import AssignmentState
from app.authoring.rules.threads import ThreadAction, ThreadField, ThreadState
from app.authoring.rules.together import BulkState, TogetherAct
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


OPEN_ONLY = text("state = 'open'")


class ReviewAssignment(Base):
    """指派: a reviewer was asked to review a version of an item. Appended; at most one of an item is open."""

    __tablename__ = "review_assignment"
    __table_args__ = (
        Index("ix_review_assignment_reviewer_id_state", "reviewer_id", "state"),
        Index(
            "uq_review_assignment_item_id", "item_id", unique=True, postgresql_where=OPEN_ONLY, sqlite_where=OPEN_ONLY
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    version: Mapped[int] = mapped_column(Integer)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reviewer_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    """The natural person: the same under any account (P29)."""
    assigned_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    assigned_at: Mapped[datetime]
    due_on: Mapped[date | None]
    state: Mapped[AssignmentState] = mapped_column(closed_set(AssignmentState))
    ended_at: Mapped[datetime | None]


class BulkAct(Base):
    """批量处理: one act on many items, chosen once; done at once, or by the worker a part at a time."""

    __tablename__ = "bulk_act"

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("bank.id"))
    act: Mapped[TogetherAct] = mapped_column(closed_set(TogetherAct))
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`service.together.Wanted`, as JSON."""
    item_ids: Mapped[list[int]] = mapped_column(JSON)
    position: Mapped[int] = mapped_column(Integer)
    """How many of them have been dealt with."""
    done: Mapped[int] = mapped_column(Integer)
    stayed: Mapped[list[tuple[int, str, str]]] = mapped_column(JSON)
    """Each item that stays as it was, with why, in Chinese and English."""
    state: Mapped[BulkState] = mapped_column(closed_set(BulkState))
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    job_id: Mapped[int | None]
    """No foreign key: jobs know no items."""
