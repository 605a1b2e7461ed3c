"""A database with the tables of jobs, a clock moved by hand, and a shorthand to put jobs in."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from app.clock import ManualClock
from app.database import Base, Database
from app.jobs.models import Job
from app.jobs.queue import JobView, enqueue, find

START = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


@pytest.fixture
def database(empty_database_url: str) -> Iterator[Database]:
    database = Database(empty_database_url)
    with database.transaction() as session:
        Base.metadata.create_all(session.connection(), tables=[Base.metadata.tables[Job.__tablename__]])
        session.execute(text("CREATE TABLE effect (job_id BIGINT NOT NULL)"))
    yield database
    database.dispose()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def put(database: Database, clock: ManualClock) -> Callable[..., int]:
    def _put(kind: str = "count", **values: Any) -> int:
        with database.transaction() as session:
            return enqueue(session, kind=kind, **{"payload": {}, "now": clock.now(), **values})

    return _put


@pytest.fixture
def get(database: Database) -> Callable[[int], JobView]:
    def _get(job_id: int) -> JobView:
        with database.transaction(reading=True) as session:
            return find(session, job_id)

    return _get
