"""The outermost layer, in plain ASGI: request id, complete body, arrival, security headers, one log line per request.

The body is read whole here, before anything else runs, for two reasons: a request counts as arrived when its last
byte is in (P9), and a body longer than its route allows must be refused before a parser sees it (P43). What is read
lies in memory, so a long body is read of those alone who have a session, and so many of uploads at a time (P45).
"""

import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.clock import Clock
from app.errors import AppError, TooLarge, Unavailable
from app.observability.logs import REQUEST_ID

ORDINARY_LIMIT = 256 * 1024
STRANGERS_LIMIT = 64 * 1024
"""Bytes. Whoever has no session signs in, uses a slip or objects to a notice: a page of text is enough for each."""
UPLOADS_AT_ONCE = 8
"""So many of the longest uploads may be under way at once, or the more of shorter ones."""
UPLOADS_OF_ONE = 2
"""So many of these by one account: whoever begins uploads and sends nothing keeps nobody else from theirs."""

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
Know = Callable[[Scope], Awaitable[int]]


class UploadsBusy(Unavailable):
    """So many bytes of uploads are under way, in all or by this account, that this one is not begun."""

    code = "request.uploads_busy"
    retry_after = 10
    zh = "正在接收的文件较多，此次上传尚未接收，请稍后重新上传。"
    en = "Many files are being received just now; this one was not taken, please send it again shortly."


class Uploads:
    """Room for the uploads under way in one process, in bytes: `longest` is the longest there can be. For one event
    loop, and for every gate of its application."""

    def __init__(self, longest: int) -> None:
        self._free = UPLOADS_AT_ONCE * longest
        self._share = UPLOADS_OF_ONE * longest
        self._held: Counter[int] = Counter()

    def take(self, size: int, *, by: int) -> None:
        """Keep room for `size` bytes of the account `by`. Raises UploadsBusy where there is none."""
        if size > self._free or self._held[by] + size > self._share:
            raise UploadsBusy
        self._free -= size
        self._held[by] += size

    def give_back(self, size: int, *, by: int) -> None:
        """That upload has been answered, or its sender is gone."""
        self._free += size
        self._held[by] -= size
        if not self._held[by]:
            del self._held[by]


class Gate:
    """Wraps the application; `upload_limit` bounds multipart bodies, `ORDINARY_LIMIT` all others (both in bytes).

    `know` gives the account of a sender, and raises where there is no session: it is asked before a body over
    `STRANGERS_LIMIT` is read. `uploads` is shared by all gates of an application.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        clock: Clock,
        upload_limit: int,
        uploads: Uploads,
        know: Know,
        secure: bool,
        log: Log,
        refuse: Refuse,
    ) -> None:
        self.app = app
        self.refuse = refuse
        self.clock = clock
        self.upload_limit = upload_limit
        self.uploads = uploads
        self.know = know
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

        held, sender = 0, 0
        try:
            try:
                limit, held, sender = await self._weigh(scope)
                body = await _read_whole(receive, limit)
            except AppError as error:
                await self.refuse(scope, error)(scope, receive, answer)
                self.note(scope, status, started)
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
        finally:
            if held:
                self.uploads.give_back(held, by=sender)

    async def _weigh(self, scope: Scope) -> tuple[int, int, int]:
        """How long the body may be, how much of the room for uploads is kept for it, and for which account, by what its
        head says. Raises TooLarge, UploadsBusy, or what `know` raises: then no byte of it has been read."""
        kind, said, chunked = b"", b"0", False
        for name, value in scope["headers"]:
            if name == b"content-length":
                said = value
            elif name == b"content-type":
                kind = kind or value
            elif name == b"transfer-encoding":
                chunked = True
        is_upload = kind.startswith(b"multipart/form-data")
        limit = self.upload_limit if is_upload else ORDINARY_LIMIT
        size = limit if chunked else int(said)  # of a body of unknown length the longest is expected
        if size > limit:
            raise _too_large(limit)
        if size <= STRANGERS_LIMIT:
            return STRANGERS_LIMIT, 0, 0
        scope["state"]["arrived_at"] = self.clock.now()  # for `know`; the body's own moment comes with its last byte
        sender = await self.know(scope)
        if not is_upload:
            return limit, 0, sender
        self.uploads.take(size, by=sender)
        return limit, size, sender

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
            raise _too_large(limit)
        parts.append(chunk)
        if not message.get("more_body", False):
            return b"".join(parts)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(limit_mb=max(1, limit // (1024 * 1024)))


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
