"""P7: without room on the disk, or without a database, every write is refused in clear words and nothing is half done;
once there is room again the same process goes on.

SQLite: the served process may write no file beyond its present size, which the kernel refuses as it refuses a full
disk; this needs no rights, so it runs everywhere. PostgreSQL: the journal lies on a tmpfs of a few megabytes that is
filled up; where the machine lends none, the server itself raises the same error (53100) from a trigger instead.
"""

import http.client
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, select

from app.attempts.models import Attempt, JournalEntry
from app.audit.models import AuditRecord
from app.database import upgrade
from app.operation import House
from tests.support.house import open_house
from tests.support.live_server import LiveServer, live_server
from tests.support.postgres import PostgresServer
from tests.support.read_only import only_readable
from tests.support.savers import Running, Saver, Told, lost, start_attempts
from tests.support.sealed_exam import make_sealed_exam
from tests.support.tiny_disk import on_tiny_disk, tiny_disks_work

SAVERS = 4
MOST_SAVES = 20_000
_ON_JOURNAL = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$;
CREATE TRIGGER no_room BEFORE INSERT ON answer_journal FOR EACH STATEMENT EXECUTE FUNCTION no_room()
"""
_TINY_DISK_FIT = "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'answer_journal'::regclass"


@contextmanager
def exam_day(url: str, folder: Path) -> Iterator[tuple[House, list[Running]]]:
    """A house over the database of the service under test, and running attempts that may hand in at once."""
    with open_house(url, folder, now=datetime.now(UTC)) as house:
        exam = make_sealed_exam(house, candidates=SAVERS, remote=True, earliest_hand_in_minutes=0)
        yield house, start_attempts(house, exam)


def ask(
    server: LiveServer, seat: Running, path: str, body: Any, *, lang: str = "zh", method: str = "POST"
) -> tuple[int, http.client.HTTPMessage, Any]:
    """One request of a candidate: status, headers, and what it says."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        headers = {"content-type": "application/json", "sec-fetch-site": "same-origin"}
        cookie = {"cookie": f"chizheng={seat.token}; lang={lang}"}
        connection.request(method, f"/api/v1{path}", json.dumps(body), headers | cookie)
        answer = connection.getresponse()
        return answer.status, answer.headers, json.loads(answer.read() or b"{}")


