"""P9: two instances whose machines disagree by four minutes tell one deadline and take saves until one moment."""

import http.client
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from app.attempts.models import Attempt
from app.operation import House
from tests.support.house import open_house
from tests.support.live_server import LiveServer, live_server
from tests.support.savers import Running, Saver, start_attempts
from tests.support.sealed_exam import make_sealed_exam

GRACE = timedelta(seconds=5)


def look(server: LiveServer, seat: Running) -> tuple[datetime, datetime]:
    """The time and the deadline, as this instance tells them."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        cookie = {"cookie": f"chizheng={seat.token}"}
        connection.request("GET", f"/api/v1/attempts/{seat.attempt_id}/time", headers=cookie)
        said = json.loads(connection.getresponse().read())
    return datetime.fromisoformat(said["now"]), datetime.fromisoformat(said["deadline_at"])


@contextmanager
def apart(url: str, folder: Path, *, build: str = "") -> Iterator[tuple[House, tuple[LiveServer, LiveServer]]]:
    """Two instances on machines four minutes apart, the early one first."""
    for name in ("early", "late"):
        (folder / name).mkdir()
    with (
        live_server(url, folder / "early", build=build, skew_seconds=-120) as early,
        live_server(url, folder / "late", build=build, skew_seconds=120) as late,
        open_house(url, folder, now=datetime.now(UTC)) as house,
    ):
        yield house, (early, late)


def end_at(house: House, deadline: datetime) -> None:
    """Move every deadline."""
    with house.database.transaction() as db:
        db.execute(update(Attempt).values(deadline_at=deadline))


def disagreements(house: House, servers: Sequence[LiveServer], seats: Sequence[Running]) -> list[str]:
    """What two instances do about one deadline that they should not: tell the time otherwise, refuse a save half a
    minute before the end, or take one half a minute after it."""
    wrong = []
    savers = [Saver(seat, server.port) for seat, server in zip(seats, servers, strict=True)]
    for off, right in ((timedelta(seconds=30), 200), (timedelta(seconds=-30), 409)):
        deadline = datetime.now(UTC) - GRACE + off
        end_at(house, deadline)
        told = [look(server, seat) for server, seat in zip(servers, seats, strict=True)]
        if any(end != deadline for _, end in told) or abs(told[0][0] - told[1][0]) >= timedelta(seconds=1):
            wrong.append(f"told {told} of {deadline}")
        for saver in savers:
            with closing(http.client.HTTPConnection("127.0.0.1", saver.port, timeout=20)) as connection:
                status = saver.save(connection)
            if status != right:
                wrong.append(f"{status} {off.total_seconds():g} s before the end")
    return wrong


@pytest.mark.fault
def test_a_build_that_goes_by_the_clock_of_its_machine_is_caught(postgresql_url: str, tmp_path: Path) -> None:
    with apart(postgresql_url, tmp_path, build="deaf") as (house, servers):
        seats = start_attempts(house, make_sealed_exam(house, candidates=2, remote=True))
        told, refused, told_again, taken = disagreements(house, servers, seats)
        assert told.startswith("told")
        assert told_again.startswith("told")
        assert (refused, taken) == ("409 30 s before the end", "200 -30 s before the end")


@pytest.mark.fault
def test_two_instances_four_minutes_apart_agree_on_the_deadline(postgresql_url: str, tmp_path: Path) -> None:
    with apart(postgresql_url, tmp_path) as (house, servers):
        seats = start_attempts(house, make_sealed_exam(house, candidates=2, remote=True))
        assert disagreements(house, servers, seats) == []
        deadline = datetime.now(UTC) + timedelta(seconds=1) - GRACE
        end_at(house, deadline)
        savers = [Saver(seat, server.port) for seat, server in zip(seats, servers, strict=True)]
        ends = [0.0, 0.0]
        connections = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=20) for server in servers]
        until = time.monotonic() + 60
        while not all(ends) and time.monotonic() < until:
            for n, (saver, connection) in enumerate(zip(savers, connections, strict=True)):
                if not ends[n] and saver.save(connection) != 200:
                    ends[n] = time.time()
        for connection in connections:
            connection.close()
        assert all(saver.statuses.count(200) > 0 for saver in savers), [saver.statuses for saver in savers]
        assert {saver.statuses[-1] for saver in savers} == {409}
        over = (deadline + GRACE).timestamp()
        assert all(-0.5 < end - over < 2 for end in ends), (ends, over)
