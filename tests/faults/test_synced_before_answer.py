"""P1, power loss: it cannot be made here, so what saves from it is looked at. Between the last byte of a start, a save
or a hand-in and its acknowledgement the database's log is written and synced; a build that does not wait is caught.

In the long tier: a machine must let one process watch another, and containers may not. The reading of what was seen is
tried in every check (tests/support/test_traced.py)."""

import http.client
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.database import upgrade
from app.operation import House
from tests.support.house import open_house
from tests.support.live_server import live_server
from tests.support.postgres import PostgresServer
from tests.support.sealed_exam import Candidate, make_sealed_exam, open_session_for
from tests.support.sitters import Sitter, broken_promises
from tests.support.traced import Acknowledged, acknowledgements, read_calls, traced

pytestmark = [pytest.mark.fault, pytest.mark.long]

SAVES = 3


def sit_traced(
    house: House, candidate: Candidate, folder: Path, *, database: PostgresServer | None = None, build: str = ""
) -> list[Acknowledged]:
    """A candidate starts, saves and hands in, one request after another; what was acknowledged, seen by the kernel."""
    token, _ = open_session_for(house, candidate, checked_in=False)
    url, record = house.database.url.render_as_string(hide_password=False), folder / f"calls of {build or 'ours'}"
    with (
        live_server(url, folder, build=build) as server,
        closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection,
    ):
        sitter = Sitter(token, candidate.registration_id, server.port)
        with traced([server.pid, *(database.pids if database else ())], record):
            sitter.start(connection)
            for revision in range(1, SAVES + 1):
                sitter.save(connection, revision)
            sitter.hand_in(connection)
        assert (sitter.handed_in, len(sitter.told)) == (True, SAVES), server.log
        assert broken_promises(house, [sitter]) == []
    acknowledged = acknowledgements(read_calls(record.read_text(errors="replace")))
    mine = f"/api/v1/attempts/{sitter.attempt_id}"
    expected = ["/api/v1/attempts/start", *[f"{mine}/saves"] * SAVES, f"{mine}/hand-in"]
    assert [one.path for one in acknowledged] == expected, record.read_text(errors="replace")
    return acknowledged


def check_both_builds(url: str, folder: Path, database: PostgresServer | None = None) -> None:
    with open_house(url, folder, now=datetime.now(UTC)) as house:
        exam = make_sealed_exam(house, candidates=2, remote=True, earliest_hand_in_minutes=0)
        hasty = sit_traced(house, exam.candidates[0], folder, database=database, build="hasty")
        assert not all(one.synced for one in hasty), "the checker cannot see that nobody waits for the disk"
        ours = sit_traced(house, exam.candidates[1], folder, database=database)
        assert all(one.synced for one in ours), ours


def test_sqlite_is_synced_before_each_answer(sqlite_url: str, tmp_path: Path) -> None:
    check_both_builds(sqlite_url, tmp_path)


def test_postgresql_is_synced_before_each_answer(durable_postgres: PostgresServer, tmp_path: Path) -> None:
    upgrade(durable_postgres.url())
    check_both_builds(durable_postgres.url(), tmp_path, durable_postgres)