def save_until_refused(server: LiveServer, seats: list[Running], base: int) -> list[Saver]:
    """Savers at work until each was refused five times; none of them gives up before."""
    savers = [Saver(seat, server.port, revision=base) for seat in seats]

    def run(saver: Saver) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        while saver.statuses.count(503) < 5 and len(saver.statuses) < MOST_SAVES:
            saver.save(connection)
        connection.close()

    threads = [threading.Thread(target=run, args=(saver,)) for saver in savers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return savers


def counted(house: House) -> tuple[int, int, int]:
    """Saves, audit records and open attempts that are stored."""
    with house.database.transaction(reading=True) as db:
        open_ones = select(func.count()).select_from(Attempt).where(Attempt.state == "open")
        kept = select(func.count()).select_from(JournalEntry)
        written = select(func.count()).select_from(AuditRecord)
        return db.scalar(kept) or 0, db.scalar(written) or 0, db.scalar(open_ones) or 0


def check_refusals(server: LiveServer, house: House, seats: list[Running]) -> Told:
    """The disk is full or soon will be: no acknowledgement of what is not kept, clear words, nothing half done."""
    told: Told = {}
    for saver in save_until_refused(server, seats, int(time.time() * 1000)):
        assert set(saver.statuses) <= {200, 503}, server.log
        assert saver.statuses.count(503) == 5, "the disk was never full"
        told |= saver.told
    before = counted(house)
    change = {"position": 1, "revision": 2**50, "response": [1], "epoch": 1}
    path = f"/attempts/{seats[0].attempt_id}/saves"
    for lang, words in (("zh", "内容尚未保存"), ("en", "nothing was saved")):
        status, headers, said = ask(server, seats[0], path, {"changes": [change]}, lang=lang)
        assert (status, said["code"]) == (503, "service.unavailable")
        assert headers["content-type"].startswith("application/problem+json")
        assert int(headers["retry-after"]) >= 1
        assert words in said["title"]
    assert counted(house) == before
    assert lost(house, told) == []
    return told


def wrong_refusals(server: LiveServer, seat: Running) -> list[str]:
    """The database keeps nothing now: which writes are not refused with 503, in words, with when to come again."""
    change = {"position": 1, "revision": 2**49, "response": [1], "epoch": 1}
    wrong = []
    for path, body in (
        (f"/attempts/{seat.attempt_id}/saves", {"changes": [change]}),
        (f"/attempts/{seat.attempt_id}/hand-in", {"epoch": 1}),
        ("/sign-out", {}),
    ):
        status, headers, said = ask(server, seat, path, body)
        if (status, said.get("code")) != (503, "service.unavailable") or not headers["retry-after"]:
            wrong.append(f"{path.rpartition('/')[2]}: {status} {said}\n{server.log}")
    return wrong


@contextmanager
def broken_pair(url: str, folder: Path) -> Iterator[tuple[LiveServer, LiveServer]]:
    """Two builds over one database: one tells everybody that their save is kept, one answers 500."""
    (folder / "cheerful").mkdir()
    (folder / "blunt").mkdir()
    with (
        live_server(url, folder / "cheerful", build="cheerful") as cheerful,
        live_server(url, folder / "blunt", build="blunt") as blunt,
    ):
        yield cheerful, blunt


def check_caught(cheerful: LiveServer, blunt: LiveServer, seat: Running) -> None:
    """The database keeps nothing now: what the two broken builds answer is seen to be wrong."""
    assert [said[:10] for said in wrong_refusals(cheerful, seat)] == ["saves: 200"]
    assert [said.partition(" {")[0] for said in wrong_refusals(blunt, seat)] == ["saves: 500", "hand-in: 500"]


def check_recovery(server: LiveServer, house: House, seats: list[Running], told: Told) -> None:
    """There is room again: the process that refused takes saves and a hand-in, and lost nothing meanwhile."""
    savers = [Saver(seat, server.port, revision=2**51) for seat in seats]
    for saver in savers:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        with closing(connection):
            until = time.monotonic() + 20
            while saver.save(connection) != 200 and time.monotonic() < until:
                time.sleep(0.1)
        assert saver.statuses[-1] == 200, (saver.statuses[-3:], server.log)
        told |= saver.told
    status, _, said = ask(server, seats[0], f"/attempts/{seats[0].attempt_id}/hand-in", {"epoch": 1})
    assert status == 200, (said, server.log)
    assert lost(house, told) == []


@pytest.mark.fault
def test_sqlite_without_room_refuses_clearly_and_goes_on_when_there_is_room(sqlite_url: str, tmp_path: Path) -> None:
    with exam_day(sqlite_url, tmp_path) as (house, seats), live_server(sqlite_url, tmp_path) as server:
        assert ask(server, seats[0], f"/attempts/{seats[0].attempt_id}/saves", {"changes": []})[0] < 500
        path = Path(house.database.url.database or "")
        log = path.with_name(path.name + "-wal")
        server.limit_files(max(path.stat().st_size, log.stat().st_size) + 64 * 1024)
        told = check_refusals(server, house, seats)
        before = counted(house)
        assert wrong_refusals(server, seats[0]) == []
        server.limit_files(0)  # not a byte anywhere, as on a disk that only reads
        assert wrong_refusals(server, seats[0]) == []
        assert ask(server, seats[0], f"/attempts/{seats[0].attempt_id}/time", None, method="GET")[0] == 200
        assert counted(house) == before
        server.limit_files(None)
        check_recovery(server, house, seats, told)


@pytest.mark.fault
def test_a_service_that_starts_over_files_it_may_only_read_refuses_every_write(sqlite_url: str, tmp_path: Path) -> None:
    """As on a disk that was mounted so: what opens the database finds that it may only read. SQLite keeps to that as
    long as the process has a connection open, so what was started so has to be started again."""
    with exam_day(sqlite_url, tmp_path) as (house, seats), ExitStack() as opened:
        before = counted(house)
        with only_readable(Path(house.database.url.database or "").parent):
            server = opened.enter_context(live_server(sqlite_url, tmp_path, obeys_modes=True))
            for _ in range(2):  # whatever connections it has by then may only read
                assert wrong_refusals(server, seats[0]) == []
            assert ask(server, seats[0], f"/attempts/{seats[0].attempt_id}/time", None, method="GET")[0] == 200
            assert counted(house) == before
        server.kill()
        server.start()
        check_recovery(server, house, seats, {})


@pytest.mark.fault
def test_builds_that_do_not_refuse_are_caught(sqlite_url: str, tmp_path: Path) -> None:
    """The checker of refusals is shown one that says a save is kept, and one that answers 500."""
    with exam_day(sqlite_url, tmp_path) as (_, seats), broken_pair(sqlite_url, tmp_path) as pair:
        for server in pair:
            server.limit_files(0)
        check_caught(*pair, seats[0])


@contextmanager
def journal_on_tiny_disk(folder: Path) -> Iterator[tuple[str, Callable[[], None], Callable[[], None]]]:
    """A migrated PostgreSQL whose journal will run out of room: its address, what fills the disk, what clears it."""
    place = folder / "tiny"
    place.mkdir(mode=0o777)
    place.chmod(0o777)
    real = tiny_disks_work(place)
    print("PostgreSQL: a real tmpfs" if real else "PostgreSQL: the substitute, error 53100 raised by a trigger")
    server = PostgresServer(folder / "pg", within=on_tiny_disk(place, "6m") if real else ())
    server.start()
    try:
        upgrade(server.url())
        with closing(psycopg.connect(server.url(), autocommit=True)) as connection:

            def fill() -> None:
                if not real:
                    connection.execute(_ON_JOURNAL)
                    return
                connection.execute(f"CREATE TABLESPACE tiny LOCATION '{place}'")
                connection.execute("ALTER TABLE answer_journal SET TABLESPACE tiny")
                for (index,) in connection.execute(_TINY_DISK_FIT).fetchall():
                    connection.execute(f'ALTER INDEX "{index}" SET TABLESPACE tiny')
                connection.execute("CREATE TABLE ballast (filler text) TABLESPACE tiny")
                connection.execute("ALTER TABLE ballast ALTER filler SET STORAGE PLAIN")
                with suppress(psycopg.errors.DiskFull):
                    while True:
                        connection.execute("INSERT INTO ballast VALUES (repeat('x', 8000))")

            def clear() -> None:
                connection.execute("DROP TABLE ballast" if real else "DROP TRIGGER no_room ON answer_journal")

            yield server.url(), fill, clear
    finally:
        server.stop()


@pytest.mark.fault
def test_postgresql_without_room_refuses_clearly_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="chizheng-", dir="/tmp") as short:
        Path(short).chmod(0o711)
        with (
            journal_on_tiny_disk(Path(short)) as (url, fill, clear),
            exam_day(url, tmp_path) as (house, seats),
            live_server(url, tmp_path) as server,
        ):
            fill()
            told = check_refusals(server, house, seats)
            clear()
            check_recovery(server, house, seats, told)


