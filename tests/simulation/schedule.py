"""Virtual time: what happens next is decided by a heap and one source of chance, so that a seed tells everything."""

import heapq
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from app.clock import ManualClock


class Schedule:
    """Runs what is due in the order of its moment; at the same moment, in the order in which it was planned."""

    def __init__(self, clock: ManualClock, seed: int) -> None:
        self.clock = clock
        self.chance = random.Random(seed)
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()

    def at(self, moment: datetime, act: Callable[[], None]) -> None:
        """Plan `act` for that moment, or for now where it is past."""
        heapq.heappush(self._due, (max(moment, self.clock.now()), next(self._order), act))

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        """Plan `act` for so many seconds from now."""
        self.at(self.clock.now() + timedelta(seconds=seconds), act)

    def run(self) -> None:
        """Let time go by until nothing is planned any more."""
        while self._due:
            moment, _, act = heapq.heappop(self._due)
            self.clock.set(moment)
            act()
