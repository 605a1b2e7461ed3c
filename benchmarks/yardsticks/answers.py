"""Yardsticks of a save: N, the usual first version, and R, a bare reference that does less than a product must.

    naive_pg    FastAPI + pydantic + SQLAlchemy's async session, one upsert and one commit a request (asyncpg)
    naive_lite  the same on SQLite (aiosqlite, WAL, FULL)
    ref_pg      a Starlette route, a signed cookie, ownership and deadline from memory, msgspec; responses are gathered
                while the last batch is written, and appended to a journal by one statement and commit (asyncpg)
    ref_lite    the same into SQLite in one writing thread (WAL, FULL)

Run as a process: name, address of the database.
"""

import asyncio
import hashlib
import hmac
import sqlite3
import sys
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.yardsticks.serving import OK, serve, tune_collector

SECRET = b"0123456789abcdef0123456789abcdef"
_APPEND = (
    "insert into answer_journal(attempt_id,qno,answer,seq) "
    "select * from unnest($1::int8[],$2::int2[],$3::text[],$4::int8[])"
)
TABLES = """
drop table if exists answers, answer_journal;
create table answers(attempt_id int8, qno int2, answer text not null, seq int8 not null,
  saved_at timestamptz not null default now(), primary key(attempt_id,qno)) with (fillfactor=70);
insert into answers select a,q,'A',0 from generate_series(1,6000) a, generate_series(1,50) q;
create table answer_journal(attempt_id int8 not null, qno int2 not null, answer text not null, seq int8 not null,
  saved_at timestamptz not null default now());
"""
_SQLITE = """
pragma journal_mode=wal;
pragma synchronous=FULL;
pragma busy_timeout=30000;
create table if not exists answers(attempt_id int,qno int,answer text,seq int,saved_at real,
  primary key(attempt_id,qno)) without rowid;
create table if not exists journal(id integer primary key,attempt_id int,qno int,answer text,seq int,saved_at real)
"""

Entry = tuple[int, int, str, int]
"""(attempt, position, response, sequence number)."""


class _Save(msgspec.Struct):
    attempt: int
    q: int
    answer: str
    seq: int


class _Page(msgspec.Struct):
    attempt: int
    seq: int
    answers: list[tuple[int, str]]


_read_save = msgspec.json.Decoder(_Save).decode
_read_page = msgspec.json.Decoder(_Page).decode


def cookie() -> str:
    """The cookie that the reference takes."""
    return f"sid=candidate.{_sign('candidate')}"


def _sign(user: str) -> str:
    return hmac.new(SECRET, user.encode(), hashlib.sha256).hexdigest()


class PostgresGathering:
    """Collects rows, writes each batch with one statement (= one commit), then wakes every waiter."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._rows: dict[tuple[int, int], tuple[str, int]] = {}
        self._waiters: list[asyncio.Future[None]] = []
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to write."""
        import asyncpg

        connection = await asyncpg.connect(self._address)
        self._task = asyncio.create_task(self._write(await connection.prepare(_APPEND)))

    def put(self, entries: Sequence[Entry]) -> asyncio.Future[None]:
        """Done when these are committed."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for attempt, position, response, sequence in entries:
            old = self._rows.get((attempt, position))
            if old is None or old[1] < sequence:
                self._rows[attempt, position] = (response, sequence)
        self._waiters.append(waiter)
        self._wake.set()
        return waiter

    async def _write(self, statement: Any) -> None:
        while True:
            await self._wake.wait()
            rows, waiters = self._rows, self._waiters
            self._rows, self._waiters = {}, []
            self._wake.clear()
            keys = sorted(rows)
            await statement.fetch(
                [key[0] for key in keys],
                [key[1] for key in keys],
                [rows[key][0] for key in keys],
                [rows[key][1] for key in keys],
            )
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)


class SqliteGathering:
    """The same for SQLite: one writing thread."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._waiting: deque[tuple[Sequence[Entry], asyncio.Future[None]]] = deque()
        self._changed = threading.Condition()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def open(self) -> None:
        """Begin to write."""
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._write, daemon=True).start()

    def put(self, entries: Sequence[Entry]) -> asyncio.Future[None]:
        """Done when these are committed."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._changed:
            self._waiting.append((entries, waiter))
            if len(self._waiting) == 1:
                self._changed.notify()
        return waiter

    def _write(self) -> None:
        connection = open_sqlite(self._path)
        append = "insert into journal(attempt_id,qno,answer,seq,saved_at) values(?,?,?,?,?)"
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                batch, self._waiting = self._waiting, deque()
            now = time.time()
            connection.execute("begin immediate")
            connection.executemany(append, [(*entry, now) for entries, _ in batch for entry in entries])
            connection.execute("commit")
            if self._loop is not None:
                self._loop.call_soon_threadsafe(_wake, [waiter for _, waiter in batch])


def _wake(waiters: Sequence[asyncio.Future[None]]) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_result(None)


def open_sqlite(path: str) -> sqlite3.Connection:
    """A durable connection, with the yardsticks' tables."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for statement in _SQLITE.split(";"):
        connection.execute(statement)
    return connection


