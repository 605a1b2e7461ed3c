"""Whose turn it is to write into SQLite, among the threads of one process (decision 0049).

SQLite has one writer at a time, and whoever comes second looks again later: after 1 ms, 2, 5, in the end ten times a
second. Where several pages wrote at once they slept most of their time, the unlucky ones for seconds, and savers of
responses found few gaps (measured). Here a thread that ends hands the turn to the one that has waited longest, and none
begins while savers wait. Savers themselves stand in no line: they ask SQLite, which also keeps the peace with other
processes, every few milliseconds.
"""

from collections import deque
from pathlib import Path
from threading import Event, Lock
from weakref import WeakValueDictionary


class WritingTurns:
    """One turn at a time, taken before BEGIN IMMEDIATE and given back once the transaction has ended."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._taken = False
        self._saving = 0
        self._line: deque[Event] = deque()

    def take(self, *, patience: float) -> bool:
        """Wait for the turn, at most `patience` seconds; whether it is had, and must be given back. Who has waited in
        vain may still ask SQLite."""
        with self._lock:
            handed = Event()
            self._line.append(handed)
            self._hand_on()
        if handed.wait(patience):
            return True
        with self._lock:
            if handed.is_set():  # in that very moment
                return True
            self._line.remove(handed)
        return False

    def give_back(self) -> None:
        """Hand the turn to whoever is next."""
        with self._lock:
            self._taken = False
            self._hand_on()

    def begin_saving(self) -> None:
        """A saver wants to write: nobody else begins until `end_saving`."""
        with self._lock:
            self._saving += 1

    def end_saving(self) -> None:
        """Its transaction has ended."""
        with self._lock:
            self._saving -= 1
            self._hand_on()

    def _hand_on(self) -> None:
        if self._line and not self._taken and not self._saving:
            self._taken = True
            self._line.popleft().set()


_TURNS: WeakValueDictionary[Path, WritingTurns] = WeakValueDictionary()


def turns_of(database: str) -> WritingTurns:
    """The turns of the database in this file, the same for every thread of the process."""
    return _TURNS.setdefault(Path(database).absolute(), WritingTurns())
