"""Browsers over a house on SQLite alone, for what does not touch the database's ways."""

from collections.abc import Callable, Iterator

import pytest

from app.operation import House
from tests.support.client import Client
from tests.support.personas import Persona, open_browsers


@pytest.fixture
def sqlite_browsers(sqlite_house: House) -> Iterator[Callable[[Persona | None], Client]]:
    """As `browsers`, on SQLite."""
    with open_browsers(sqlite_house) as opened:
        yield opened
