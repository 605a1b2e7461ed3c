"""An author group for each test, and the shipped files."""

from collections.abc import Sequence

import pytest

from app.operation import House
from question_bank.items import Item
from tests.support.author_group import Group, make_group
from tests.support.bank_files import party_bank, party_bank_docx


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
