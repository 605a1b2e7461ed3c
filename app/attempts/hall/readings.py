"""Who has received which announcement: a page says how far it has shown them when it looks at the time anyway; what was
noted is written together every few seconds (decisions 0010 and 0019)."""

import threading
from datetime import datetime

from sqlalchemy import case
from sqlalchemy.dialects import postgresql, sqlite

from app.attempts.hall.models import AnnouncementReading
from app.database import Database

_AT_ONCE = 1_000
_REMEMBERED = 100_000


class Readings:
    """What one process has heard since it last wrote. What is lost with the process is said again by the next page
    that is opened."""

    def __init__(self) -> None:
        self._heard: dict[int, tuple[int, datetime]] = {}
        self._known: dict[int, int] = {}
        self._lock = threading.Lock()

    def note(self, registration_id: int, number: int, at: datetime) -> None:
        """The page of this registration has shown everything up to that number. Said again, it costs nothing."""
        with self._lock:
            if len(self._known) > _REMEMBERED:
                self._known.clear()  # what was written is written once more, and changes nothing
            if number > self._known.get(registration_id, 0):
                self._known[registration_id] = number
                self._heard[registration_id] = (number, at)

    def flush(self, database: Database) -> int:
        """Write what was noted; returns how many. What cannot be written is noted again by the next look."""
        with self._lock:
            heard, self._heard = self._heard, {}
        rows = [
            {"registration_id": registration_id, "number": number, "at": at}
            for registration_id, (number, at) in sorted(heard.items())  # in one order: two instances never wait
        ]
        insert = sqlite.insert if database.dialect == "sqlite" else postgresql.insert
        statement = insert(AnnouncementReading)
        new, known = statement.excluded, AnnouncementReading
        upsert = statement.on_conflict_do_update(
            index_elements=[known.registration_id],
            set_={
                "number": case((new.number > known.number, new.number), else_=known.number),
                "at": case((new.number > known.number, new.at), else_=known.at),
            },
        )
        try:
            for first in range(0, len(rows), _AT_ONCE):
                with database.transaction() as db:
                    db.connection().execute(upsert, rows[first : first + _AT_ONCE])
        except Exception:
            with self._lock:
                for registration_id in heard:
                    self._known.pop(registration_id, None)
            raise
        return len(rows)
