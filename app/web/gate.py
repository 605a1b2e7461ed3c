"""The outermost layer, in plain ASGI: request id, complete body, arrival, security headers, one log line per request.

The body is read whole here, before anything else runs, for two reasons: a request counts as arrived when its last
byte is in (P9), and a body longer than its route allows must be refused before a parser sees it (P43).
"""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.clock import Clock
from app.errors import AppError, TooLarge
from app.observability.logs import REQUEST_ID

ORDINARY_LIMIT = 256 * 1024

_POLICY = (
    b"default-src 'none'; script-src 'nonce-%b' 'self'; style-src 'self'; img-src 'self' data:; "
    b"connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=()"),
    (b"cache-control", b"no-store"),
)
_STRICT = (b"strict-transport-security", b"max-age=31536000")
_LINE = b"%b: %b\r\n"
_OWN = b"x-request-id: %b\r\ncontent-security-policy: " + _POLICY + b"\r\n"
_ID_BYTES, _NONCE_BYTES = 8, 16
_DRAWN_AT_ONCE = 4096

Log = Callable[..., None]
Refuse = Callable[[Scope, AppError], Response]


class Gate:
    """Wraps the application; `upload_limit` bounds multipart bodies, `ORDINARY_LIMIT` all others (both in bytes)."""

    def __init__(
        self, app: ASGIApp, *, clock: Clock, upload_limit: int, secure: bool, log: Log, refuse: Refuse
    ) -> None:
        self.app = app
        self.refuse = refuse
        self.clock = clock
        self.upload_limit = upload_limit
        self.log = log
        self._always = (*_ALWAYS, _STRICT) if secure else _ALWAYS
        self._always_said = b"".join(_LINE % pair for pair in self._always)
        self._names = frozenset(name for name, _ in self._always) | {b"x-request-id", b"content-security-policy"}
        self._random = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.monotonic()
        state: dict[str, Any] = scope.setdefault("state", {})
        self.name(state)
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._harden(message.get("headers", ()), state)
            await send(message)

        kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
        limit = self.upload_limit if kind.startswith(b"multipart/form-data") else ORDINARY_LIMIT
        try:
            body = await _read_whole(receive, limit)
        except TooLarge as error:
            await self.refuse(scope, error)(scope, receive, answer)
            return
        if body is None:  # the caller went away before the body was complete: nothing arrived
            return
        self.admit(state, body)
        before = REQUEST_ID.set(state["request_id"])
        try:
            await self.app(scope, _replay(body, receive), answer)
        finally:
            REQUEST_ID.reset(before)
            self.note(scope, status, started)

    def name(self, state: dict[str, Any]) -> None:
        """Give a request its id, and its page a nonce."""
        drawn = self._draw(_ID_BYTES + _NONCE_BYTES)
        state["request_id"] = drawn[:_ID_BYTES].hex()
        state["nonce"] = drawn[_ID_BYTES:].hex()

    def admit(self, state: dict[str, Any], body: bytes) -> None:
        """Let a request in now that its last byte is in (P9)."""
        state["arrived_at"] = self.clock.now()
        state["body"] = body

    def head(self, headers: Sequence[tuple[bytes, bytes]], state: dict[str, Any]) -> bytes:
        """The headers of a response, hardened, as the lines of its head; their names are lower case."""
        if all(name not in self._names for name, _ in headers):
            own = _OWN % (state["request_id"].encode(), state["nonce"].encode())
            return b"".join((*[_LINE % pair for pair in headers], self._always_said, own))
        return b"".join([_LINE % pair for pair in self._harden(headers, state)])

    def note(self, scope: Scope, status: int, started: float) -> None:
        """Write the one line of a request that is answered; `started` is by the monotonic clock."""
        self.log(
            method=scope["method"],
            route=getattr(scope.get("route"), "path", None),  # the pattern: a path may hold what no log may
            status=status,
            seconds=time.monotonic() - started,
            request_id=scope["state"]["request_id"],
        )

    def _harden(self, headers: Iterable[tuple[bytes, bytes]], state: dict[str, Any]) -> list[tuple[bytes, bytes]]:
        """Add what every response carries (P39, P44); a response may have set a stricter value of its own."""
        own = (
            (b"x-request-id", state["request_id"].encode()),
            (b"content-security-policy", _POLICY % state["nonce"].encode()),
        )
        said = {name.lower(): value for name, value in headers}
        if said.keys().isdisjoint(self._names):
            return [*headers, *self._always, *own]
        return [*headers, *(pair for pair in (*self._always, *own) if pair[0] not in said)]

    def _draw(self, count: int) -> bytes:
        """Fresh random bytes, each given out once; asked of the system many at a time, for asking is what costs."""
        if len(self._random) < count:
            self._random = os.urandom(_DRAWN_AT_ONCE)
        drawn, self._random = self._random[:count], self._random[count:]
        return drawn


async def _read_whole(receive: Receive, limit: int) -> bytes | None:
    """The whole body; None if the caller hung up first. Raises TooLarge at the first byte past `limit`."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise TooLarge(limit_mb=max(1, limit // (1024 * 1024)))
        parts.append(chunk)
        if not message.get("more_body", False):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the complete body once and then whatever follows (a disconnect)."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
