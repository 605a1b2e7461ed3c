"""The staff's check of a receipt that a candidate shows (P6): whether it is ours, and what stands on record."""

import json
from datetime import datetime

from app.attempts.evidence import Evidence, check_receipt
from app.attempts.rules import AttemptState
from app.operation import Operation
from app.people.queries import person_name
from app.security.permissions import Capability
from app.shapes import Given, Line, Shown
from app.web.desk import Desk

desk = Desk("attempts")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class ReceiptGiven(Given):
    """The receipt's line of text, or the short code shown at the end."""

    receipt: Line


class VouchedShown(Shown):
    """What a genuine receipt vouches for, beside what is on record; nothing of the key.

    `position`, `revision` and `response` (as the candidate saw its letters) only for the receipt of one save.
    """

    candidate_name: str
    ticket_number: str
    exam_name: str
    room_name: str
    agrees: bool
    at: datetime | None
    position: int | None
    revision: int | None
    response: str | None
    newest_revision: int | None
    closed_at: datetime | None
    destroyed_at: datetime | None


class ReceiptsShown(Shown):
    """The page of the check: before one, `checked` is false; `vouched` is None where the receipt is not genuine."""

    checked: bool = False
    vouched: VouchedShown | None = None


@desk.view("/receipts", Capability.ROOM_READ, template="attempts/receipts.html", api=False)
def show_receipts(_op: Operation) -> ReceiptsShown:
    """Where a receipt is typed in."""
    return ReceiptsShown()


@desk.command("/receipts/check", Capability.ROOM_READ, retry=show_receipts, template="attempts/receipts.html")
def check(op: Operation, *, given: ReceiptGiven) -> ReceiptsShown:
    """Check a receipt, or the code shown at the end, against what is on record."""
    found = check_receipt(op, given.receipt)
    return ReceiptsShown(checked=True, vouched=_shown(op, found) if found else None)


def _shown(op: Operation, found: Evidence) -> VouchedShown:
    attempt, seat = found.attempt, found.seat
    return VouchedShown(
        candidate_name=person_name(op.db, seat.person_id),
        ticket_number=seat.ticket_number or "",
        exam_name=seat.exam_name,
        room_name=seat.room_name or "",
        agrees=found.agrees,
        at=found.at,
        position=found.position,
        revision=found.revision,
        response=None if found.response is None else _as_seen(found.response),
        newest_revision=found.newest_revision,
        closed_at=attempt.closed_at if attempt.state is AttemptState.CLOSED else None,
        destroyed_at=found.destroyed_at,
    )


def _as_seen(response: str) -> str:
    """The letters that the candidate saw; what is no choice of options, as it is stored."""
    said = json.loads(response)
    if isinstance(said, list) and all(type(part) is int and part < len(_LETTERS) for part in said):
        return "".join(_LETTERS[part] for part in said) or "—"
    return response
