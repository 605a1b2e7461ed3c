"""诚信承诺: what a candidate promises before the start, by whom, in which version, when; no start without it."""

import hashlib

from sqlalchemy.dialects import postgresql, sqlite

from app.attempts.lockdown.service import demand
from app.attempts.models import Declaration
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import Conflict, NotFound
from app.exams.queries.seats import find_seat
from app.operation import Operation

TEXTS: dict[int, tuple[str, str]] = {
    1: (
        "我承诺独立作答，不抄袭、不传题、不请人代考，遵守考场纪律。",
        "I will work alone, copy nothing, pass nothing on, let nobody sit for me, and keep the rules of the room.",
    ),
}
"""Every version that was ever asked, Chinese and English; a version's words never change."""
CURRENT = max(TEXTS)


class DeclarationChanged(Conflict):
    """A promise of other words than those that are asked now."""

    code = "attempt.declaration_changed"
    zh = "承诺书文本已更新，请重新阅读后确认。"
    en = "The declaration has new words; please read it again."


def digest_of(version: int) -> str:
    """SHA-256 (hex) of a version's words in both languages: what the audit record commits to."""
    return hashlib.sha256("\n".join(TEXTS[version]).encode()).hexdigest()


def accept(op: Operation, *, registration_id: int, version: int) -> int:
    """The actor makes the declaration for their own registration; returns its exam. Made again, the first counts.

    Raises NotFound for another's registration, DeclarationChanged where `version` is not the one that is asked.
    """
    seat = find_seat(op.db, registration_id)
    if seat.person_id != op.actor.person_id:
        raise NotFound
    demand(op, seat)
    if version != CURRENT:
        raise DeclarationChanged
    dialect = postgresql if op.house.database.dialect == "postgresql" else sqlite
    made = op.db.execute(
        dialect.insert(Declaration)
        .values(
            registration_id=registration_id,
            version=version,
            accepted_at=op.now,
            session_id=op.actor.session_id,
        )
        .on_conflict_do_nothing(index_elements=["registration_id"])
        .returning(Declaration.id)
    ).scalar_one_or_none()
    if made is not None:
        after = {"version": version, "text_hash": digest_of(version)}
        record(op, AuditAction.DECLARATION_ACCEPT, subject=("registration", registration_id), after=after)
    return seat.exam_id
