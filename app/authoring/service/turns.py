"""How a large commit takes turns with others: on SQLite one writes while all others wait, on PostgreSQL nobody does."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """So long a transaction should take, in seconds, and the gap after it as a share of that."""

    held: float
    gap: float


_ALONE, _BESIDE = Pace(0.04, 0.25), Pace(0.005, 1.0)
"""While nobody else writes, and where somebody does: whoever waits looks again now and then, and must find a gap."""
_BESIDE_SECONDS = 1.0
"""Who has written within so long will again."""
_MOST = {"sqlite": 1_000, "postgresql": 2_000}
_FEWEST = 20


class Turns:
    """How many `items` the next transaction takes. `others_wrote` is `Database.watching_writers`."""

    def __init__(self, dialect: str, others_wrote: Callable[[], bool]) -> None:
        self._shares = dialect == "sqlite"
        self._others_wrote = others_wrote
        self._most = _MOST[dialect]
        self._beside_until = 0.0
        self.items = self._most if not self._shares else self._most // 4

    def give_way(self, written: int, held: float) -> None:
        """Let others in after a transaction of so many items that took so many seconds; look whether any came."""
        if not self._shares:
            return
        self._others_wrote()
        time.sleep(held * self._pace.gap)
        if self._others_wrote():
            self._beside_until = time.monotonic() + _BESIDE_SECONDS
        self.items = min(self._most, max(_FEWEST, int(written * self._pace.held / held)))

    @property
    def _pace(self) -> Pace:
        return _BESIDE if time.monotonic() < self._beside_until else _ALONE
