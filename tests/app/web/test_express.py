"""The express lane takes exactly its own routes, and answers whatever an endpoint raises."""

import asyncio
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.web.express import ExpressLane, JsonAnswer, QuickRequest


async def save(request: Request) -> Response:
    return PlainTextResponse(f"saved {request.path_params['attempt_id']}")


async def start(_request: Request) -> Response:
    raise RuntimeError("nobody foresaw this")


def told(_request: Request, error: Exception) -> Response:
    return PlainTextResponse(f"refused: {error}", status_code=500)


LANE = ExpressLane(
    [
        Route("/attempts/start", start, methods=["POST"]),
        Route("/attempts/{attempt_id}/saves", save, methods=["POST"]),
        Route("/attempts/{attempt_id}/time", save, methods=["GET"]),
    ],
    told,
)


def scope(method: str, path: str) -> dict[str, Any]:
    return {"type": "http", "method": method, "path": path, "headers": [], "query_string": b""}


def answer(method: str, path: str) -> tuple[int, bytes]:
    sent: list[Any] = []
    asked = scope(method, path)

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    assert LANE.takes(asked)
    asyncio.run(LANE(asked, receive, send))
    return sent[0]["status"], sent[1]["body"]


def test_what_stands_in_the_path_reaches_the_endpoint():
    assert answer("POST", "/attempts/12/saves") == (200, b"saved 12")


def test_whatever_an_endpoint_raises_is_answered():
    assert answer("POST", "/attempts/start") == (500, b"refused: nobody foresaw this")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/attempts/12/saves"),
        ("HEAD", "/attempts/12/time"),
        ("POST", "/attempts//saves"),
        ("POST", "/attempts/12/saves/"),
        ("POST", "/attempts/1/2/saves"),
        ("POST", "/other/12/saves"),
        ("POST", "/attempts/12"),
        ("POST", "/"),
        ("POST", ""),
    ],
)
def test_what_is_not_exactly_one_of_its_routes_goes_the_ordinary_way(method, path):
    assert not LANE.takes(scope(method, path))


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"cookie", b"chizheng=abc_-9")],
        [(b"cookie", b" a=1; chizheng = x=y ;; lone; =; b=; chizheng=last")],
        [(b"cookie", b'a="quoted; b"; chizheng="q\\075"')],
        [(b"cookie", b"a=1"), (b"origin", b"https://x"), (b"cookie", b"a=2; b=\xe9"), (b"origin", b"https://y")],
    ],
)
def test_a_quick_request_says_what_an_ordinary_one_says(headers):
    asked = scope("POST", "/") | {"headers": headers}
    quick, ordinary = QuickRequest(dict(asked)), Request(dict(asked))
    assert quick.cookies == ordinary.cookies
    assert [quick.headers.get(name, "-") for name in ("Origin", "cookie", "host")] == [
        ordinary.headers.get(name, "-") for name in ("Origin", "cookie", "host")
    ]
    assert quick.headers == ordinary.headers


def test_an_answer_in_json_carries_the_headers_of_an_ordinary_one():
    ordinary = Response(b'{"a": 1}', media_type="application/json")
    quick = JsonAnswer(b'{"a": 1}')
    assert (quick.status_code, quick.body, quick.raw_headers) == (200, ordinary.body, ordinary.raw_headers)
    quick.set_cookie("a", "b")
    assert quick.headers["set-cookie"].startswith("a=b")
