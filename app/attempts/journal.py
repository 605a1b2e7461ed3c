"""The answer journal: saves are appended by natural group commit, and acknowledged only after their commit. Sign-ins
with a ticket, starts and hand-ins travel in the same batches (decisions 0006 and 0029).

While one batch is written the next gathers; no timer. One writing thread a process, on a connection of its own. An
outage answers everyone who waits with Unavailable (503), and the next batch tries a new connection: the service
recovers without a restart (P7). See `app.attempts.judging` for what is decided inside the transaction.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import URL

from app.attempts.acts import Act, CheckIn, HandIn, Save, Start
from app.attempts.check_ins import CheckedIn
from app.attempts.endings import EndingBatch, Mark
from app.attempts.judging import Judge, Kept, Outcome
from app.attempts.lanes import Lane, open_lane
from app.attempts.messages import AttemptShown, HandInShown
from app.attempts.receipts import ReceiptBook
from app.attempts.wires import OUTAGES
from app.errors import AppError, Unavailable
from app.settings import Settings

MOST_WAITING = 5_000
"""Acts that may wait; one more is refused with 503, so that who waits is answered in time."""
MOST_IN_BATCH = 500
"""Saves in a batch; any other act takes the room of `_ROOM` saves, so that no save waits long for others."""
_ROOM = 10

log = logging.getLogger("chizheng.journal")


class _Waiting:
    """An act and whoever awaits its outcome."""

    __slots__ = ("act", "future", "loop")

    def __init__(self, act: Act) -> None:
        self.act = act
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()

    def answer(self, outcome: Outcome | Exception) -> None:
        """Wake the request; it may be gone already, what it did is kept all the same."""
        if self.future.done():
            return
        if isinstance(outcome, Exception):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)


class Journal:
    """Takes acts from any event loop; starts its thread with the first one. `mark` scores what is handed in."""

    def __init__(self, url: URL, settings: Settings, *, mark: Mark) -> None:
        self._url = url
        self.receipts = ReceiptBook(settings.secret_key.get_secret_value())
        self._judge = Judge(self.receipts, settings, mark)
        self._waiting: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._lane: Lane | None = None

    async def keep(self, save: Save) -> Kept:
        """Keep the save and return what was kept, after the commit. Raises the refusal, or Unavailable."""
        kept: Kept = await self._take(save)
        return kept

    async def check_in(self, check_in: CheckIn) -> CheckedIn:
        """Open a session for the candidate of this ticket and code; the code is good once, and a guess is counted
        whatever comes of it (P38).

        Raises TooMany, CheckInRefused, ExamBrowserNeeded, Unavailable.
        """
        opened: CheckedIn = await self._take(check_in)
        return opened

    async def start(self, start: Start) -> AttemptShown:
        """Start the attempt, or go on with it: one per registration, whatever the concurrency (P8).

        Raises NotFound for another's registration; NotOpen, LateEntryOver, Over, NotCheckedIn, NoForm; OtherSession
        where it runs elsewhere; Unavailable.
        """
        shown: AttemptShown = await self._take(start)
        return shown

    async def hand_in(self, hand_in: HandIn) -> HandInShown:
        """Close the attempt and have it marked; again gives the same answer.

        Raises NotFound, HandInTooEarly, Over, Closed, OtherSession, Unavailable.
        """
        shown: HandInShown = await self._take(hand_in)
        return shown

    def endings(self, lane: Lane) -> EndingBatch:
        """What ends attempts as a hand-in does, for who ends them over a lane of their own (the sweeper)."""
        return self._judge.endings(lane)

    async def _take(self, act: Act) -> Any:
        waiting = _Waiting(act)
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
            outcomes = self._write([waiting.act for waiting in batch])
            for loop, pairs in groupby(zip(batch, outcomes, strict=True), key=lambda pair: pair[0].loop):
                _wake(loop, list(pairs))
        self._hang_up()

    def _next(self) -> list[_Waiting]:
        """The next batch; empty when the journal is closed and nothing waits."""
        with self._changed:
            while not self._waiting and not self._closing:
                self._changed.wait()
            batch, room = list[_Waiting](), MOST_IN_BATCH
            while self._waiting and room > 0:
                batch.append(self._waiting.popleft())
                room -= 1 if isinstance(batch[-1].act, Save) else _ROOM
            return batch

    def _write(self, acts: Sequence[Act]) -> Sequence[Outcome | Exception]:
        try:
            return self._commit(acts)
        except OUTAGES as error:
            self._hang_up()
            log.warning("journal outage: %s", type(error).__name__)
            return [Unavailable() for _ in acts]
        except Exception as error:
            self._hang_up()
            if len(acts) == 1:
                if not isinstance(error, AppError):
                    log.exception("an act could not be judged")
                return [error]
            # One act that cannot be judged must not cost the others theirs.
            return [self._write([act])[0] for act in acts]

    def _commit(self, acts: Sequence[Act]) -> list[Outcome]:
        """One transaction. What it returns may be told only because the commit came first."""
        if self._lane is None:
            self._lane = open_lane(self._url)
        self._lane.begin()
        outcomes = self._judge.judge(self._lane, acts)
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
