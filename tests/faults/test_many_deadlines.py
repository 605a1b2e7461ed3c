"""P10: thousands of deadlines in one second, two sweepers at once: all are closed, once, as of their deadline."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.attempts.models import Attempt
from app.attempts.rules import AttemptState, Closing
from app.attempts.service import sweep
from app.audit.models import AuditRecord
from app.grading.models import Result
from tests.support.house import open_house
from tests.support.savers import start_attempts
from tests.support.sealed_exam import make_sealed_exam

CROWD = 5_000


@pytest.mark.fault
@pytest.mark.long
@pytest.mark.timeout(1800)
def test_five_thousand_deadlines_in_one_second(database_url: str, tmp_path: Path) -> None:
    with ExitStack() as opened:
        houses = [opened.enter_context(open_house(database_url, tmp_path / name)) for name in ("one", "other")]
        exam = make_sealed_exam(houses[0], candidates=CROWD, remote=True)
        start_attempts(houses[0], exam)
        now = houses[0].clock.now() + timedelta(hours=1, minutes=1)
        for house in houses:
            house.clock.set(now)
        began = time.monotonic()
        with ThreadPoolExecutor(2) as pool:
            closed = list(pool.map(lambda house: sweep(house, now), houses))
        print(f"{CROWD} deadlines closed in {time.monotonic() - began:.1f} s by two sweepers: {closed}")
        assert sum(closed) == CROWD
        with houses[0].database.transaction(reading=True) as db:
            ended = select(Attempt.state, Attempt.closing, Attempt.closed_at == Attempt.deadline_at).distinct()
            assert db.execute(ended).all() == [(AttemptState.CLOSED, Closing.AT_DEADLINE, True)]
            closings = select(func.count()).where(AuditRecord.action == "attempt:close")
            scored = select(func.count()).where(Result.run_id.is_not(None))
            assert (db.scalar(closings), db.scalar(scored)) == (CROWD, CROWD)
