"""The outermost layer, in plain ASGI: request id, complete body, arrival, security headers, one log line per request.

The body is read whole here, before anything else runs, for two reasons: a request counts as arrived when its last
byte is in (P9), and a body longer than its route allows must be refused before a parser sees it (P43).
"""

import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.clock import Clock
from app.errors import AppError, TooLarge
from app.observability.logs import request_scope

ORDINARY_LIMIT = 256 * 1024

_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

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
        self.secure = secure
        self.log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.monotonic()
        headers = Headers(scope=scope)
        state: dict[str, Any] = scope.setdefault("state", {})
        state["request_id"] = secrets.token_hex(8)
        state["nonce"] = secrets.token_urlsafe(16)
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._harden(MutableHeaders(scope=message), state)
            await send(message)

        uploading = headers.get("content-type", "").startswith("multipart/form-data")
        limit = self.upload_limit if uploading else ORDINARY_LIMIT
        try:
            body = await _read_whole(receive, limit)
        except TooLarge as error:
            await self.refuse(scope, error)(scope, receive, answer)
            return
        if body is None:  # the caller went away before the body was complete: nothing arrived
            return
        state["arrived_at"] = self.clock.now()
        state["body_digest"] = hashlib.sha256(body).hexdigest()
        try:
            with request_scope(state["request_id"]):
                await self.app(scope, _replay(body, receive), answer)
        finally:
            self.log(
                method=scope["method"],
                route=getattr(scope.get("route"), "path", None),  # the pattern: a path may hold what no log may
                status=status,
                seconds=time.monotonic() - started,
                request_id=state["request_id"],
            )

    def _harden(self, headers: MutableHeaders, state: dict[str, Any]) -> None:
        """Add what every response carries (P39, P44); a response may have set a stricter value of its own."""
        for name, value in (
            ("x-request-id", state["request_id"]),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=()"),
            ("cache-control", "no-store"),
            (
                "content-security-policy",
                _POLICY.format(nonce=state["nonce"]),
            ),
        ):
            headers.setdefault(name, value)
        if self.secure:
            headers.setdefault("strict-transport-security", "max-age=31536000")


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
