"""The load generator: many candidates over kept connections, each a small state machine, in one process of its own.

A script is a Python generator: it yields the bytes of a request and is sent the reply, so that the order of a
candidate's requests is written down as the order of its lines. One thread waits on all connections: the cost of a
request here is a few system calls, so that the server stays the thing that is measured.
"""

import select
import socket
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from itertools import islice

from app.drill.load.wire import Reply, whole_reply

_CHUNK = 1 << 18
_PATIENCE_SECONDS = 120.0


Script = Generator[bytes, Reply, None]
"""Yields whole requests; a script that finds a reply wrong raises ValueError, which counts as an error."""


@dataclass(slots=True)
class Tally:
    """What came of a leg. `seconds` is wall time from the first request to the last reply; `busy` is the share of it
    that the generator itself computed (near 1.0 it is the generator that was measured)."""

    requests: int = 0
    errors: int = 0
    received: int = 0
    """Bytes of all replies."""
    seconds: float = 0.0
    busy: float = 0.0
    waits: list[float] = field(default_factory=list)
    first_error: str = ""

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """A percentile (nearest rank) of the waits, in milliseconds."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else 0.0


class _Link:
    __slots__ = ("buffer", "script", "sent_at", "socket")

    def __init__(self, port: int, script: Script) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.script = script
        self.buffer = b""
        self.sent_at = 0.0


def drive(port: int, scripts: Iterator[Script], *, connections: int, seconds: float | None = None) -> Tally:
    """Run the scripts, `connections` at a time, each on a connection that is kept for the next one.

    Ends when no script is left, or after `seconds`: then nothing new is sent, and what is under way is awaited.
    """
    tally = Tally()
    links: dict[int, _Link] = {}
    poll = select.epoll()
    for script in islice(scripts, connections):
        link = _Link(port, script)
        links[link.socket.fileno()] = link
        poll.register(link.socket.fileno(), select.EPOLLIN)
    started, computed = time.perf_counter(), time.process_time()
    until = started + seconds if seconds is not None else float("inf")
    for link in list(links.values()):
        _send(link, next(link.script))
    while links:
        events = poll.poll(_PATIENCE_SECONDS)
        if not events:
            tally.errors += len(links)
            tally.first_error = tally.first_error or "no reply"
            break
        for number, _ in events:
            link = links[number]
            if not _receive(link, scripts, tally, until):
                poll.unregister(number)
                link.socket.close()
                del links[number]
    tally.seconds = time.perf_counter() - started
    tally.busy = (time.process_time() - computed) / tally.seconds
    poll.close()
    return tally


def _send(link: _Link, request: bytes) -> None:
    link.sent_at = time.perf_counter()
    link.socket.sendall(request)


def _receive(link: _Link, scripts: Iterator[Script], tally: Tally, until: float) -> bool:
    """Take what has come, and go on where a reply is complete; False when this connection has nothing more to do."""
    piece = link.socket.recv(_CHUNK)
    link.buffer = link.buffer + piece if link.buffer else piece
    reply = whole_reply(link.buffer)
    if reply is None:
        if piece:
            return True
        tally.errors += 1
        tally.first_error = tally.first_error or "the server hung up"
        return False
    tally.received += len(link.buffer)
    link.buffer = b""
    now = time.perf_counter()
    tally.waits.append(now - link.sent_at)
    tally.requests += 1
    request = _advance(link, reply, scripts, tally)
    if request is None or now > until:
        return False
    _send(link, request)
    return True


def _advance(link: _Link, reply: Reply, scripts: Iterator[Script], tally: Tally) -> bytes | None:
    try:
        return link.script.send(reply)
    except StopIteration:
        pass
    except ValueError as error:
        tally.errors += 1
        tally.first_error = tally.first_error or str(error)
    following = next(scripts, None)
    if following is None:
        return None
    link.script = following
    return next(following)
