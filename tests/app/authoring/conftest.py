"""An author group for each test, and the shipped files."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from app.operation import House
from question_bank.items import Item
from tests.support.author_group import Group, make_group
from tests.support.bank_files import party_bank, party_bank_docx
from tests.support.client import Client, open_app
from tests.support.personas import Persona, signed_in


@pytest.fixture
def group(house: House) -> Group:
    """An author group on a fresh database; once per dialect."""
    return make_group(house)


@pytest.fixture
def sqlite_group(sqlite_house: House) -> Group:
    """The same on SQLite alone."""
    return make_group(sqlite_house)


@pytest.fixture(scope="session")
def bank_docx() -> bytes:
    """The shipped Word document of 120 items."""
    return party_bank_docx()


@pytest.fixture(scope="session")
def sample() -> Sequence[Item]:
    """Those 120 items."""
    return party_bank()


@pytest.fixture
def sqlite_browsers(sqlite_house: House) -> Iterator[Callable[[Persona | None], Client]]:
    """Browsers of the application over `sqlite_house`, as `browsers` opens them over `house`."""
    with open_app(sqlite_house) as (app, portal):
        opened: list[Client] = []

        def open_browser(persona: Persona | None) -> Client:
            client = signed_in(sqlite_house, persona, app, portal) if persona else Client(app, portal)
            opened.append(client)
            return client

        yield open_browser
        for client in opened:
            client.close()
