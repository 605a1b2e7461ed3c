"""Every table of production, hashed before and after a drill: equal, or named.

The service itself lives meanwhile. What it writes without anybody's doing, and where this drill writes down that it is
held, is left out by name (`LIVING`); of what is only ever added to, what stood before must stand (`GROWING`).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import Session

from app.tables import METADATA

LIVING: Mapping[str, tuple[str, str]] = {
    "drill": ("演练本身的记录", "the record of the drill itself"),
    "job": ("后台作业的进度", "progress of jobs"),
    "instance": ("服务实例每 5 秒的报告", "what instances report every 5 seconds"),
    "session": ("已登录人员的活动时间", "when people who are signed in were last seen"),
    "throttle": ("登录限速计数", "counters of sign-in attempts"),
    "repeated_write": ("重复提交的应答", "answers to repeated submissions"),
}
GROWING: Mapping[str, str] = {"audit_record": "id", "audit_leaf": "leaf_index", "audit_anchor": "id"}
"""Tables to which rows are only added, and the column that rises."""


@dataclass(frozen=True)
class Digest:
    """One table as it stood: how many rows, their digest, and up to which row of a growing one."""

    rows: int
    digest: str
    until: int | None = None


def digest_all(db: Session, before: Mapping[str, Digest] | None = None) -> dict[str, Digest]:
    """Every table by name; growing ones as far as they stood `before`."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SET LOCAL statement_timeout = 0"))  # a province's journal takes its time
    found = {}
    for table in METADATA.sorted_tables:
        if table.name in LIVING:
            continue
        until = None
        rising = GROWING.get(table.name)
        if rising is not None:
            known = before.get(table.name) if before else None
            until = known.until if known else db.scalar(select(func.coalesce(func.max(table.c[rising]), 0)))
        found[table.name] = _digest(db, table, until)
    return found


def changed(before: Mapping[str, Digest], after: Mapping[str, Digest]) -> tuple[str, ...]:
    """The names of tables that are not as they were."""
    return tuple(sorted(name for name in before if before[name] != after.get(name)))


def _digest(db: Session, table: Table, until: int | None) -> Digest:
    if db.get_bind().dialect.name == "postgresql":
        return _digest_there(db, table, until)
    rising = GROWING.get(table.name)
    keys = [column.name for column in table.primary_key.columns]
    rows = text(
        f'SELECT * FROM "{table.name}" {f"WHERE {rising} <= {until}" if rising else ""} ORDER BY {", ".join(keys)}'
    )
    count, digest = 0, hashlib.sha256()
    for row in db.execute(rows).yield_per(1000):
        digest.update(repr(tuple(row)).encode())
        count += 1
    return Digest(count, digest.hexdigest(), until)


def _digest_there(db: Session, table: Table, until: int | None) -> Digest:
    """In the database itself, where tables may be large: two sums of 64-bit hashes of rows, in any order."""
    rising = GROWING.get(table.name)
    told = text(
        "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text"
        ", coalesce(sum(hashtextextended(t::text, 1)::numeric), 0)::text"
        f' FROM "{table.name}" AS t {f"WHERE {rising} <= {until}" if rising else ""}'
    )
    count, one, other = db.execute(told).one()
    return Digest(int(count), f"{one}/{other}", until)
