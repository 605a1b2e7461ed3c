"""P1, P7: a standby takes over in the middle of an exam, backends are cut off, connections run out, the server only
reads: nothing acknowledged is lost, refusals are 503, and the same process of the service goes on."""

import http.client
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from app.database import upgrade
from tests.faults.test_disk_full import broken_pair, check_caught, check_recovery, exam_day, wrong_refusals
from tests.faults.test_kill_worker import save_until_killed
from tests.support.databases import Databases
from tests.support.live_server import LiveServer, live_server
from tests.support.postgres import PostgresServer
from tests.support.savers import Running, Saver, Told, lost
from tests.support.standby import running_pair

pytestmark = pytest.mark.fault


def go_on(server: LiveServer, seats: list[Running]) -> Told:
    """Everybody saves again, in the same process, within a moment."""
    told: Told = {}
    for seat in seats:
        saver = Saver(seat, server.port, revision=2**50)
        with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
            until = time.monotonic() + 20
            while saver.save(connection) != 200 and time.monotonic() < until:
                time.sleep(0.05)
        assert saver.statuses[-1] == 200, (saver.statuses[-3:], server.log)
        assert set(saver.statuses) <= {200, 503}, server.log
        told |= saver.told
    return told


def saved_while(server: LiveServer, seats: list[Running], seconds: float, happens: Callable[[], None]) -> Told:
    """What was acknowledged while something happened to the savers, who saw nothing but 200 and 503."""
    told: Told = {}
    for saver in save_until_killed(server, seats, seconds, happens):
        told |= saver.told
        assert set(saver.statuses) <= {200, 503}, server.log
    return told


def test_a_synchronous_standby_takes_over_and_has_everything(tmp_path: Path) -> None:
    with running_pair(waits=True) as pair:
        upgrade(pair.url())
        with exam_day(pair.url(), tmp_path) as (house, seats), live_server(pair.url(), tmp_path) as server:
            told = saved_while(server, seats, 0.6, pair.first.kill)
            pair.promote()
            told |= go_on(server, seats)
            house.database.dispose()
            assert len(told) > 2 * len(seats)
            assert lost(house, told) == []


@pytest.mark.long
def test_a_standby_that_nobody_waits_for_is_seen_to_lose(tmp_path: Path) -> None:
    """The checker is shown a deployment that loses: the commits that the standby has not yet heard of."""
    with running_pair(waits=False) as pair:
        upgrade(pair.url())
        with exam_day(pair.url(), tmp_path) as (house, seats), live_server(pair.url(), tmp_path) as server:
            pair.fall_behind()
            told = saved_while(server, seats, 0.6, pair.first.kill)
            pair.promote()
            house.database.dispose()
            assert lost(house, told), "the checker cannot see loss"


@contextmanager
def small_server() -> Iterator[PostgresServer]:
    """A migrated server that takes sixteen connections and no more."""
    with tempfile.TemporaryDirectory(prefix="chizheng-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        server = PostgresServer(
            Path(folder) / "pg", settings={"max_connections": "16", "superuser_reserved_connections": "0"}
        )
        server.start()
        try:
            upgrade(server.url())
            yield server
        finally:
            server.stop()


_OURS = "FROM pg_stat_activity WHERE application_name LIKE 'chizheng%' AND datname = current_database()"
_CUT_OFF = f"SELECT pg_terminate_backend(pid) {_OURS}"


def cut_off_again_and_again(administrator: psycopg.Connection) -> None:
    """Every backend of the service is terminated, ten times in half a second."""
    for _ in range(10):
        administrator.execute(_CUT_OFF)
        time.sleep(0.05)


def test_a_build_that_says_a_cut_off_commit_again_is_caught(databases: Databases, tmp_path: Path) -> None:
    """The checker is shown a build that takes what the next connection answers for an answer to its own commit."""
    with (
        databases.fresh("postgresql") as url,
        exam_day(url, tmp_path) as (house, seats),
        live_server(url, tmp_path, build="hopeful") as server,
        closing(psycopg.connect(url, autocommit=True)) as administrator,
    ):
        told: Told = {}
        for _ in range(20):
            told |= saved_while(server, seats, 0.1, lambda: cut_off_again_and_again(administrator))
            house.database.dispose()
            if lost(house, told):
                break
        assert lost(house, told), "the checker cannot see loss"


@contextmanager
def crowded_out(database: PostgresServer, administrator: psycopg.Connection) -> Iterator[None]:
    """Somebody else holds every connection that the server takes."""
    with ExitStack() as held:
        full = False
        while not full:
            administrator.execute(_CUT_OFF)
            try:
                while True:
                    held.enter_context(closing(psycopg.connect(database.url())))
            except psycopg.OperationalError:
                full = administrator.execute(f"SELECT count(*) {_OURS}").fetchone() == (0,)
        yield


@contextmanager
def only_reading(database: PostgresServer, administrator: psycopg.Connection) -> Iterator[None]:
    """The server takes no writes, as a standby takes none."""
    administrator.execute("ALTER SYSTEM SET default_transaction_read_only = on")
    administrator.execute("SELECT pg_reload_conf()")
    said = ""
    while said != "on":
        with closing(psycopg.connect(database.url())) as another:
            ((said,),) = another.execute("SHOW default_transaction_read_only").fetchall()
    administrator.execute(_CUT_OFF)  # who was there before may not have heard of it yet
    try:
        yield
    finally:
        administrator.execute("SET default_transaction_read_only = off")
        administrator.execute("ALTER SYSTEM RESET default_transaction_read_only")
        administrator.execute("SELECT pg_reload_conf()")


def test_cut_off_crowded_out_and_read_only_are_survived(tmp_path: Path) -> None:
    with (
        small_server() as database,
        exam_day(database.url(), tmp_path) as (house, seats),
        live_server(database.url(), tmp_path) as server,
        closing(psycopg.connect(database.url(), autocommit=True)) as administrator,
    ):
        told = saved_while(server, seats, 0.2, lambda: cut_off_again_and_again(administrator))
        told |= go_on(server, seats)
        house.database.dispose()
        with crowded_out(database, administrator):
            assert wrong_refusals(server, seats[0]) == []
        told |= go_on(server, seats[:2])
        with only_reading(database, administrator):
            for _ in range(2):  # once for the connections that were cut off, once for what reads only
                assert wrong_refusals(server, seats[0]) == []
        assert lost(house, told) == []
        check_recovery(server, house, seats, told)


@pytest.mark.long  # the quick tier has the same on SQLite
def test_builds_that_do_not_refuse_are_caught(tmp_path: Path) -> None:
    """The checker of refusals is shown one that says a save is kept, and one that answers 500, on either fault."""
    with (
        small_server() as database,
        exam_day(database.url(), tmp_path) as (house, seats),
        broken_pair(database.url(), tmp_path) as pair,
        closing(psycopg.connect(database.url(), autocommit=True)) as administrator,
    ):
        house.database.dispose()
        with crowded_out(database, administrator):
            check_caught(*pair, seats[0])
        with only_reading(database, administrator):
            check_caught(*pair, seats[0])
