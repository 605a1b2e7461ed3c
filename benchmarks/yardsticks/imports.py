"""Yardstick of an import: read the workbook, check and hash each row, store all by COPY through a staging table."""

import asyncio
import hashlib
import io
import itertools
from typing import Any

import msgspec
from python_calamine import CalamineWorkbook

_TABLES = """
create table if not exists bank_item(id bigint generated always as identity primary key, type text, topic text,
  stem text, body jsonb, h bytea not null);
create unique index if not exists bank_item_h on bank_item(h);
create temp table stage(type text, topic text, stem text, body jsonb, h bytea) on commit drop;
"""
_STORE = "insert into bank_item(type,topic,stem,body,h) select distinct on(h) * from stage on conflict(h) do nothing"
_MOST_OPTIONS = 6


def run_chain(address: str, content: bytes) -> int:
    """Import a workbook of our own layout; returns how many rows were read. Raises ValueError at a wrong row."""
    rows = _read(content)
    asyncio.run(_store(address, rows))
    return len(rows)


def empty_chain(address: str) -> None:
    """Forget what was imported: a chain that met its own rows again would store none."""
    asyncio.run(_forget(address))


async def _forget(address: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(address)
    await connection.execute("drop table if exists bank_item")
    await connection.close()


def _read(content: bytes) -> list[tuple[str, str, str, str, bytes]]:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    rows = []
    for cells in itertools.islice(sheet, 2, None):
        kind, stem, *rest = (str(cell) for cell in cells)
        options, key, topic = [text for text in rest[:_MOST_OPTIONS] if text], rest[_MOST_OPTIONS], rest[-1]
        if not stem or not key:
            raise ValueError("a row without stem or key")
        digest = hashlib.blake2b("\x1f".join((stem, *options)).encode(), digest_size=16).digest()
        rows.append((kind, topic, stem, msgspec.json.encode({"o": options, "k": key}).decode(), digest))
    return rows


async def _store(address: str, rows: list[Any]) -> None:
    import asyncpg

    connection = await asyncpg.connect(address)
    async with connection.transaction():
        await connection.execute(_TABLES)
        await connection.copy_records_to_table("stage", records=rows, columns=["type", "topic", "stem", "body", "h"])
        await connection.execute(_STORE)
    await connection.close()
