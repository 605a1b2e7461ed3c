"""The three tables of the log. Rows are only ever added: triggers refuse the rest (see `guard.py`).

No foreign key leads anywhere: the log outlives what it speaks of (P47).
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, closed_set
from app.security.actor import ActorKind


class AnchorKind(StrEnum):
    """What an anchor says: how the log stands, or that a restore explains why it stands further back."""

    HEAD = "head"
    GAP = "gap"


class AuditRecord(Base):
    """One act. `before` and `after` are canonical JSON of ids, states, numbers and commitments."""

    __tablename__ = "audit_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_account_id: Mapped[int | None] = mapped_column(index=True)
    actor_kind: Mapped[ActorKind] = mapped_column(closed_set(ActorKind))
    # No CHECK for the word: the vocabulary grows with every feature, and this table is never rebuilt for it.
    action: Mapped[str] = mapped_column(String(64))
    subject_kind: Mapped[str] = mapped_column(String(64))
    subject_id: Mapped[str] = mapped_column(String(64))
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    request_id: Mapped[str] = mapped_column(String(64))
    address_digest: Mapped[str] = mapped_column(String(64))


class AuditLeaf(Base):
    """The place of a record in the Merkle log. Hashes are lower-case hex of SHA-256."""

    __tablename__ = "audit_leaf"

    leaf_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    record_id: Mapped[int] = mapped_column(unique=True)
    leaf_hash: Mapped[str] = mapped_column(String(64))
    # Root of the largest perfect subtree that ends here: a handful of these rows is all that sealing must read back.
    subtree_hash: Mapped[str] = mapped_column(String(64))


class AuditAnchor(Base):
    """A signed head of the log, as it also stands in the file outside; numbered by us, only restores leave holes."""

    __tablename__ = "audit_anchor"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[AnchorKind] = mapped_column(closed_set(AnchorKind))
    tree_size: Mapped[int]
    root_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)
    previous_anchor_hash: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(Text)
