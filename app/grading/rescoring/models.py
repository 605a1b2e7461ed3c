"""Corrections of items, and what each of them has changed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, closed_set
from app.grading.rescoring.rules import Policy, RescoringState
from question_bank.corrections import Treatment


class Rescoring(Base):
    """更正 of one item of an exam: proposed by one person, approved by another, then applied to everyone."""

    __tablename__ = "rescoring"

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), index=True)
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"))
    part: Mapped[int | None] = mapped_column(Integer)
    """The part of a case, from 0; None for the whole item."""
    treatment: Mapped[Treatment] = mapped_column(closed_set(Treatment))
    key: Mapped[str] = mapped_column(String(500))
    """As it was written (`question_bank.corrections.Correction`); empty where the treatment takes none."""
    policy: Mapped[Policy] = mapped_column(closed_set(Policy))
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[RescoringState] = mapped_column(closed_set(RescoringState), index=True)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    settled_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]


class RescoredResult(Base):
    """What a correction made of one result: the old values stay here, with the runs that they come from (P27)."""

    __tablename__ = "rescored_result"
    __table_args__ = (UniqueConstraint("rescoring_id", "registration_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    rescoring_id: Mapped[int] = mapped_column(ForeignKey("rescoring.id"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    run_before: Mapped[int] = mapped_column(ForeignKey("scoring_run.id"))
    total_before: Mapped[int] = mapped_column(Integer)
    maximum_before: Mapped[int] = mapped_column(Integer)
    passed_before: Mapped[bool]
    run_after: Mapped[int] = mapped_column(ForeignKey("scoring_run.id"))
    total_after: Mapped[int] = mapped_column(Integer)
    maximum_after: Mapped[int] = mapped_column(Integer)
    passed_after: Mapped[bool]
    kept: Mapped[bool]
    """Whether the exact score would have been worse, and the better one was kept."""
    at: Mapped[datetime]

    @property
    def changes(self) -> bool:
        """Whether total, full points or pass became others."""
        before = (self.total_before, self.maximum_before, self.passed_before)
        return before != (self.total_after, self.maximum_after, self.passed_after)
