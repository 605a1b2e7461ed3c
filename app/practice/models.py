"""Mock exams and what they draw from, practice attempts with their responses, books of wrong answers, progress.

Tables of their own: nothing of grading, clearance or certificates refers to them, and nothing here to a registration.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, closed_set
from app.practice.rules import MockState, PracticeState


class MockExam(Base):
    """模拟考试: what is drawn for whoever practises, as often as they like. Its pool is frozen when it is opened."""

    __tablename__ = "mock_exam"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    blueprint_id: Mapped[int] = mapped_column(ForeignKey("blueprint.id"))
    duration_minutes: Mapped[int] = mapped_column(Integer)
    state: Mapped[MockState] = mapped_column(closed_set(MockState))
    draw_facts: Mapped[str] = mapped_column(Text)
    """Canonical JSON of `question_bank.assembly.PoolFacts`: what the draw is told of the pool."""
    opened_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None]


class MockPoolItem(Base):
    """An item version that a mock exam draws from; a trigger refuses one of a bank that is not for practice."""

    __tablename__ = "mock_pool_item"

    mock_exam_id: Mapped[int] = mapped_column(ForeignKey("mock_exam.id"), primary_key=True)
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"), primary_key=True)
    topic: Mapped[str | None] = mapped_column(String(500))
    """The path that the item was filed under when the mock exam was opened; None: as its version says."""


_RUNS = text("state = 'open'")


class PracticeAttempt(Base):
    """练习答卷: one run through a form that was drawn for it; of a mock exam, or of one's own wrong answers."""

    __tablename__ = "practice_attempt"
    __table_args__ = (
        Index("uq_practice_attempt_runs", "person_id", unique=True, postgresql_where=_RUNS, sqlite_where=_RUNS),
        Index("ix_practice_attempt_due", "deadline_at", postgresql_where=_RUNS, sqlite_where=_RUNS),
        Index("ix_practice_attempt_person_id_id", "person_id", "id"),
        Index("ix_practice_attempt_closed_at", "closed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    mock_exam_id: Mapped[int | None] = mapped_column(ForeignKey("mock_exam.id"))
    """Empty where it is made of the person's own wrong answers."""
    state: Mapped[PracticeState] = mapped_column(closed_set(PracticeState))
    seed: Mapped[str] = mapped_column(String(64))
    """Hex, from a CSPRNG: with the pool and the blueprint the form can be drawn again."""
    form: Mapped[str] = mapped_column(Text)
    """Canonical JSON of `question_bank.form.Form`."""
    view: Mapped[str] = mapped_column(Text)
    """The candidate's view of it, holding no key."""
    started_at: Mapped[datetime]
    deadline_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    """As of when it ended: the hand-in, or the deadline."""
    points: Mapped[str | None] = mapped_column(Text)
    """JSON: the hundredths of each position, once it has ended."""
    total: Mapped[int | None] = mapped_column(Integer)
    maximum: Mapped[int] = mapped_column(Integer)


class PracticeResponse(Base):
    """作答: the newest revision of one position of a practice attempt."""

    __tablename__ = "practice_response"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("practice_attempt.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    revision: Mapped[int]
    response: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime]


class WrongItem(Base):
    """错题: an item in a person's book of wrong answers, until it is right twice in a row or taken out."""

    __tablename__ = "wrong_item"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"))
    """The version that was last wrong."""
    topic: Mapped[str] = mapped_column(String(500))
    wrong: Mapped[int] = mapped_column(Integer)
    right_running: Mapped[int] = mapped_column(Integer)
    wrong_at: Mapped[datetime]


class TopicProgress(Base):
    """掌握情况: stored sums of what a person has practised of a topic; what it costs to show does not depend on how
    much that was."""

    __tablename__ = "topic_progress"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(500), primary_key=True)
    responded: Mapped[int] = mapped_column(Integer)
    right_count: Mapped[int] = mapped_column(Integer)
