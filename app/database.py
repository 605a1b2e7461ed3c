"""The two databases behind one door.

SQLite and PostgreSQL give the same results for the same calls (P51). One `transaction()` is the only place that
commits. On SQLite a writing transaction begins IMMEDIATE: a deferred one that reads first fails with "database is
locked" when it upgrades, whatever the busy timeout (measured: 658 of 800).
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.pq import TransactionStatus
from sqlalchemy import (
    URL,
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Select,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from app.errors import Conflict, NotFound, Unavailable
from app.write_ahead import LIMITS, WriteAheadLog
from app.writing_turns import WritingTurns, turns_of

_PATIENCE = 15
"""Seconds that who writes into SQLite waits for the turn, and then for other processes."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

LOCK_SECONDS = 5.0
"""How long a migration waits for a lock of PostgreSQL: whoever comes meanwhile waits behind it (P49)."""

Entity = TypeVar("Entity")
Selected = TypeVar("Selected", bound=Select[*tuple[Any, ...]])

Id = BigInteger().with_variant(Integer, "sqlite")
"""Primary and foreign keys: 64 bits on both; SQLite counts only where the type is INTEGER."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC moment. Refuses naive values; keeps its meaning on SQLite, which would drop the offset.

    Stored on SQLite as ISO text of fixed width, so that text order is time order.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment, hand on an UTC one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment back as it was: aware, UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def closed_set(enum: type[Enum]) -> SqlEnum:
    """A column for a closed set of words: text plus a named CHECK, the same on both databases."""
    return SqlEnum(
        enum,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=enum.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """The base of every table; constraints have names, so that migrations can find them on both databases."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime, int: Id}  # noqa: RUF012 - SQLAlchemy reads it as it stands


def locked(query: Selected, *, of: type[Base] | None = None, key_share: bool = False) -> Selected:
    """The query, its rows held until the transaction ends and read anew: what was seen before the lock may be stale.

    `of` names whose rows are held where a query joins several tables; with `key_share` other rows may still be added
    that refer to them (FOR NO KEY UPDATE). SQLite holds the whole database from the beginning of a transaction that
    writes.
    """
    return query.with_for_update(of=of, key_share=key_share).execution_options(populate_existing=True)


def find_one(db: Session, query: Select[Entity]) -> Entity:
    """The one row that a query has. Raises NotFound where it has none: what an actor may not see does not exist."""
    found = db.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


class SchemaHeld(Conflict):
    """A migration does not wait for good behind somebody's transaction, with everybody else behind it."""

    code = "schema.held"
    zh = (
        "数据库正被其他会话占用，迁移等待 {seconds:g} 秒后停止，未完成的一步已整体撤销。"
        "占用的会话：{who}。请待其结束后重试。"
    )
    en = (
        "Another session holds the database; the migration stopped after waiting for {seconds:g} s, and the step that"
        " was not finished is rolled back as a whole. Held by: {who}. Please try again once it has ended."
    )


class Database:
    """An engine and its one `transaction()`.

    `url` is the database itself. `pooler_url` is the way to it through a pooler in transaction mode, where there is
    one: transactions take it, and find nothing of what an earlier one on the same connection has set or prepared.
    """

    def __init__(self, url: str, *, pool_size: int = 10, pooler_url: str = "") -> None:
        self.url = make_url(url)
        self.dialect = self.url.get_backend_name()
        self._turns: WritingTurns | None = None
        self.log: WriteAheadLog | None = None
        """SQLite's, for whoever serves to move; PostgreSQL moves its own."""
        if self.dialect == "sqlite":
            self.engine = _sqlite_engine(url, pool_size)
            self.log = WriteAheadLog(Path(self.url.database or ""))
            self._turns = turns_of(self.url.database or "")
        else:
            self.engine = _postgresql_engine(pooler_url or url, pool_size, pooled=bool(pooler_url))
        self._reading = self.engine.execution_options(chizheng_reading=True)

    @contextmanager
    def transaction(self, *, reading: bool = False) -> Iterator[Session]:
        """One transaction: committed when the block ends, rolled back when it raises or when it only reads.

        Raises Unavailable, with nothing kept, where the database cannot be reached, is full, locked or overloaded.
        """
        session = Session(self._reading if reading else self.engine, expire_on_commit=False, autoflush=True)
        turns = None if reading or not (self._turns and self._turns.take(patience=_PATIENCE)) else self._turns
        try:
            yield session
            if reading:
                session.expunge_all()  # what was read may still be shown; a rollback would make it unreadable
                session.rollback()
            else:
                session.commit()
        except BaseException as error:
            _roll_back(session)
            if _is_outage(error):
                raise Unavailable from error
            raise
        finally:
            session.close()
            if turns is not None:
                turns.give_back()

    def now(self) -> datetime:
        """The database's own clock: the authority on PostgreSQL; on SQLite the machine's, for it has no other."""
        if self.dialect == "sqlite":
            return datetime.now(UTC)
        with self.transaction(reading=True) as session:
            moment: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
            return moment.astimezone(UTC)

    @contextmanager
    def watching_writers(self) -> Iterator[Callable[[], bool]]:
        """Lend a question: whether anybody has written since it was asked last. Always False on PostgreSQL, where no
        writer waits for another's rows."""
        if self.dialect != "sqlite":
            yield lambda: False
            return
        with closing(sqlite3.connect(self.url.database or "", check_same_thread=False)) as watch:
            known = [0]

            def written() -> bool:
                before, known[0] = known[0], watch.execute("PRAGMA data_version").fetchone()[0]
                return known[0] != before

            written()
            yield written

    def look_at_tables(self, *names: str) -> None:
        """Have PostgreSQL look now at how these tables are filled: it does so by itself only within minutes, and plans
        for an empty table till then (a page of a list sorted a third of a new bank; measured). SQLite's plans rest on
        the indexes alone."""
        if self.dialect == "postgresql":
            with self.transaction() as session:
                session.execute(text(f"ANALYZE {', '.join(names)}"))

    def at_head(self) -> bool:
        """Whether every migration has been applied."""
        with self.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_heads() == tuple(_script().get_heads())

    def dispose(self) -> None:
        """Close every connection."""
        if self.log is not None:
            self.log.close()
        self.engine.dispose()


