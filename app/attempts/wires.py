"""The hot path's own connection to each database: statements by hand, travelling as JSON, one round trip a turn.

A statement is written once for both databases (`Statement`); it takes one JSON array and gives one. So each turn of a
transaction is one exchange: the driver lets go of the interpreter once, not for every row, and does not queue behind
the requests to get it back (measured: that was most of a batch). A wire belongs to one thread.
"""

import select
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from time import monotonic
from typing import Any, Protocol

import msgspec
import psycopg
from psycopg import pq
from psycopg.errors import error_from_result
from sqlalchemy import URL

from app.database import driver_arguments, prepare_sqlite
from app.writing_turns import turns_of

OUTAGES = (
    sqlite3.OperationalError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,
)
"""Errors that say the database cannot keep anything now: gone, full, locked, too slow, or only a standby."""
WAIT_SECONDS = 5
_LOOK_MS = 2
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
"""PostgreSQL plans a wire's statements once, as walks along keys. Left to itself it plans each batch anew, for batches
are shorter than it takes an array to be, and reads whole tables while they are small: that was six sevenths of its
processor time (measured)."""
PLAN_SECONDS = 60
"""How long a plan is used at most. One that was made in the morning, when a table was empty, may walk through all of
it: it must not last until the bell."""
FIRST_PLAN_SECONDS = 1
"""How long at most after a statement is asked for the first time; twice as long after each time. What hand-ins fill is
empty when the first one comes, and full a minute later."""

_POSTGRESQL = {
    "{sent}": "json_array_elements($1::json) AS sent(value)",
    "{list}": "json_build_array",
    "{all}": "json_agg",
    "{json(}": "CAST(",
    "{)json}": " AS json)",
    "{texts(}": "string_agg(",
    "{)texts}": ", chr(30))",
    "{moment}": "timestamptz",
    "{hold}": "FOR NO KEY UPDATE OF a",
    "{pass_held}": "FOR NO KEY UPDATE SKIP LOCKED",
    "{hold_form}": "FOR KEY SHARE OF f",
    "{ours}": "a.xmin = pg_current_xact_id()::xid",
}
_SQLITE = {
    "{sent}": "json_each(?1) AS sent",
    "{list}": "json_array",
    "{all}": "json_group_array",
    "{json(}": "json(",
    "{)json}": ")",
    "{texts(}": "CAST(group_concat(",
    "{)texts}": ", char(30)) AS BLOB)",
    "{moment}": "text",
    "{hold}": "",
    "{pass_held}": "",
    "{hold_form}": "",
    "{ours}": "true",
}


class Statement:
    """One statement in the words of both databases; `{…}` stands where those differ.

    `{sent}` is the JSON array that the statement is given, one row for each member (`value`); `{list}` makes a JSON
    array of values and `{all}` one of rows; `{json(}` to `{)json}` takes text as the JSON it is; `{texts(}` to
    `{)texts}` puts the texts of rows one after the other (`TEXTS`); `{moment}` is the type of a moment; `{hold}` (the
    rows of `a`), `{pass_held}` and `{hold_form}` are locks, `{ours}` is true of a row that this transaction has added:
    where there is one writer at a time there is nothing to lock and nobody else.
    """

    def __init__(self, name: str, words: str) -> None:
        self.name = name.encode()
        self.postgresql = _spell(words, _POSTGRESQL).encode()
        self.sqlite = _spell(words, _SQLITE)


