"""The journal's own raw connection to each database: hand-written statements, one transaction a batch.

Both lanes answer the same questions in the same words; `app.attempts.journal` judges. A lane belongs to one thread.
Every attempt of a batch is locked, in the order of ids, before anything is read of it: a hand-in or a closing comes
wholly before or wholly after (P2). On SQLite the one writer at a time does the same.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import psycopg
from sqlalchemy import URL

from app.attempts.rules import RefusedWhy, Stored
from app.database import prepare_sqlite
from app.security.permissions import Role

OUTAGES = (sqlite3.OperationalError, psycopg.OperationalError, psycopg.InterfaceError)
"""Errors that say the database cannot keep anything now: gone, full, locked, too slow."""
_WAIT_SECONDS = 5
_BY_KEYS = " ".join(
    f"-c {setting}"
    for setting in (
        "plan_cache_mode=force_generic_plan",
        "enable_seqscan=off",
        "enable_hashjoin=off",
        "enable_mergejoin=off",
        "jit=off",
    )
)
"""PostgreSQL plans a lane's statements once, as walks along keys. Left to itself it plans each batch anew, for batches
are shorter than it takes an array to be, and reads whole tables while they are small: that was six sevenths of its
processor time (measured)."""


@dataclass(frozen=True, slots=True)
class Writer:
    """A log-in session with its account, as far as a save must know them."""

    session_id: int
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    factor_at: datetime | None
    disabled_at: datetime | None
    person_id: int
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Held:
    """An attempt that this transaction holds: nobody else moves it until the commit. `writer` is its writing session,
    known by the digest of its token."""

    attempt_id: int
    form_id: int
    is_open: bool
    deadline_at: datetime
    epoch: int
    person_id: int
    token_digest: str
    writer: Writer


@dataclass(frozen=True, slots=True)
class Row:
    """One save to append; `response` is canonical JSON text."""

    attempt_id: int
    position: int
    revision: int
    epoch: int
    response: str
    arrived_at: datetime


Place = tuple[int, int]
"""(attempt, position)."""


class Lane(Protocol):
    """What the journal needs of a connection."""

    def begin(self) -> None:
        """Open the transaction; on SQLite become the writer."""

    def hold(self, attempt_ids: Sequence[int], places: Sequence[Place]) -> tuple[dict[int, Held], dict[Place, Stored]]:
        """Lock these attempts and read them, and then the newest stored revision of each place; what does not exist
        is left out."""

    def look(self, attempt_ids: Sequence[int]) -> dict[int, Held]:
        """Read these attempts without holding them."""

    def writer(self, token_digest: str) -> Writer | None:
        """The session of that token."""

    def form_content(self, form_id: int) -> str:
        """The sealed form, canonical JSON."""

    def append(self, rows: Sequence[Row]) -> None:
        """Add saves to the journal."""

    def refuse(self, rows: Iterable[tuple[Row, RefusedWhy]]) -> None:
        """Keep refused saves as evidence, each once."""

    def see(self, session_ids: Sequence[int], now: datetime) -> None:
        """Note that these sessions are in use; those that another transaction holds are passed over."""

    def commit(self) -> None:
        """Make it durable."""

    def rollback(self) -> None:
        """Leave nothing."""

    def close(self) -> None:
        """Hang up."""


def open_lane(url: URL) -> Lane:
    """A connection of one's own to the database at `url`. Raises one of the driver's errors where there is none."""
    return SqliteLane(url) if url.get_backend_name() == "sqlite" else PostgresLane(url)


_SESSION = """s.id AS s0, s.created_at AS s1, s.seen_at AS s2, s.ends_at AS s3, s.ended_at AS s4, s.factor_at AS s5,
       c.disabled_at AS s6, c.person_id AS s7"""
_HELD = """
SELECT a.id AS a0, a.form_id AS a1, a.state = 'open' AS a2, a.deadline_at AS a3, a.epoch AS a4, r.person_id AS a5,
       s.token_digest AS a6, {session}, {roles}
FROM attempt a
JOIN registration r ON r.id = a.registration_id
JOIN session s ON s.id = a.writing_session_id
JOIN account c ON c.id = s.account_id
WHERE a.id {among}
ORDER BY a.id
"""
_WRITER = """
SELECT {session}, {roles}
FROM session s JOIN account c ON c.id = s.account_id
WHERE s.token_digest = {mark}
"""
_APPEND = "INSERT INTO answer_journal (attempt_id, position, revision, epoch, response, arrived_at) "
_REFUSE = "INSERT INTO refused_save (attempt_id, position, revision, response, why, arrived_at) "


class PostgresLane:
    """Statements are prepared, and travel in a pipeline: a batch is two round trips, one that holds and reads, one that
    appends and commits. Each statement still sees what was committed before it began, so that what is read under a
    lock is read after the lock was given."""

    _ROLES = "ARRAY(SELECT g.role FROM role_grant g WHERE g.account_id = c.id AND g.revoked_at IS NULL)::text[]"
    _HOLD = _HELD.format(session=_SESSION, roles=_ROLES, among="= ANY(%s)") + "FOR NO KEY UPDATE OF a"
    _LOOK = _HELD.format(session=_SESSION, roles=_ROLES, among="= ANY(%s)")
    _FIND = _WRITER.format(session=_SESSION, roles=_ROLES, mark="%s")
    _NEWEST = """
