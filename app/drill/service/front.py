"""The deployment's own front, as a browser meets it: is it there, is it ready, how far off is its clock, how long does
its certificate hold, are the headers there. It is only read: nothing is rehearsed that would write."""

import http.client
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urlsplit

from app.clock import Clock
from app.drill.rules import Front

_HEADERS = ("content-security-policy", "x-content-type-options", "referrer-policy")
_HEADERS_WITH_TLS = ("strict-transport-security",)
_ASKED = 11
_PATIENCE_SECONDS = 5.0
_HOME = {"127.0.0.1", "::1", "localhost"}


def has_front(address: str) -> bool:
    """Whether the public address is one beyond this machine; else there is no front but the instances themselves."""
    return urlsplit(address).hostname not in _HOME


def look_at(address: str, clock: Clock) -> Front:
    """What the front at this address answers. Never raises: what cannot be reached is told as such."""
    parts = urlsplit(address)
    try:
        with _connection(parts) as connection:
            days = _certificate_days(connection, clock)
            ready, _, _ = _ask(connection, "/readyz")
            answers = [_ask(connection, "/healthz") for _ in range(_ASKED)]
            _, headers, _ = _ask(connection, "/sign-in")
    except (OSError, http.client.HTTPException):
        return Front(address, False, False, 0, 0, None, ())
    wanted = _HEADERS + (_HEADERS_WITH_TLS if parts.scheme == "https" else ())
    return Front(
        address=address,
        reachable=True,
        ready=ready == http.client.OK,
        round_trip_p50_us=sorted(took for _, _, took in answers)[_ASKED // 2],
        clock_offset_us=_offset(headers, clock.now()),
        certificate_days=days,
        missing=tuple(name for name in wanted if name not in headers),
    )


@contextmanager
def _connection(parts: SplitResult) -> Iterator[http.client.HTTPConnection]:
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = ssl.create_default_context()
        made: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, parts.port, timeout=_PATIENCE_SECONDS, context=context
        )
    else:
        made = http.client.HTTPConnection(host, parts.port, timeout=_PATIENCE_SECONDS)
    with closing(made) as connection:
        connection.connect()
        yield connection


def _ask(connection: http.client.HTTPConnection, path: str) -> tuple[int, Mapping[str, str], int]:
    """Status, headers by lower-case name, and the microseconds that it took."""
    began = time.perf_counter()
    connection.request("GET", path, headers={"accept": "text/html"})
    answer = connection.getresponse()
    answer.read()
    took = round((time.perf_counter() - began) * 1_000_000)
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, took


def _offset(headers: Mapping[str, str], now: datetime) -> int:
    """How far the front's clock is off; its header tells whole seconds, so that less than one says nothing."""
    try:
        there = parsedate_to_datetime(headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return 0
    seconds = (now - there).total_seconds()
    off = max(0.0, seconds - 1.0) if seconds > 0 else seconds
    return round(off * 1_000_000)


def _certificate_days(connection: http.client.HTTPConnection, clock: Clock) -> int | None:
    found = connection.sock.getpeercert() if isinstance(connection.sock, ssl.SSLSocket) else None
    if not found:
        return None
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(found["notAfter"])), UTC)
    return (ends - clock.now()).days
