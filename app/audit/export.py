"""The log as a stream of JSON lines that can be verified without this product: the export.

One JSON object per line, each with its `line`: first `format`; then in the order of the log `leaf` (its index, its
hash, and the record it stands for or null) and `anchor` (after the leaves it covers); then `unsealed` records; last
`end`. Public keys come as `key`, for convenience only: a checker takes them from where it trusts them.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.anchors import Anchor
from app.audit.canonical import canonical
from app.audit.log import anchors_after, any_text, read_record, record_columns, unsealed
from app.audit.models import AuditLeaf, AuditRecord
from app.database import Database

FORMAT = "chizheng-audit-export/1"
_AT_ONCE = 500


@dataclass
class Exported:
    """What has gone into an export so far: how many records, and the highest number among them."""

    records: int = 0
    last_record: int = 0

    def note(self, line: Mapping[str, Any]) -> None:
        """Count one line."""
        record = line.get("record")
        if record is not None:
            self.records += 1
            self.last_record = max(self.last_record, record["id"])


def export(database: Database, public_keys: Mapping[str, str], exported: Exported | None = None) -> Iterator[str]:
    """The lines of an export, without line ends: one snapshot, read as it is consumed, in bounded memory.

    `public_keys` is PEM by key id; `exported` is kept at what has been given out. Raises Unavailable as every
    transaction does.
    """
    exported = exported or Exported()
    with database.transaction(reading=True) as session:
        if database.dialect == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        with any_text(session):
            for line in _lines(session, public_keys):
                exported.note(line)
                yield canonical(line)


def _lines(session: Session, public_keys: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    yield {"line": "format", "format": FORMAT}
    for key_id, pem in sorted(public_keys.items()):
        yield {"line": "key", "key_id": key_id, "public_key": pem}
    count = 0
    for line in _sealed(session):
        count += line["line"] == "leaf"
        yield line
    for row in session.execute(unsealed(session), execution_options={"yield_per": _AT_ONCE}):
        yield {"line": "unsealed", "record": read_record(row)}
    yield {"line": "end", "leaves": count}


def _sealed(session: Session) -> Iterator[dict[str, Any]]:
    anchors = anchors_after(session, 0)
    anchor = next(anchors, None)
    rows = session.execute(
        select(AuditLeaf.leaf_index, AuditLeaf.record_id, AuditLeaf.leaf_hash, *record_columns(session))
        .outerjoin(AuditRecord, AuditRecord.id == AuditLeaf.record_id)
        .order_by(AuditLeaf.leaf_index),
        execution_options={"yield_per": _AT_ONCE},
    )
    for count, (index, record_id, leaf, *values) in enumerate(rows):
        while anchor and anchor.tree_size <= count:
            yield _anchor_line(anchor)
            anchor = next(anchors, None)
        said = None if values[0] is None else read_record(values)
        yield {"line": "leaf", "index": index, "record_id": record_id, "hash": leaf, "record": said}
    while anchor:
        yield _anchor_line(anchor)
        anchor = next(anchors, None)


def _anchor_line(anchor: Anchor) -> dict[str, Any]:
    return {"line": "anchor", "anchor": asdict(anchor)}


def read_records(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Every record of an export in the order of the log, unsealed ones last; `before` and `after` read from JSON.

    For checkers that recompute facts from the log alone (P31). It verifies nothing: verify the export first.
    """
    for line in lines:
        said = json.loads(line)
        if said["line"] in {"leaf", "unsealed"} and said["record"] is not None:
            found = said["record"]
            for member in ("before", "after"):
                found[member] = json.loads(found[member]) if found[member] is not None else None
            yield found
