"""A worker's hold on a job. Every write is fenced: it counts only while this worker holds this very attempt.

A worker that was frozen past its lease, and whose job another has taken, finds none of its writes accepted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from app.jobs.models import Job
from app.jobs.rules import JobAction, JobState, move, on_finding

_LOST = {
    "code": "job.worker_lost",
    "zh": "执行该作业的进程多次意外终止，已放弃。",
    "en": "The process that ran this job ended unexpectedly too many times; the job was given up.",
}


class LeaseLost(Exception):
    """The job is no longer this worker's: its lease ran out and another has taken it, or it has ended."""


@dataclass(frozen=True)
class Lease:
    """One attempt of one worker at one job: the fence of every write."""

    job_id: int
    worker: str
    attempt: int

    def holds(self) -> ColumnElement[bool]:
        """The condition under which a write of this worker counts."""
        return and_(
            Job.id == self.job_id,
            Job.worker == self.worker,
            Job.attempts == self.attempt,
            Job.state == JobState.RUNNING,
        )


@dataclass(frozen=True)
class Claimed:
    """A job that was just claimed: what its handler needs of it."""

    lease: Lease
    kind: str
    payload: Mapping[str, Any]
    created_by: int | None
    max_attempts: int


def _due(kinds: Sequence[str], now: datetime) -> ColumnElement[bool]:
    return and_(
        Job.kind.in_(kinds),
        or_(
            and_(Job.state == JobState.QUEUED, Job.run_after <= now),
            and_(Job.state == JobState.RUNNING, Job.lease_until < now),
        ),
    )


def has_due(session: Session, *, kinds: Sequence[str], now: datetime) -> bool:
    """Whether there is anything to claim; a reading transaction is enough, so idle workers never hold SQLite's lock."""
    return session.scalar(select(Job.id).where(_due(kinds, now)).limit(1)) is not None


def claim(session: Session, *, worker: str, kinds: Sequence[str], lease: timedelta, now: datetime) -> Claimed | None:
    """Take the first due job of `kinds` until `now + lease`, or None where nothing is due.

    Of many workers each gets another job: on PostgreSQL rows locked by others are skipped, on SQLite the writing
    transaction is the lock. Jobs that are to be cancelled or given up instead are ended on the way.
    """
    while True:
        job = session.scalar(
            select(Job)
            .where(_due(kinds, now))
            .order_by(Job.priority.desc(), Job.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if job is None:
            return None
        action = on_finding(
            job.state,
            attempts=job.attempts,
            max_attempts=job.max_attempts,
            cancel_requested=job.cancel_requested_at is not None,
        )
        job.state = move(job.state, action)
        if job.state is JobState.RUNNING:
            job.worker, job.lease_until, job.attempts = worker, now + lease, job.attempts + 1
            session.flush()
            return Claimed(
                lease=Lease(job.id, worker, job.attempts),
                kind=job.kind,
                payload=job.payload,
                created_by=job.created_by,
                max_attempts=job.max_attempts,
            )
        job.worker = job.lease_until = None
        job.finished_at = now
        if action is JobAction.GIVE_UP:
            job.error = _LOST
        session.flush()


def _write(session: Session, lease: Lease, values: Mapping[str, Any]) -> bool:
    """Write `values` if the lease holds, else raise LeaseLost; returns whether a person has asked to cancel."""
    row = session.execute(
        update(Job)
        .where(lease.holds())
        .values(**values)
        .returning(Job.cancel_requested_at)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        raise LeaseLost
    return row[0] is not None


def extend(session: Session, lease: Lease, *, until: datetime) -> bool:
    """Hold the job until `until`; returns whether a person has asked to cancel it. Raises LeaseLost."""
    return _write(session, lease, {"lease_until": until})


def report(session: Session, lease: Lease, *, done: int, total: int, zh: str, en: str) -> bool:
    """Say how far the work is, for the page that shows it; returns and raises as `extend`."""
    return _write(session, lease, {"done": done, "total": total, "message_zh": zh[:200], "message_en": en[:200]})


def look(session: Session, lease: Lease) -> bool:
    """Whether a person has asked to cancel, without writing. Raises LeaseLost."""
    row = session.execute(select(Job.cancel_requested_at).where(lease.holds())).one_or_none()
    if row is None:
        raise LeaseLost
    return row[0] is not None


def end(
    session: Session,
    lease: Lease,
    action: JobAction,
    *,
    now: datetime,
    result: Mapping[str, Any] | None = None,
    error: Mapping[str, str] | None = None,
    rest: timedelta = timedelta(0),
) -> None:
    """Let go of the job by `action`: finish, retry (after `rest`), release, give_up or cancel. Raises LeaseLost.

    A release is the worker's doing and costs the job no attempt; the number never goes back, for it is the fence.
    """
    state = move(JobState.RUNNING, action)
    values: dict[str, Any] = {"state": state, "worker": None, "lease_until": None}
    if state is JobState.QUEUED:
        values["run_after"] = now + rest
    else:
        values["finished_at"] = now
    if action is JobAction.RELEASE:
        values["max_attempts"] = Job.max_attempts + 1
    if result is not None:
        values["result"] = dict(result)
    if error is not None:
        values["error"] = dict(error)
    _write(session, lease, values)
