"""P10: thousands of deadlines in one second, two sweepers at once: all are closed, once, as of their deadline; builds
that close late or twice are caught."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from copy import copy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.attempts import endings, queries
from app.attempts.endings import EndingBatch
from app.attempts.models import Attempt
from app.attempts.rules import AttemptState, Closing, is_due
from app.attempts.service import sweep, sweeper
from app.audit.models import AuditRecord
from app.grading.models import Result
from app.operation import House
from tests.support.house import open_house
from tests.support.savers import start_attempts
from tests.support.sealed_exam import make_sealed_exam

CROWD, FEW = 5_000, 6


@contextmanager
def two_sweepers(url: str, folder: Path, candidates: int) -> Iterator[list[House]]:
    """Two instances at a moment when the deadline of so many attempts has just passed."""
    with ExitStack() as opened:
        houses = [opened.enter_context(open_house(url, folder / name)) for name in ("one", "other")]
        start_attempts(houses[0], make_sealed_exam(houses[0], candidates=candidates, remote=True))
        now = houses[0].clock.now() + timedelta(hours=1, minutes=1)
        for house in houses:
            house.clock.set(now)
        yield houses


def sweep_at_once(houses: list[House], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Both sweep, and neither closes anything before both have seen what is due; returns how many each has closed."""
    both, overdue = threading.Barrier(len(houses), timeout=60), queries.overdue

    def overdue_to_both(*given: Any, **named: Any) -> Sequence[int]:
        seen = overdue(*given, **named)
        both.wait()
        return seen

    with monkeypatch.context() as patch, ThreadPoolExecutor(len(houses)) as pool:
        patch.setattr(queries, "overdue", overdue_to_both)
        return list(pool.map(lambda house: sweep(house, house.clock.now()), houses))


def broken_deadlines(house: House, crowd: int) -> list[str]:
    """What does not hold of: each is closed as of its deadline, noted once, scored once."""
    noted = select(AuditRecord.subject_id, func.count()).where(AuditRecord.action == "attempt:close")
    with house.database.transaction(reading=True) as db:
        attempts = db.execute(select(Attempt.state, Attempt.closing, Attempt.closed_at, Attempt.deadline_at)).all()
        closings = [row[1] for row in db.execute(noted.group_by(AuditRecord.subject_id))]
        scored = db.scalar(select(func.count()).where(Result.run_id.is_not(None)))
    closed = [row for row in attempts if row.state is AttemptState.CLOSED]
    found = {
        "is open": len(attempts) - len(closed),
        "was closed otherwise": sum(row.closing is not Closing.AT_DEADLINE for row in closed),
        "was not closed as of its deadline": sum(row.closed_at != row.deadline_at for row in closed),
        "was closed more than once": sum(count > 1 for count in closings),
        "was not noted": crowd - len(closings),
        "was not scored": crowd - (scored or 0),
    }
    assert len(attempts) == crowd
    return [f"{count} × {what}" for what, count in found.items() if count]


@pytest.mark.fault
@pytest.mark.long
@pytest.mark.timeout(1800)
def test_five_thousand_deadlines_in_one_second(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with two_sweepers(database_url, tmp_path, CROWD) as houses:
        began = time.monotonic()
        closed = sweep_at_once(houses, monkeypatch)
        print(f"{CROWD} deadlines closed in {time.monotonic() - began:.1f} s by two sweepers: {closed}")
        assert sum(closed) == CROWD
        assert broken_deadlines(houses[0], CROWD) == []


def sweep_after_another(houses: list[House], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The second has seen what is due before the first closed it all; returns how many each has closed."""
    one, other = houses
    with one.database.transaction(reading=True) as db:
        grace = timedelta(seconds=one.settings.grace_seconds)
        seen = queries.overdue(db, now=one.clock.now(), grace=grace, limit=FEW)
    closed = sweep(one, one.clock.now())
    with monkeypatch.context() as patch:
        patch.setattr(queries, "overdue", lambda *_given, **_named: seen)
        return [closed, sweep(other, other.clock.now())]


def close_as_of_now(patch: pytest.MonkeyPatch) -> None:
    """The broken build closes as of the moment at which it comes to it."""
    end = EndingBatch._end

    def end_late(batch: Any, ending: Any, *given: Any, as_of: datetime, **named: Any) -> Any:
        return end(batch, ending, *given, as_of=as_of + timedelta(seconds=59), **named)

    patch.setattr(EndingBatch, "_end", end_late)


def close_what_was_seen(patch: pytest.MonkeyPatch) -> None:
    """The broken build does not look again at what it has come to hold."""

    def due_as_seen(_state: AttemptState, **times: Any) -> bool:
        return is_due(AttemptState.OPEN, **times)

    whatever, open_ones = copy(sweeper._HOLD), " AND a.state = 'open'"
    whatever.sqlite = whatever.sqlite.replace(open_ones, "")
    whatever.postgresql = whatever.postgresql.replace(open_ones.encode(), b"")
    patch.setattr(sweeper, "_HOLD", whatever)
    patch.setattr(endings, "is_due", due_as_seen)


def leave_the_last(patch: pytest.MonkeyPatch) -> None:
    """The broken build forgets the last one of each batch."""
    close = EndingBatch.close_overdue

    def close_all_but_one(batch: EndingBatch, attempt_ids: Sequence[int], *given: Any, **named: Any) -> int:
        return close(batch, attempt_ids[:-1], *given, **named)

    patch.setattr(EndingBatch, "close_overdue", close_all_but_one)


@pytest.mark.fault
@pytest.mark.parametrize(
    ("build", "caught"),
    [
        (lambda _patch: None, []),
        (close_as_of_now, [f"{FEW} × was not closed as of its deadline"]),
        (close_what_was_seen, [f"{FEW} × was closed more than once"]),
        (leave_the_last, ["1 × is open", "1 × was not noted", "1 × was not scored"]),
    ],
    ids=["honest", "late", "twice", "not at all"],
)
def test_builds_that_close_late_or_twice_or_not_at_all_are_caught(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    build: Callable[[pytest.MonkeyPatch], None],
    caught: list[str],
) -> None:
    """The checker of the long tier is shown an honest build with few attempts, and three that are not."""
    with two_sweepers(database_url, tmp_path, FEW) as houses, monkeypatch.context() as patch:
        build(patch)
        sweep_after_another(houses, monkeypatch)
        assert broken_deadlines(houses[0], FEW) == caught
