"""The worker outlives handlers, ticks and outages, reports, hears a cancellation, and stops within seconds."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.clock import Clock, ManualClock, SystemClock
from app.database import Database
from app.errors import Invalid
from app.jobs.leases import claim
from app.jobs.queue import JobView, cancel
from app.jobs.rules import JobState
from app.jobs.worker import Handler, RunningJob, Tick, Worker
from app.observability.metrics import Metrics
from tests.support.waiting import wait_for

Put = Callable[..., int]
Get = Callable[[int], JobView]


def make(database: Database, clock: Clock, ticks: tuple[Tick, ...] = (), **handlers: Handler) -> Worker:
    return Worker(database, clock, handlers, ticks, metrics=Metrics("test"), poll_seconds=0.05, stop_seconds=0.5)


@contextmanager
def running(worker: Worker) -> Iterator[threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def test_what_a_handler_returns_is_kept_and_each_job_runs_once(
    database: Database, clock: ManualClock, put: Put, get: Get
) -> None:
    seen: list[Mapping[str, Any]] = []

    def count(job: RunningJob) -> Mapping[str, Any]:
        seen.append(job.payload)
        job.progress(3, 3, zh="已完成 3 项", en="3 done")
        return {"rows": 3}

    job_id = put(payload={"exam_id": 7})
    assert make(database, clock, count=count).drain() == 1
    assert seen == [{"exam_id": 7}]
    job = get(job_id)
    assert (job.state, job.result, job.done, job.total, job.message_zh) == (
        JobState.DONE,
        {"rows": 3},
        3,
        3,
        "已完成 3 项",
    )


def test_a_job_finished_in_the_handlers_transaction_has_its_effect_once(
    database: Database, clock: ManualClock, put: Put, get: Get
) -> None:
    def effect(job: RunningJob) -> None:
        with job.database.transaction() as session:
            session.execute(text("INSERT INTO effect VALUES (:id)"), {"id": job.id})
            if job.lease.attempt == 2:  # frozen past its lease: another worker takes the job before we end it
                clock.advance(timedelta(minutes=2))
                job.lease = type(job.lease)(job.id, "someone else", 3)
            job.finish(session, {"kept": True})
            if job.lease.attempt == 1:
                raise OSError("the commit failed")

    job_id = put(kind="effect")
    worker = make(database, clock, effect=effect)
    worker.drain()
    assert get(job_id).state is JobState.QUEUED
    clock.advance(timedelta(seconds=6))
    assert worker.drain() == 2  # the second attempt is fenced out, effect and all; the third finds the lease expired
    with database.transaction(reading=True) as session:
        assert session.execute(text("SELECT count(*) FROM effect")).scalar_one() == 1
    assert (get(job_id).result, get(job_id).attempts) == ({"kept": True}, 3)


def test_a_failure_rests_and_is_retried_until_the_job_is_dead(
    database: Database, clock: ManualClock, put: Put, get: Get
) -> None:
    def fail(job: RunningJob) -> None:
        raise RuntimeError("password=hunter2 of 11010519491231002X")

    job_id = put(kind="fail", max_attempts=2)
    worker = make(database, clock, fail=fail)
    assert worker.drain() == 1
    job = get(job_id)
    assert (job.state, job.attempts) == (JobState.QUEUED, 1)
    clock.advance(timedelta(seconds=5))
    assert worker.drain() == 1
    job = get(job_id)
    assert job.state is JobState.DEAD
    # P41, P46: what an exception says is for the log, never for the page.
    assert job.error
    assert job.error["code"] == "job.failed"
    assert "hunter2" not in str(job.error)


def test_a_refusal_ends_the_job_at_once_with_its_own_sentence(
    database: Database, clock: ManualClock, put: Put, get: Get
) -> None:
    class NoSuchSheet(Invalid):
        code = "import.no_sheet"
        zh = "缺少工作表 {sheet}。"
        en = "There is no sheet {sheet}."

    def refuse(job: RunningJob) -> None:
        raise NoSuchSheet(sheet="试题")

    job_id = put(kind="refuse")
    make(database, clock, refuse=refuse).drain()
    assert get(job_id).state is JobState.DEAD
    assert get(job_id).error == {
        "code": "import.no_sheet",
        "zh": "缺少工作表 试题。",
        "en": "There is no sheet 试题.",
    }


def test_a_result_that_cannot_be_kept_fails_the_job_not_the_worker(
    database: Database, clock: ManualClock, put: Put, get: Get
) -> None:
    job_id = put(kind="odd", max_attempts=1)
    make(database, clock, odd=lambda _job: {"set": {1}}).drain()
    assert get(job_id).state is JobState.DEAD


def test_a_cancelled_job_stops_at_its_next_check(database: Database, put: Put, get: Get) -> None:
    started = threading.Event()
    swallowed: list[BaseException] = []

    def forever(job: RunningJob) -> None:
        started.set()
        while True:
            try:
                job.check()
            except Exception as error:  # noqa: BLE001 - what a careless handler does
                swallowed.append(error)
            time.sleep(0.01)

    clock = SystemClock()
    job_id = put(kind="forever", now=clock.now())
    with running(make(database, clock, forever=forever)):
        assert started.wait(10)
        with database.transaction() as session:
            cancel(session, job_id, now=clock.now())
        wait_for(lambda: get(job_id).state is JobState.CANCELLED)
    assert not swallowed


@pytest.mark.parametrize("hears", [True, False])
def test_a_stopping_worker_releases_what_it_cannot_finish(database: Database, put: Put, get: Get, hears: bool) -> None:
    started, leave = threading.Event(), threading.Event()

    def slow(job: RunningJob) -> None:
        started.set()
        while not leave.wait(0.02):
            if hears:
                job.check()

    clock = SystemClock()
    job_id = put(kind="slow", now=clock.now(), max_attempts=1)
    with running(make(database, clock, slow=slow)) as stop:
        assert started.wait(10)
        stop.set()
        wait_for(lambda: get(job_id).state is JobState.QUEUED, seconds=5)
    leave.set()
    assert get(job_id).max_attempts == 2  # it cost no attempt
    if not hears:
        time.sleep(0.2)
        assert get(job_id).state is JobState.QUEUED  # the late return of the deaf handler is fenced out


def test_a_stopping_worker_lets_a_short_job_finish(database: Database, put: Put, get: Get) -> None:
    started = threading.Event()

    def short(job: RunningJob) -> None:
        started.set()
        time.sleep(0.2)

    clock = SystemClock()
    job_id = put(kind="short", now=clock.now())
    with running(make(database, clock, short=short)) as stop:
        assert started.wait(10)
        stop.set()
    assert get(job_id).state is JobState.DONE


def test_a_long_job_keeps_its_lease_by_heartbeats(database: Database, put: Put, get: Get) -> None:
    clock = SystemClock()
    lease = timedelta(seconds=1.5)
    started = threading.Event()

    def long(job: RunningJob) -> None:
        started.set()
        time.sleep(3)

    job_id = put(kind="long", now=clock.now())
    with running(Worker(database, clock, {"long": long}, lease=lease, poll_seconds=0.05)):
        assert started.wait(10)
        wait_until = time.monotonic() + 2.5
        while time.monotonic() < wait_until:
            with database.transaction() as session:
                assert claim(session, worker="thief", kinds=["long"], lease=lease, now=clock.now()) is None
            time.sleep(0.05)
        wait_for(lambda: get(job_id).state is JobState.DONE)
    assert get(job_id).attempts == 1


def test_a_failing_tick_stops_neither_itself_nor_the_others(database: Database) -> None:
    ran: list[str] = []

    def fail(now: datetime) -> None:
        ran.append("fail")
        raise RuntimeError

    def hang(now: datetime) -> None:
        ran.append("hang")
        leave.wait(10)

    leave = threading.Event()
    clock = SystemClock()
    worker = make(
        database,
        clock,
        (
            Tick("fail", 0.02, fail),
            Tick("hang", 0.02, hang),
            Tick("sweep", 0.02, lambda now: ran.append("sweep") if now.tzinfo else None),
        ),
    )
    with running(worker):
        wait_for(lambda: ran.count("sweep") >= 3 and ran.count("fail") >= 3)
        leave.set()
    figures = worker._metrics.render().decode()
    assert 'chizheng_ticks_total{outcome="failed",process="test",tick="fail"}' in figures
    assert 'chizheng_ticks_total{outcome="done",process="test",tick="sweep"}' in figures


def test_ticks_can_be_run_by_hand(database: Database, clock: ManualClock) -> None:
    moments: list[datetime] = []
    make(database, clock, (Tick("sweep", 60, moments.append),)).tick_all()
    assert moments == [clock.now()]


def test_the_worker_recovers_by_itself_from_a_database_that_was_away(database: Database, put: Put, get: Get) -> None:
    # P7
    clock = SystemClock()
    with database.transaction() as session:
        session.execute(text("ALTER TABLE job RENAME TO job_away"))
    with running(make(database, clock, count=lambda _job: None)):
        time.sleep(0.2)
        with database.transaction() as session:
            session.execute(text("ALTER TABLE job_away RENAME TO job"))
        job_id = put(now=clock.now())
        wait_for(lambda: get(job_id).state is JobState.DONE)
