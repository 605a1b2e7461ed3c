"""A house with nothing in it but what the log needs, on either database."""

from collections.abc import Iterator
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


@pytest.fixture
def log(house: House) -> House:
    """A log of ten records under four anchors, and two records that are not sealed yet."""
    return fill(house)


@pytest.fixture
def sqlite_log(sqlite_house: House) -> House:
    """The same, for what only SQLite lets anyone write."""
    return fill(sqlite_house)