def driver_arguments(url: URL) -> dict[str, Any]:
    """What psycopg is given to reach the PostgreSQL at `url` outside the engine. The address may name a primary and its
    standbys (`?host=a:5432&host=b:5432&target_session_attrs=read-write`): whichever takes writes is chosen."""
    _, arguments = create_engine(url).dialect.create_connect_args(url)
    return {name: value for name, value in arguments.items() if name != "context"}


def _leave_what_only_reads(context: ExceptionContext) -> None:
    """A server that only reads is a standby, or a primary that has become one: every connection to it is let go, and
    the next looks for the one that takes writes."""
    if isinstance(context.original_exception, psycopg.errors.ReadOnlySqlTransaction):
        context.is_disconnect = True


def _keep_what_is_prepared(connection: Connection) -> None:
    """Roll back what has only read by the driver's lower half: the upper one has the server forget every prepared
    statement then, in case a table was taken back, and each page would be planned anew (two thirds of what PostgreSQL
    did for a page of a list; measured). After an error that is what is wanted, and left as it is."""
    if connection.get_execution_options().get("chizheng_reading", False) and not connection.invalidated:
        driver: Any = connection.connection.driver_connection
        if driver.info.transaction_status == TransactionStatus.INTRANS:
            with suppress(psycopg.Error):  # the connection is gone: what follows will say so
                driver.pgconn.exec_(b"ROLLBACK")


def _roll_back(session: Session) -> None:
    try:
        session.rollback()
    except DBAPIError:  # the connection is gone; the database has rolled back by itself
        session.invalidate()


def _postgresql_engine(url: str, pool_size: int, *, pooled: bool) -> Engine:
    limits = {"statement_timeout": "60000", "idle_in_transaction_session_timeout": "120000", "timezone": "UTC"}
    lasting: dict[str, Any] = {"options": " ".join(f"-c {name}={value}" for name, value in limits.items())}
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=5,
        pool_timeout=10,
        pool_recycle=1800,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "application_name": "chizheng",
            "connect_timeout": 5,
            **({"prepare_threshold": None} if pooled else lasting),
        },
    )
    event.listen(engine, "handle_error", _leave_what_only_reads)
    event.listen(engine, "rollback", _keep_what_is_prepared)
    if pooled:
        said = "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in limits.items())

        @event.listens_for(engine, "begin")
        def begin(connection: Any) -> None:
            connection.exec_driver_sql(said)

    return engine


def _sqlite_engine(url: str, pool_size: int) -> Engine:
    parsed = make_url(url)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=5,
        pool_timeout=10,
        hide_parameters=True,  # values stay out of errors, and so out of logs (P46)
        connect_args={"timeout": _PATIENCE},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        prepare_sqlite(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        reading = connection.get_execution_options().get("chizheng_reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def prepare_sqlite(connection: sqlite3.Connection) -> None:
    """Set what every SQLite connection of the service must have (P50); also used by the answer journal's own."""
    connection.isolation_level = None  # the driver's own BEGIN would be a deferred one
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={1000 * _PATIENCE}",
        "temp_store=MEMORY",
        "cache_size=-20000",
        *LIMITS,
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


_FULL_OR_GONE = (
    "database is locked",
    "disk is full",
    "disk I/O error",
    "readonly database",
    "unable to open database",
    "No space left",
)


def _is_outage(error: BaseException) -> bool:
    """Whether the error says that the database cannot keep anything now, rather than that a statement is wrong."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    return isinstance(error, OperationalError) and (
        type(error.orig).__module__.startswith("psycopg") or any(s in str(error.orig) for s in _FULL_OR_GONE)
    )


def _config() -> Config:
    root = Path(__file__).resolve().parent.parent
    config = Config(root / "alembic.ini")
    config.set_main_option("script_location", str(root / "migrations"))
    return config


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def upgrade(url: str) -> None:
    """Bring the schema of `url` to the newest migration; safe to call when it is there already. Raises SchemaHeld."""
    config = _config()
    config.attributes["url"] = url
    command.upgrade(config, "head")


def downgrade(url: str, revision: str) -> None:
    """Go back to `revision`; a release may go back by one."""
    config = _config()
    config.attributes["url"] = url
    command.downgrade(config, revision)
