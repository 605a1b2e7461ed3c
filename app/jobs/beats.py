"""Small work that every serving process does for itself every few seconds, beside its requests."""

import logging
import threading
from collections.abc import Callable

from app.errors import AppError

log = logging.getLogger("chizheng.beats")


class Beats:
    """Threads that beat until they are closed. A beat that fails is logged, once while the same goes wrong again and
    again, and the next one comes all the same."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, name: str, every_seconds: float, beat: Callable[[], object]) -> None:
        """Begin to call `beat` every so many seconds."""
        thread = threading.Thread(target=self._run, args=(name, every_seconds, beat), name=f"beat {name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def close(self) -> None:
        """Stop all of them, and wait until they have."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=10)

    def _run(self, name: str, every_seconds: float, beat: Callable[[], object]) -> None:
        told: type[Exception] | None = None
        while not self._stop.wait(every_seconds):
            try:
                beat()
            except Exception as error:  # noqa: BLE001 - the next beat comes whatever went wrong with this one
                if type(error) is not told:
                    _tell(name, error)
                told = type(error)
            else:
                told = None


def _tell(name: str, error: Exception) -> None:
    if isinstance(error, AppError):
        log.warning("beat %s: %s", name, error.code)
    else:
        log.error("beat %s failed", name, exc_info=error)