@pytest.mark.fault
def test_without_a_database_every_write_is_refused_clearly_and_goes_on_once_it_is_back(
    durable_postgres: PostgresServer, tmp_path: Path
) -> None:
    url = durable_postgres.url()
    upgrade(url)
    with exam_day(url, tmp_path) as (house, seats), live_server(url, tmp_path) as server:
        (saver,) = [Saver(seats[1], server.port, revision=1)]
        with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
            assert saver.save(connection) == 200
        before = counted(house)
        durable_postgres.kill()
        house.database.dispose()
        seat = seats[0]
        change = {"position": 1, "revision": 1, "response": [1], "epoch": 1}
        for path, body in (
            (f"/attempts/{seat.attempt_id}/saves", {"changes": [change]}),
            (f"/attempts/{seat.attempt_id}/hand-in", {"epoch": 1}),
            (f"/attempts/{seat.attempt_id}/take-over", {}),
            ("/attempts/start", {"registration_id": 1}),
            ("/ticket-sign-in", {"ticket_number": "000100001", "code": "ABCD2345"}),
            ("/sign-out", {}),
            ("/banks", {"name": "题库", "owner_unit_id": 1}),
        ):
            status, headers, said = ask(server, seat, path, body)
            assert (status, said.get("code")) == (503, "service.unavailable"), (path, said, server.log)
            assert headers["retry-after"], path
        durable_postgres.start()
        assert counted(house) == before
        check_recovery(server, house, seats, dict(saver.told))
