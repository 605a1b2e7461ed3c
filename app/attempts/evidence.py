"""Checking a receipt that somebody shows: whether it is ours, and what stands on record at that revision (P6)."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

from app.attempts import queries
from app.attempts.journal import Journal
from app.attempts.models import Attempt
from app.attempts.response_files.queries import hash_at_closing
from app.attempts.responses import hash_responses
from app.audit.actions import AuditAction
from app.audit.record import record
from app.exams.queries.seats import Seat, find_seat
from app.operation import Operation


@dataclass(frozen=True)
class Evidence:
    """What a receipt vouches for. `agrees` is whether the record says the same; without a position it is the code
    shown at the end, which vouches for all responses together."""

    attempt: Attempt
    seat: Seat
    agrees: bool
    at: datetime | None
    position: int | None = None
    revision: int | None = None
    response: str | None = None
    newest_revision: int | None = None
    destroyed_at: datetime | None = None
    """When the responses were destroyed at the end of their term: what was said is no longer on record."""


def check_receipt(op: Operation, text: str) -> Evidence | None:
    """Check a receipt, or the short code shown at the end of an attempt; the check is audited.

    None where it is not ours, was altered, or is of a room that the actor may not look into: nobody learns which (P21).
    """
    found = _check_code(op, text) if "." not in text else _check_line(op, text)
    subject = ("attempt", found.attempt.id) if found else ("receipt", sha256(text.encode()).hexdigest())
    record(
        op,
        AuditAction.RECEIPT_CHECK,
        subject=subject,
        after={"genuine": bool(found), "agrees": bool(found and found.agrees)},
    )
    return found


def _check_line(op: Operation, text: str) -> Evidence | None:
    said = op.house.tool(Journal).receipts.verify(text)
    attempt = queries.visible_attempt(op.db, op.actor, said.attempt_id) if said else None
    if said is None or attempt is None:
        return None
    entry = queries.journal_entry(op.db, said.attempt_id, said.position, said.revision)
    newest = queries.newest_responses(op.db, said.attempt_id).get(said.position)
    gone = queries.destroyed_of(op.db, said.attempt_id)
    kept = entry is not None and sha256(entry.response.encode()).hexdigest() == said.response_hash
    return Evidence(
        attempt=attempt,
        seat=find_seat(op.db, attempt.registration_id),
        agrees=kept,
        at=said.at,
        position=said.position,
        revision=said.revision,
        response=entry.response if entry else None,
        newest_revision=newest.revision if newest else None,
        destroyed_at=gone.at if gone else None,
    )


def _check_code(op: Operation, text: str) -> Evidence | None:
    code = text.upper()
    attempt = queries.attempt_with_code(op.db, op.actor, code)
    if attempt is None or attempt.closed_at is None:
        return None
    gone = queries.destroyed_of(op.db, attempt.id)
    if gone is not None:
        digest = gone.responses_hash
    else:
        digest = hash_at_closing(op.db, attempt.id) or hash_responses(queries.folded_responses(op.db, attempt.id))
    again = op.house.tool(Journal).receipts.closing_code(attempt.id, digest, attempt.closed_at)
    seat = find_seat(op.db, attempt.registration_id)
    agrees = compare_digest(again, code)
    return Evidence(attempt, seat, agrees=agrees, at=attempt.closed_at, destroyed_at=gone.at if gone else None)
