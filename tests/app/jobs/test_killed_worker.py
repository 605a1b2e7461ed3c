"""400 jobs, four worker processes, one killed hard while it holds a lease: each job has its effect exactly once."""

import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.clock import SystemClock
from app.database import Database
from app.jobs.models import Job
from app.jobs.rules import JobState
from app.jobs.worker import RunningJob, Worker
from app.observability.logs import configure
from tests.support.forks import fork

JOBS = 400


def work(url: str, say: Connection) -> None:
    """A worker: each job leaves its id behind; who comes to the job in the middle says so and holds it for a minute."""
    configure("ERROR", sys.stderr)
    database = Database(url, pool_size=2)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())

    def effect(job: RunningJob) -> None:
        if job.payload["n"] == 150 and job.lease.attempt == 1:
            say.send(job.id)
            time.sleep(60)
        with database.transaction() as session:
            session.execute(text("INSERT INTO effect VALUES (:id)"), {"id": job.id})
            job.finish(session)

    Worker(database, SystemClock(), {"effect": effect}, lease=timedelta(seconds=1.5), poll_seconds=0.2).run(stop)
    database.dispose()


@contextmanager
def workers(url: str, count: int, log: Path) -> Iterator[dict[Connection, ForkServerProcess]]:
    """So many workers, each under the line on which it says what it holds."""
    started: dict[Connection, ForkServerProcess] = {}
    try:
        for _ in range(count):
            heard, say = Pipe(duplex=False)
            started[heard] = fork(work, url, say, log=log)
            say.close()
        yield started
    finally:
        for heard, process in started.items():
            process.terminate()
            heard.close()
        for process in started.values():
            process.join(15)


@pytest.mark.fault
def test_every_job_has_its_effect_once_though_a_worker_is_killed_holding_one(
    database: Database, tmp_path: Path
) -> None:
    now = SystemClock().now()
    with database.transaction() as session:
        session.add_all(
            Job(
                kind="effect",
                payload={"n": n},
                state=JobState.QUEUED,
                run_after=now,
                priority=0,
                attempts=0,
                max_attempts=3,
                done=0,
                total=0,
                message_zh="",
                message_en="",
                created_at=now,
            )
            for n in range(JOBS)
        )
    with workers(database.url.render_as_string(hide_password=False), 4, tmp_path / "workers.log") as processes:
        said = wait(list(processes), timeout=60)
        assert said, "no worker came to hold the job"
        holder = processes[said[0]]
        held = said[0].recv()
        holder.kill()
        until = time.monotonic() + 60
        while count_done(database) < JOBS:
            assert time.monotonic() < until
            time.sleep(0.1)
    with database.transaction(reading=True) as session:
        effects = Counter(session.scalars(text("SELECT job_id FROM effect")))
        attempts = session.scalars(select(Job.attempts).where(Job.id == held)).one()
    assert len(effects) == JOBS
    assert set(effects.values()) == {1}
    assert attempts >= 2
    assert [process.exitcode for process in processes.values() if process is not holder] == [0, 0, 0]


def count_done(database: Database) -> int:
    with database.transaction(reading=True) as session:
        return len(session.scalars(select(Job.id).where(Job.state == JobState.DONE)).all())
