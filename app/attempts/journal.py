"""The answer journal: saves are appended by natural group commit, and acknowledged only after their commit.

While one batch is written the next gathers; no timer. One writing thread a process, on a connection of its own. An
outage answers every waiting save with Unavailable (503), and the next batch tries a new connection: the service
recovers without a restart (P7). See `app.attempts.judging` for what is decided inside the transaction.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from sqlalchemy import URL

from app.attempts.judging import Judge, Kept, Outcome, Save
from app.attempts.lanes import Lane, open_lane
from app.attempts.receipts import ReceiptBook
from app.attempts.wires import OUTAGES
from app.errors import Unavailable
from app.settings import Settings

MOST_WAITING = 5_000
"""Saves that may wait; one more is refused with 503, so that who waits is answered in time."""
MOST_IN_BATCH = 500

log = logging.getLogger("chizheng.journal")


class _Waiting:
    """A save and whoever awaits its outcome."""

    __slots__ = ("future", "loop", "save")

    def __init__(self, save: Save) -> None:
        self.save = save
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Kept] = self.loop.create_future()

    def answer(self, outcome: Outcome | Exception) -> None:
        """Wake the request; it may be gone already, its save is kept all the same."""
        if self.future.done():
            return
        if isinstance(outcome, Exception):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)


class Journal:
    """Takes saves from any event loop; starts its thread with the first one."""

    def __init__(self, url: URL, settings: Settings) -> None:
        self._url = url
        self.receipts = ReceiptBook(settings.secret_key.get_secret_value())
        self._judge = Judge(
            self.receipts,
            grace=timedelta(seconds=settings.grace_seconds),
            idle=timedelta(minutes=settings.session_idle_minutes),
        )
        self._waiting: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._lane: Lane | None = None

    async def keep(self, save: Save) -> Kept:
        """Keep the save and return what was kept, after the commit. Raises the refusal, or Unavailable."""
        waiting = _Waiting(save)
        with self._changed:
            if self._closing or len(self._waiting) >= MOST_WAITING:
                raise Unavailable
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
                self._thread.start()
            self._waiting.append(waiting)
            if len(self._waiting) == 1:
                self._changed.notify()
        return await waiting.future

    def close(self) -> None:
        """Write what waits, then stop; nothing that was taken is lost."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def _run(self) -> None:
        while batch := self._next():
            outcomes = self._write([waiting.save for waiting in batch])
            for loop, pairs in groupby(zip(batch, outcomes, strict=True), key=lambda pair: pair[0].loop):
                _wake(loop, list(pairs))
        self._hang_up()

    def _next(self) -> list[_Waiting]:
        """The next batch; empty when the journal is closed and nothing waits."""
        with self._changed:
            while not self._waiting and not self._closing:
                self._changed.wait()
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_IN_BATCH))]

    def _write(self, saves: Sequence[Save]) -> Sequence[Outcome | Exception]:
        try:
            return self._commit(saves)
        except OUTAGES as error:
            self._hang_up()
            log.warning("journal outage: %s", type(error).__name__)
            return [Unavailable() for _ in saves]
        except Exception as error:
            self._hang_up()
            if len(saves) == 1:
                log.exception("a save could not be judged")
                return [error]
            # One save that cannot be judged must not cost the others theirs.
            return [self._write([save])[0] for save in saves]

    def _commit(self, saves: Sequence[Save]) -> list[Outcome]:
        """One transaction. What it returns may be told only because the commit came first."""
        if self._lane is None:
            self._lane = open_lane(self._url)
        self._lane.begin()
        outcomes = self._judge.judge(self._lane, saves)
        self._lane.commit()
        return outcomes

    def _hang_up(self) -> None:
        """Drop the connection, and with it whatever its transaction had begun."""
        lane, self._lane = self._lane, None
        if lane is not None:
            try:
                lane.close()
            except OUTAGES as error:
                log.warning("journal connection: %s", type(error).__name__)


def _wake(loop: asyncio.AbstractEventLoop, pairs: list[tuple[_Waiting, Outcome | Exception]]) -> None:
    def answer() -> None:
        for waiting, outcome in pairs:
            waiting.answer(outcome)

    try:
        loop.call_soon_threadsafe(answer)
    except RuntimeError:
        log.warning("the event loop closed before %d saves were answered", len(pairs))
