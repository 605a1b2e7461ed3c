"""Hot requests answered straight from the parser: on real sockets, beside the ordinary way to the same endpoints."""

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Self

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.clock import ManualClock
from app.errors import TooLarge
from app.web.express import ExpressLane, JsonAnswer
from app.web.gate import ORDINARY_LIMIT, Gate, Uploads
from app.web.quick_protocol import QuickProtocol, quick_protocol

START = datetime(2026, 11, 22, 9, tzinfo=UTC)


class Shop:
    """A tiny application with hot routes, and what came of each request."""

    def __init__(self) -> None:
        self.clock = ManualClock(START)
        self.ordinary: list[str] = []
        self.logged: list[tuple[str | None, int]] = []
        self.begun = threading.Semaphore(0)
        self.held: list[asyncio.Future[None]] = []
        self.hot = ExpressLane(
            [
                Route("/hot/{number}/saves", self.save, methods=["POST"]),
                Route("/hot/{number}/time", self.look, methods=["GET"]),
                Route("/hot/wait", self.wait, methods=["POST"]),
                Route("/hot/fail", self.fail, methods=["POST"]),
            ],
            self.answer_error,
        )
        self.express_gate = Gate(
            self.hot, clock=self.clock, upload_limit=ORDINARY_LIMIT, uploads=Uploads(ORDINARY_LIMIT), know=self.know,
            secure=True, log=self.log, refuse=self.refuse,
        )  # fmt: skip

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.hot.takes(scope)
        self.ordinary.append(scope["path"])
        await self.express_gate(scope, receive, send)

    async def know(self, _scope: Scope) -> int:
        """Whoever comes is known here."""
        return 1

    def log(self, *, route: str | None, status: int, **_: object) -> None:
        self.logged.append((route, status))

    def refuse(self, _scope: Scope, error: TooLarge) -> Response:
        return PlainTextResponse("too large", status_code=error.status)

    def answer_error(self, _request: Request, error: Exception) -> Response:
        if isinstance(error, KeyError):
            raise error
        return PlainTextResponse(f"refused: {error}", status_code=503)

    async def save(self, request: Request) -> Response:
        request.scope["route"] = Route("/hot/{number}/saves", self.save)
        arrived = request.state.arrived_at - START
        said = (request.path_params["number"], len(await request.body()), arrived.seconds)
        return JsonAnswer(repr(said).encode())

    async def look(self, request: Request) -> Response:
        return Response(str(request.query_params), headers={"cache-control": "private", "X-Own": "1"})

    async def wait(self, _request: Request) -> Response:
        waiting = asyncio.get_running_loop().create_future()
        self.held.append(waiting)
        self.begun.release()
        await waiting
        return JsonAnswer(b'"waited"')

    async def fail(self, request: Request) -> Response:
        raise KeyError if await request.body() else RuntimeError("nobody foresaw this")

    def let_go(self) -> None:
        """Answer what waits."""
        for waiting in self.held:
            waiting.get_loop().call_soon_threadsafe(waiting.done() or waiting.set_result, None)
        self.held.clear()


@contextmanager
def served(
    shop: Shop, *, patience: float = 5, http: type[QuickProtocol] | None = None
) -> Iterator[tuple[int, uvicorn.Server]]:
    """The shop's port and its server, which is asked to stop in the end."""
    config = uvicorn.Config(
        shop, http=http or quick_protocol(shop), lifespan="off", ws="none", log_config=None, access_log=False,
        proxy_headers=False, server_header=False,
    )  # fmt: skip
    config.timeout_graceful_shutdown = patience  # type: ignore[assignment] # a test waits for parts of a second
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1], server
        finally:
            server.should_exit = True
            thread.join(10)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def open_shop() -> Iterator[tuple[Shop, int]]:
    shop = Shop()
    with served(shop) as (port, _):
        yield shop, port


class Line:
    """One connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=4)
        self.file = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def reply(self) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers without those that differ each time, body."""
        status = int(self.file.readline().split()[1])
        headers = []
        while (line := self.file.readline().decode().rstrip()) != "":
            name, _, value = line.partition(": ")
            value = re.sub("[0-9a-f]{16,32}", "…", value)
            headers.append((name, "…" if name == "date" else value))
        return status, headers, self.file.read(int(dict(headers).get("content-length", 0)))


def post(path: str, body: bytes = b"", *headers: str) -> bytes:
    more = "".join(f"{header}\r\n" for header in headers)
    return f"POST {path} HTTP/1.1\r\nhost: x\r\n{more}content-length: {len(body)}\r\n\r\n".encode() + body


def chunked(path: str, body: bytes = b"") -> bytes:
    return f"POST {path} HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n".encode() + body + b"0\r\n\r\n"


