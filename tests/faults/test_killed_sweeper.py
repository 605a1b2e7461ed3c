"""P10: a sweeper that is killed (`kill -9`) in the middle of a batch leaves whole batches behind it, and the next one
takes up the rest; a build that ends attempts in two transactions is caught."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.attempts.lanes import Lane
from app.attempts.models import Attempt
from app.attempts.rules import AttemptState
from app.attempts.service import sweep
from app.attempts.wires import PostgresWire, SqliteWire, Statement
from app.audit.models import AuditRecord
from app.grading.models import Result
from app.operation import House
from tests.support.forks import fork
from tests.support.house import open_house
from tests.support.savers import start_attempts
from tests.support.sealed_exam import make_sealed_exam

CROWD, IN_BATCH = 60, 50


@contextmanager
def overdue(url: str, folder: Path, candidates: int) -> Iterator[House]:
    """A house with running attempts whose deadline has passed."""
    with open_house(url, folder) as house:
        start_attempts(house, make_sealed_exam(house, candidates=candidates, remote=True))
        house.clock.set(house.clock.now() + timedelta(hours=1, minutes=1))
        yield house


def killed(house: House, folder: Path, *, after: int = 0, apart: bool = False) -> None:
    """A sweeper in a process of its own is killed after so many commits: in its next batch, when the database has done
    all of it but the commit. `apart`: it is the broken build."""
    url, now = house.database.url.render_as_string(hide_password=False), house.clock.now()
    process = fork(die_sweeping, url, folder / "dying", now, after, apart, log=folder / "sweeper.log")
    process.join(60)
    assert process.exitcode == -signal.SIGKILL, (folder / "sweeper.log").read_text()


def die_sweeping(url: str, folder: Path, now: datetime, after: int, apart: bool) -> None:
    commit, committed = Lane.commit, 0

    def commit_or_die(lane: Lane) -> None:
        nonlocal committed
        if committed == after:
            lane.writer("")  # what waits to be sent to PostgreSQL is done when this is answered
            os.kill(os.getpid(), signal.SIGKILL)
        commit(lane)
        committed += 1

    Lane.commit = commit_or_die  # type: ignore[method-assign] - in this process alone
    if apart:
        for wire in (SqliteWire, PostgresWire):
            _part(wire)
    with open_house(url, folder, now=now) as house:
        sweep(house, now)


def _part(kind: type[SqliteWire] | type[PostgresWire]) -> None:
    """The broken build closes attempts, and only then begins to note and to mark it."""
    tell = kind.tell

    def tell_apart(wire: SqliteWire | PostgresWire, statement: Statement, sent: list[object]) -> None:
        tell(wire, statement, sent)  # type: ignore[arg-type] - the same kind
        if statement.name == b"ending_close":
            wire.commit()
            wire.begin()

    kind.tell = tell_apart  # type: ignore[assignment,method-assign] - in this process alone


def closed_noted_scored(house: House) -> tuple[int, int, int]:
    """How many attempts are closed as of their deadline, closings in the audit log, and results."""
    with house.database.transaction(reading=True) as db:
        whole = Attempt.state == AttemptState.CLOSED, Attempt.closed_at == Attempt.deadline_at
        counted = (
            select(func.count()).select_from(Attempt).where(*whole),
            select(func.count()).select_from(AuditRecord).where(AuditRecord.action == "attempt:close"),
            select(func.count()).select_from(Result).where(Result.run_id.is_not(None)),
        )
        closed, noted, scored = (db.execute(query).scalar_one() for query in counted)
        return closed, noted, scored


@pytest.mark.fault
def test_what_a_killed_sweeper_leaves_is_whole_and_taken_up(database_url: str, tmp_path: Path) -> None:
    with overdue(database_url, tmp_path, CROWD) as house:
        killed(house, tmp_path)  # before anything
        assert closed_noted_scored(house) == (0, 0, 0)
        killed(house, tmp_path, after=1)  # one batch, and dead in the second
        assert closed_noted_scored(house) == (IN_BATCH,) * 3
        assert sweep(house, house.clock.now()) == CROWD - IN_BATCH
        assert sweep(house, house.clock.now()) == 0
        assert closed_noted_scored(house) == (CROWD,) * 3


@pytest.mark.fault
def test_a_build_that_ends_attempts_in_two_transactions_is_caught(database_url: str, tmp_path: Path) -> None:
    with overdue(database_url, tmp_path, 2) as house:
        killed(house, tmp_path, apart=True)
        assert closed_noted_scored(house) == (2, 0, 0)
        assert sweep(house, house.clock.now()) == 0  # and nobody would ever know
