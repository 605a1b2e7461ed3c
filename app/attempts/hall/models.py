"""Tables of what is said in rooms: announcements, and who has received them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


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