def ask(port: int, data: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
    with Line(port) as line:
        line.send(data)
        return line.reply()


@pytest.mark.parametrize(
    ("quick", "ordinary"),
    [
        (post("/hot/7/saves", b"[1]"), chunked("/hot/7/saves", b"3\r\n[1]\r\n")),
        (post("/hot/7/saves", b"[1]"), post("/hot/%37/saves", b"[1]")),
        (post("/hot/fail"), chunked("/hot/fail")),
        (b"GET /hot/7/time?a=b%20c HTTP/1.1\r\n\r\n", b"GET http://x/hot/7/time?a=b%20c HTTP/1.1\r\n\r\n"),
    ],
)  # fmt: skip
def test_both_ways_answer_alike(open_shop, quick, ordinary):
    shop, port = open_shop
    shop.ordinary.clear(), shop.logged.clear()
    told = ask(port, quick)
    assert shop.ordinary == []
    assert ask(port, ordinary) == told
    assert len(shop.ordinary) == 1
    assert shop.logged[0] == shop.logged[1]
    names = [name for name, _ in told[1]]
    assert {"x-request-id", "content-security-policy", "strict-transport-security"} <= set(names)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("data", "status", "closes"),
    [
        (post("/hot/7/saves", b"[1]", "connection: close"), 200, True),
        (post("/hot/7/saves", b"[1]", "connection: keep-alive").replace(b"1.1", b"1.0", 1), 200, True),
        (post("/hot/7/saves", b"x" * 70_000), 200, False),
        (post("/hot/7/saves", b"x" * (ORDINARY_LIMIT + 1)), 413, False),
    ],
)
def test_what_differs_from_the_plain_case_goes_the_ordinary_way(open_shop, data, status, closes):
    shop, port = open_shop
    shop.ordinary.clear()
    answered, headers, _ = ask(port, data)
    assert (answered, ("connection", "close") in headers) == (status, closes)
    assert shop.ordinary == ["/hot/7/saves"]


def test_who_asks_first_whether_to_go_on_is_told(open_shop):
    _, port = open_shop
    with Line(port) as line:
        head = post("/hot/7/saves", b"[1]", "expect: 100-continue")[:-3]
        line.send(head)
        assert line.file.readline() == b"HTTP/1.1 100 Continue\r\n"
        assert line.file.readline() == b"\r\n"
        line.send(b"[1]")
        assert line.reply()[2] == b"('7', 3, 0)"


def test_a_request_arrives_with_its_last_byte(open_shop):
    # P9
    shop, port = open_shop
    shop.ordinary.clear()
    with Line(port) as line:
        data = post("/hot/7/saves", b"[12345]")
        line.send(data[:-3])
        ask(port, post("/hot/8/saves"))  # what was sent before it has been read
        shop.clock.advance(timedelta(seconds=5))
        line.send(data[-3:])
        assert line.reply()[2] == b"('7', 7, 5)"
    shop.clock.set(START)
    assert shop.ordinary == []


def test_answers_come_in_the_order_of_requests(open_shop):
    shop, port = open_shop
    with Line(port) as line:
        line.send(post("/hot/wait") + post("/hot/1/saves", b"[]") + post("/hot/2/saves", b"[]"))
        shop.begun.acquire(timeout=10)
        shop.let_go()
        assert [line.reply()[2] for _ in range(3)] == [b'"waited"', b"('1', 2, 0)", b"('2', 2, 0)"]
        shop.ordinary.clear()
        line.send(post("/hot/3/saves", b"[]"))
        assert line.reply()[2] == b"('3', 2, 0)"
        assert shop.ordinary == []


def test_a_caller_who_hangs_up_harms_nobody(open_shop):
    """Half a request is none; a whole one is done and noted though nobody waits for its answer."""
    shop, port = open_shop
    shop.logged.clear()
    with Line(port) as line:
        line.send(post("/hot/wait", b"[]")[:-1])
    with Line(port) as line:
        line.send(post("/hot/wait", b"[]"))
        shop.begun.acquire(timeout=10)
    ask(port, post("/hot/9/saves"))
    shop.let_go()
    for _ in range(2):  # each of them takes more turns of the loop than what was let go
        ask(port, post("/hot/9/saves"))
    assert shop.logged.count((None, 200)) == 1
    assert len(shop.logged) == 4
    assert not shop.begun.acquire(blocking=False)


def test_a_failure_that_nobody_answers_ends_the_connection(open_shop):
    _, port = open_shop
    with Line(port) as line:
        line.send(post("/hot/fail", b"x"))
        assert line.file.read() == b""


def test_a_stop_answers_what_is_under_way():
    shop = Shop()
    with served(shop) as (port, server), Line(port) as idle, Line(port) as line:
        idle.send(post("/hot/1/saves"))
        idle.reply()
        line.send(post("/hot/wait"))
        shop.begun.acquire(timeout=10)
        server.should_exit = True
        assert idle.file.read() == b""
        shop.let_go()
        status, headers, body = line.reply()
        assert (status, body, ("connection", "close") in headers) == (200, b'"waited"', True)
        assert line.file.read() == b""


def test_a_stop_does_not_wait_for_ever():
    shop = Shop()
    with served(shop, patience=0.1) as (port, server), Line(port) as line:
        line.send(post("/hot/wait"))
        shop.begun.acquire(timeout=10)
        server.should_exit = True
        assert line.file.read() == b""
