"""Reading the log's tables back, exactly as they stand: a row that somebody tampered with must still be readable."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, func, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from app.audit.anchors import Anchor
from app.audit.canonical import FIELDS, moment_text
from app.audit.merkle import Frontier, frontier_ends
from app.audit.models import AuditAnchor, AuditLeaf, AuditRecord

_HALF = re.compile("[\ud800-\udfff]")


def record_columns(session: Session) -> list[ColumnElement[Any]]:
    """The columns to select for `read_record`, in its order, unconverted."""
    return [
        _moment(session, AuditRecord.at) if name == "at" else type_coerce(getattr(AuditRecord, name), NullType())
        for name in FIELDS
    ]


def _moment(session: Session, column: Any) -> ColumnElement[Any]:
    if session.get_bind().dialect.name == "sqlite":
        return cast(column, Text)
    return func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')


@contextmanager
def any_text(session: Session) -> Iterator[None]:
    """Meanwhile SQLite's driver does not stumble over text that is no UTF-8: only tampering puts it there."""
    if session.get_bind().dialect.name != "sqlite":
        yield
        return
    driver: Any = session.connection().connection.driver_connection
    driver.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = str


def read_record(values: Sequence[Any]) -> dict[str, Any]:
    """The record that was selected by `record_columns`, as plain JSON values; `at` as UTC text."""
    said = {
        name: value if value is None or isinstance(value, int) or _is_text(value) else ascii(value)
        for name, value in zip(FIELDS, values, strict=True)
    }
    at = said["at"]
    if isinstance(at, str) and len(at) == 26 and at[10] == " ":  # SQLite's own spelling
        said["at"] = f"{at[:10]}T{at[11:]}Z"
    return said


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not _HALF.search(value)


def read_frontier(session: Session, size: int) -> Frontier | None:
    """The right edge of the log at `size` leaves, from the few rows that hold it; None where one is missing."""
    ends = frontier_ends(size)
    rows = session.execute(select(AuditLeaf.leaf_index, AuditLeaf.subtree_hash).where(AuditLeaf.leaf_index.in_(ends)))
    found = {row.leaf_index: row.subtree_hash for row in rows}
    try:
        return Frontier(size, [bytes.fromhex(found[end]) for end in ends])
    except (KeyError, ValueError):
        return None


def unsealed(session: Session, *, above: int = -1) -> Select[Any]:
    """The committed records that have no leaf yet, in the order of their ids, from those with an id `above`."""
    return (
        select(*record_columns(session))
        .where(AuditRecord.id > above)
        .where(~select(AuditLeaf.leaf_index).where(AuditLeaf.record_id == AuditRecord.id).exists())
        .order_by(AuditRecord.id)
    )


def anchor_of(row: AuditAnchor) -> Anchor:
    """The anchor as it was signed."""
    return Anchor(
        id=row.id,
        kind=row.kind.value,
        tree_size=row.tree_size,
        root_hash=row.root_hash,
        at=moment_text(row.at),
        previous_anchor_hash=row.previous_anchor_hash,
        key_id=row.key_id,
        signature=row.signature,
    )


def newest_anchor(session: Session) -> Anchor | None:
    """The newest anchor in the database."""
    row = session.scalars(select(AuditAnchor).order_by(AuditAnchor.id.desc()).limit(1)).one_or_none()
    return anchor_of(row) if row else None


def anchor_following(session: Session, anchor_id: int) -> Anchor | None:
    """The anchor in the database with the next greater number."""
    row = session.scalars(
        select(AuditAnchor).where(AuditAnchor.id > anchor_id).order_by(AuditAnchor.id).limit(1)
    ).one_or_none()
    return anchor_of(row) if row else None


def anchors_after(session: Session, anchor_id: int) -> Iterator[Anchor]:
    """The anchors in the database with a greater number, in order."""
    rows = session.scalars(
        select(AuditAnchor).where(AuditAnchor.id > anchor_id).order_by(AuditAnchor.id),
        execution_options={"yield_per": 200},
    )
    return map(anchor_of, rows)


def leaves_between(session: Session, start: int, end: int) -> tuple[tuple[int, str], ...]:
    """(record id, leaf hash) of the leaves from index `start` up to, not including, `end`."""
    rows = session.execute(
        select(AuditLeaf.record_id, AuditLeaf.leaf_hash)
        .where(AuditLeaf.leaf_index >= start, AuditLeaf.leaf_index < end)
        .order_by(AuditLeaf.leaf_index)
    )
    return tuple((row.record_id, row.leaf_hash) for row in rows)
