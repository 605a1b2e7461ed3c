"""Yardsticks of a start and a hand-in, on PostgreSQL.

    fast    papers dealt in numpy batches from memory, the view joined from fragments that are encoded already, attempts
            and hand-ins written by a lane that gathers (one statement, one commit a batch): R
    naive   FastAPI + SQLAlchemy's ORM: ORDER BY random() per cell, a row a response, a commit a request: N

POST /start {"user": 1} delivers 50 items; POST /submit {"user": 1, "answers": [...]} scores them.
Run as a process: name, address of the database.
"""

import asyncio
import itertools
import json
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from fastapi import FastAPI
from pydantic import BaseModel

from benchmarks.yardsticks.serving import App, Receive, Scope, Send, bare, body_of, reply, serve, tune_collector

BANK, ITEMS, CELLS = 10_000, 50, 25
_TABLES = """
drop table if exists st_answer, st_attempt, st_item;
create table st_item(id int primary key, cell int2, stem text, options jsonb, key int2);
create table st_attempt(id bigint generated always as identity primary key, user_id int8 not null unique, paper bytea,
  started_at timestamptz not null default now(), responses bytea, score int4, submitted_at timestamptz);
create table st_answer(attempt_id int8, qno int2, item_id int4, choice int2, right_ boolean,
  primary key(attempt_id,qno));
"""
_START = (
    "insert into st_attempt(user_id,paper) select * from unnest($1::int8[],$2::bytea[])"
    " on conflict(user_id) do update set user_id=excluded.user_id returning id"
)
_SUBMIT = (
    "update st_attempt a set responses=t.r,score=t.s,submitted_at=now()"
    " from unnest($1::int8[],$2::bytea[],$3::int4[]) t(u,r,s) where a.user_id=t.u"
)


class _Start(msgspec.Struct):
    user: int


class _Submit(msgspec.Struct):
    user: int
    answers: list[int]


_read_start = msgspec.json.Decoder(_Start).decode
_read_submit = msgspec.json.Decoder(_Submit).decode


def _stem(number: int) -> str:
    return f"第 {number} 题：关于党务工作制度的下列说法，哪一项符合规定？请根据所学内容作答。"


def _options(number: int) -> list[str]:
    return [f"选项 {place} 的内容，题 {number}" for place in range(4)]


async def prepare(address: str) -> None:
    """Make the tables anew, with a bank of 10,000 items."""
    import asyncpg

    connection = await asyncpg.connect(address)
    await connection.execute(_TABLES)
    records = ((n, n % CELLS, _stem(n), json.dumps(_options(n), ensure_ascii=False), n % 4) for n in range(BANK))
    await connection.copy_records_to_table("st_item", records=records)
    await connection.execute("create index on st_item(cell, id)")
    await connection.execute("vacuum analyze st_item")
    await connection.close()


class _Gathering:
    """Collects calls; `flush` runs once a batch and gives each caller its own result."""

    def __init__(self, flush: Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]) -> None:
        self._flush = flush
        self._waiting: list[tuple[Any, asyncio.Future[Any]]] = []
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    def put(self, given: Any) -> asyncio.Future[Any]:
        waiter: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((given, waiter))
        self._wake.set()
        return waiter

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            batch, self._waiting = self._waiting, []
            self._wake.clear()
            results = await self._flush([given for given, _ in batch])
            for (_, waiter), result in zip(batch, results, strict=True):
                if not waiter.done():
                    waiter.set_result(result)


