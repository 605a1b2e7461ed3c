"""Rechecks of results, and what was recounted."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, closed_set
from app.grading.rechecks.rules import RecheckState


class Recheck(Base):
    """成绩复核 of one registration, once. Totals are hundredths."""

    __tablename__ = "recheck"

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), index=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), unique=True)
    state: Mapped[RecheckState] = mapped_column(closed_set(RecheckState), index=True)
    total_before: Mapped[int] = mapped_column(Integer)
    """What had been given out when it was asked for."""
    asked_at: Mapped[datetime]
    recounted: Mapped[int | None] = mapped_column(Integer)
    """What the responses that are kept give, scored anew by the person who recounts."""
    note: Mapped[str] = mapped_column(Text)
    recounted_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recounted_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
