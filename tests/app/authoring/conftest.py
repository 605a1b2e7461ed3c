"""An author group for each test, and the shipped files."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from app.operation import House
from question_bank.items import Item
from tests.support.author_group import Group, make_group
from tests.support.bank_files import party_bank, party_bank_docx
from tests.support.client import Client
from tests.support.grounds import Ground
from tests.support.personas import Persona, open_browsers

GROUP = Ground("authoring", make_group)


@pytest.fixture
def ground(request: pytest.FixtureRequest) -> Ground[Group] | None:
    return GROUP if {"group", "sqlite_group"} & set(request.fixturenames) else None


@pytest.fixture
def group(house: House) -> Group:
    """An author group on a fresh database; once per dialect."""
    return GROUP.stand_on(house)


@pytest.fixture
def sqlite_group(sqlite_house: House) -> Group:
    """The same on SQLite alone."""
    return GROUP.stand_on(sqlite_house)


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
    with open_browsers(sqlite_house) as opened:
        yield opened
