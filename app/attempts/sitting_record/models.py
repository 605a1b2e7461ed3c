"""Records of rooms, who signed them, incidents in free words, and what it took to do without."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.attempts.sitting_record.rules import RecordState
from app.database import Base, closed_set


class SittingRecord(Base):
    """考场记录表 of one room (`number` 1), and the additions to it. Nobody is named in it: accounts, seats and ticket
    numbers stand for people, so that it outlives what is erased of them (P47)."""

    __tablename__ = "sitting_record"
    __table_args__ = (UniqueConstraint("room_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[RecordState] = mapped_column(closed_set(RecordState))
    content: Mapped[str] = mapped_column(Text)
    """Canonical JSON of `schemas.RecordContent`."""
    content_hash: Mapped[str] = mapped_column(String(64))
    drawn_up_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    drawn_up_at: Mapped[datetime]


class RecordSignature(Base):
    """签字 under the content with that hash; it counts while the record has this content."""

    __tablename__ = "record_signature"
    __table_args__ = (UniqueConstraint("record_id", "account_id", "content_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("sitting_record.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    content_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class RoomIncident(Base):
    """考场异常 as an invigilator wrote it down; never changed."""

    __tablename__ = "room_incident"

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), index=True)
    happened_at: Mapped[datetime]
    words: Mapped[str] = mapped_column(Text)
    written_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    written_at: Mapped[datetime]


class RecordWaiver(Base):
    """An approver does without the record of a room, with a reason."""

    __tablename__ = "record_waiver"

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), unique=True)
    reason: Mapped[str] = mapped_column(Text)
    waived_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    waived_at: Mapped[datetime]
