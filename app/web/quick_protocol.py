"""Hot requests answered straight from the HTTP parser (decision 0036).

For each request uvicorn makes a task, an event, messages of ASGI and a check of every header: together they cost about
a third of what a save costs. Here the endpoint's own coroutine is stepped by hand, at once when the last byte is in and
again when the journal has its outcome, and the response is written in one piece. What a request passes is the same:
the rules of the gate and the look-up of the express lane are called, not repeated.

Only the plain case is taken: a hot route, HTTP/1.1 on a kept connection, a short body of known length, nothing else
under way on that connection. Whatever differs in one of these goes uvicorn's way, to the same endpoint.
"""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from contextvars import copy_context
from typing import Any, Protocol, cast

from starlette.responses import Response
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from app.observability.logs import REQUEST_ID
from app.web.express import ExpressLane
from app.web.gate import Gate
from app.web.patience import PatientProtocol

LONGEST_BODY = HIGH_WATER_LIMIT
"""Bytes. Longer ones are read by uvicorn with pauses, and weighed by the gate, whose own limits are above this one."""
_TOO_SLOW = "请求未在时限内收齐，未作任何处理。 / The request was not complete in time; nothing was done.\n".encode()


class Fronted(Protocol):
    """An application with hot routes; its gate is that of the express lane."""

    hot: ExpressLane
    express_gate: Gate


class QuickProtocol(PatientProtocol):
    """uvicorn's protocol over one application (see `quick_protocol`)."""

    fronted: Fronted

    def on_headers_complete(self) -> None:
        """Take the request, or leave it to uvicorn."""
        if self._takes():
            # uvicorn looks at a cycle in few places, and finds there what it looks for.
            self.cycle = cast("RequestResponseCycle", QuickCycle(self))
        else:
            super().on_headers_complete()

    @property
    def under_way(self) -> set[Any]:
        """What a stop of the server waits for, and cancels in the end."""
        return self.tasks

    def write(
        self,
        status: int,
        headers: Sequence[tuple[bytes, bytes]],
        body: bytes | memoryview,
        state: dict[str, Any],
        *,
        keep: bool,
    ) -> None:
        """Write a whole response in one piece, hardened by the gate; without `keep` the connection is closed then."""
        self.transport.write(
            b"".join(
                (
                    STATUS_LINE[status],
                    *[b"%b: %b\r\n" % pair for pair in self.server_state.default_headers],
                    self.fronted.express_gate.head(headers, state),
                    b"\r\n" if keep else b"connection: close\r\n\r\n",
                    body,
                )
            )
        )
        if not keep:
            self.transport.close()

    def say_too_slow(self) -> None:
        """408, in plain words: what the caller is able to read is not known yet."""
        state: dict[str, Any] = {}
        self.fronted.express_gate.name(state)
        headers = [(b"content-length", b"%d" % len(_TOO_SLOW)), (b"content-type", b"text/plain; charset=utf-8")]
        self.write(408, headers, _TOO_SLOW, state, keep=False)

    def _takes(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        busy = cycle is not None and not cycle.response_complete
        if busy or self.expect_100_continue or self.flow.write_paused or self.limit_concurrency is not None:
            return False
        parser, scope = self.parser, self.scope
        if parser.get_http_version() != "1.1" or not parser.should_keep_alive() or parser.should_upgrade():
            return False
        for name, value in self.headers:
            if name == b"transfer-encoding" or (name == b"content-length" and int(value) > LONGEST_BODY):
                return False
        path, _, query = self.url.partition(b"?")
        if self.root_path or b"%" in path or b"#" in self.url or not path.isascii():
            return False
        scope["method"], scope["path"] = parser.get_method().decode("ascii"), path.decode("ascii")
        if not self.fronted.hot.takes(cast("dict[str, Any]", scope)):
            return False
        scope["raw_path"], scope["query_string"] = path, query
        return True


class QuickCycle:
    """One request and its response. The first half of its members is what uvicorn knows of its own cycles."""

    __slots__ = (
        "_begun", "_context", "_coroutine", "_protocol", "_scope", "_started", "_waiting",
        "body", "disconnected", "keep_alive", "more_body", "response_complete",
    )  # fmt: skip

    def __init__(self, protocol: QuickProtocol) -> None:
        self.body = b""
        self.more_body = True
        self.disconnected = False
        self.response_complete = False
        self.keep_alive = True
        self._protocol = protocol
        self._scope = cast("dict[str, Any]", protocol.scope)
        self._started = time.monotonic()
        self._begun = False
        self._waiting: asyncio.Future[Any] | None = None

    @property
    def message_event(self) -> "QuickCycle":
        """What uvicorn sets when something has happened; not kept, for then each request would be a ring of objects
        that waits for the garbage collector."""
        return self

    def set(self) -> None:
        """A piece of the body has come, or its last, or the caller is gone. Without a complete body nothing arrived."""
        if not self.more_body and not self._begun:
            self._begun = True
            self._begin()

    def cancel(self, msg: object = None) -> None:
        """The server stops and has waited long enough; what the journal has taken is written all the same."""
        if self._waiting is not None:
            self._waiting.cancel(msg)

    def _begin(self) -> None:
        fronted, scope = self._protocol.fronted, self._scope
        scope["app"] = fronted
        state = scope["state"]
        fronted.express_gate.name(state)
        fronted.express_gate.admit(state, self.body)
        self._coroutine: Coroutine[asyncio.Future[Any], None, Response] = fronted.hot.answer(scope)
        self._context = copy_context()
        self._context.run(REQUEST_ID.set, state["request_id"])
        self._protocol.under_way.add(self)
        self._context.run(self._step)

    def _step(self, _told: object = None) -> None:
        try:
            waiting = self._coroutine.send(None)
        except StopIteration as end:
            self._answer(end.value)
        except BaseException:  # of a cancelled one too: a closed connection tells more than silence
            self._protocol.logger.exception("a hot request was not answered")
            self._protocol.under_way.discard(self)
            self._protocol.transport.close()
        else:
            waiting._asyncio_future_blocking = False  # noqa: SLF001 - what a future asks of whoever steps a coroutine
            waiting.add_done_callback(self._step, context=self._context)
            self._waiting = waiting

    def _answer(self, response: Response) -> None:
        protocol, gate = self._protocol, self._protocol.fronted.express_gate
        self._waiting = None
        self.response_complete = True
        if not self.disconnected:
            state = self._scope["state"]
            protocol.write(response.status_code, response.raw_headers, response.body, state, keep=self.keep_alive)
            protocol.on_response_complete()
        protocol.under_way.discard(self)
        gate.note(self._scope, response.status_code, self._started)


def quick_protocol(app: Fronted) -> type[QuickProtocol]:
    """The protocol that a server of `app` speaks."""
    return type("QuickProtocol", (QuickProtocol,), {"fronted": app})
