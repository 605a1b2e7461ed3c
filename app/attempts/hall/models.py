"""Tables of what is said in rooms: announcements, who has received them, hands that are raised, canned replies,
faulty items that candidates report."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.attempts.hall.rules import FaultDecision, HandKind, HandState, ItemFault
from app.database import Base, closed_set


class Announcement(Base):
    """公告 to a room, a sitting (`room_id` empty) or an exam (`sitting_id` empty too). Never changed: it is corrected
    or withdrawn by a later one, which `replaces` it."""

    __tablename__ = "announcement"
    __table_args__ = (
        UniqueConstraint("exam_id", "number"),
        CheckConstraint("room_id IS NULL OR sitting_id IS NOT NULL", name="place"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    number: Mapped[int] = mapped_column(Integer)
    """Counts up within the exam, in the order of commits: who has seen a number has seen all before it."""
    sitting_id: Mapped[int | None] = mapped_column(ForeignKey("sitting.id"))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("announcement.id"), unique=True)
    withdraws: Mapped[bool]
    """Whether it takes back what it replaces; else it corrects it."""
    words: Mapped[str] = mapped_column(Text)
    made_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]


class AnnouncementReading(Base):
    """How far a candidate's page has shown the announcements; gathered in memory and written a few seconds later
    (`app.attempts.hall.readings`). No rule depends on it."""

    __tablename__ = "announcement_reading"

    registration_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """No foreign key: a check per row would cost more than the row."""
    number: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]


_UP = text("state IN ('waiting', 'coming')")


class Hand(Base):
    """举手: a candidate asks for the proctor from the exam page. One is up at a time."""

    __tablename__ = "hand"
    __table_args__ = (
        Index("uq_hand_up", "registration_id", unique=True, postgresql_where=_UP, sqlite_where=_UP),
        Index("ix_hand_registration_id", "registration_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    kind: Mapped[HandKind] = mapped_column(closed_set(HandKind))
    position: Mapped[int | None] = mapped_column(Integer)
    """The number of the item that it is about, as the candidate sees it."""
    words: Mapped[str] = mapped_column(Text)
    state: Mapped[HandState] = mapped_column(closed_set(HandState))
    turn: Mapped[int] = mapped_column(Integer)
    """Counts its moves: the page fetches what is new when the sum of its candidate's hands has changed."""
    raised_at: Mapped[datetime]
    reply_zh: Mapped[str] = mapped_column(Text, default="")
    reply_en: Mapped[str] = mapped_column(Text, default="")
    """Empty where the proctor wrote words of their own."""
    moved_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    moved_at: Mapped[datetime]


class CannedReply(Base):
    """常用答复 that proctors choose from, kept by the department; never changed, only retired."""

    __tablename__ = "canned_reply"

    id: Mapped[int] = mapped_column(primary_key=True)
    zh: Mapped[str] = mapped_column(String(200))
    en: Mapped[str] = mapped_column(String(200))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """Empty for those that the service came with."""
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class ItemReport(Base):
    """试题报告: a candidate found an item faulty. Once for each candidate and item."""

    __tablename__ = "item_report"
    __table_args__ = (
        UniqueConstraint("registration_id", "item_version_id"),
        Index("ix_item_report_exam_id_item_version_id", "exam_id", "item_version_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"))
    position: Mapped[int] = mapped_column(Integer)
    fault: Mapped[ItemFault] = mapped_column(closed_set(ItemFault))
    words: Mapped[str] = mapped_column(Text)
    thread_id: Mapped[int] = mapped_column(ForeignKey("item_thread.id"))
    """The thread in the bank in which its author reads it."""
    reported_at: Mapped[datetime]


class ItemDecision(Base):
    """What the officer decided of a reported item; appended, the newest counts."""

    __tablename__ = "item_decision"
    __table_args__ = (Index("ix_item_decision_exam_id", "exam_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"))
    decision: Mapped[FaultDecision] = mapped_column(closed_set(FaultDecision))
    reason: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime]
