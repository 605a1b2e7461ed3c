"""The log as the audit administrator reads it: newest first, page by page, filtered; and the anchors with their age.

Rows are read as they stand, unconverted: the page that must show a tampered record must not stumble over it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, select
from sqlalchemy.orm import Session

from app.audit.anchors import Anchor
from app.audit.log import anchor_of, any_text, read_record, record_columns
from app.audit.models import AuditAnchor, AuditLeaf, AuditRecord
from app.security.actor import Actor, ActorKind
from app.security.permissions import Capability


def visible(actor: Actor) -> Select[AuditRecord]:
    """The records this actor may see: all for the audit administrator, for anybody else none."""
    return select(AuditRecord) if actor.may(Capability.AUDIT_READ) else select(AuditRecord).where(false())


@dataclass(frozen=True)
class Who:
    """A person behind an account."""

    name: str
    login: str


@dataclass(frozen=True)
class Register:
    """Who the ids of the log are, answered by the features that know; put into the house by `app.wiring`."""

    accounts: Callable[[Session, Collection[int]], Mapping[int, Who]]
    persons: Callable[[Session, Collection[int]], Mapping[int, str]]
    named: Callable[[Session, str], Collection[int]]
    """The accounts whose person or log-in name fits what was typed."""


@dataclass(frozen=True)
class Filter:
    """What to look for; what is left empty does not narrow."""

    account_ids: Collection[int] | None = None
    kind: ActorKind | None = None
    action: str = ""
    subject_kind: str = ""
    subject_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    """Up to, not including."""

    def conditions(self) -> list[ColumnElement[bool]]:
        """As the database is asked."""
        found: list[ColumnElement[bool]] = []
        if self.account_ids is not None:
            found.append(AuditRecord.actor_account_id.in_(self.account_ids))
        if self.kind is not None:
            found.append(AuditRecord.actor_kind == self.kind)
        for column, value in (
            (AuditRecord.action, self.action),
            (AuditRecord.subject_kind, self.subject_kind),
            (AuditRecord.subject_id, self.subject_id),
        ):
            if value:
                found.append(column == value)
        if self.since is not None:
            found.append(AuditRecord.at >= self.since)
        if self.until is not None:
            found.append(AuditRecord.at < self.until)
        return found


def list_records(db: Session, actor: Actor, wanted: Filter, *, before: int, limit: int) -> list[dict[str, Any]]:
    """Visible records, the newest first, from behind the record `before` (0: from the top), as `read_record` says."""
    query = visible(actor).with_only_columns(*record_columns(db)).where(*wanted.conditions())
    if before:
        query = query.where(AuditRecord.id < before)
    with any_text(db):
        rows = db.execute(query.order_by(AuditRecord.id.desc()).limit(limit)).all()
    return [read_record(row) for row in rows]


def list_anchors(db: Session, actor: Actor, *, before: int, limit: int) -> Sequence[Anchor]:
    """The anchors, the newest first, from behind the anchor `before` (0: from the top); none for who may not see."""
    query = select(AuditAnchor).order_by(AuditAnchor.id.desc()).limit(limit)
    if before:
        query = query.where(AuditAnchor.id < before)
    return [anchor_of(row) for row in db.scalars(query)] if actor.may(Capability.AUDIT_READ) else []


def count_unsealed(db: Session, sealed: int) -> int:
    """How many records wait for their leaf, where the newest anchor covers `sealed` leaves. Counts only behind the
    newest leaf's record; one that committed late is sealed by the next run and matters to no figure."""
    newest = db.scalar(select(AuditLeaf.record_id).where(AuditLeaf.leaf_index == sealed - 1)) or 0
    return db.execute(select(func.count()).where(AuditRecord.id > newest)).scalar_one()
