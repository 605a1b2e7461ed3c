"""Signals are noted in memory and written together every few seconds, like presence (decisions 0010, 0019 and 0025):
a page tells its own with the look at the time, the server sees the others itself; a save knows nothing of them."""

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.accounts.queries import addresses_of
from app.attempts.queries import registrations_of_attempts, writing_sessions
from app.attempts.signals.models import Signal
from app.attempts.signals.rules import MOST, TAKEN, Claim, SignalKind
from app.audit.record import digest_address
from app.database import Database
from app.exams.queries.seats import integrity_of

_REMEMBERED = 100_000
_Key = tuple[int, SignalKind, str, int]
"""(registration, kind, source, count)."""


class Signals:
    """What one process has noticed since it last wrote. What is lost with the process, a page tells again; what only
    this process has seen is lost."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._heard: dict[_Key, tuple[int, datetime]] = {}
        self._refused: dict[tuple[int, str], datetime] = {}
        self._known: dict[_Key, int] = {}
        self._addresses: dict[int, str] = {}
        self._lock = threading.Lock()

    def claim(self, registration_id: int, epoch: int, claims: Mapping[SignalKind, Claim], at: datetime) -> None:
        """What the page of this registration says. Said again, it costs nothing."""
        for kind, said in claims.items():
            self._note((registration_id, kind, str(epoch), said.count), said.seconds, at)

    def see_address(self, registration_id: int, address: str, at: datetime) -> None:
        """Where a look came from; it is compared when it is written, and kept only if it is another than that of the
        sign-in."""
        if not address or self._addresses.get(registration_id) == address:
            return
        with self._lock:
            if len(self._addresses) > _REMEMBERED:
                self._addresses.clear()
            self._addresses[registration_id] = address
        source = digest_address(self._secret, address)
        self._note((registration_id, SignalKind.ADDRESS, source, 1), 0, at)

    def see_device(self, registration_id: int, session_id: int, at: datetime) -> None:
        """That a session which nobody had let in stood before an attempt that runs elsewhere; each counts once."""
        self._note((registration_id, SignalKind.OTHER_DEVICE, str(session_id), 1), 0, at)

    def see_browser(self, attempt_id: int, token_digest: str, at: datetime) -> None:
        """That a request for this attempt came from another browser than the exam asks for."""
        with self._lock:
            self._refused.setdefault((attempt_id, token_digest), at)

    def _note(self, key: _Key, seconds: int, at: datetime) -> None:
        with self._lock:
            if len(self._known) > _REMEMBERED:
                self._known.clear()  # what was written is written once more, and changes nothing
            if self._known.get(key, -1) >= seconds:
                return
            self._known[key] = seconds
            self._heard[key] = (seconds, self._heard[key][1] if key in self._heard else at)

    def flush(self, database: Database) -> int:
        """Write what was noted and is taken; returns how many rows that were. What cannot be written is noted again by
        the next look."""
        with self._lock:
            heard, self._heard = self._heard, {}
            refused, self._refused = self._refused, {}
        if not heard and not refused:
            return 0
        try:
            with database.transaction() as db:
                noted = heard | self._placed(db, refused)
                rows = _taken(db, noted, self._secret)
                _write(db, rows, dialect=database.dialect)
        except Exception:
            with self._lock:
                for key in heard:
                    self._known.pop(key, None)
                    self._addresses.pop(key[0], None)
            raise
        return len(rows)

    def _placed(self, db: Session, refused: Mapping[tuple[int, str], datetime]) -> dict[_Key, tuple[int, datetime]]:
        """What was noticed of attempts, by registration."""
        if not refused:
            return {}
        registrations = registrations_of_attempts(db, {attempt_id for attempt_id, _ in refused})
        return {
            (registrations[attempt_id], SignalKind.BROWSER, digest[:32], 1): (0, at)
            for (attempt_id, digest), at in refused.items()
            if attempt_id in registrations
        }


def _taken(db: Session, noted: Mapping[_Key, tuple[int, datetime]], secret: str) -> list[dict[str, object]]:
    """The rows that the exams take, in one order, so that two instances never wait for each other."""
    levels = integrity_of(db, {key[0] for key in noted})
    usual = _usual_addresses(db, {key[0] for key in noted if key[1] is SignalKind.ADDRESS}, secret)
    return [
        {
            "registration_id": registration_id,
            "kind": kind,
            "source": source,
            "count": count,
            "seconds": seconds,
            "at": at,
        }
        for (registration_id, kind, source, count), (seconds, at) in sorted(noted.items())
        if registration_id in levels
        and kind in TAKEN[levels[registration_id]]
        and (kind is not SignalKind.ADDRESS or usual.get(registration_id, source) != source)
    ]


def _usual_addresses(db: Session, registration_ids: Iterable[int], secret: str) -> dict[int, str]:
    """The digest of the address from which the writing session of each of these was signed in."""
    sessions = writing_sessions(db, list(registration_ids))
    addresses = addresses_of(db, set(sessions.values()))
    return {
        registration_id: digest_address(secret, addresses[session_id])
        for registration_id, session_id in sessions.items()
        if addresses.get(session_id)
    }


def _write(db: Session, rows: Iterable[dict[str, object]], *, dialect: str) -> None:
    """Add each row unless its kind is full; a row that is there learns only that it lasted longer."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    for row in rows:
        others = select(func.count()).where(
            Signal.registration_id == row["registration_id"],
            Signal.kind == row["kind"],
            (Signal.source != row["source"]) | (Signal.count != row["count"]),
        )
        values = [literal(row[column.name], column.type) for column in Signal.__table__.columns]
        statement = insert(Signal).from_select(
            list(row), select(*values).where(others.scalar_subquery() < MOST), include_defaults=False
        )
        greater = func.max if dialect == "sqlite" else func.greatest
        db.execute(
            statement.on_conflict_do_update(
                index_elements=["registration_id", "kind", "source", "count"],
                set_={"seconds": greater(statement.excluded.seconds, Signal.seconds)},
            )
        )
