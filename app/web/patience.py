"""How long a request may take to arrive (decision 0048).

uvicorn waits without end for the rest of a head or a body, and for the first byte of a connection: a few thousand
callers who send a byte now and then hold as many connections, and in the end nobody else gets one. Here a head is whole
within 20 s of its first byte, and a body within 60 s of its head; each 2,000 bytes of a long one buy it another second,
up to 60 from when they came. Else the caller is told 408, and nothing of the request was done: it arrives with its last
byte (P9). A connection on which nothing comes at all is closed as a kept one is.

While a request is incomplete there is one timer for its connection. A request whose bytes come together, as those of
the hot routes do, sets none and costs one look at what uvicorn knows.
"""

from asyncio import TimerHandle, Transport

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol with limits for who sends slowly; tests set shorter ones."""

    head_seconds: float = 20
    """From the first byte of a head to its last: the longest of ours are a few kB. Not above `body_seconds`."""
    body_seconds: float = 60
    """From the head to the last byte of a short body, and at most from one piece of a long body to the next: time for a
    save over a line that loses most of its packets."""
    slowest: float = 2_000
    """Bytes of a long body that buy it another second; lines of twenty years ago carry more."""

    _due: float | None = None
    """When that which is arriving must be whole, by the loop's clock; None where nothing is."""
    _arriving: object = None
    """The cycle whose body is arriving; None for a head."""
    _timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """Wait for a first byte as long as for the next request of a kept connection."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def data_received(self, data: bytes) -> None:
        """Take some bytes, and see whether they leave a request incomplete."""
        HttpToolsProtocol.data_received(self, data)
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete:
            if self.timeout_keep_alive_task is not None:  # answered already
                self._due = None
            else:  # a head; or the rest of a body that was refused before its end
                self._expect(cycle if cycle is not None and cycle.more_body else None, len(data))
        elif cycle.more_body:
            self._expect(cycle, len(data))
        elif self._due is not None:
            self._due = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        super().connection_lost(exc)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def say_too_slow(self) -> None:
        """Answer the request that is arriving, which is not waited for any longer; here without a word."""

    def _expect(self, arriving: object, came: int) -> None:
        if self.transport.is_closing():
            return
        now = self.loop.time()
        if self._due is None or self._arriving is not arriving:
            self._due = now + (self.head_seconds if arriving is None else self.body_seconds)
            self._arriving = arriving
        elif arriving is not None:
            self._due = min(self._due + came / self.slowest, now + self.body_seconds)
        if self._timer is None:
            self._wait(now, self._due)

    def _wait(self, now: float, due: float) -> None:
        # Never beyond the shortest limit: what begins to arrive meanwhile finds a timer that is early enough.
        self._timer = self.loop.call_at(min(due, now + self.head_seconds), self._look)

    def _look(self) -> None:
        self._timer = None
        if self._due is None or self.transport.is_closing():
            return
        now = self.loop.time()
        if self.flow.read_paused:  # it is the service that keeps the caller waiting
            self._due = now + self.body_seconds
        if now < self._due:
            self._wait(now, self._due)
            return
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or not (cycle.response_complete and cycle.more_body):  # else it has had its answer
            self.logger.info("a request was not complete in time")
            self.say_too_slow()
        self.transport.close()
