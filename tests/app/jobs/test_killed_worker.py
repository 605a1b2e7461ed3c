"""400 jobs, four worker processes, one killed hard while it holds a lease: each job has its effect exactly once."""

import os
import selectors
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.clock import SystemClock
from app.database import Database
from app.jobs.models import Job
from app.jobs.rules import JobState

JOBS = 400
ROOT = Path(__file__).resolve().parents[3]
WORKER = textwrap.dedent("""
    import signal, sys, threading, time
    from datetime import timedelta
    from sqlalchemy import text
    from app.clock import SystemClock
    from app.database import Database
    from app.jobs.worker import Worker
    from app.observability.logs import configure

    configure("ERROR", sys.stderr)
    database = Database(sys.argv[1], pool_size=2)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())

    def effect(job):
        if job.payload["n"] == 150 and job.lease.attempt == 1:
            print("holding", job.id, flush=True)
            time.sleep(60)
        with database.transaction() as session:
            session.execute(text("INSERT INTO effect VALUES (:id)"), {"id": job.id})
            job.finish(session)

    Worker(database, SystemClock(), {"effect": effect}, lease=timedelta(seconds=1.5), poll_seconds=0.2).run(stop)
    database.dispose()
""")


@contextmanager
def workers(url: str, count: int) -> Iterator[list[subprocess.Popen[str]]]:
    started = [
        subprocess.Popen([sys.executable, "-c", WORKER, url], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(count)
    ]
    try:
        yield started
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(15)
            if process.stdout:
                process.stdout.close()


@pytest.mark.fault
def test_every_job_has_its_effect_once_though_a_worker_is_killed_holding_one(database: Database) -> None:
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
    with workers(database.url.render_as_string(hide_password=False), 4) as processes:
        holder, held = first_to_hold(processes)
        os.kill(holder.pid, signal.SIGKILL)
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
    assert [process.returncode for process in processes if process is not holder] == [0, 0, 0]


def first_to_hold(processes: list[subprocess.Popen[str]]) -> tuple[subprocess.Popen[str], int]:
    """The process that says first that it holds the job that is never finished there, and that job's id."""
    with selectors.DefaultSelector() as selector:
        for process in processes:
            assert process.stdout
            selector.register(process.stdout, selectors.EVENT_READ, process)
        ready = selector.select(timeout=60)
    assert ready, "no worker came to hold the job"
    holder: subprocess.Popen[str] = ready[0][0].data
    assert holder.stdout
    word, job_id = holder.stdout.readline().split()
    assert word == "holding"
    return holder, int(job_id)


def count_done(database: Database) -> int:
    with database.transaction(reading=True) as session:
        return len(session.scalars(select(Job.id).where(Job.state == JobState.DONE)).all())