class Insertion(Statement):
    """A statement that adds rows to a table and gives nothing: `columns` name each column and the type it is read as.

    SQLite is given the values themselves, many rows to a statement: half of what it costs to read them out of JSON
    (measured), and still one exchange for so many.
    """

    def __init__(self, name: str, table: str, columns: Mapping[str, str]) -> None:
        into = f"INSERT INTO {table} ({', '.join(columns)})"
        read = [f"CAST(value ->> {place} AS {kind})" for place, kind in enumerate(columns.values())]
        super().__init__(name, f"{into} SELECT {', '.join(read)} FROM {{sent}}")
        self._values = f"({', '.join('?' * len(columns))})"
        self._into = into

    def add(self, connection: sqlite3.Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Add these rows on SQLite."""
        for first in range(0, len(rows), _ROWS_AT_ONCE):
            some = rows[first : first + _ROWS_AT_ONCE]
            values = ", ".join([self._values] * len(some))
            connection.execute(f"{self._into} VALUES {values}", [value for row in some for value in row])


_ROWS_AT_ONCE = 50
"""No more statements of a kind than that are prepared, and the connection keeps them all."""


def _spell(words: str, speech: dict[str, str]) -> str:
    for sign, said in speech.items():
        words = words.replace(sign, said)
    return words


TEXTS = bytes
"""The shape of what `{texts(}` gives: texts as they are, which nothing on the way reads and writes anew as JSON."""
BETWEEN_TEXTS = b"\x1e"
"""Stands between them; no JSON has it in it."""


@dataclass(frozen=True, slots=True)
class Question:
    """A statement with what it is given."""

    statement: Statement
    sent: Sequence[Any]
    shape: Any = list[Any]
    """What the array is read as; a `msgspec.Raw` in it is JSON that goes on as it is."""


class Wire(Protocol):
    """A transaction at a time."""

    def begin(self) -> None:
        """Open the transaction; on SQLite become the writer."""

    def tell(self, statement: Statement, sent: Sequence[Any]) -> None:
        """Run a statement that gives nothing, at the latest with the next turn; what it raises is raised then."""

    def ask(self, *questions: Question) -> list[Any]:
        """Run statements in this order, each seeing what was committed before it began; returns the array of each, or
        its texts."""

    def commit(self) -> None:
        """Make it durable."""

    def close(self) -> None:
        """Hang up, and leave nothing of a transaction that was not committed."""


def open_wire(url: URL) -> Wire:
    """A connection of one's own to the database at `url`. Raises one of the driver's errors where there is none."""
    return SqliteWire(url) if url.get_backend_name() == "sqlite" else PostgresWire(url)


def _read(question: Question, text: bytes | str) -> Any:
    return text if question.shape is TEXTS else msgspec.json.decode(text or b"[]", type=question.shape)


@lru_cache(maxsize=8192)  # those of a session and an attempt come back with every save
def moment_of(text: str) -> datetime:
    """A moment as either database writes it into JSON."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


@lru_cache(maxsize=512)  # all rows of a save, and most of a batch, say one moment
def moment_said(moment: datetime) -> str:
    """As `UtcDateTime` stores it on SQLite, and as PostgreSQL reads it at UTC: without its zone, of fixed width."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


class PostgresWire:
    """Prepared statements in a pipeline of the client library itself: a turn sends all it has, then waits once."""

    def __init__(self, url: URL) -> None:
        self._connection = psycopg.connect(
            **driver_arguments(url),
            autocommit=True,
            connect_timeout=WAIT_SECONDS,
            application_name="chizheng journal",
            options=f"-c lock_timeout={WAIT_SECONDS}s -c statement_timeout={2 * WAIT_SECONDS}s -c timezone=UTC"
            f" {_BY_KEYS}",
        )
        self._line = self._connection.pgconn
        self._line.nonblocking = 1
        self._line.enter_pipeline_mode()
        self._poll = select.poll()
        self._known: set[bytes] = set()
        self._planned_at = monotonic()
        self._lasting: float = FIRST_PLAN_SECONDS

    def begin(self) -> None:
        if monotonic() - self._planned_at > self._lasting:
            self._line.send_query_params(b"DISCARD PLANS", None)
            self._planned_at, self._lasting = monotonic(), min(2 * self._lasting, PLAN_SECONDS)
        self._line.send_query_params(b"BEGIN", None)

    def tell(self, statement: Statement, sent: Sequence[Any]) -> None:
        if statement.name not in self._known:
            self._line.send_prepare(statement.name, statement.postgresql)
            self._known.add(statement.name)
            self._lasting = FIRST_PLAN_SECONDS
        self._line.send_query_prepared(statement.name, [msgspec.json.encode(sent)])

    def ask(self, *questions: Question) -> list[Any]:
        for question in questions:
            self.tell(question.statement, question.sent)
        given = self._turn()
        return [
            _read(question, text or b"") for question, text in zip(questions, given[-len(questions) :], strict=True)
        ]

    def commit(self) -> None:
        self._line.send_query_params(b"COMMIT", None)
        self._turn()

    def close(self) -> None:
        self._connection.close()

    def _turn(self) -> list[bytes | None]:
        """Send what stands in the pipeline and take everything that comes back: the first value of each result that
        has rows, in order. Raises what the first failing statement raised."""
        line, given, failed = self._line, list[bytes | None](), None
        line.pipeline_sync()
        while True:
            self._wait(unsent=bool(line.flush()))
            line.consume_input()
            while not line.is_busy():
                result = line.get_result()
                if result is None:  # the end of one statement's results
                    continue
                if result.status == pq.ExecStatus.PIPELINE_SYNC:
                    if failed is not None:
                        raise error_from_result(failed)
                    return given
                if result.status == pq.ExecStatus.TUPLES_OK:
                    given.append(result.get_value(0, 0) if result.ntuples else None)
                elif result.status == pq.ExecStatus.FATAL_ERROR and failed is None:
                    failed = result

    def _wait(self, *, unsent: bool) -> None:
        # The server's own limits end what takes too long; this one ends waiting for a server that is gone.
        self._poll.register(self._line.socket, select.POLLIN | (select.POLLOUT if unsent else 0))
        if not self._poll.poll(3000 * WAIT_SECONDS):
            raise psycopg.OperationalError("the database does not answer")


class SqliteWire:
    """One of the writers in turn: BEGIN IMMEDIATE, WAL, synchronous FULL (P50)."""

    def __init__(self, url: URL) -> None:
        self._connection = sqlite3.connect(url.database or "")
        prepare_sqlite(self._connection)
        self._connection.execute(f"PRAGMA busy_timeout={_LOOK_MS}")
        self._turns = turns_of(url.database or "")
        self._saving = False

    def begin(self) -> None:
        """Wait for the turn to write, which nothing after it has to wait for. SQLite's own patience looks more and more
        seldom, at last ten times a second, and sleeps over the gaps that a long import leaves for savers. No thread of
        this process begins to write meanwhile."""
        until = monotonic() + WAIT_SECONDS
        self._turns.begin_saving()
        self._saving = True
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > until:
                    raise
            else:
                return

    def tell(self, statement: Statement, sent: Sequence[Any]) -> None:
        if isinstance(statement, Insertion):
            statement.add(self._connection, sent)
            return
        self._connection.execute(statement.sqlite, (msgspec.json.encode(sent).decode(),))

    def ask(self, *questions: Question) -> list[Any]:
        return [self._ask(question) for question in questions]

    def _ask(self, question: Question) -> Any:
        sent = msgspec.json.encode(question.sent).decode()
        row = self._connection.execute(question.statement.sqlite, (sent,)).fetchone()
        return _read(question, row[0] or b"")

    def commit(self) -> None:
        self._connection.execute("COMMIT")
        self._end_saving()

    def close(self) -> None:
        self._connection.close()
        self._end_saving()

    def _end_saving(self) -> None:
        if self._saving:
            self._saving = False
            self._turns.end_saving()
