"""The table of drills."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, closed_set
from app.drill.rules import DrillState

_UNDER_WAY = text("state = 'under_way'")


class Drill(Base):
    """演练: one rehearsal of an exam, and what it found. Holds figures and names of tables, nothing of any person."""

    __tablename__ = "drill"
    __table_args__ = (
        Index("uq_drill_under_way", "state", unique=True, postgresql_where=_UNDER_WAY, sqlite_where=_UNDER_WAY),
        CheckConstraint("(state = 'under_way') = (ended_at IS NULL)", name="ended"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), index=True)
    state: Mapped[DrillState] = mapped_column(closed_set(DrillState))
    candidates: Mapped[int] = mapped_column(Integer)
    minutes: Mapped[int] = mapped_column(Integer)
    job_id: Mapped[int | None]
    """No foreign key: jobs are cleared away sooner than reports."""
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """Empty where it was asked for at the command line."""
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    figures: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """`app.drill.rules.Figures`; only of a drill that came to an end."""
    tables: Mapped[list[list[Any]] | None] = mapped_column(JSON(none_as_null=True))
    """Every table of production that was compared: name, rows, digest before, digest after."""
    reason_zh: Mapped[str] = mapped_column(String(400), default="")
    reason_en: Mapped[str] = mapped_column(String(400), default="")
    """Why it came to no end, in both languages; empty otherwise."""
