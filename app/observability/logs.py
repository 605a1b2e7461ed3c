"""The log: one JSON line per event on standard output, with the request's id, everything secret masked.

Lines of the standard library's loggers (of every package) take the same way and the same mask.
"""

import asyncio
import logging
import sys
import time
from collections import deque
from collections.abc import MutableMapping
from contextlib import nullcontext, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

import msgspec
import structlog

from app.observability.masking import mask, mask_text

_access = logging.getLogger("access")
_stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
_render = msgspec.json.Encoder().encode
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_MOST_GATHERED = 256

REQUEST_ID: ContextVar[str] = ContextVar("request_id")
"""The id of the request under way: set by the gate, read when a line is written on a thread that has the context."""


class _LineHandler(logging.StreamHandler[TextIO]):
    """The handler of every line; also takes one that is rendered already.

    Those are gathered while the event loop takes its turn, and written together at its end: a write and a flush a line
    let go of the interpreter each time (measured). No line is lost by a stop: whatever else is written writes them
    first, and so does the end of the process. A crash may lose those of one turn.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._gathered: deque[str] = deque()
        self._promised: asyncio.AbstractEventLoop | None = None

    def write(self, line: str) -> None:
        """Write a finished line: at the end of the loop's turn, or at once where no loop runs."""
        self._gathered.append(line)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.flush()
            return
        if len(self._gathered) > _MOST_GATHERED:
            self.flush()
        if self._promised is not loop:
            self._promised = loop
            loop.call_soon(self._keep_promise)

    def _keep_promise(self) -> None:
        self._promised = None
        self.flush()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, after what was gathered before it."""
        self._write_gathered()
        super().emit(record)

    def flush(self) -> None:
        """Write all that was gathered."""
        self._write_gathered()
        with suppress(OSError, ValueError):  # see `_write_gathered`
            super().flush()

    def _write_gathered(self) -> None:
        if not self._gathered:
            return
        # A log that cannot be written keeps no request from its answer; the health page tells of a full disk.
        # ValueError: the stream is closed, at the end of a process.
        with self.lock or nullcontext(), suppress(OSError, ValueError):
            lines = [self._gathered.popleft() for _ in range(len(self._gathered))]
            self.stream.write("".join(f"{line}{self.terminator}" for line in lines))


class _Stamp:
    """The present moment as ISO 8601 with microseconds, like `_stamp`; all but those is remembered for a second."""

    def __init__(self) -> None:
        self._known: tuple[int, str] = (0, "")

    def __call__(self) -> str:
        second, micros = divmod(time.time_ns() // 1000, 1_000_000)
        known, said = self._known
        if known != second:
            said = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
            self._known = (second, said)
        return f"{said}.{micros:06d}Z"


_now = _Stamp()


def _add_request_id(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    request_id = REQUEST_ID.get(None)
    if request_id is not None:
        event.setdefault("request_id", request_id)
    return event


def _mask_line(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last step before rendering, when tracebacks are text already: nothing can come after it and slip past."""
    masked: MutableMapping[str, Any] = mask(event)
    return masked


def configure(level: str, stream: TextIO | None = None) -> None:
    """Send every log line of this process, from `level` on, to `stream` (standard output) as masked JSON.

    Called once, by whoever starts a process. The server's own access log is switched off: `log_request` writes it.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _add_request_id,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        _stamp,
        structlog.processors.format_exc_info,
        structlog.processors.StackInfoRenderer(),
    ]
    handler = _LineHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _mask_line,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    access = logging.getLogger("uvicorn.access")
    access.handlers.clear()
    access.propagate = False
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def log_request(
    *,
    method: str,
    route: str | None,
    status: int,
    seconds: float,
    request_id: str,
    account_id: int | None = None,
    address: str = "",
    error_code: str | None = None,
) -> None:
    """Write the one access line of a request.

    `route` is the template ("/exams/{exam_id}"), never the path that was asked for: paths carry check codes. None
    stands for a path that no route takes.
    """
    if not _access.isEnabledFor(logging.INFO):
        return
    # Rendered here and not by the chain of processors: one line a request at a tenth of the time (measured: the chain
    # took more than half of what a save costs). Every value is ours or a number, but for two, and those are masked.
    line = _render(
        {
            "method": method if method in _METHODS else mask_text(method),
            "route": route or "-",
            "status": status,
            "milliseconds": round(seconds * 1000, 1),
            "request_id": request_id,
            "account_id": account_id,
            "address": mask_text(address) if address else "",
            "error_code": error_code,
            "event": "request",
            "logger": _access.name,
            "level": "info",
            "timestamp": _now(),
        }
    ).decode()
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _LineHandler):
            handler.write(line)
