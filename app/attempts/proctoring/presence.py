"""Who is there: every look at the time and every save is noted in memory, and what was noted is written together every
few seconds, so that the boards of all instances see it and no look costs a write (decision 0010)."""

import logging
import threading
from datetime import datetime, timedelta

from sqlalchemy import case, delete
from sqlalchemy.dialects import postgresql, sqlite

from app.attempts.models import Presence
from app.database import Database

GATHERED_FOR = 3.0
"""Seconds between two writings."""
_AT_ONCE = 1_000
_KEPT = timedelta(days=2)

log = logging.getLogger("chizheng.presence")


class Presences:
    """What one process has heard since it last wrote. Losing it with the process loses nothing that counts."""

    def __init__(self) -> None:
        self._heard: dict[int, tuple[datetime, datetime | None]] = {}
        self._lock = threading.Lock()

    def note(self, attempt_id: int, at: datetime, *, saved: bool) -> None:
        """The page of this attempt was heard of at that moment; `saved`: with a save that was kept."""
        with self._lock:
            before = self._heard.get(attempt_id)
            saved_at = at if saved else before[1] if before else None
            self._heard[attempt_id] = (at, saved_at)

    def flush(self, database: Database) -> int:
        """Write what was noted; returns how many attempts. What cannot be written is forgotten: it is noted again."""
        with self._lock:
            heard, self._heard = self._heard, {}
        rows = [
            {"attempt_id": attempt_id, "seen_at": seen_at, "saved_at": saved_at}
            for attempt_id, (seen_at, saved_at) in sorted(heard.items())  # in one order: two instances never wait
        ]
        insert = sqlite.insert if database.dialect == "sqlite" else postgresql.insert
        statement = insert(Presence)
        new, known = statement.excluded, Presence.saved_at
        later = case((new.seen_at > Presence.seen_at, new.seen_at), else_=Presence.seen_at)
        saved = case((known.is_(None), new.saved_at), (new.saved_at > known, new.saved_at), else_=known)
        upsert = statement.on_conflict_do_update(
            index_elements=[Presence.attempt_id], set_={"seen_at": later, "saved_at": saved}
        )
        for first in range(0, len(rows), _AT_ONCE):
            with database.transaction() as db:
                db.connection().execute(upsert, rows[first : first + _AT_ONCE])
        return len(rows)


def forget_presences(database: Database, now: datetime) -> None:
    """Remove what no board will show any more."""
    with database.transaction() as db:
        db.execute(delete(Presence).where(Presence.seen_at < now - _KEPT))
