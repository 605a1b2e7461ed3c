"""The harness keeps its own promises: databases of one's own, a server that keeps what it must, and never stays on."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from tests.support.databases import DIALECTS, MIGRATED, Databases, Template
from tests.support.postgres import REPOSITORY, PostgresServer


def count(url: str, statement: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text(statement)).scalar_one()
    engine.dispose()
    return int(found)


def build_shelf(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE shelf (book INTEGER)"))
        connection.execute(text("INSERT INTO shelf VALUES (1), (2)"))
    engine.dispose()


def test_a_migrated_database_knows_its_revision(database_url: str) -> None:
    assert count(database_url, "SELECT count(*) FROM alembic_version") == 1


def test_an_empty_database_has_no_table(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_one_test_writes_no_other_sees(dialect: str, databases: Databases) -> None:
    shelf = Template("shelf", build_shelf, base=MIGRATED)
    with databases.fresh(dialect, shelf) as one, databases.fresh(dialect, shelf) as other:
        engine = create_engine(one)
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM shelf"))
        engine.dispose()
        assert count(one, "SELECT count(*) FROM shelf") == 0
        assert count(other, "SELECT count(*) FROM shelf") == 2
        assert count(other, "SELECT count(*) FROM alembic_version") == 1


def test_a_lent_database_is_gone_afterwards(databases: Databases) -> None:
    with databases.fresh("postgresql", None) as url:
        pass
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


def test_a_template_left_open_is_refused(databases: Databases) -> None:
    opened: list[sqlite3.Connection] = []

    def build(url: str) -> None:
        opened.append(sqlite3.connect(url.removeprefix("sqlite:///")))
        opened[0].execute("PRAGMA journal_mode=WAL")
        opened[0].execute("CREATE TABLE left_open (id INTEGER)")

    with (
        pytest.raises(RuntimeError, match="left a connection open"),
        databases.fresh("sqlite", Template("left_open", build)),
    ):
        pass
    opened[0].close()


@pytest.mark.fault
def test_a_durable_server_keeps_what_it_acknowledged_when_killed(durable_postgres: PostgresServer) -> None:
    build_shelf(durable_postgres.url())
    durable_postgres.kill()
    with pytest.raises(OperationalError):
        count(durable_postgres.url(), "SELECT count(*) FROM shelf")
    durable_postgres.start()
    assert count(durable_postgres.url(), "SELECT count(*) FROM shelf") == 2
    assert (
        count(durable_postgres.url(), "SELECT count(*) FROM pg_settings WHERE name = 'fsync' AND setting = 'on'") == 1
    )


@pytest.mark.fault
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_no_server_outlives_its_run(ending: signal.Signals, tmp_path: Path) -> None:
    program = (
        "import signal, time\n"
        "from tests.support.postgres import TestRun, demand_server\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a check run in the background passes on: ignored
        "run = TestRun()\n"
        "print(demand_server(run.folder), run.folder, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        env={**os.environ, "CHIZHENG_TEST_POSTGRES": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        address, folder = process.stdout.readline().split()
        psycopg.connect(address).close()
        process.send_signal(ending)
    deadline = time.monotonic() + 20
    while Path(folder).exists():
        assert time.monotonic() < deadline, "the server's folder is still there"
        time.sleep(0.05)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address)
