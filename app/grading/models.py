"""Scoring runs, results, and their release. Points are integer hundredths."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, closed_set
from app.grading.rules import ReleaseState


class ScoringRun(Base):
    """One scoring of one attempt; scoring again is a new run beside the old."""

    __tablename__ = "scoring_run"
    __table_args__ = (UniqueConstraint("attempt_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    number: Mapped[int] = mapped_column(Integer)
    points: Mapped[str] = mapped_column(Text)
    """Canonical JSON: hundredths per position."""
    responses_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class Release(Base):
    """成绩公布 of one exam."""

    __tablename__ = "result_release"

    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), primary_key=True)
    state: Mapped[ReleaseState] = mapped_column(closed_set(ReleaseState))
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime | None]
    released_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    released_at: Mapped[datetime | None]


class Result(Base):
    """成绩 of one registration: of its counting run, or an absence (缺考) without an attempt."""

    __tablename__ = "result"
    __table_args__ = (
        CheckConstraint("total >= 0 AND total <= maximum", name="total"),
        CheckConstraint("(run_id IS NULL) = absent", name="absence"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), index=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), unique=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("scoring_run.id"))
    absent: Mapped[bool]
    total: Mapped[int] = mapped_column(Integer)
    maximum: Mapped[int] = mapped_column(Integer)
    passed: Mapped[bool]
