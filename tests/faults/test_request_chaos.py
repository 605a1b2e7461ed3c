"""P1, P2, P3, P8, P9: a third of all requests is lost, repeated, delayed, reordered or replayed on real sockets; starts
happen once, the newest revision counts, hand-ins close once, and nothing acknowledged is lost."""

import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.attempts.models import Attempt
from app.operation import House
from tests.support.chaos import ShakenSitter
from tests.support.house import open_house
from tests.support.live_server import live_server
from tests.support.sealed_exam import make_sealed_exam, open_session_for
from tests.support.sitters import broken_promises

CANDIDATES = 6
SECONDS = 2.0


def sit_shaken(house: House, url: str, folder: Path, *, build: str = "") -> list[ShakenSitter]:
    """Half of the candidates hand in under fire, the others when all is well again."""
    exam = make_sealed_exam(house, candidates=CANDIDATES, remote=True, earliest_hand_in_minutes=0)
    tokens = [open_session_for(house, candidate, checked_in=False)[0] for candidate in exam.candidates]
    with live_server(url, folder, build=build) as server:
        sitters = [
            ShakenSitter(
                token,
                candidate.registration_id,
                server.port,
                seed=number,
                hand_in_after=SECONDS * 0.6 if number % 2 else None,
            )
            for number, (candidate, token) in enumerate(zip(exam.candidates, tokens, strict=True))
        ]
        stop = threading.Event()
        threads = [threading.Thread(target=sitter.run, args=(stop,)) for sitter in sitters]
        for thread in threads:
            thread.start()
        time.sleep(SECONDS)
        stop.set()
        for thread in threads:
            thread.join()
        for sitter in sitters:
            sitter.hand_in_at_last()
    return sitters


@pytest.mark.fault
def test_a_third_of_all_requests_shaken_changes_nothing(database_url: str, tmp_path: Path) -> None:
    with open_house(database_url, tmp_path, now=datetime.now(UTC)) as house:
        sitters = sit_shaken(house, database_url, tmp_path)
        assert broken_promises(house, sitters) == []
        with house.database.transaction(reading=True) as db:
            assert db.scalar(select(func.count()).select_from(Attempt)) == CANDIDATES
        fates = sum((sitter.fates for sitter in sitters), Counter[str]())
        answered = sum((sitter.statuses + sitter.answers for sitter in sitters), Counter[int]())
        print(f"{fates.total()} requests, {fates.total() - fates['untouched']} touched: {dict(fates)}")
        assert len(fates) == 7
        assert all(sitter.attempt_id for sitter in sitters)
        assert set(answered) <= {200, 409, 503}, answered


@pytest.mark.fault
def test_a_build_that_forgets_what_it_has_is_caught(sqlite_url: str, tmp_path: Path) -> None:
    with open_house(sqlite_url, tmp_path, now=datetime.now(UTC)) as house:
        sitters = sit_shaken(house, sqlite_url, tmp_path, build="forgetful")
        answered = sum((sitter.statuses + sitter.answers for sitter in sitters), Counter[int]())
        assert broken_promises(house, sitters) or set(answered) - {200, 409, 503}, "the checker sees no replay"
