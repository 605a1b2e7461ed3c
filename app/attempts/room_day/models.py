"""The day of a room."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.attempts.room_day.rules import RoomState
from app.database import Base, closed_set


class RoomDay(Base):
    """考场流程 of one room. It counts for the start that it was opened for: after a postponement it is opened anew."""

    __tablename__ = "room_day"

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), unique=True)
    starts_at: Mapped[datetime]
    """The start of the sitting as it stood when the room was opened."""
    state: Mapped[RoomState] = mapped_column(closed_set(RoomState))
    present: Mapped[list[int]] = mapped_column(JSON)
    """Accounts of the invigilators who were there at the opening."""
    opened_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime]
    started_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    started_at: Mapped[datetime | None]
    """When it was said to have begun; empty where nobody said so."""
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None]
    sheets: Mapped[int | None] = mapped_column(Integer)
    """答题卡 of paper that were counted at the close."""
    slips: Mapped[int | None] = mapped_column(Integer)
    """草稿纸 that were counted at the close."""
    note: Mapped[str] = mapped_column(Text, default="")