SELECT k.attempt_id, k.position, j.revision, j.response, j.arrived_at
FROM unnest(%s::bigint[], %s::int[]) AS k (attempt_id, position)
CROSS JOIN LATERAL (
  SELECT revision, response, arrived_at FROM answer_journal
  WHERE attempt_id = k.attempt_id AND position = k.position ORDER BY revision DESC LIMIT 1
) AS j
"""
    _ADD = (
        _APPEND
        + "SELECT * FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::int[], %s::text[], %s::timestamptz[])"
    )
    _KEEP = (
        _REFUSE
        + "SELECT * FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[])"
        " ON CONFLICT DO NOTHING"
    )
    _SEE = """
UPDATE session SET seen_at = %s
WHERE id IN (SELECT id FROM session WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)
"""

    def __init__(self, url: URL) -> None:
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection = psycopg.connect(
            address,
            autocommit=True,
            connect_timeout=_WAIT_SECONDS,
            application_name="chizheng journal",
            options=f"-c lock_timeout={_WAIT_SECONDS}s -c statement_timeout={2 * _WAIT_SECONDS}s -c timezone=UTC"
            f" {_BY_KEYS}",
            prepare_threshold=0,
        )
        self._cursor = self._connection.cursor()
        self._second = self._connection.cursor()
        self._piping = self._connection.pipeline()  # for the life of the connection; a broken one is closed with it
        self._pipeline = self._piping.__enter__()

    def begin(self) -> None:
        self._cursor.execute("BEGIN")

    def hold(self, attempt_ids: Sequence[int], places: Sequence[Place]) -> tuple[dict[int, Held], dict[Place, Stored]]:
        self._cursor.execute(self._HOLD, (list(attempt_ids),))
        self._second.execute(self._NEWEST, ([place[0] for place in places], [place[1] for place in places]))
        held = {row[0]: _held(row) for row in self._cursor.fetchall()}
        return held, {(row[0], row[1]): Stored(row[2], row[3], row[4]) for row in self._second.fetchall()}

    def look(self, attempt_ids: Sequence[int]) -> dict[int, Held]:
        rows = self._cursor.execute(self._LOOK, (list(attempt_ids),)).fetchall()
        return {row[0]: _held(row) for row in rows}

    def writer(self, token_digest: str) -> Writer | None:
        row = self._cursor.execute(self._FIND, (token_digest,)).fetchone()
        return None if row is None else _writer(row)

    def form_content(self, form_id: int) -> str:
        row = self._cursor.execute("SELECT content FROM form WHERE id = %s", (form_id,)).fetchone()
        return str(row[0]) if row else ""

    def append(self, rows: Sequence[Row]) -> None:
        self._cursor.execute(
            self._ADD,
            (
                [row.attempt_id for row in rows],
                [row.position for row in rows],
                [row.revision for row in rows],
                [row.epoch for row in rows],
                [row.response for row in rows],
                [row.arrived_at for row in rows],
            ),
        )

    def refuse(self, rows: Iterable[tuple[Row, RefusedWhy]]) -> None:
        kept = list(rows)
        self._cursor.execute(
            self._KEEP,
            (
                [row.attempt_id for row, _ in kept],
                [row.position for row, _ in kept],
                [row.revision for row, _ in kept],
                [row.response for row, _ in kept],
                [why.value for _, why in kept],
                [row.arrived_at for row, _ in kept],
            ),
        )

    def see(self, session_ids: Sequence[int], now: datetime) -> None:
        self._cursor.execute(self._SEE, (now, list(session_ids)))

    def commit(self) -> None:
        self._cursor.execute("COMMIT")
        self._pipeline.sync()  # raises what any statement since the last answer raised

    def rollback(self) -> None:
        self._cursor.execute("ROLLBACK")
        self._pipeline.sync()

    def close(self) -> None:
        self._connection.close()


class SqliteLane:
    """One of the writers in turn: BEGIN IMMEDIATE, WAL, synchronous FULL (P50).

    Each statement takes and gives one row at most, lists travelling as JSON: for every row that is stepped to, the
    driver lets go of the interpreter and must wait to get it back from the requests.
    """

    _ROLES = """(SELECT json_group_array(g.role) FROM role_grant g
        WHERE g.account_id = c.id AND g.revoked_at IS NULL) AS roles"""
    _HOLD = (
        "SELECT json_group_array(json_array("
        "a0, a1, a2, a3, a4, a5, a6, s0, s1, s2, s3, s4, s5, s6, s7, json(roles))) FROM ("
        + _HELD.format(roles=_ROLES, among="IN (SELECT value FROM json_each(?))", session=_SESSION)
        + ")"
    )
    _FIND = (
        "SELECT json_array(s0, s1, s2, s3, s4, s5, s6, s7, json(roles)) FROM ("
        + _WRITER.format(roles=_ROLES, mark="?", session=_SESSION)
        + ")"
    )
    _NEWEST = """
