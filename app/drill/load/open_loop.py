"""The open loop: requests come when they are due, whatever the server does; waits count from the moment they were due.

A closed loop is kind to a slow server, for who waits sends nothing. Here each candidate is a diary: it says what is
due when, and goes on when the reply is there. A candidate who still waits when the next request is due sends it late,
and the lateness counts. Each keeps one connection, as a browser does; one that loses the network has none meanwhile.

What the generator itself is late is told apart: how much later a request left than it was due and could leave, and how
much later a reply was read than the kernel had it. On a machine that is shared with the server both are in every wait.
"""

import heapq
import random
import re
import select
import socket
import struct
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from itertools import count

from app.drill.load.wire import Reply, whole_reply

_CHUNK = 1 << 18
_PATIENCE_SECONDS = 120.0
_TIMESTAMPS = 35
"""SO_TIMESTAMPNS of Linux: with what is read comes when the last of it had arrived."""
_STAMP = struct.Struct("qq")
_TOLD_BYTES = socket.CMSG_SPACE(_STAMP.size)
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
    """What came of a run: waits in seconds by name, refusals for the moment (503) that were sent again, errors."""

    waits: dict[str, list[float]] = field(default_factory=dict)
    """From the moment a request was due until its reply was read."""
    lateness: dict[str, list[float]] = field(default_factory=dict)
    """What the generator has added to each of these waits: late in sending, late in reading."""
    retried: int = 0
    errors: int = 0
    first_error: str = ""
    seconds: float = 0.0
    busy: float = 0.0
    late: float = 0.0
    """How much later than it could a request left, at worst: near 0 the generator kept up."""
    last: dict[str, float] = field(default_factory=dict)
    """When the last reply of each name came."""

    def percentile(self, name: str, share: float) -> float:
        """A percentile (nearest rank) of the waits under that name, in milliseconds."""
        return _percentile(self.waits.get(name, ()), share)

    def percentile_bare(self, name: str, share: float) -> float:
        """The same of the waits without what the generator has added to them."""
        added = self.lateness.get(name, ())
        return _percentile([wait - own for wait, own in zip(self.waits.get(name, ()), added, strict=True)], share)

    def percentile_added(self, name: str, share: float) -> float:
        """The same of what the generator has added."""
        return _percentile(self.lateness.get(name, ()), share)

    def fail(self, why: str) -> None:
        """One more error."""
        self.errors += 1
        self.first_error = self.first_error or why


def _percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else 0.0


class _Link:
    __slots__ = ("buffer", "diary", "due", "free_at", "late", "number", "socket")

    def __init__(self, diary: Diary, number: int) -> None:
        self.diary = diary
        self.number = number
        self.socket: socket.socket | None = None
        self.due: Due | Away | None = None
        self.buffer = b""
        self.free_at = 0.0
        """From when on a request can leave: the last reply was there, or it was told to come again."""
        self.late = 0.0
        """What the generator has added to the wait under way."""


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
            self._begin_what_is_due()
            if not self._open:
                break
            until = self._clock[0][0] - self._now() if self._clock else _PATIENCE_SECONDS
            events = self._poll.poll(max(0.0, min(until, _PATIENCE_SECONDS)))
            if not events and not self._clock:
                self.punctual.fail("no reply")
                break
            for number, _ in events:
                self._receive(self._links[number])
                self._begin_what_is_due()
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

    def _begin_what_is_due(self) -> None:
        now = self._now()
        while self._clock and self._clock[0][0] <= now:
            link = heapq.heappop(self._clock)[2]
            if isinstance(link.due, Away):
                self._turn(link, None)
            elif link.due is not None:
                late = self._now() - max(link.due.at, link.free_at)
                link.late += late
                self.punctual.late = max(self.punctual.late, late)
                self._send(link, link.due.request)

    def _send(self, link: _Link, request: bytes) -> None:
        if link.socket is None:
            port = self.ports[link.number % len(self.ports)]
            link.socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_SECONDS)
            link.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            link.socket.setsockopt(socket.SOL_SOCKET, _TIMESTAMPS, 1)
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
        if link.socket is None:
            return
        piece, told, _, _ = link.socket.recvmsg(_CHUNK, _TOLD_BYTES)
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
        lay = _since(told)
        link.late += lay
        link.free_at = now - lay
        if reply.status == 503:
            wanted = _RETRY_AFTER.search(reply.head)
            self.punctual.retried += 1
            link.free_at += float(wanted[1]) if wanted else 1.0
            heapq.heappush(self._clock, (link.free_at, next(self._order), link))
            return
        name = link.due.name
        self.punctual.waits.setdefault(name, []).append(now - link.due.at)
        self.punctual.lateness.setdefault(name, []).append(link.late)
        self.punctual.last[name] = now
        link.late = 0.0
        self._turn(link, reply)


def _since(told: Sequence[tuple[int, int, bytes]]) -> float:
    """For how long the kernel has had what was just read; 0 where it does not say."""
    for level, kind, stamp in told:
        if (level, kind) == (socket.SOL_SOCKET, _TIMESTAMPS):
            seconds, nanoseconds = _STAMP.unpack(stamp)
            since = time.clock_gettime(time.CLOCK_REALTIME) - seconds - nanoseconds / 1e9  # the clock of its stamps
            return max(0.0, float(since))
    return 0.0


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
