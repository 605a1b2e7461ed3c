"""P9: a save whose body comes byte by byte is judged by its last byte. P7, P45: many of them hold nobody else up, and
one that never ends takes nothing from others. How long the service waits for one is tested in tests/app/web."""

import http.client
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from app.attempts.models import Attempt
from app.operation import House
from tests.faults.test_disk_full import exam_day
from tests.support.live_server import LiveServer, live_server
from tests.support.savers import Running, Saver, lost
from tests.support.slow_savers import SlowSave

pytestmark = pytest.mark.fault

GRACE = timedelta(seconds=5)
SLOW, ENDLESS = 50, 10


def judged_otherwise(house: House, server: LiveServer, seats: list[Running]) -> list[str]:
    """Two slow saves are begun in time, and one of them ends too late: what became of them that should not have."""
    over = datetime.now(UTC) + timedelta(seconds=2)
    with house.database.transaction() as db:
        db.execute(update(Attempt).values(deadline_at=over - GRACE))
    with (
        SlowSave(seats[0], server.port, position=1, revision=1) as early,
        SlowSave(seats[1], server.port, position=1, revision=1) as late,
    ):
        for _ in range(20):
            early.dribble()
            late.dribble()
        in_time, _ = early.finish()
        assert datetime.now(UTC) < over, "this machine was too slow to try it"
        while datetime.now(UTC) < over + timedelta(seconds=0.1):
            late.dribble()
            time.sleep(0.05)
        too_late, said = late.finish()
    wrong = [f"ended in time and was answered {in_time}"] if in_time != 200 else []
    if (too_late, said.get("code")) != (409, "attempt.late"):
        wrong.append(f"ended after the deadline and was answered {too_late}: {said}")
    if not lost(house, {late.key: late.told}):
        wrong.append("ended after the deadline and is kept")
    if lost(house, {early.key: early.told}):
        wrong.append("ended in time and is not kept")
    return wrong


def test_a_slow_save_is_judged_by_its_last_byte(database_url: str, tmp_path: Path) -> None:
    with exam_day(database_url, tmp_path) as (house, seats), live_server(database_url, tmp_path) as server:
        assert judged_otherwise(house, server, seats) == []


def test_a_build_that_judges_by_the_head_is_caught(sqlite_url: str, tmp_path: Path) -> None:
    with (
        exam_day(sqlite_url, tmp_path) as (house, seats),
        live_server(sqlite_url, tmp_path, build="headlong") as server,
    ):
        wrong = judged_otherwise(house, server, seats)
        assert [sentence.rpartition(" and ")[0] for sentence in wrong] == ["ended after the deadline"] * 2, wrong


def test_fifty_slow_saves_hold_nobody_up_and_those_that_never_end_cost_nobody(sqlite_url: str, tmp_path: Path) -> None:
    with exam_day(sqlite_url, tmp_path) as (house, seats), live_server(sqlite_url, tmp_path) as server:
        quick = Saver(seats[3], server.port)
        with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
            quick.save(connection)
            with ExitStack() as opened:
                slow = [
                    opened.enter_context(
                        SlowSave(seats[number % 3], server.port, position=1 + number % 14, revision=1 + number)
                    )
                    for number in range(SLOW)
                ]
                waits = []
                for _ in range(20):
                    for one in slow:
                        one.dribble()
                    began = time.monotonic()
                    quick.save(connection)
                    waits.append(time.monotonic() - began)
                told = dict(quick.told)
                for one in slow[ENDLESS:]:
                    status, said = one.finish()
                    assert (status, said["results"][0]["status"]) == (200, "stored"), said
                    told[one.key] = one.told
            quick.save(connection)
        assert set(quick.statuses) == {200}
        assert sorted(waits)[len(waits) // 2] < 0.2, waits
        assert lost(house, told | quick.told) == []
        endless = {one.key: one.told for one in slow[:ENDLESS]}
        assert len(lost(house, endless)) == ENDLESS
        print(f"median of {len(waits)} saves beside {SLOW} slow ones: {sorted(waits)[len(waits) // 2] * 1000:.1f} ms")