SELECT json_group_array(json_array(j.attempt_id, j.position, j.revision, j.response, j.arrived_at))
FROM json_each(?) AS k JOIN answer_journal AS j
  ON j.attempt_id = k.value ->> 0 AND j.position = k.value ->> 1
 AND j.revision = (SELECT max(revision) FROM answer_journal
                   WHERE attempt_id = k.value ->> 0 AND position = k.value ->> 1)
"""
    _ROW = "SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 FROM json_each(?)"
    _SEE = "UPDATE session SET seen_at = ? WHERE id IN (SELECT value FROM json_each(?))"

    def __init__(self, url: URL) -> None:
        self._connection = sqlite3.connect(url.database or "")
        prepare_sqlite(self._connection)
        self._connection.execute(f"PRAGMA busy_timeout={_WAIT_SECONDS * 1000}")

    def begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def hold(self, attempt_ids: Sequence[int], places: Sequence[Place]) -> tuple[dict[int, Held], dict[Place, Stored]]:
        rows = self._ask(self._NEWEST, places)
        return self.look(attempt_ids), {(row[0], row[1]): Stored(row[2], row[3], _moment(row[4])) for row in rows}

    def look(self, attempt_ids: Sequence[int]) -> dict[int, Held]:
        return {
            row[0]: _held([*row[:3], _moment(row[3]), *row[4:7], *_read(row[7:])])
            for row in self._ask(self._HOLD, attempt_ids)
        }

    def writer(self, token_digest: str) -> Writer | None:
        found = self._connection.execute(self._FIND, (token_digest,)).fetchone()
        return None if found is None else _writer(_read(json.loads(found[0])))

    def form_content(self, form_id: int) -> str:
        row = self._connection.execute("SELECT content FROM form WHERE id = ?", (form_id,)).fetchone()
        return str(row[0]) if row else ""

    def append(self, rows: Sequence[Row]) -> None:
        sent = [(r.attempt_id, r.position, r.revision, r.epoch, r.response, _text(r.arrived_at)) for r in rows]
        self._connection.execute(_APPEND + self._ROW, (json.dumps(sent),))

    def refuse(self, rows: Iterable[tuple[Row, RefusedWhy]]) -> None:
        sent = [(r.attempt_id, r.position, r.revision, r.response, why.value, _text(r.arrived_at)) for r, why in rows]
        self._connection.execute(_REFUSE + self._ROW + " WHERE true ON CONFLICT DO NOTHING", (json.dumps(sent),))

    def see(self, session_ids: Sequence[int], now: datetime) -> None:
        self._connection.execute(self._SEE, (_text(now), json.dumps(session_ids)))

    def commit(self) -> None:
        self._connection.execute("COMMIT")

    def rollback(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close()

    def _ask(self, statement: str, parameters: Sequence[Any]) -> list[Any]:
        found: list[Any] = json.loads(self._connection.execute(statement, (json.dumps(parameters),)).fetchone()[0])
        return found


def _held(row: Sequence[Any]) -> Held:
    attempt_id, form_id, is_open, deadline_at, epoch, person_id, token_digest = row[:7]
    return Held(attempt_id, form_id, bool(is_open), deadline_at, epoch, person_id, token_digest, _writer(row[7:]))


def _writer(row: Sequence[Any]) -> Writer:
    session_id, created_at, seen_at, ends_at, ended_at, factor_at, disabled_at, person_id, roles = row
    known = frozenset(map(Role, roles))
    return Writer(session_id, created_at, seen_at, ends_at, ended_at, factor_at, disabled_at, person_id, known)


def _read(row: Sequence[Any]) -> list[Any]:
    """A row of SQLite with its moments and roles as PostgreSQL gives them."""
    moments = [None if value is None else _moment(value) for value in row[1:7]]
    return [row[0], *moments, row[7], row[8]]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _text(moment: datetime) -> str:
    """As `UtcDateTime` stores it: UTC without its zone, of fixed width."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
