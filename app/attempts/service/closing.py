"""The end of an attempt by an operation: folding what was saved, closing it once, as of the moment that counts."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.attempts import queries
from app.attempts.endings import ENDED_BY
from app.attempts.events import AttemptClosed
from app.attempts.journal import Journal
from app.attempts.models import Attempt
from app.attempts.responses import hash_responses
from app.attempts.rules import AttemptState, Closing
from app.audit.record import record
from app.operation import House, Operation

_AT_ONCE = 50
_LOOK_BACK = 2_000
"""How many journal ids are looked at again: on PostgreSQL a smaller id may be committed later."""

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
        ENDED_BY[closing],
        subject=("attempt", attempt.id),
        before={"state": before},
        after=after if cause is None else {**after, "cause": cause},
    )
    op.publish(AttemptClosed(attempt.id))
    return responses


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
