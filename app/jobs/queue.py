"""What the rest of the service does with jobs: ask for one, look at it, cancel it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.database import locked
from app.errors import NotFound
from app.jobs.models import LIVING_ONLY, Job
from app.jobs.rules import LIVING, JobAction, JobState, move


def enqueue(
    session: Session,
    *,
    kind: str,
    payload: Mapping[str, Any],
    now: datetime,
    run_after: datetime | None = None,
    dedupe_key: str | None = None,
    priority: int = 0,
    max_attempts: int = 5,
    created_by: int | None = None,
) -> int:
    """Ask for a job within the caller's transaction, so that it stands or falls with it; returns the job's id.

    Higher `priority` goes first, then the older id. While a job with the same `dedupe_key` is queued or running, no
    second one is made and the id of that one is returned. `payload` is JSON of ids and counts; raises ValueError for
    what JSON cannot hold.
    """
    values = {
        "kind": kind,
        "payload": json.loads(json.dumps(dict(payload), allow_nan=False)),
        "state": JobState.QUEUED,
        "run_after": run_after or now,
        "priority": priority,
        "dedupe_key": dedupe_key,
        "attempts": 0,
        "max_attempts": max_attempts,
        "done": 0,
        "total": 0,
        "message_zh": "",
        "message_en": "",
        "created_by": created_by,
        "created_at": now,
    }
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = (
        insert(Job)
        .values(values)
        .on_conflict_do_nothing(index_elements=[Job.dedupe_key], index_where=LIVING_ONLY)
        .returning(Job.id)
    )
    while True:
        made = session.execute(statement).scalar_one_or_none()
        if made is not None:
            return made
        # Between the refused insert and this look the other job may have ended: then ours is inserted after all.
        there = session.scalar(select(Job.id).where(Job.dedupe_key == dedupe_key, Job.state.in_(LIVING)))
        if there is not None:
            return there


@dataclass(frozen=True)
class JobView:
    """A job as a page or a program may show it; `error` is `{"code", "zh", "en"}` of its last failure."""

    id: int
    kind: str
    state: JobState
    attempts: int
    max_attempts: int
    done: int
    total: int
    message_zh: str
    message_en: str
    result: Mapping[str, Any] | None
    error: Mapping[str, str] | None
    cancel_requested_at: datetime | None
    created_by: int | None
    created_at: datetime
    finished_at: datetime | None


def find(session: Session, job_id: int) -> JobView:
    """The job as it stands; raises NotFound. Whether the caller may see it is the caller's rule."""
    job = session.scalar(select(Job).where(Job.id == job_id).execution_options(populate_existing=True))
    if job is None:
        raise NotFound
    return _seen(job)


def newest(session: Session, kind: str) -> JobView | None:
    """The job of that kind that was asked for last, as it stands; None where there was none."""
    job = session.scalar(select(Job).where(Job.kind == kind).order_by(Job.id.desc()).limit(1))
    return None if job is None else _seen(job)


def is_living(session: Session, dedupe_key: str) -> bool:
    """Whether a job with that key waits or runs."""
    living = select(Job.id).where(Job.dedupe_key == dedupe_key, Job.state.in_(LIVING))
    return session.scalar(living) is not None


def _seen(job: Job) -> JobView:
    return JobView(**{field.name: getattr(job, field.name) for field in fields(JobView)})


def cancel(session: Session, job_id: int, *, now: datetime) -> JobState:
    """Cancel on a person's wish: at once where it waits; where it runs, its worker is told and stops at the next check.

    Returns the state the job is in now. Raises NotFound, or JobOver where it has ended.
    """
    job = session.scalar(locked(select(Job).where(Job.id == job_id)))
    if job is None:
        raise NotFound
    state = move(job.state, JobAction.CANCEL)
    job.cancel_requested_at = job.cancel_requested_at or now
    if job.state is JobState.QUEUED:
        job.state, job.finished_at = state, now
    session.flush()
    return job.state


def count_by_state(session: Session) -> dict[JobState, int]:
    """How many jobs stand in each state; states without any are 0."""
    counted = session.execute(select(Job.state, func.count()).group_by(Job.state))
    return dict.fromkeys(JobState, 0) | {row[0]: row[1] for row in counted}
