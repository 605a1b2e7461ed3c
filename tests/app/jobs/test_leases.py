"""The fence: a worker's writes count only while it holds that very attempt."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.clock import ManualClock
from app.database import Database
from app.jobs import leases
from app.jobs.leases import Claimed, Lease, LeaseLost
from app.jobs.models import Job
from app.jobs.queue import JobView, cancel
from app.jobs.rules import JobAction, JobState

LEASE = timedelta(seconds=60)
Put = Callable[..., int]
Get = Callable[[int], JobView]


def take(database: Database, clock: ManualClock, worker: str) -> Claimed | None:
    with database.transaction() as session:
        return leases.claim(session, worker=worker, kinds=["count"], lease=LEASE, now=clock.now())


def hold(database: Database, clock: ManualClock, worker: str) -> Lease:
    claimed = take(database, clock, worker)
    assert claimed
    return claimed.lease


def end(database: Database, clock: ManualClock, lease: Lease, action: JobAction = JobAction.FINISH) -> None:
    with database.transaction() as session:
        leases.end(session, lease, action, now=clock.now())


def test_a_lease_that_ran_out_is_taken_over_and_the_first_worker_is_fenced_out(
    database: Database, clock: ManualClock, put: Put, get: Get
) -> None:
    job = put()
    first = hold(database, clock, "first")
    assert take(database, clock, "second") is None
    clock.advance(LEASE + timedelta(seconds=1))
    second = hold(database, clock, "second")
    for write in (
        lambda session: leases.extend(session, first, until=clock.now()),
        lambda session: leases.report(session, first, done=1, total=2, zh="", en=""),
        lambda session: leases.look(session, first),
        lambda session: leases.end(session, first, JobAction.FINISH, now=clock.now()),
    ):
        with pytest.raises(LeaseLost), database.transaction() as session:
            write(session)
    end(database, clock, second)
    assert (get(job).state, get(job).attempts) == (JobState.DONE, 2)


def test_the_fence_tells_two_attempts_of_one_worker_apart(database: Database, clock: ManualClock, put: Put) -> None:
    put()
    first = hold(database, clock, "same")
    clock.advance(LEASE + timedelta(seconds=1))
    hold(database, clock, "same")
    with pytest.raises(LeaseLost):
        end(database, clock, first)


def test_the_fence_asks_for_the_worker_and_for_the_state(database: Database, clock: ManualClock, put: Put) -> None:
    put()
    lease = hold(database, clock, "first")
    with pytest.raises(LeaseLost):
        end(database, clock, Lease(lease.job_id, "another", lease.attempt))
    end(database, clock, lease)
    with pytest.raises(LeaseLost):
        end(database, clock, lease)


def test_a_heartbeat_keeps_the_job(database: Database, clock: ManualClock, put: Put) -> None:
    put()
    lease = hold(database, clock, "first")
    clock.advance(timedelta(seconds=50))
    with database.transaction() as session:
        assert leases.extend(session, lease, until=clock.now() + LEASE) is False
    clock.advance(timedelta(seconds=50))
    assert take(database, clock, "second") is None


def test_a_job_that_takes_its_worker_with_it_each_time_is_given_up(
    database: Database, clock: ManualClock, put: Put, get: Get
) -> None:
    job = put(max_attempts=2)
    for _ in range(2):
        hold(database, clock, "w")
        clock.advance(LEASE + timedelta(seconds=1))
    assert take(database, clock, "w") is None
    dead = get(job)
    assert dead.state is JobState.DEAD
    assert dead.error
    assert dead.error["code"] == "job.worker_lost"
    assert dead.finished_at == clock.now()


def test_a_job_to_be_cancelled_whose_worker_vanished_is_not_run_again(
    database: Database, clock: ManualClock, put: Put, get: Get
) -> None:
    job, next_job = put(), put()
    hold(database, clock, "w")
    with database.transaction() as session:
        cancel(session, job, now=clock.now())
    clock.advance(LEASE + timedelta(seconds=1))
    assert hold(database, clock, "w").job_id == next_job
    assert get(job).state is JobState.CANCELLED


def test_a_release_costs_no_attempt(database: Database, clock: ManualClock, put: Put, get: Get) -> None:
    job = put(max_attempts=1)
    end(database, clock, hold(database, clock, "w"), JobAction.RELEASE)
    assert get(job).state is JobState.QUEUED
    end(database, clock, hold(database, clock, "w"))
    assert get(job).state is JobState.DONE


def test_the_database_itself_refuses_a_running_job_without_a_lease(
    database: Database, clock: ManualClock, put: Put
) -> None:
    job_id = put()
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(update(Job).where(Job.id == job_id).values(state=JobState.RUNNING))
