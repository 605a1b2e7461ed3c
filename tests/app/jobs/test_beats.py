"""Beats go on whatever happens to one of them, and do not fill the log with it."""

import logging

import pytest

from app.errors import Unavailable
from app.jobs.beats import Beats
from tests.support.waiting import wait_for


def test_a_beat_that_fails_comes_again_and_says_so_once_until_it_fails_otherwise(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failures: list[Exception | None] = [Unavailable(), Unavailable(), None, Unavailable(), KeyError("a"), KeyError("b")]
    beaten: list[Exception | None] = []

    def beat() -> None:
        beaten.append(failures[len(beaten)] if len(beaten) < len(failures) else None)
        if (failure := beaten[-1]) is not None:
            raise failure

    beats = Beats()
    with caplog.at_level(logging.WARNING, "chizheng.beats"):
        beats.start("heart", 0.001, beat)
        wait_for(lambda: len(beaten) > len(failures))
        beats.close()
    said = [record.getMessage() for record in caplog.records]
    assert said == ["beat heart: service.unavailable"] * 2 + ["beat heart failed"]
