"""A served house for a whole file of browser tests: each test seals an exam of its own in it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.databases import Databases
from tests.support.exam_page import DESKTOP, Desks, ExamPage, sit_down
from tests.support.sealed_exam import SealedExam
from tests.support.served import Served, serve_house


@pytest.fixture(scope="module")
def served(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A house on SQLite, behind a server on loopback."""
    with databases.fresh("sqlite") as url, serve_house(url, tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture(scope="module")
def desks(browser: Browser) -> Desks:
    """The computers of a file of tests: a browser that is warm costs half of one that is started anew."""
    return Desks(browser)


@pytest.fixture
def seat(browser: Browser, desks: Desks) -> Iterator[Callable[..., ExamPage]]:
    """Seats candidates (`sit_down`), clears the desks afterwards, and finds no error of any script.

    A `device` of its own, or a `script` that runs before those of each page, is a computer of its own.
    """
    seated: list[ExamPage] = []

    def sit(
        served: Served,
        exam: SealedExam,
        *,
        device: dict[str, Any] | None = None,
        script: str = "",
        signed_in: bool = True,
    ) -> ExamPage:
        context = desks.take() if device is None and not script else browser.new_context(**(device or DESKTOP))
        if script:
            context.add_init_script(script)
        sitter = sit_down(context, served, exam, signed_in=signed_in)
        seated.append(sitter)
        return sitter

    yield sit
    for sitter in seated:
        desks.give_back(sitter.context)
    assert [defect for sitter in seated for defect in sitter.defects] == []
