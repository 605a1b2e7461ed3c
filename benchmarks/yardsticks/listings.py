"""Yardsticks of a bank's list, 100 rows a page: `html` (driver and Jinja2) and `json` (made by the database): R;
`orm` (FastAPI, SQLAlchemy's ORM, Jinja2): N. They read the bank of `storms`. Run as a process: name, address."""

import random
import sys
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from benchmarks.yardsticks.serving import App, Receive, Scope, Send, bare, reply, serve, tune_collector
from benchmarks.yardsticks.storms import BANK, CELLS

_PAGE = Environment(autoescape=True).from_string(
    "<!doctype html><title>bank</title><table>{% for q in rows %}<tr><td>{{ q.id }}</td><td>{{ q.cell }}</td>"
    "<td>{{ q.stem }}</td><td>{% for o in q.options %}<span>{{ o }}</span>{% endfor %}</td>"
    '<td><a href="/items/{{ q.id }}">edit</a></td></tr>{% endfor %}</table>'
)
_ROWS = "select id,cell,stem,options from st_item where cell=$1 and id>$2 order by id limit 100"


def driver(address: str, *, json: bool) -> App:
    """R."""
    pool: Any = None

    async def open_pool() -> None:
        nonlocal pool
        import asyncpg
        import msgspec

        async def prepare(connection: Any) -> None:
            await connection.set_type_codec(
                "jsonb", encoder=msgspec.json.encode, decoder=msgspec.json.decode, schema="pg_catalog"
            )

        pool = await asyncpg.create_pool(address, min_size=4, max_size=4, init=prepare)
        tune_collector()

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        which = (random.randrange(CELLS), random.randrange(BANK // 2))
        async with pool.acquire() as connection:
            if json:
                text = await connection.fetchval(f"select json_agg(t)::text from ({_ROWS}) t", *which)
                await reply(send, (text or "[]").encode())
            else:
                rows = [dict(row) for row in await connection.fetch(_ROWS, *which)]
                await reply(send, _PAGE.render(rows=rows).encode(), b"text/html; charset=utf-8")

    return bare(answer, open_pool)


def orm(address: str) -> FastAPI:
    """N."""
    from sqlalchemy import select
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    from benchmarks.yardsticks.naive_tables import Item

    engine = create_async_engine(address.replace("postgresql:", "postgresql+asyncpg:"), pool_size=8)
    sessions = async_sessionmaker(engine)
    app = FastAPI()

    @app.get("/", response_class=HTMLResponse)
    async def page() -> str:
        async with sessions() as session:
            chosen = select(Item).where(Item.cell == random.randrange(CELLS), Item.id > random.randrange(BANK // 2))
            rows = (await session.execute(chosen.order_by(Item.id).limit(100))).scalars().all()
            return _PAGE.render(rows=rows)

    return app


if __name__ == "__main__":
    name, address = sys.argv[1:3]
    serve(orm(address) if name == "orm" else driver(address, json=name == "json"))
