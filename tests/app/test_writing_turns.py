"""Threads of one process write into SQLite one after another, in the order in which they came, savers first."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import text

from app.attempts.wires import open_wire
from app.database import Database
from app.writing_turns import WritingTurns, turns_of
from tests.support.waiting import wait_for


def begin(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_the_turn_goes_to_whoever_has_waited_longest_and_to_nobody_while_savers_wait() -> None:
    turns, came = WritingTurns(), list[int]()

    def write(number: int) -> None:
        assert turns.take(patience=20)
        came.append(number)
        turns.give_back()

    assert turns.take(patience=0)
    turns.begin_saving()
    waiting = []
    for number in range(5):
        waiting.append(begin(lambda number=number: write(number)))
        wait_for(lambda number=number: len(turns._line) == number + 1)
    turns.give_back()
    assert not turns.take(patience=0.01)  # in vain, and out of the line again
    assert came == []
    turns.end_saving()
    for thread in waiting:
        thread.join()
    assert came == [0, 1, 2, 3, 4]
    assert turns.take(patience=0)


@pytest.fixture
def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/own.db")
    with database.transaction() as session:
        session.execute(text("CREATE TABLE figure (value INTEGER)"))
        session.execute(text("INSERT INTO figure VALUES (0)"))
    yield database
    database.dispose()


def raise_value(database: Database, times: int) -> None:
    for _ in range(times):
        with database.transaction() as session:
            value = session.execute(text("SELECT value FROM figure")).scalar_one()
            session.execute(text("UPDATE figure SET value = :value"), {"value": value + 1})


def fail(database: Database, error: type[BaseException]) -> None:
    with database.transaction() as session:
        session.execute(text("UPDATE figure SET value = 7"))
        raise error


def test_a_turn_ends_with_its_transaction_whatever_becomes_of_it(database):
    turns = turns_of(database.url.database)
    assert turns is turns_of(database.url.database)
    for error in (ValueError, KeyboardInterrupt):
        with pytest.raises(error):
            fail(database, error)
    with database.transaction() as writing:
        writing.execute(text("UPDATE figure SET value = 1"))
        assert not turns.take(patience=0)
        with database.transaction(reading=True) as session:  # who reads waits for nobody
            assert session.execute(text("SELECT value FROM figure")).scalar_one() == 0
    wire = open_wire(database.url)
    wire.begin()
    assert not turns.take(patience=0)
    wire.close()  # as a journal does that could not write
    wire = open_wire(database.url)
    wire.begin()
    wire.commit()
    wire.close()
    assert turns.take(patience=0)
    turns.give_back()


def test_many_who_write_at_once_lose_nothing(database):
    threads = [begin(lambda: raise_value(database, 20)) for _ in range(6)]
    wire = open_wire(database.url)
    for _ in range(10):
        wire.begin()
        wire.commit()
    wire.close()
    for thread in threads:
        thread.join()
    with database.transaction(reading=True) as session:
        assert session.execute(text("SELECT value FROM figure")).scalar_one() == 120
