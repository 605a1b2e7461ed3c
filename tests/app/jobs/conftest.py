"""A database with a table for the effects of jobs, a clock moved by hand, and a shorthand to put jobs in."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from app.clock import ManualClock
from app.database import Database
from app.jobs.queue import JobView, enqueue, find

START = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    with database.transaction() as session:
        session.execute(text("CREATE TABLE effect (job_id BIGINT NOT NULL)"))
    yield database
    database.dispose()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Tracebacks of the failures that these tests cause are not drawn: that takes seconds."""
    with capture_logs():
        yield


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
