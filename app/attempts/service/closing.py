"""The end of an attempt: folding what was saved, closing it once, as of the moment that counts."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.attempts import queries
from app.attempts.events import AttemptClosed
from app.attempts.journal import Journal
from app.attempts.models import Attempt
from app.attempts.responses import hash_responses
from app.attempts.rules import AttemptState, Closing, is_due
from app.audit.actions import AuditAction
from app.audit.record import record
from app.operation import House, Operation, acting_as

_AT_ONCE = 50
_LOOK_BACK = 2_000
"""How many journal ids are looked at again: on PostgreSQL a smaller id may be committed later."""

log = logging.getLogger("chizheng.closing")

_FOLD = text("""
INSERT INTO response (attempt_id, position, revision, response, saved_at)
SELECT j.attempt_id, j.position, j.revision, j.response, j.arrived_at
FROM answer_journal AS j
WHERE j.attempt_id = :attempt_id
  AND j.revision = (SELECT max(k.revision) FROM answer_journal AS k
                    WHERE k.attempt_id = j.attempt_id AND k.position = j.position)
ORDER BY j.position
ON CONFLICT (attempt_id, position) DO UPDATE
SET revision = excluded.revision, response = excluded.response, saved_at = excluded.saved_at
WHERE response.revision < excluded.revision
""")


def fold(db: Session, attempt_id: int) -> None:
    """Bring the current responses up to the journal: the newest revision of each position. Folding again changes
    nothing, and an older fold never undoes a newer one."""
    db.execute(_FOLD, {"attempt_id": attempt_id})


_ACTS = {
    Closing.HANDED_IN: AuditAction.ATTEMPT_HAND_IN,
    Closing.AT_DEADLINE: AuditAction.ATTEMPT_CLOSE,
    Closing.ON_PAPER: AuditAction.ATTEMPT_CLOSE,
    Closing.ENDED: AuditAction.ATTEMPT_END,
}


def close(
    op: Operation, attempt: Attempt, *, closing: Closing, as_of: datetime, cause: str | None = None
) -> dict[int, str]:
    """Close an attempt that this transaction holds; returns the responses that count, by position. `cause` says for
    what it was ended.

    The hold keeps every save wholly before or wholly after (P2).
    """
    fold(op.db, attempt.id)
    responses = queries.folded_responses(op.db, attempt.id)
    responses_hash = hash_responses(responses)
    before, attempt.state = attempt.state, AttemptState.CLOSED
    attempt.closing = closing
    attempt.closed_at = as_of
    attempt.receipt_code = op.house.tool(Journal).receipts.closing_code(attempt.id, responses_hash, as_of)
    op.db.flush()
    after = {"state": AttemptState.CLOSED, "responses_hash": responses_hash, "as_of": as_of}
    record(
        op,
        _ACTS[closing],
        subject=("attempt", attempt.id),
        before={"state": before},
        after=after if cause is None else {**after, "cause": cause},
    )
    op.publish(AttemptClosed(attempt.id))
    return responses


def sweep(house: House, now: datetime) -> int:
    """Close every open attempt past deadline and grace, as of its deadline; returns how many. Two sweepers do no harm:
    each attempt is held, looked at again, and closed once (P10)."""
    grace = timedelta(seconds=house.settings.grace_seconds)
    closed = 0
    with house.database.transaction(reading=True) as db:
        due = queries.overdue(db, now=now, grace=grace, limit=5_000)
    for first in range(0, len(due), _AT_ONCE):
        chunk = due[first : first + _AT_ONCE]
        try:
            closed += _sweep_chunk(house, chunk, now, grace)
        except Exception:
            # One attempt that cannot be closed must not keep the others open.
            log.exception("closing several attempts failed; trying one by one")
            closed += sum(_sweep_alone(house, attempt_id, now, grace) for attempt_id in chunk)
    return closed


def _sweep_alone(house: House, attempt_id: int, now: datetime, grace: timedelta) -> int:
    try:
        return _sweep_chunk(house, [attempt_id], now, grace)
    except Exception:
        log.exception("attempt %d could not be closed", attempt_id)
        return 0


def _sweep_chunk(house: House, attempt_ids: Sequence[int], now: datetime, grace: timedelta) -> int:
    closed = 0
    with acting_as(house, "sweeper") as op:
        for attempt_id in attempt_ids:
            attempt = queries.hold(op.db, attempt_id)
            if attempt is None:
                continue
            if attempt.paused_at is not None:
                continue
            if is_due(attempt.state, deadline=attempt.deadline_at, grace=grace, now=now):
                close(op, attempt, closing=Closing.AT_DEADLINE, as_of=attempt.deadline_at)
                closed += 1
            elif attempt.state is AttemptState.OPEN:
                attempt.next_check_at = attempt.deadline_at + grace
    return closed


class Folder:
    """Folds in the background what was saved since it last looked; forgetting where it stood costs only time."""

    def __init__(self) -> None:
        self._seen = 0

    def fold_recent(self, house: House) -> int:
        """Fold every open attempt with recent saves; returns how many."""
        with house.database.transaction(reading=True) as db:
            newest, found = queries.unfolded_since(db, self._seen, look_back=_LOOK_BACK)
        attempt_ids = sorted(found)
        for first in range(0, len(attempt_ids), _AT_ONCE):
            with house.database.transaction() as db:
                for attempt_id in attempt_ids[first : first + _AT_ONCE]:
                    fold(db, attempt_id)
        self._seen = newest
        return len(attempt_ids)
