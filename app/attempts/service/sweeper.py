"""Closing what nobody handed in: as of the deadline, exactly once, with no browser and after any crash (P10).

What hand-ins use closes here too, many attempts in one transaction (decision 0029), over a connection of the sweeper's
own: a sweep that dies leaves whole batches behind it, and the next takes up the rest.
"""

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from app.attempts import queries
from app.attempts.journal import Journal
from app.attempts.lanes import Lane, open_lane
from app.attempts.wires import Question, Statement
from app.audit.record import KnownAct
from app.operation import House
from app.security.actor import service

_AT_ONCE = 50
_MOST = 5_000
_BREATH_SECONDS = 0.02
"""How long SQLite's one place of a writer is left free between two batches. Who waits for it looks every few hundredths
of a second: without a pause a save might wait for the whole sweep."""

log = logging.getLogger("chizheng.sweeper")

# What another transaction holds is being saved to, handed in, or swept: it is passed over, and looked at next time.
_HOLD = Statement(
    "sweep_hold",
    """
SELECT {all}(id)
FROM (SELECT a.id FROM attempt a
      WHERE a.id IN (SELECT CAST(value ->> 0 AS bigint) FROM {sent}) AND a.state = 'open' AND a.paused_at IS NULL
      ORDER BY a.id {pass_held}) AS held""",
)


def sweep(house: House, now: datetime) -> int:
    """Close every open attempt past deadline and grace, as of its deadline, 5,000 at most; returns how many. Two
    sweepers do no harm: each attempt is held, looked at again, and closed once (P10)."""
    grace = timedelta(seconds=house.settings.grace_seconds)
    with house.database.transaction(reading=True) as db:
        due = queries.overdue(db, now=now, grace=grace, limit=_MOST)
    return _Sweeper(house, now).close(due) if due else 0


class _Sweeper:
    """One sweep, on one connection for as long as nothing fails."""

    def __init__(self, house: House, now: datetime) -> None:
        self._house = house
        self._now = now
        self._lane: Lane | None = None
        self._act = KnownAct(service("sweeper"), house.clock.now(), "service:sweeper", "", house.settings)

    def close(self, attempt_ids: Sequence[int]) -> int:
        """Close those of these that are due; returns how many."""
        closed = 0
        try:
            for first in range(0, len(attempt_ids), _AT_ONCE):
                if first and self._house.database.dialect == "sqlite":
                    time.sleep(_BREATH_SECONDS)
                closed += self._close_all(attempt_ids[first : first + _AT_ONCE])
        finally:
            self._hang_up()
        return closed

    def _close_all(self, attempt_ids: Sequence[int]) -> int:
        try:
            return self._commit(attempt_ids)
        except Exception:
            self._hang_up()
            if len(attempt_ids) == 1:
                log.exception("attempt %d could not be closed", attempt_ids[0])
                return 0
            # One attempt that cannot be closed must not keep the others open.
            log.exception("closing several attempts failed; trying one by one")
            return sum(self._close_all([attempt_id]) for attempt_id in attempt_ids)

    def _commit(self, attempt_ids: Sequence[int]) -> int:
        """One transaction: those that are held here are judged by what stands in them then."""
        lane = self._lane = self._lane or open_lane(self._house.database.url)
        endings = self._house.tool(Journal).endings(lane)
        lane.begin()
        held, *told = lane.wire.ask(Question(_HOLD, [(i,) for i in attempt_ids]), *endings.questions(attempt_ids))
        endings.take(*told)
        closed = endings.close_overdue(held, self._act, now=self._now)
        endings.write()
        lane.commit()
        return closed

    def _hang_up(self) -> None:
        lane, self._lane = self._lane, None
        if lane is not None:
            lane.close()
