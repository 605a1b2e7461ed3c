"""The table of background work."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, Id, closed_set
from app.jobs.rules import JobState

LIVING_ONLY = text("state IN ('queued', 'running')")


class Job(Base):
    """One piece of work for a machine. `payload`, `result` and messages hold ids and counts, never personal values."""

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[JobState] = mapped_column(closed_set(JobState))
    run_after: Mapped[datetime]
    priority: Mapped[int]
    dedupe_key: Mapped[str | None] = mapped_column(String(200))
    attempts: Mapped[int]
    max_attempts: Mapped[int]
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(120))
    done: Mapped[int]
    total: Mapped[int]
    message_zh: Mapped[str] = mapped_column(String(200))
    message_en: Mapped[str] = mapped_column(String(200))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    error: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    """`{"code", "zh", "en"}` of the last failure: a public sentence, never the text of an unexpected exception."""
    cancel_requested_at: Mapped[datetime | None]
    created_by: Mapped[int | None]
    """The account that asked for it; no foreign key, for jobs know no accounts."""
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("attempts >= 0 AND attempts <= max_attempts", name="attempts"),
        CheckConstraint(
            "(state = 'running') = (worker IS NOT NULL) AND (state = 'running') = (lease_until IS NOT NULL)",
            name="lease",
        ),
        CheckConstraint("(state IN ('queued', 'running')) = (finished_at IS NULL)", name="finished"),
        Index("ix_job_state_run_after", "state", "run_after"),
        Index(
            "uq_job_dedupe_key",
            "dedupe_key",
            unique=True,
            postgresql_where=LIVING_ONLY,
            sqlite_where=LIVING_ONLY,
        ),
    )
