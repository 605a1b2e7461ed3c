"""The log: one JSON line per event on standard output, with the request's id, everything secret masked.

Lines of the standard library's loggers (of every package) take the same way and the same mask.
"""

import json
import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, nullcontext
from typing import Any, TextIO

import structlog

from app.observability.masking import mask, mask_text

_ACCESS = "access"
_stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
_render = json.JSONEncoder(ensure_ascii=False).encode


class _LineHandler(logging.StreamHandler[TextIO]):
    """The handler of every line; also takes one that is rendered already."""

    def write(self, line: str) -> None:
        """Write a finished line."""
        with self.lock or nullcontext():
            self.stream.write(line + self.terminator)
            self.flush()


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


@contextmanager
def request_scope(request_id: str) -> Iterator[None]:
    """Put `request_id` on every line written inside, on this thread and in what it hands the context to."""
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        yield


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
    if not logging.getLogger(_ACCESS).isEnabledFor(logging.INFO):
        return
    # Rendered here and not by the chain of processors: one line a request at a tenth of the time (measured: the chain
    # took more than half of what a save costs). Every value is ours or a number, but for two, and those are masked.
    line = _render(
        {
            "method": mask_text(method),
            "route": route or "-",
            "status": status,
            "milliseconds": round(seconds * 1000, 1),
            "request_id": request_id,
            "account_id": account_id,
            "address": mask_text(address),
            "error_code": error_code,
            "event": "request",
            "logger": _ACCESS,
            "level": "info",
            "timestamp": _stamp(None, "", {})["timestamp"],
        }
    )
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _LineHandler):
            handler.write(line)
