"""Asking for jobs, looking at them, cancelling them."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.clock import ManualClock
from app.database import Database
from app.errors import NotFound
from app.jobs.leases import claim
from app.jobs.queue import JobView, cancel, count_by_state, enqueue, find
from app.jobs.rules import JobOver, JobState

LEASE = timedelta(seconds=60)
Put = Callable[..., int]
Get = Callable[[int], JobView]


def take(database: Database, clock: ManualClock, worker: str = "w", kinds: tuple[str, ...] = ("count",)) -> int | None:
    with database.transaction() as session:
        claimed = claim(session, worker=worker, kinds=kinds, lease=LEASE, now=clock.now())
    return claimed.lease.job_id if claimed else None


def test_a_job_stands_or_falls_with_the_transaction_that_asked_for_it(database: Database, clock: ManualClock) -> None:
    def change_then_fail() -> None:
        with database.transaction() as session:
            enqueue(session, kind="count", payload={}, now=clock.now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_then_fail()
    assert take(database, clock) is None


def test_the_higher_priority_goes_first_then_the_older(database: Database, clock: ManualClock, put: Put) -> None:
    late, early, urgent = put(), put(), put(priority=5)
    assert [take(database, clock) for _ in range(4)] == [urgent, late, early, None]


def test_a_job_waits_for_its_moment_and_for_a_worker_that_knows_its_kind(
    database: Database, clock: ManualClock, put: Put
) -> None:
    job = put(run_after=clock.now() + timedelta(minutes=1))
    assert take(database, clock) is None
    clock.advance(timedelta(minutes=1))
    assert take(database, clock, kinds=("other",)) is None
    assert take(database, clock) == job


def test_a_dedupe_key_names_one_living_job(database: Database, clock: ManualClock, put: Put, get: Get) -> None:
    first = put(dedupe_key="export-7")
    assert put(dedupe_key="export-7") == first
    assert put(dedupe_key="export-8") != first
    with database.transaction() as session:
        cancel(session, first, now=clock.now())
    assert put(dedupe_key="export-7") != first
    assert get(first).state is JobState.CANCELLED


def test_a_dedupe_key_names_one_living_job_under_concurrency(database: Database, clock: ManualClock, put: Put) -> None:
    barrier = threading.Barrier(6)
    made: list[int] = []

    def ask() -> None:
        barrier.wait()
        made.append(put(dedupe_key="same"))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6
    assert len(set(made)) == 1


def test_a_payload_that_json_cannot_hold_is_refused(put: Put) -> None:
    with pytest.raises(ValueError, match="JSON"):
        put(payload={"points": float("nan")})


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_is_told(
    database: Database, clock: ManualClock, put: Put, get: Get
) -> None:
    waiting = put(run_after=clock.now() + timedelta(days=1))
    running = put()
    assert take(database, clock) == running
    with database.transaction() as session:
        assert cancel(session, waiting, now=clock.now()) is JobState.CANCELLED
        assert cancel(session, running, now=clock.now()) is JobState.RUNNING
    assert get(running).cancel_requested_at == clock.now()
    with pytest.raises(JobOver), database.transaction() as session:
        cancel(session, waiting, now=clock.now())
    with pytest.raises(NotFound), database.transaction() as session:
        cancel(session, 999, now=clock.now())


def test_a_job_that_is_not_there_answers_like_any_missing_thing(database: Database) -> None:
    with pytest.raises(NotFound), database.transaction(reading=True) as session:
        find(session, 1)


def test_states_are_counted_with_their_zeros(database: Database, clock: ManualClock, put: Put) -> None:
    put()
    put()
    take(database, clock)
    with database.transaction(reading=True) as session:
        counted = count_by_state(session)
    assert counted[JobState.QUEUED] == counted[JobState.RUNNING] == 1
    assert counted[JobState.DEAD] == 0
