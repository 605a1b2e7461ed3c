"""The life of a job, as one table, and what to do with a job that was found or has failed. Pure.

queued ── claim ──> running ── finish ──> done
  │                  │ │ └──── cancel ──> cancelled
  │                  │ └────── give up ─> dead
  │                  ├ retry, release ──> queued        (failed, with attempts left; the worker is stopping)
  │                  └ reclaim ─────────> running       (its worker's lease ran out)
  └── cancel ──> cancelled
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from app.errors import Conflict


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"


class JobAction(StrEnum):
    """What can be done to a job."""

    CLAIM = "claim"
    RECLAIM = "reclaim"
    FINISH = "finish"
    RETRY = "retry"
    RELEASE = "release"
    GIVE_UP = "give_up"
    CANCEL = "cancel"


TRANSITIONS: Mapping[tuple[JobState, JobAction], JobState] = MappingProxyType(
    {
        (JobState.QUEUED, JobAction.CLAIM): JobState.RUNNING,
        (JobState.QUEUED, JobAction.CANCEL): JobState.CANCELLED,
        (JobState.RUNNING, JobAction.RECLAIM): JobState.RUNNING,
        (JobState.RUNNING, JobAction.FINISH): JobState.DONE,
        (JobState.RUNNING, JobAction.RETRY): JobState.QUEUED,
        (JobState.RUNNING, JobAction.RELEASE): JobState.QUEUED,
        (JobState.RUNNING, JobAction.GIVE_UP): JobState.DEAD,
        (JobState.RUNNING, JobAction.CANCEL): JobState.CANCELLED,
    }
)

LIVING = frozenset({JobState.QUEUED, JobState.RUNNING})


class JobOver(Conflict):
    """The job has ended already; nothing can be done to it any more."""

    code = "job.over"
    zh = "该后台作业已结束，不能再操作。"
    en = "This background job has ended already; nothing more can be done to it."


def move(state: JobState, action: JobAction) -> JobState:
    """Where `action` leads from `state`; raises JobOver where the table has no such move."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise JobOver from None


def on_finding(state: JobState, *, attempts: int, max_attempts: int, cancel_requested: bool) -> JobAction:
    """What a worker does with a job that is due: queued, or running under a lease that ran out.

    A job whose worker vanished on its last attempt is given up: what kills a worker each time must not kill them all.
    """
    if state is JobState.QUEUED:
        return JobAction.CLAIM
    if cancel_requested:
        return JobAction.CANCEL
    return JobAction.RECLAIM if attempts < max_attempts else JobAction.GIVE_UP


def on_failure(*, attempts: int, max_attempts: int, refused: bool) -> JobAction:
    """What follows a failure: a refusal by rule would be the same next time, so it is final; all else is retried."""
    return JobAction.GIVE_UP if refused or attempts >= max_attempts else JobAction.RETRY


def pause_before_retry(attempts: int) -> timedelta:
    """How long a job rests after its `attempts`-th failure: 5 s, doubled each time, at most 15 minutes."""
    return timedelta(seconds=min(5 * 2 ** min(attempts - 1, 10), 900))
