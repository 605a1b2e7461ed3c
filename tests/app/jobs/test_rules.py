"""The life of a job, walked as the full product of states and actions."""

from datetime import timedelta
from itertools import product

import pytest

from app.jobs.rules import (
    LIVING,
    TRANSITIONS,
    JobAction,
    JobOver,
    JobState,
    move,
    on_failure,
    on_finding,
    pause_before_retry,
)

ALLOWED = {
    ("queued", "claim"): "running",
    ("queued", "cancel"): "cancelled",
    ("running", "reclaim"): "running",
    ("running", "finish"): "done",
    ("running", "retry"): "queued",
    ("running", "release"): "queued",
    ("running", "give_up"): "dead",
    ("running", "cancel"): "cancelled",
}


@pytest.mark.parametrize(("state", "action"), list(product(JobState, JobAction)))
def test_every_cell_moves_as_drawn_or_is_refused(state: JobState, action: JobAction) -> None:
    target = ALLOWED.get((state.value, action.value))
    if target is None:
        with pytest.raises(JobOver):
            move(state, action)
    else:
        assert move(state, action) is JobState(target)


def test_an_ended_job_has_no_way_on() -> None:
    assert {state for state, _ in TRANSITIONS} == LIVING


@pytest.mark.parametrize(
    ("attempts", "cancel_requested", "expected"),
    [
        (1, False, JobAction.RECLAIM),
        (4, False, JobAction.RECLAIM),
        (5, False, JobAction.GIVE_UP),
        (1, True, JobAction.CANCEL),
        (5, True, JobAction.CANCEL),
    ],
)
def test_a_job_whose_worker_vanished_is_taken_again_cancelled_or_given_up(
    attempts: int, cancel_requested: bool, expected: JobAction
) -> None:
    found = on_finding(JobState.RUNNING, attempts=attempts, max_attempts=5, cancel_requested=cancel_requested)
    assert found is expected


def test_a_waiting_job_is_claimed_however_often_it_failed() -> None:
    assert on_finding(JobState.QUEUED, attempts=4, max_attempts=5, cancel_requested=False) is JobAction.CLAIM


def test_a_failure_is_retried_until_the_last_attempt_and_a_refusal_never() -> None:
    assert on_failure(attempts=4, max_attempts=5, refused=False) is JobAction.RETRY
    assert on_failure(attempts=5, max_attempts=5, refused=False) is JobAction.GIVE_UP
    assert on_failure(attempts=1, max_attempts=5, refused=True) is JobAction.GIVE_UP


def test_the_rest_before_a_retry_doubles_and_ends_at_a_quarter_of_an_hour() -> None:
    assert [pause_before_retry(n) for n in (1, 2, 3)] == [timedelta(seconds=s) for s in (5, 10, 20)]
    assert pause_before_retry(1000) == timedelta(minutes=15)
