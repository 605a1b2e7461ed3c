"""The history checker: what candidates were told, compared with what is stored and with what was scored.

The drill, the tests of faults and the measurements share it, so that each of them means the same by "nothing was lost".
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.attempts import queries as attempts
from app.attempts.responses import hash_responses
from app.attempts.rules import AttemptState, Closing
from app.audit.actions import AuditAction
from app.audit.models import AuditRecord
from app.grading import queries as grading

T = TypeVar("T")

_CLOSINGS = (AuditAction.ATTEMPT_HAND_IN, AuditAction.ATTEMPT_CLOSE, AuditAction.ATTEMPT_END)
_AT_ONCE = 500


@dataclass
class History:
    """What one candidate was told: their attempt (0: no start was acknowledged), every save that was acknowledged as
    stored, by position and revision, as canonical JSON text, and whether the hand-in was."""

    registration_id: int
    attempt_id: int = 0
    told: dict[tuple[int, int], str] = field(default_factory=dict)
    handed_in: bool = False

    def newest(self) -> dict[int, tuple[int, str]]:
        """By position the newest acknowledged revision and its response."""
        return {at: (revision, self.told[at, revision]) for at, revision in sorted(self.told)}


def broken_promises(db: Session, histories: Sequence[History], *, ended: bool = False) -> list[str]:
    """What was acknowledged and is not so: a start, a save that is not stored, one that was not scored, a hand-in that
    closed nothing or more than once. One sentence each. `ended`: the time of all is over, and no attempt may be open.
    """
    closings = _count_closings(db)
    found: list[str] = []
    for some in _in_parts(histories):
        found += _broken_among(db, some, closings, ended=ended)
    return found


def _broken_among(db: Session, histories: Sequence[History], closings: dict[int, int], *, ended: bool) -> list[str]:
    ids = {history.attempt_id for history in histories}
    stand = attempts.attempts_by_id(db, ids)
    stored: dict[int, dict[tuple[int, int], str]] = defaultdict(dict)
    for attempt_id, position, revision, response in attempts.journal_of(db, ids):
        stored[attempt_id][position, revision] = response
    counted = attempts.folded_among(db, ids)
    scored = grading.hashes_scored(db, ids)
    with_result = grading.totals_scored(db, [history.registration_id for history in histories])
    found = []
    for history in histories:
        attempt, own = stand.get(history.attempt_id), stored[history.attempt_id]
        if history.attempt_id and (attempt is None or attempt.registration_id != history.registration_id):
            found.append(f"start of registration {history.registration_id} is gone")
            continue
        found += [
            f"save {(history.attempt_id, *key)} is not stored"
            for key, response in history.told.items()
            if own.get(key) != response
        ]
        if attempt is None or attempt.state is AttemptState.OPEN:
            if history.handed_in:
                found.append(f"hand-in of attempt {history.attempt_id} is gone")
            if ended:
                found.append(f"registration {history.registration_id} has no attempt that is closed")
            continue
        said = counted.get(attempt.id, {})
        found += [
            f"save ({attempt.id}, {position}, {revision}) was not scored"
            for position, (revision, response) in history.newest().items()
            if not _counts(said.get(position), revision, response)
        ]
        responses = {position: response for position, (_, response) in said.items()}
        absent = attempt.closing is Closing.ABSENT  # the room went over to paper before they came
        due = [] if absent else [hash_responses(responses)]
        if scored.get(attempt.id, []) != due or (attempt.registration_id in with_result) is absent:
            found.append(f"attempt {attempt.id} was not scored once, on what is stored")
        if closings.get(attempt.id) != 1:
            found.append(f"attempt {attempt.id} was closed {closings.get(attempt.id, 0)} times")
    return found


def _counts(folded: tuple[int, str] | None, revision: int, response: str) -> bool:
    """Whether what counts at a position is that revision as it was acknowledged, or a newer one."""
    return folded is not None and (folded[0] > revision or folded == (revision, response))


def _count_closings(db: Session) -> dict[int, int]:
    query = select(AuditRecord.subject_id, func.count()).where(AuditRecord.action.in_(_CLOSINGS))
    return {int(row[0]): row[1] for row in db.execute(query.group_by(AuditRecord.subject_id))}


def _in_parts(histories: Sequence[T]) -> Iterator[Sequence[T]]:
    for first in range(0, len(histories), _AT_ONCE):
        yield histories[first : first + _AT_ONCE]