def reference(gathering: PostgresGathering | SqliteGathering) -> Starlette:
    """R: what a save costs when nothing but the save is done."""
    deadline = time.time() + 86400
    owners: dict[int, tuple[str, float]] = {}

    def allowed(request: Request, attempt: int) -> bool:
        user, _, signature = request.cookies.get("sid", "").rpartition(".")
        if not hmac.compare_digest(_sign(user), signature):
            return False
        return time.time() <= owners.setdefault(attempt, (user, deadline))[1]

    async def save(request: Request) -> Response:
        given = _read_save(await request.body())
        if not allowed(request, given.attempt):
            return Response(b'{"ok":false}', 403)
        await gathering.put([(given.attempt, given.q, given.answer, given.seq)])
        return Response(OK, media_type="application/json")

    async def page(request: Request) -> Response:
        given = _read_page(await request.body())
        if not allowed(request, given.attempt):
            return Response(b'{"ok":false}', 403)
        await gathering.put([(given.attempt, position, response, given.seq) for position, response in given.answers])
        return Response(OK, media_type="application/json")

    @asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        tune_collector()
        await gathering.open()
        yield

    routes = [Route("/save", save, methods=["POST"]), Route("/page", page, methods=["POST"])]
    return Starlette(routes=routes, lifespan=life)


class SaveGiven(BaseModel):
    """The naive version's body."""

    attempt: int
    q: int
    answer: str
    seq: int


class PageGiven(BaseModel):
    """The naive version's page."""

    attempt: int
    seq: int
    answers: list[tuple[int, str]]


def naive(address: str) -> FastAPI:
    """N: a session, an upsert and a commit a request."""
    from sqlalchemy import BigInteger, Column, DateTime, Float, MetaData, SmallInteger, Table, Text, event, func
    from sqlalchemy.dialects import postgresql, sqlite
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    lite = address.startswith("sqlite")
    driver = address.replace("sqlite:", "sqlite+aiosqlite:").replace("postgresql:", "postgresql+asyncpg:")
    engine = create_async_engine(driver, pool_size=5 if lite else 8, max_overflow=0, pool_timeout=60)
    if lite:
        open_sqlite(address.removeprefix("sqlite:///")).close()

        @event.listens_for(engine.sync_engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:
            for pragma in ("journal_mode=wal", "synchronous=FULL", "busy_timeout=30000"):
                connection.execute(f"pragma {pragma}")

    sessions = async_sessionmaker(engine, expire_on_commit=False)
    table = Table(
        "answers",
        MetaData(),
        Column("attempt_id", BigInteger, primary_key=True),
        Column("qno", SmallInteger, primary_key=True),
        Column("answer", Text),
        Column("seq", BigInteger),
        Column("saved_at", Float if lite else DateTime(timezone=True)),
    )
    insert: Any = sqlite.insert if lite else postgresql.insert
    app = FastAPI()

    async def upsert(rows: list[dict[str, Any]]) -> dict[str, bool]:
        async with sessions() as session:
            for row in rows:
                statement = insert(table).values(**row, saved_at=time.time() if lite else func.now())
                new = statement.excluded
                await session.execute(
                    statement.on_conflict_do_update(
                        index_elements=["attempt_id", "qno"],
                        set_={"answer": new.answer, "seq": new.seq, "saved_at": new.saved_at},
                        where=table.c.seq < new.seq,
                    )
                )
            await session.commit()
        return {"ok": True}

    @app.post("/save")
    async def save(given: SaveGiven) -> dict[str, bool]:
        return await upsert([{"attempt_id": given.attempt, "qno": given.q, "answer": given.answer, "seq": given.seq}])

    @app.post("/page")
    async def page(given: PageGiven) -> dict[str, bool]:
        return await upsert(
            [{"attempt_id": given.attempt, "qno": q, "answer": text, "seq": given.seq} for q, text in given.answers]
        )

    return app


APPS: dict[str, Callable[[str], Any]] = {
    "naive_pg": naive,
    "naive_lite": naive,
    "ref_pg": lambda address: reference(PostgresGathering(address)),
    "ref_lite": lambda address: reference(SqliteGathering(address.removeprefix("sqlite:///"))),
}


async def prepare_postgres(address: str) -> None:
    """Make the tables anew, with 300,000 rows to upsert into."""
    import asyncpg

    connection = await asyncpg.connect(address)
    await connection.execute(TABLES)
    await connection.execute("vacuum analyze answers")
    await connection.close()


if __name__ == "__main__":
    serve(APPS[sys.argv[1]](sys.argv[2]))
