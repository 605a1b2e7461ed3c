"""SQLite's log is moved by a beat, by no commit that somebody waits for, and does not grow for ever (P50)."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from app import wiring
from app.attempts.wires import Insertion, SqliteWire
from app.database import Database, prepare_sqlite
from app.errors import Unavailable
from app.write_ahead import MOST_PAGES, WriteAheadLog
from tests.support.house import open_house
from tests.support.waiting import wait_for

_PAGE = 4096
_LEFT_TO_ITSELF = 1_000
"""Pages of log at which SQLite has the next commit move them."""
_SAID = Insertion("say", "said", {"words": "text"})


def pages_of_rows(count: int) -> Sequence[Sequence[str]]:
    """Rows that fill that many pages and some more."""
    return [["x" * _PAGE]] * count


def rows_without_log(path: Path) -> int:
    """How many rows the file of the database holds by itself."""
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as alone:
        found: int = alone.execute("SELECT count(*) FROM said").fetchone()[0]
    return found


def log_pages(path: Path) -> int:
    """How many pages the file of the log has room for."""
    return path.with_name(path.name + "-wal").stat().st_size // _PAGE


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with one empty table."""
    path = tmp_path / "kept.db"
    with closing(sqlite3.connect(path)) as connection:
        prepare_sqlite(connection)
        connection.execute("CREATE TABLE said (words TEXT)")
    return path


def test_no_commit_moves_the_log_and_the_beat_does_while_others_write_and_read(path: Path) -> None:
    database = Database(f"sqlite:///{path}")
    log = database.log
    assert log is not None
    wire = SqliteWire(make_url(f"sqlite:///{path}"))
    with closing(wire), closing(sqlite3.connect(path)) as reader:
        wire.begin()
        wire.tell(_SAID, pages_of_rows(_LEFT_TO_ITSELF))
        wire.commit()
        with database.transaction() as session:
            session.execute(text("INSERT INTO said VALUES ('a page of the service')"))
        assert (rows_without_log(path), log_pages(path) > _LEFT_TO_ITSELF) == (0, True)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM said").fetchone()
        wire.begin()
        wire.tell(_SAID, [["under way"]])  # nobody waits for it, and it waits for nobody
        log.move()
        assert rows_without_log(path) == _LEFT_TO_ITSELF + 1
        assert log.pages == log.moved > _LEFT_TO_ITSELF
        wire.commit()
        log.move()
        assert log.pages - log.moved == 1  # the reader does not see it yet, and must not
    database.dispose()


def test_a_log_that_nobody_moves_or_that_a_reader_held_is_cut_back_by_who_commits(path: Path) -> None:
    database = Database(f"sqlite:///{path}")
    with database.transaction(reading=True) as session:
        told = [
            session.execute(text(f"PRAGMA {name}")).scalar() for name in ("wal_autocheckpoint", "journal_size_limit")
        ]
    assert told == [MOST_PAGES, MOST_PAGES * _PAGE]
    database.dispose()
    most, each = 40, 10
    with closing(sqlite3.connect(path)) as writer, closing(sqlite3.connect(path)) as reader:
        prepare_sqlite(writer)
        writer.execute(f"PRAGMA wal_autocheckpoint={most}")  # the same limits, sooner reached
        writer.execute(f"PRAGMA journal_size_limit={most * _PAGE}")

        def write(pages: int) -> None:
            for _ in range(pages // each):
                writer.execute("BEGIN IMMEDIATE")
                writer.executemany("INSERT INTO said VALUES (?)", pages_of_rows(each))
                writer.execute("COMMIT")

        write(5 * most)
        assert log_pages(path) < 2 * most
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM said").fetchone()
        write(5 * most)
        assert log_pages(path) > 5 * most  # what a reader sees stays where it is
        reader.execute("COMMIT")
        write(2 * each)
        assert log_pages(path) < 2 * most


def test_without_a_database_the_move_says_so_makes_none_and_goes_on_once_it_is_back(path: Path) -> None:
    away = path.with_name("away.db")
    path.rename(away)
    log = WriteAheadLog(path)
    for _ in range(2):
        with pytest.raises(Unavailable):
            log.move()
    assert not path.exists()
    away.rename(path)
    log.move()
    log.close()


def test_the_service_moves_its_log_by_itself(sqlite_url: str, tmp_path: Path) -> None:
    with open_house(sqlite_url, tmp_path) as house:
        log = house.database.log
        assert log is not None
        log.moved_every = 0.01
        wiring.open_house(house)
        with house.database.transaction() as session:
            session.execute(text("CREATE TABLE said (words TEXT)"))
        wait_for(lambda: log.moved > 0)
        assert log.moved == log.pages


def test_postgresql_moves_its_own(postgresql_url: str) -> None:
    assert Database(postgresql_url).log is None