class Fast:
    """R."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._stock: list[tuple[Any, Any]] = []
        self._dealt: dict[int, tuple[Any, Any]] = {}
        self._at = 0

    async def open(self) -> None:
        """Load the bank, connect, begin."""
        import asyncpg
        import numpy as np

        self._np, self._chance = np, np.random.default_rng()
        encode = msgspec.json.encode
        self._heads = [encode({"id": n, "stem": _stem(n)})[:-1] + b',"options":[' for n in range(BANK)]
        self._choices = [[encode(option) for option in _options(n)] for n in range(BANK)]
        self._keys: Any = (np.arange(BANK) % 4).astype(np.uint8)
        self._decks = [self._chance.permutation(np.arange(cell, BANK, CELLS)) for cell in range(CELLS)]
        self._orders = list(itertools.permutations(range(4)))
        self._pool = await asyncpg.create_pool(self._address, min_size=2, max_size=2)
        self._starts, self._submits = _Gathering(self._start), _Gathering(self._submit)
        tune_collector()

    def _deal(self) -> tuple[Any, Any]:
        if not self._stock:
            np, papers, each = self._np, 256, ITEMS // CELLS
            columns = [
                deck[(self._at + np.arange(papers * each)) % len(deck)].reshape(papers, each) for deck in self._decks
            ]
            self._at += papers * each
            dealt = np.concatenate(columns, 1).astype(np.int32)
            dealt = np.take_along_axis(dealt, self._chance.random(dealt.shape).argsort(1), 1)
            orders = self._chance.integers(0, 24, dealt.shape, dtype=np.uint8)
            self._stock = list(zip(dealt, orders, strict=True))
        return self._stock.pop()

    async def _start(self, given: Sequence[Any]) -> Sequence[Any]:
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(_START, [user for user, _ in given], [paper for _, paper in given])
        return [row[0] for row in rows]

    async def _submit(self, given: Sequence[Any]) -> Sequence[Any]:
        async with self._pool.acquire() as connection:
            await connection.execute(_SUBMIT, *([row[place] for row in given] for place in range(3)))
        return [None] * len(given)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        body = await body_of(receive)
        if scope["path"] == "/start":
            user = _read_start(body).user
            if user not in self._dealt:
                self._dealt[user] = self._deal()
            paper, orders = self._dealt[user]
            attempt = await self._starts.put((user, paper.tobytes() + orders.tobytes()))
            items = b",".join(self._item(n, order) for n, order in zip(paper.tolist(), orders.tolist(), strict=True))
            await reply(send, b'{"attempt":%d,"items":[%b]}' % (attempt, items))
        else:
            given = _read_submit(body)
            if given.user not in self._dealt:
                self._dealt[given.user] = self._deal()
            chosen = self._np.array(given.answers, self._np.uint8)
            score = int((self._keys[self._dealt[given.user][0]] == chosen).sum())
            await self._submits.put((given.user, chosen.tobytes(), score))
            await reply(send, b'{"score":%d}' % score)

    def _item(self, number: int, order: int) -> bytes:
        choices = self._choices[number]
        return self._heads[number] + b",".join(choices[place] for place in self._orders[order]) + b"]}"


class StartGiven(BaseModel):
    """The naive version's start."""

    user: int


class SubmitGiven(BaseModel):
    """The naive version's hand-in."""

    user: int
    answers: list[int]


class ItemShown(BaseModel):
    """An item as it delivers it."""

    id: int
    stem: str
    options: list[str]


class PaperShown(BaseModel):
    """A paper as it delivers it."""

    attempt: int
    items: list[ItemShown]


def naive(address: str) -> FastAPI:
    """N."""
    from sqlalchemy import func, select
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    from benchmarks.yardsticks.naive_tables import Attempt, Item, Response

    engine = create_async_engine(address.replace("postgresql:", "postgresql+asyncpg:"), pool_size=8, max_overflow=0)
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    app = FastAPI(lifespan=life)

    @app.post("/start")
    async def start(given: StartGiven) -> PaperShown:
        async with sessions() as session:
            attempt = Attempt(user_id=given.user)
            session.add(attempt)
            await session.flush()
            items: list[Item] = []
            for cell in range(CELLS):
                drawn = select(Item).where(Item.cell == cell).order_by(func.random()).limit(ITEMS // CELLS)
                items += (await session.execute(drawn)).scalars().all()
            session.add_all(Response(attempt_id=attempt.id, qno=n, item_id=item.id) for n, item in enumerate(items))
            await session.commit()
            return PaperShown(attempt=attempt.id, items=list(_shuffled(items)))

    @app.post("/submit")
    async def submit(given: SubmitGiven) -> dict[str, int]:
        async with sessions() as session:
            own = select(Attempt).where(Attempt.user_id == given.user)
            attempt = (await session.execute(own)).scalar_one()
            of_attempt = select(Response).where(Response.attempt_id == attempt.id).order_by(Response.qno)
            rows = (await session.execute(of_attempt)).scalars().all()
            wanted = select(Item).where(Item.id.in_([row.item_id for row in rows]))
            keys = {item.id: item.key for item in (await session.execute(wanted)).scalars()}
            for row, choice in zip(rows, given.answers, strict=True):
                row.choice, row.right_ = choice, keys[row.item_id] == choice
            attempt.score = sum(bool(row.right_) for row in rows)
            await session.commit()
            return {"score": attempt.score}

    return app


def _shuffled(items: Sequence[Any]) -> Iterator[ItemShown]:
    for item in items:
        options = list(item.options)
        random.shuffle(options)
        yield ItemShown(id=item.id, stem=item.stem, options=options)


def fast(address: str) -> App:
    """R, as an application."""
    storm = Fast(address)
    return bare(storm.answer, storm.open)


if __name__ == "__main__":
    serve({"fast": fast, "naive": naive}[sys.argv[1]](sys.argv[2]))
