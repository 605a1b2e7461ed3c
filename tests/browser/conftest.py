"""A served house for a whole file of browser tests: each test seals an exam of its own in it."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.databases import Databases
from tests.support.exam_page import ExamPage, sit_down
from tests.support.served import Served, serve_house


@pytest.fixture(scope="module")
def served(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A house on SQLite, behind a server on loopback."""
    with databases.fresh("sqlite") as url, serve_house(url, tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture
def seat(browser: Browser) -> Iterator[Callable[..., ExamPage]]:
    """Seats candidates (`sit_down`), clears the desks afterwards, and finds no error of any script."""
    seated: list[ExamPage] = []

    def sit(*args: object, **kwargs: object) -> ExamPage:
        sitter = sit_down(browser, *args, **kwargs)  # type: ignore[arg-type]
        seated.append(sitter)
        return sitter

    yield sit
    for sitter in seated:
        sitter.context.close()
    assert [defect for sitter in seated for defect in sitter.defects] == []
