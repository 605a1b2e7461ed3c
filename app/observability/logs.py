"""The log: one JSON line per event on standard output, with the request's id, everything secret masked.

Lines of the standard library's loggers (of every package) take the same way and the same mask.
"""

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, TextIO

import structlog

from app.observability.masking import mask

_ACCESS = structlog.get_logger("access")


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
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.StackInfoRenderer(),
    ]
    handler = logging.StreamHandler(stream or sys.stdout)
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
    _ACCESS.info(
        "request",
        method=method,
        route=route or "-",
        status=status,
        milliseconds=round(seconds * 1000, 1),
        request_id=request_id,
        account_id=account_id,
        address=address,
        error_code=error_code,
    )
