"""P1: what was acknowledged survives `kill -9` of the service and of the database; a build that loses is caught."""

import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.database import upgrade
from app.operation import House
from tests.faults.long_tier import sit_until
from tests.support.house import open_house
from tests.support.live_server import LiveServer, live_server
from tests.support.postgres import PostgresServer
from tests.support.savers import Running, Saver, Told, lost, start_attempts
from tests.support.sealed_exam import make_sealed_exam, open_session_for
from tests.support.sitters import Sitter, broken_promises

SAVERS = 16
ROUNDS = 3


@contextmanager
def exam_day(url: str, folder: Path) -> Iterator[tuple[House, list[Running]]]:
    """A house over the database that the service under test uses, and sixteen running attempts, in real time."""
    with open_house(url, folder, now=datetime.now(UTC)) as house:
        yield house, start_attempts(house, make_sealed_exam(house, candidates=SAVERS, remote=True))


def save_until_killed(
    server: LiveServer, seats: list[Running], seconds: float, kill: Callable[[], None]
) -> list[Saver]:
    """Sixteen savers at work; something is killed in the middle of it."""
    base = int(time.time() * 1000)
    savers = [Saver(seat, server.port, revision=base) for seat in seats]
    stop = threading.Event()
    threads = [threading.Thread(target=saver.run, args=(stop,)) for saver in savers]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    kill()
    stop.set()
    for thread in threads:
        thread.join()
    return savers


@pytest.mark.fault
def test_no_acknowledged_save_is_lost_when_the_service_is_killed(database_url: str, tmp_path: Path) -> None:
    with exam_day(database_url, tmp_path) as (house, seats), live_server(database_url, tmp_path) as server:
        told: Told = {}
        for number in range(ROUNDS):
            if number:
                server.start()
            for saver in save_until_killed(server, seats, random.uniform(0.3, 0.9), server.kill):
                told |= saver.told
                assert set(saver.statuses) <= {200}, server.log
        print(f"{len(told)} saves acknowledged over {ROUNDS} kills")
        assert len(told) > 100
        assert lost(house, told) == []


@pytest.mark.fault
def test_a_build_that_acknowledges_before_the_commit_is_caught(database_url: str, tmp_path: Path) -> None:
    """The checkers, that of the long tier too, are shown a build that loses."""
    with open_house(database_url, tmp_path, now=datetime.now(UTC)) as house:
        exam = make_sealed_exam(house, candidates=SAVERS, remote=True, earliest_hand_in_minutes=0)
        tokens = [open_session_for(house, candidate, checked_in=False)[0] for candidate in exam.candidates]
        with live_server(database_url, tmp_path, build="careless") as server:
            sitters = [
                Sitter(token, candidate.registration_id, server.port)
                for candidate, token in zip(exam.candidates, tokens, strict=True)
            ]
            for _ in range(5):
                sit_until(server, sitters, server.kill)
                server.start()
                if broken_promises(house, sitters):
                    break
            stored = broken_promises(house, sitters)
            assert any("is not stored" in sentence for sentence in stored), "the checker cannot see loss"
            assert lost(house, {key: said for sitter in sitters for key, said in sitter.told.items()})
            for sitter in sitters:
                sitter.hand_in_at_last()
            assert any("was not scored" in sentence for sentence in broken_promises(house, sitters))


@pytest.mark.fault
def test_no_acknowledged_save_is_lost_when_the_database_is_killed_and_no_restart_is_needed(
    durable_postgres: PostgresServer, tmp_path: Path
) -> None:
    # P1, P7
    url = durable_postgres.url()
    upgrade(url)
    with exam_day(url, tmp_path) as (house, seats), live_server(url, tmp_path) as server:
        told: Told = {}
        refused = 0
        for _ in range(2):
            savers = save_until_killed(server, seats, 0.6, durable_postgres.kill)
            for saver in savers:
                told |= saver.told
                assert set(saver.statuses) <= {200, 503}, server.log
                refused += saver.statuses.count(503)
            durable_postgres.start()
            house.database.dispose()
        assert lost(house, told) == []
        for saver in save_until_killed(server, seats, 0.5, lambda: None):
            assert saver.statuses[-1] == 200, (saver.statuses, server.log)
            told |= saver.told
        assert lost(house, told) == []
        assert len(told) > 100
        print(f"{len(told)} saves acknowledged over 2 crashes of the database, {refused} refused with 503")


@pytest.mark.fault
def test_a_stop_in_order_answers_every_save_it_took(database_url: str, tmp_path: Path) -> None:
    with exam_day(database_url, tmp_path) as (house, seats), live_server(database_url, tmp_path) as server:
        told: Told = {}
        codes: list[int] = []
        for saver in save_until_killed(server, seats, 0.5, lambda: codes.append(server.stop())):
            told |= saver.told
            assert set(saver.statuses) <= {200, 503}
        assert codes[0] in {0, -signal.SIGTERM}  # uvicorn stops in order, then passes the signal on
        assert lost(house, told) == []
