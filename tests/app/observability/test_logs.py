"""Log lines: one JSON object each, masked, with the request's id, whoever wrote them."""

import asyncio
import io
import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from app.observability.logs import REQUEST_ID, configure, log_request


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    configure("INFO", stream)
    yield stream
    root.handlers[:], level = before[0], before[1]
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_time_level_and_chinese_as_it_is(stream: io.StringIO) -> None:
    structlog.get_logger("exam").info("sealed", title="封卷", candidates=400)
    (line,) = lines(stream)
    assert "封卷" in stream.getvalue()
    assert (line["event"], line["level"], line["logger"], line["candidates"]) == ("sealed", "info", "exam", 400)
    assert line["timestamp"].endswith("Z")


def test_the_standard_librarys_loggers_take_the_same_way_and_the_same_mask(stream: io.StringIO) -> None:
    logging.getLogger("some.library").warning("login of %s failed, password=%s", "11010519491231002X", "hunter2")
    logging.getLogger("uvicorn.error").info("started")
    logging.getLogger("uvicorn.access").info("GET /verify/7KQ2M9XD")
    written = lines(stream)
    assert [line["event"] for line in written] == ["login of *** failed, password=***", "started"]


def test_a_traceback_is_masked_too(stream: io.StringIO) -> None:
    try:
        int("11010519491231002X token=5f2e")
    except ValueError:
        structlog.get_logger("x").exception("failed")
        logging.getLogger("y").exception("failed")
    assert "ValueError" in stream.getvalue()
    assert "test_logs.py" in stream.getvalue()
    assert "1949" not in stream.getvalue()
    assert "5f2e" not in stream.getvalue()


def test_the_requests_id_stands_on_every_line_within_it_and_on_none_after(stream: io.StringIO) -> None:
    before = REQUEST_ID.set("r-1")
    structlog.get_logger("a").info("one")
    logging.getLogger("b").info("two")
    REQUEST_ID.reset(before)
    structlog.get_logger("a").info("three")
    assert [line.get("request_id") for line in lines(stream)] == ["r-1", "r-1", None]


def test_a_request_is_one_line_without_its_path(stream: io.StringIO) -> None:
    log_request(
        method="POST",
        route="/exams/{exam_id}/seal",
        status=409,
        seconds=0.01234,
        request_id="r-1",
        account_id=7,
        address="127.0.0.1",
        error_code="state.conflict",
    )
    log_request(method="GET", route=None, status=404, seconds=0, request_id="r-2")
    first, second = lines(stream)
    assert {name: first[name] for name in ("route", "status", "milliseconds", "account_id", "error_code")} == {
        "route": "/exams/{exam_id}/seal",
        "status": 409,
        "milliseconds": 12.3,
        "account_id": 7,
        "error_code": "state.conflict",
    }
    assert second["route"] == "-"


def test_lines_of_requests_wait_for_the_end_of_the_loops_turn_and_none_is_lost(stream: io.StringIO) -> None:
    def answer(*names: str) -> None:
        for name in names:
            log_request(method="GET", route="/exams", status=200, seconds=0, request_id=name)

    def told() -> list[str]:
        return [line.get("request_id", line["event"]) for line in lines(stream)]

    async def serve() -> None:
        answer("1", "2")
        assert told() == []
        await asyncio.sleep(0)
        assert told() == ["1", "2"]
        answer("3")
        await asyncio.to_thread(structlog.get_logger("x").info, "between")
        answer("4")
        assert told() == ["1", "2", "3", "between"]
        answer(*(str(number) for number in range(5, 400)))
        assert len(told()) > 100, "a long turn gathers without end"

    asyncio.run(serve())
    answer("last")  # no loop: at once, and after what a loop that is gone had gathered
    assert told() == ["1", "2", "3", "between", *(str(number) for number in range(4, 400)), "last"]


@pytest.mark.usefixtures("stream")
def test_a_log_that_is_closed_keeps_no_loop_from_its_turn(tmp_path: Path) -> None:
    failed: list[dict[str, object]] = []
    file = (tmp_path / "log").open("w", encoding="utf-8")
    configure("INFO", file)

    async def serve() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failed.append(context))
        log_request(method="GET", route="/exams", status=200, seconds=0, request_id="1")
        file.close()
        await asyncio.sleep(0)

    asyncio.run(serve())
    assert failed == []


def test_the_end_of_a_process_writes_what_was_gathered() -> None:
    program = (
        "import asyncio, sys\n"
        "from app.observability.logs import configure, log_request\n"
        "configure('INFO')\n"
        "async def end():\n"
        "    log_request(method='GET', route='/', status=200, seconds=0, request_id='the last')\n"
        "    sys.exit()\n"
        "asyncio.run(end())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert "the last" in done.stdout


def test_the_level_is_kept(stream: io.StringIO) -> None:
    logging.getLogger("x").debug("no")
    structlog.get_logger("x").debug("no")
    assert stream.getvalue() == ""


def test_warnings_are_lines_too(stream: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old password=hunter2", UserWarning, stacklevel=1)
        logging.captureWarnings(capture=False)
    (line,) = lines(stream)
    assert line["logger"] == "py.warnings"
    assert "hunter2" not in line["event"]
