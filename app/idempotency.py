"""Any write repeated with its key happens once and gives the same answer (P4).

After draft-ietf-httpapi-idempotency-key-header: the same key with another body is refused (422), while the first is
still running 409. Keys are private to the account. The record is written in the transaction of the write itself, so
it exists exactly when the write does.
"""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Text, UniqueConstraint, delete, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base
from app.errors import Conflict, Invalid
from app.operation import Operation


class RepeatedWrite(Base):
    """What a keyed write answered. Kept for a day; then the key is free again."""

    __tablename__ = "repeated_write"
    __table_args__ = (UniqueConstraint("account_id", "key_digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int]
    key_digest: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class KeyReused(Invalid):
    """The same key came with another request."""

    code = "idempotency.key_reused"
    zh = "此幂等键已用于另一项内容不同的请求。"
    en = "This idempotency key was used for a request with other content."


class StillRunning(Conflict):
    """The first request with this key has not ended."""

    code = "idempotency.still_running"
    zh = "相同的请求正在处理，请稍候。"
    en = "The same request is still being processed; please wait."


KEPT = timedelta(days=1)
"""How long a key is remembered."""


def sweep(session: Session, *, now: datetime) -> None:
    """Forget the writes that are older than a day."""
    session.execute(delete(RepeatedWrite).where(RepeatedWrite.at < now - KEPT))


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def recall(op: Operation, *, key: str, fingerprint: str) -> str | None:
    """What the write with this key answered before, or None where this is the first time.

    Raises KeyReused where the fingerprint (method, path and body) differs, StillRunning where the first is under way.
    """
    digest = _digest(key)
    if op.house.database.dialect == "postgresql":
        # On SQLite writing transactions are one after the other already.
        lock = int.from_bytes(bytes.fromhex(digest)[:8], "big", signed=True) ^ (op.actor.account_id or 0)
        if not op.db.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": lock}).scalar_one():
            raise StillRunning
    found = op.db.scalars(
        select(RepeatedWrite).where(RepeatedWrite.account_id == op.actor.account_id, RepeatedWrite.key_digest == digest)
    ).one_or_none()
    if found is None:
        return None
    if found.fingerprint != fingerprint:
        raise KeyReused
    return found.answer


def remember(op: Operation, *, key: str, fingerprint: str, answer: str) -> None:
    """Keep the answer with the write."""
    op.db.add(
        RepeatedWrite(
            account_id=op.actor.account_id,
            key_digest=_digest(key),
            fingerprint=fingerprint,
            answer=answer,
            at=op.now,
        )
    )
    op.db.flush()
