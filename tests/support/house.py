"""A house over a fresh database, with a clock that stands still until a test moves it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from app.clock import ManualClock
from app.main import make_house
from app.operation import House
from app.settings import Settings
from app.wiring import close_house

MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""A Monday, nine o'clock in Shanghai."""


def settings_for(url: str, folder: Path) -> Settings:
    """Settings for a test: its own database and folder, and a password hash that costs next to nothing."""
    return Settings(
        database_url=url,
        data_folder=folder / "data",
        anchor_folder=folder / "anchors",
        argon2_memory_kib=8,
        argon2_passes=1,
        public_base_url="http://chizheng.test",
        pool_size=5,
    )


@contextmanager
def open_house(url: str, folder: Path, *, now: datetime = MORNING) -> Iterator[House]:
    """Lend a house; its connections are closed afterwards."""
    house = make_house(settings_for(url, folder), clock=ManualClock(now))
    try:
        yield house
    finally:
        close_house(house)
