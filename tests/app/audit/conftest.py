"""A house with nothing in it but what the log needs, on either database."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.audit.sealing import seal
from app.clock import ManualClock
from app.database import Database
from app.operation import House
from app.security.fields import MasterKey
from app.security.signing_keys import Keyring
from app.settings import Settings
from tests.support.audit_log import act, check
from tests.support.databases import DIALECTS, MIGRATED, Databases, Template

START = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


def open_house(url: str, folder: Path) -> House:
    settings = Settings(database_url=url, anchor_folder=folder)
    keyring = Keyring(MasterKey(settings.field_key_bytes))
    return House(settings, Database(url, pool_size=4), ManualClock(START), tools={Keyring: keyring})


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    house = open_house(database_url, tmp_path / "anchors")
    yield house
    house.database.dispose()


@pytest.fixture
def sqlite_house(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    house = open_house(sqlite_url, tmp_path / "anchors")
    yield house
    house.database.dispose()


@pytest.fixture
def postgresql_house(postgresql_url: str, tmp_path: Path) -> Iterator[House]:
    house = open_house(postgresql_url, tmp_path / "anchors")
    yield house
    house.database.dispose()


def fill(house: House) -> House:
    seal(house)
    for times in (4, 1, 5):
        act(house, times)
        house.clock.advance(timedelta(seconds=30))
        seal(house)
    act(house, 2)
    assert check(house).ok
    return house


FILLED_FOR = timedelta(seconds=90)


@contextmanager
def filled(databases: Databases, dialect: str, run: Path, folder: Path) -> Iterator[House]:
    """A house over a copy of the filled log, which is made once a run; its anchors come with it."""
    anchors = run / f"anchors-{dialect}"

    def build(url: str) -> None:
        house = open_house(url, anchors)
        fill(house)
        house.database.dispose()

    with databases.fresh(dialect, Template("filled-log", build, base=MIGRATED)) as url:
        shutil.copytree(anchors, folder)
        house = open_house(url, folder)
        house.clock.advance(FILLED_FOR)
        yield house
        house.database.dispose()


@pytest.fixture(params=DIALECTS)
def log(request: pytest.FixtureRequest, databases: Databases, run_folder: Path, tmp_path: Path) -> Iterator[House]:
    """A log of ten records under four anchors, and two records that are not sealed yet."""
    with filled(databases, request.param, run_folder, tmp_path / "anchors") as house:
        yield house


@pytest.fixture
def sqlite_log(databases: Databases, run_folder: Path, tmp_path: Path) -> Iterator[House]:
    """The same, for what only SQLite lets anyone write."""
    with filled(databases, "sqlite", run_folder, tmp_path / "anchors") as house:
        yield house
