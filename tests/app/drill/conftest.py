"""Browsers over a house on SQLite alone, for what does not touch the database's ways."""

from collections.abc import Callable, Iterator

import pytest

from app.operation import House
from tests.support.client import Client, open_app
from tests.support.personas import Persona, signed_in


@pytest.fixture
def sqlite_browsers(sqlite_house: House) -> Iterator[Callable[[Persona | None], Client]]:
    """As `browsers`, on SQLite."""
    with open_app(sqlite_house) as (app, portal):
        opened: list[Client] = []

        def open_browser(persona: Persona | None) -> Client:
            opened.append(signed_in(sqlite_house, persona, app, portal) if persona else Client(app, portal))
            return opened[-1]

        yield open_browser
        for client in opened:
            client.close()
