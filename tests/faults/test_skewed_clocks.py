"""P9: two instances whose machines disagree by four minutes tell one deadline and take saves until one moment."""

import http.client
import json
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from app.attempts.models import Attempt
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


@pytest.mark.fault
def test_two_instances_four_minutes_apart_agree_on_the_deadline(postgresql_url: str, tmp_path: Path) -> None:
    for name in ("early", "late"):
        (tmp_path / name).mkdir()
    with (
        live_server(postgresql_url, tmp_path / "early", skew_seconds=-120) as early,
        live_server(postgresql_url, tmp_path / "late", skew_seconds=120) as late,
        open_house(postgresql_url, tmp_path, now=datetime.now(UTC)) as house,
    ):
        seats = start_attempts(house, make_sealed_exam(house, candidates=2, remote=True))
        deadline = datetime.now(UTC) + timedelta(seconds=1)
        with house.database.transaction() as db:
            db.execute(update(Attempt).values(deadline_at=deadline))
        savers = [Saver(seat, server.port) for seat, server in zip(seats, (early, late), strict=True)]
        ends = [0.0, 0.0]
        connections = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=20) for server in (early, late)]
        told = [look(server, seat) for server, seat in zip((early, late), seats, strict=True)]
        assert told[0][1] == told[1][1] == deadline
        assert abs(told[0][0] - told[1][0]) < timedelta(seconds=1)
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
