"""Who sends a request too slowly is told so and let go; who goes on sending, or waits for an answer, is not."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from app.web.gate import ORDINARY_LIMIT
from app.web.quick_protocol import quick_protocol
from tests.app.web.test_quick_protocol import Line, Shop, ask, chunked, post, served

LIMIT = 0.6
SAVE = post("/hot/7/saves", b"[1]")
HEAD = SAVE.partition(b"\r\n\r\n")[0]
CHUNKS = chunked("/hot/7/saves", b"3\r\n[1]\r\n")
LONG = post("/hot/7/saves", b"x" * 99_000)
BODY = b"x" * 90


@pytest.fixture(scope="module")
def brief_shop() -> Iterator[tuple[Shop, int]]:
    shop = Shop()
    limits = {"head_seconds": LIMIT, "body_seconds": LIMIT, "slowest": 100}
    with served(shop, http=type("Brief", (quick_protocol(shop),), limits)) as (port, server):
        server.config.timeout_keep_alive = LIMIT  # type: ignore[assignment] - a test waits for parts of a second
        yield shop, port


def dribble(line: Line, data: bytes) -> bool:
    """Send byte after byte as long as there is a connection, or until all is sent; whether all was."""
    line.socket.settimeout(0.02)
    for number in range(len(data)):
        try:
            line.send(data[number : number + 1])
            line.socket.recv(1)
        except TimeoutError:  # no answer yet: the next byte
            continue
        except OSError:  # closed while a byte was under way
            pass
        return False
    return True


def test_who_stops_sending_is_told_and_let_go(brief_shop: tuple[Shop, int]) -> None:
    shop, port = brief_shop
    shop.logged.clear()
    with Line(port) as silent, Line(port) as kept, ExitStack() as opened:
        began = time.monotonic()
        kept.send(SAVE)
        assert kept.reply()[0] == 200
        parts = (b"P", b"\r\n", HEAD, SAVE[:-1], CHUNKS[:-5], LONG[:-1])
        stopped = [(kept, SAVE[:-1]), *((opened.enter_context(Line(port)), part) for part in parts)]
        for line, data in stopped:
            line.send(data)
        for line, _ in stopped:
            status, headers, body = line.reply()
            assert (status, ("connection", "close") in headers) == (408, True)
            assert {"x-request-id", "content-security-policy"} <= {name for name, _ in headers}
            assert "未作任何处理".encode() in body
            assert line.file.read() == b""
        assert silent.file.read() == b""
        assert LIMIT * 0.9 < time.monotonic() - began < 6 * LIMIT
    assert [status for _, status in shop.logged] == [200]


def test_byte_by_byte_is_too_slow_and_a_slow_line_is_not(brief_shop: tuple[Shop, int]) -> None:
    _, port = brief_shop
    with Line(port) as head:
        assert not dribble(head, HEAD)
    with Line(port) as body:
        body.send(post("/hot/7/saves", BODY)[: -len(BODY)])
        assert not dribble(body, BODY)
    with Line(port) as slow:
        began = time.monotonic()
        request = post("/hot/7/saves", b"x" * 2000)
        for start in range(0, len(request), 80):  # each 80 bytes buy it all of the limit
            slow.send(request[start : start + 80])
            time.sleep(LIMIT / 20)
        assert time.monotonic() - began > LIMIT
        assert slow.reply()[2] == b"('7', 2000, 0)"


def test_who_waits_for_an_answer_is_not_hurried(brief_shop: tuple[Shop, int]) -> None:
    """Nor told anything but the answer: not where a body was refused before its end, and the rest comes slowly."""
    shop, port = brief_shop
    with Line(port) as waiting, Line(port) as refused, Line(port) as slow:
        half = post("/hot/wait", b"[]")
        waiting.send(half[:-1])
        waiting.send(half[-1:])
        shop.begun.acquire(timeout=10)
        refused.send(post("/hot/7/saves", b"x" * (ORDINARY_LIMIT + 1000))[:-900])
        assert refused.reply()[0] == 413
        refused.send(b"x")
        slow.send(HEAD)
        assert slow.reply()[0] == 408
        assert refused.file.read() == b""
        shop.let_go()
        assert waiting.reply()[2] == b'"waited"'
        waiting.send(SAVE)
        assert waiting.reply()[0] == 200
    assert ask(port, SAVE)[0] == 200
