"""Waiting for what another thread does, and two acts at once in an order that is known."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import TypeVar

from sqlalchemy import text

from app.operation import House

Result = TypeVar("Result")
_PATIENCE = 10.0
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def wait_for(holds: Callable[[], bool], seconds: float = _PATIENCE) -> None:
    """Return as soon as it holds; fail where it does not in that time."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.02)


def come_second(house: House, first: AbstractContextManager[object], act: Callable[[], Result]) -> Result:
    """What `act` returns or raises where it began while the transaction of `first` was open, which ends once `act`
    waits for it. On SQLite, which has one writer, it waits from its first statement on."""
    with ThreadPoolExecutor(1) as pool:
        with first:
            second = pool.submit(act)
            until = time.monotonic() + _PATIENCE
            while house.database.dialect == "postgresql" and not second.done() and time.monotonic() < until:
                with house.database.engine.connect() as watching:
                    if watching.scalar(text(_WAITING)):
                        break
        return second.result(_PATIENCE)
