"""The open loop: requests come when they are due, whatever the server does; waits count from the moment they were due.

A closed loop is kind to a slow server, for who waits sends nothing. Here each candidate is a diary: it says what is
due when, and goes on when the reply is there. A candidate who still waits when the next request is due sends it late,
and the lateness counts. Each keeps one connection, as a browser does; one that loses the network has none meanwhile.
"""

import heapq
import random
import re
import select
import socket
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from itertools import count

from app.drill.load.wire import Reply, whole_reply

_CHUNK = 1 << 18
_PATIENCE_SECONDS = 120.0
_RETRY_AFTER = re.compile(rb"retry-after: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Due:
    """A request and when it is due, in seconds from the beginning; `name` is what its wait is counted under."""

    at: float
    request: bytes
    name: str


@dataclass(frozen=True, slots=True)
class Away:
    """The network is gone until then."""

    until: float


Diary = Generator[Due | Away, Reply | None, None]
"""Is sent the reply to what was due, None after an absence; ValueError where a reply is wrong."""


@dataclass(slots=True)
class Punctual:
    """What came of a run: waits in seconds by name, refusals for the moment (503) that were sent again, errors.

    `late` is how much later than due a free connection's request left, at worst: near 0 the generator kept up."""

    waits: dict[str, list[float]] = field(default_factory=dict)
    retried: int = 0
    errors: int = 0
    first_error: str = ""
    seconds: float = 0.0
    busy: float = 0.0
    late: float = 0.0
    last: dict[str, float] = field(default_factory=dict)
    """When the last reply of each name came."""

    def percentile(self, name: str, share: float) -> float:
        """A percentile (nearest rank) of the waits under that name, in milliseconds."""
        ordered = sorted(self.waits.get(name, ()))
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else 0.0

    def fail(self, why: str) -> None:
        """One more error."""
        self.errors += 1
        self.first_error = self.first_error or why


class _Link:
    __slots__ = ("buffer", "diary", "due", "number", "socket", "waits")

    def __init__(self, diary: Diary, number: int) -> None:
        self.diary = diary
        self.number = number
        self.socket: socket.socket | None = None
        self.due: Due | Away | None = None
        self.buffer = b""
        self.waits = False


class _Run:
    def __init__(self, ports: Sequence[int]) -> None:
        self.ports = ports
        self.punctual = Punctual()
        self.began = time.perf_counter()
        self._poll = select.epoll()
        self._links: dict[int, _Link] = {}
        self._clock: list[tuple[float, int, _Link]] = []
        self._order = count()
        self._open = 0

    def run(self, diaries: Sequence[Diary]) -> Punctual:
        computed = time.process_time()
        for number, diary in enumerate(diaries):
            self._open += 1
            self._turn(_Link(diary, number), None, first=True)
        while self._open:
            now = self._now()
            while self._clock and self._clock[0][0] <= now:
                self._begin(heapq.heappop(self._clock)[2], now)
            if not self._open:
                break
            until = self._clock[0][0] - self._now() if self._clock else _PATIENCE_SECONDS
            events = self._poll.poll(max(0.0, min(until, _PATIENCE_SECONDS)))
            if not events and not self._clock:
                self.punctual.fail("no reply")
                break
            for number, _ in events:
                self._receive(self._links[number])
        self.punctual.seconds = self._now()
        self.punctual.busy = (time.process_time() - computed) / self.punctual.seconds
        self._poll.close()
        return self.punctual

    def _now(self) -> float:
        return time.perf_counter() - self.began

    def _turn(self, link: _Link, reply: Reply | None, *, first: bool = False) -> None:
        """Let the diary say what comes next."""
        try:
            link.due = next(link.diary) if first else link.diary.send(reply)
        except (StopIteration, ValueError) as end:
            if isinstance(end, ValueError):
                self.punctual.fail(str(end))
            self._close(link)
            self._open -= 1
            return
        if isinstance(link.due, Away):
            self._close(link)
            link.number += 1
        at = link.due.until if isinstance(link.due, Away) else link.due.at
        heapq.heappush(self._clock, (at, next(self._order), link))

    def _begin(self, link: _Link, now: float) -> None:
        if isinstance(link.due, Away):
            self._turn(link, None)
        elif link.due is not None:
            self.punctual.late = max(self.punctual.late, now - link.due.at if not link.waits else 0.0)
            link.waits = False
            self._send(link, link.due.request)

    def _send(self, link: _Link, request: bytes) -> None:
        if link.socket is None:
            port = self.ports[link.number % len(self.ports)]
            link.socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_SECONDS)
            link.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._links[link.socket.fileno()] = link
            self._poll.register(link.socket.fileno(), select.EPOLLIN)
        link.socket.sendall(request)

    def _close(self, link: _Link) -> None:
        if link.socket is not None:
            self._poll.unregister(link.socket.fileno())
            del self._links[link.socket.fileno()]
            link.socket.close()
            link.socket, link.buffer = None, b""

    def _receive(self, link: _Link) -> None:
        piece = link.socket.recv(_CHUNK) if link.socket else b""
        link.buffer += piece
        reply = whole_reply(link.buffer)
        if reply is None:
            if not piece:
                self.punctual.fail("the server hung up")
                self._close(link)
                self._open -= 1
            return
        link.buffer = b""
        now = self._now()
        if not isinstance(link.due, Due):
            return
        if reply.status == 503:
            told = _RETRY_AFTER.search(reply.head)
            self.punctual.retried += 1
            link.waits = True
            heapq.heappush(self._clock, (now + (float(told[1]) if told else 1.0), next(self._order), link))
            return
        self.punctual.waits.setdefault(link.due.name, []).append(now - link.due.at)
        self.punctual.last[link.due.name] = now
        link.waits = True  # should the next be due already, it is the reply that kept it back
        self._turn(link, reply)


def keep_to_time(diaries: Sequence[Diary], *ports: int) -> Punctual:
    """Run all diaries to their ends, dealt out among the servers at these ports; who was away comes back to the next
    one, as the proxy before several instances may have it."""
    return _Run(ports).run(diaries)


def times_of(number: int, rate: float, links: int, seconds: float) -> list[float]:
    """When one of `links` senders sends, so that all together send `rate` requests a second, at random moments."""
    chance, times, at = random.Random(number), list[float](), 0.0  # noqa: S311 - no secret
    while (at := at + chance.expovariate(rate / links)) < seconds:
        times.append(at)
    return times
