"""What every serving process says of itself every few seconds, kept in the database, so that one page sees them all."""

import os
import secrets
import shutil
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import BigInteger, Integer, String, delete, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, Database
from app.observability.metrics import Metrics, Totals, quantile

SAYS_EVERY = 5.0
"""Seconds between two reports of a process."""
SILENT_AFTER = timedelta(seconds=20)
"""A process that has said nothing for so long is shown as silent."""
_KEPT = timedelta(hours=12)


class Instance(Base):
    """One serving process as it last spoke of itself; the rates are those since its report before."""

    __tablename__ = "instance"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    version: Mapped[str] = mapped_column(String(32))
    started_at: Mapped[datetime]
    said_at: Mapped[datetime]
    requests_per_minute: Mapped[int] = mapped_column(Integer)
    saves_per_minute: Mapped[int] = mapped_column(Integer)
    save_p99_us: Mapped[int | None] = mapped_column(Integer)
    """Upper bound of the 99th percentile of saves, from first byte to answer; empty where there were none."""
    errors_per_minute: Mapped[int] = mapped_column(Integer)
    """Answers of status 500 and above, the refusals of an overload among them."""
    clock_offset_us: Mapped[int] = mapped_column(BigInteger)
    """The database's clock before this process's, as measured now."""
    database_us: Mapped[int] = mapped_column(Integer)
    """How long the database took to answer the smallest question."""
    disk_free_mb: Mapped[int] = mapped_column(Integer)


@dataclass
class Reporter:
    """Speaks for this process; remembers what it last counted."""

    database: Database
    metrics: Metrics
    folder: Path
    version: str
    name: str = ""
    _before: Totals | None = None
    _counted_at: float = 0.0
    _started_at: datetime | None = None

    def __post_init__(self) -> None:
        self.name = self.name or f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(2)}"

    def report(self, now: datetime) -> None:
        """Write down how this process is. Raises Unavailable where the database cannot be reached."""
        self._started_at = self._started_at or now
        asked = time.perf_counter()
        there = self.database.now()
        took = time.perf_counter() - asked
        with self.database.transaction(reading=True) as db:
            db.execute(text("SELECT 1"))
        answered = time.perf_counter() - asked - took
        totals, counted_at = self.metrics.totals(), time.monotonic()
        before = self._before or totals
        minutes = max(counted_at - self._counted_at, 1.0) / 60 if self._counted_at else 1.0
        self._before, self._counted_at = totals, counted_at
        since = totals.since(before)
        p99 = quantile(since.save_buckets, 0.99)
        values = {
            "name": self.name,
            "version": self.version,
            "started_at": self._started_at,
            "said_at": now,
            "requests_per_minute": round(since.requests / minutes),
            "saves_per_minute": round(since.saves / minutes),
            "save_p99_us": None if p99 is None else round(p99 * 1_000_000),
            "errors_per_minute": round(since.errors / minutes),
            "clock_offset_us": round((there - now - timedelta(seconds=took / 2)).total_seconds() * 1_000_000),
            "database_us": round(answered * 1_000_000),
            "disk_free_mb": shutil.disk_usage(_standing(self.folder)).free // (1024 * 1024),
        }
        insert = sqlite.insert if self.database.dialect == "sqlite" else postgresql.insert
        told = insert(Instance).values(**values)
        with self.database.transaction() as db:
            db.execute(told.on_conflict_do_update(index_elements=[Instance.name], set_=values))


def _standing(folder: Path) -> Path:
    """The folder itself, or, before anything was written to it, where it will be made."""
    return next(place for place in (folder, *folder.absolute().parents) if place.exists())


def instances(db: Session) -> Sequence[Instance]:
    """Every process that has spoken of late, by name."""
    return db.scalars(select(Instance).order_by(Instance.name)).all()


def forget_instances(database: Database, now: datetime) -> None:
    """Remove processes that have been silent for half a day: they have been replaced."""
    with database.transaction() as db:
        db.execute(delete(Instance).where(Instance.said_at < now - _KEPT))
