"""The only reader of the time.

Everything else is given `now`. The database's clock is the authority (P9): instances of the service measure their
offset to it, so that two of them never disagree about a deadline by more than the measurement's own error.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Says what time it is, as an aware UTC moment."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        ...


class SystemClock:
    """The machine's clock, corrected by a measured offset to the database's.

    Between measurements it advances with the monotonic clock: a step of the machine's wall clock in the middle of an
    exam moves nothing (promise P9).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set(datetime.now(UTC))

    def _set(self, moment: datetime) -> None:
        self._base = moment
        self._base_monotonic = time.monotonic()

    def now(self) -> datetime:
        """The present moment by the last measurement, carried on by the monotonic clock."""
        with self._lock:
            return self._base + timedelta(seconds=time.monotonic() - self._base_monotonic)

    def measure(self, ask: Callable[[], datetime]) -> timedelta:
        """Ask the authority for its time, adopt it, and return by how much this clock was off.

        The answer is taken to stand for the middle of the question's round trip. Where this clock is within half of
        that trip, the answer proves nothing against it and changes nothing: a busy database moves no deadline.
        """
        before = time.monotonic()
        answer = ask()
        after = time.monotonic()
        with self._lock:
            here = self._base + timedelta(seconds=after - self._base_monotonic)
            there = answer + timedelta(seconds=(after - before) / 2)
            if abs(there - here) > timedelta(seconds=(after - before) / 2):
                self._base = there
                self._base_monotonic = after
        return there - here


class ManualClock:
    """A clock that is moved by hand, for demonstrations, rehearsals and tests; it may also run while it stands ahead.

    `running=True` lets it advance in real time from where it was last set.
    """

    def __init__(self, start: datetime, *, running: bool = False) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock shows aware moments only")
        self._lock = threading.Lock()
        self._base = start.astimezone(UTC)
        self._running_since = time.monotonic() if running else None

    def now(self) -> datetime:
        """The moment it was set to, plus the time since then if it runs."""
        with self._lock:
            if self._running_since is None:
                return self._base
            return self._base + timedelta(seconds=time.monotonic() - self._running_since)

    def set(self, moment: datetime) -> None:
        """Stand at `moment` (and run on from there, if it runs)."""
        with self._lock:
            self._base = moment.astimezone(UTC)
            if self._running_since is not None:
                self._running_since = time.monotonic()

    def advance(self, by: timedelta) -> None:
        """Move on by `by`."""
        self.set(self.now() + by)
