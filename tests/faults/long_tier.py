"""`make faults`: the long tier. The service is killed (`kill -9`) again and again while candidates start, save and hand
in, on both databases, and PostgreSQL is killed under it; then what was acknowledged is compared with what is stored and
scored. Prints figures; ends with 1 where a promise was broken. SQLite has no server: each kill of the service is one of
the database.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from app.database import upgrade
from tests.support.house import open_house
from tests.support.live_server import LiveServer, live_server
from tests.support.postgres import PostgresServer
from tests.support.sealed_exam import SealedExam, make_sealed_exam, open_session_for
from tests.support.sitters import Sitter, broken_promises

AT_ONCE = 8
LONGEST_SECONDS = 1.2


def sit_until(server: LiveServer, sitters: list[Sitter], kill: Callable[[], None]) -> None:
    """A fresh handful of candidates at work; something is killed in the middle of it."""
    stop = threading.Event()
    threads = [threading.Thread(target=sitter.run, args=(stop,)) for sitter in sitters]
    for thread in threads:
        thread.start()
    time.sleep(random.uniform(0.3, LONGEST_SECONDS))
    kill()
    time.sleep(0.2)
    stop.set()
    for thread in threads:
        thread.join()


def run(name: str, url: str, folder: Path, *, kills: int, crashes: int, database: PostgresServer | None) -> int:
    """All rounds on one database; returns how many promises were broken."""
    began = time.monotonic()
    rounds = ["service"] * kills + ["database"] * crashes
    random.shuffle(rounds)
    upgrade(url)
    with open_house(url, folder, now=datetime.now(UTC)) as house:
        exam = make_sealed_exam(
            house, candidates=AT_ONCE * len(rounds), remote=True, earliest_hand_in_minutes=0, late_entry_minutes=120
        )
        tokens = [open_session_for(house, candidate, checked_in=False)[0] for candidate in exam.candidates]
        with live_server(url, folder) as server:
            everyone = _sitters(exam, tokens, server.port)
            for number, killed in enumerate(rounds):
                handful = everyone[number * AT_ONCE : (number + 1) * AT_ONCE]
                if killed == "service":
                    sit_until(server, handful, server.kill)
                    server.start()
                else:
                    assert database
                    sit_until(server, handful, database.kill)
                    database.start()
            house.database.dispose()
            acknowledged = sum(sitter.handed_in for sitter in everyone)
            for sitter in everyone:
                sitter.hand_in_at_last()
        broken = broken_promises(house, everyone)
        broken += [
            f"attempt {sitter.attempt_id} could not be handed in at last"
            for sitter in everyone
            if sitter.attempt_id and not sitter.handed_in and not sitter.statuses[409]
        ]
    statuses = sum((sitter.statuses for sitter in everyone), Counter[int]())
    starts, saves = sum(bool(s.attempt_id) for s in everyone), sum(len(s.told) for s in everyone)
    unanswered = sum(s.unanswered for s in everyone)
    print(
        f"{name}: {kills} kills of the service, {crashes} of the database, {time.monotonic() - began:.0f} s\n"
        f"  acknowledged: {starts} starts, {saves} saves, {acknowledged} hand-ins under fire\n"
        f"  {unanswered} requests without an answer, {statuses[503]} refused with 503, other: {_others(statuses)}\n"
        f"  acknowledged and not stored or not scored: {len(broken)}",
        flush=True,
    )
    for sentence in broken[:20]:
        print(f"    {sentence}")
    return len(broken)


def _sitters(exam: SealedExam, tokens: list[str], port: int) -> list[Sitter]:
    """Every second one hands in before long; some press start late, so that kills find them starting."""
    return [
        Sitter(
            token,
            candidate.registration_id,
            port,
            hand_in_after=random.uniform(0.2, LONGEST_SECONDS) if number % 2 else None,
            start_after=random.uniform(0, 0.6) if number % 4 > 1 else 0.0,
        )
        for number, (candidate, token) in enumerate(zip(exam.candidates, tokens, strict=True))
    ]


def _others(statuses: Counter[int]) -> str:
    return ", ".join(f"{n} × {status}" for status, n in statuses.items() if status not in {200, 503}) or "none"


def main() -> None:
    """Run both databases, one after the other."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=20, help="kills of the service on each database")
    options.add_argument("--crashes", type=int, default=5, help="kills of PostgreSQL")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="chizheng-", dir="/tmp") as short:
        folder = Path(short)
        folder.chmod(0o711)
        for name in ("sqlite", "postgresql"):
            (folder / name).mkdir()
        url = f"sqlite:///{folder}/sqlite/test.db"
        broken = run("SQLite", url, folder / "sqlite", kills=chosen.kills, crashes=0, database=None)
        server = PostgresServer(folder / "pg", durable=True)
        server.start()
        try:
            broken += run(
                "PostgreSQL",
                server.url(),
                folder / "postgresql",
                kills=chosen.kills,
                crashes=chosen.crashes,
                database=server,
            )
        finally:
            server.stop()
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
