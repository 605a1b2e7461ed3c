"""Attempts that end in a batch, handed in or at their deadline: judged while held, folded, closed, marked and noted,
once (P2, P10, P13)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec
from msgspec import structs

from app.attempts.acts import HandIn, act_of, record_all
from app.attempts.lanes import Lane, Place, Writer
from app.attempts.messages import HandInShown
from app.attempts.receipts import ReceiptBook
from app.attempts.responses import hash_responses
from app.attempts.rules import AttemptState, Closing, Stored, Window, check_hand_in, is_due
from app.attempts.showing import show_hand_in
from app.attempts.wires import Question, Statement, Wire, moment_of, moment_said
from app.audit.actions import AuditAction
from app.audit.record import NamesAct, compose
from app.errors import AppError, NotFound
from app.settings import Settings

_ENDINGS = Statement(
    "endings",
    """
SELECT {all}({list}(a.id, a.registration_id, r.exam_id, a.form_id, a.deadline_at, a.epoch, a.state, a.closing,
       a.closed_at, a.receipt_code, t.starts_at, t.ends_at, e.late_entry_minutes, e.earliest_hand_in_minutes,
       r.state = 'confirmed' AND e.state = 'sealed', a.paused_at IS NOT NULL))
FROM attempt a
JOIN registration r ON r.id = a.registration_id
JOIN exam e ON e.id = r.exam_id
JOIN sitting t ON t.id = r.sitting_id
WHERE a.id IN (SELECT CAST(value ->> 0 AS bigint) FROM {sent})""",
)
# `LIMIT 1 OFFSET 0` keeps PostgreSQL from making a join of what is asked row by row: where it took the other side for
# empty, as it is at the bell, it walked through all of it for each row (measured: 54 ms of a hand-in's 55).
_RESPONSES = Statement(
    "ending_responses",
    """
SELECT {all}({list}(k.attempt_id, {json(}(
    SELECT {all}({list}(j.position, j.response)) FROM answer_journal AS j
    WHERE j.attempt_id = k.attempt_id
      AND NOT EXISTS (SELECT 1 FROM answer_journal AS n
                      WHERE n.attempt_id = j.attempt_id AND n.position = j.position AND n.revision > j.revision
                      LIMIT 1 OFFSET 0)
){)json}))
FROM (SELECT CAST(value ->> 0 AS bigint) AS attempt_id FROM {sent}) AS k""",
)
_RESPONSES_SHAPE = list[tuple[int, list[tuple[int, str]] | None]]
_FOLD = Statement(
    "ending_fold",
    """
INSERT INTO response (attempt_id, position, revision, response, saved_at)
SELECT j.attempt_id, j.position, j.revision, j.response, j.arrived_at
FROM (SELECT CAST(value ->> 0 AS bigint) AS attempt_id FROM {sent}) AS k
JOIN answer_journal AS j ON j.attempt_id = k.attempt_id
WHERE NOT EXISTS (SELECT 1 FROM answer_journal AS n
                  WHERE n.attempt_id = j.attempt_id AND n.position = j.position AND n.revision > j.revision
                  LIMIT 1 OFFSET 0)
  AND NOT EXISTS (SELECT 1 FROM response AS r
                  WHERE r.attempt_id = j.attempt_id AND r.position = j.position AND r.revision >= j.revision
                  LIMIT 1 OFFSET 0)
ON CONFLICT (attempt_id, position) DO UPDATE
SET revision = excluded.revision, response = excluded.response, saved_at = excluded.saved_at
WHERE response.revision < excluded.revision""",
)
_CLOSE = Statement(
    "ending_close",
    """
UPDATE attempt
SET state = 'closed', closing = k.closing, closed_at = k.closed_at, receipt_code = k.receipt_code
FROM (SELECT CAST(value ->> 0 AS bigint) AS id, value ->> 1 AS closing, CAST(value ->> 2 AS {moment}) AS closed_at,
             value ->> 3 AS receipt_code FROM {sent}) AS k
WHERE attempt.id = k.id""",
)

_LATER = Statement(
    "ending_later",
    """
UPDATE attempt SET next_check_at = k.at
FROM (SELECT CAST(value ->> 0 AS bigint) AS id, CAST(value ->> 1 AS {moment}) AS at FROM {sent}) AS k
WHERE attempt.id = k.id""",
)
ENDED_BY = {
    Closing.HANDED_IN: AuditAction.ATTEMPT_HAND_IN,
    Closing.AT_DEADLINE: AuditAction.ATTEMPT_CLOSE,
    Closing.ON_PAPER: AuditAction.ATTEMPT_CLOSE,
    Closing.ENDED: AuditAction.ATTEMPT_END,
}
"""The act that each closing is recorded as."""


class Ended(msgspec.Struct, frozen=True):
    """An attempt that this transaction closes, with the responses that count (canonical JSON by position)."""

    attempt_id: int
    registration_id: int
    exam_id: int
    form_id: int
    responses: Mapping[int, str]
    responses_hash: str
    act: NamesAct


class Mark(Protocol):
    """Scores what has ended, in the transaction that ends it: acknowledged means marked (P2)."""

    def learn(self, exam_id: int, form_id: int, content: str) -> None:
        """Be told of a sealed form (its JSON) by the first save that comes for it: what scoring needs of it may be made
        ready long before the bell."""

    def before(self, attempt_ids: Sequence[int]) -> Question:
        """What `mark` must know of the attempts that may end; asked once they are held, with all else that is read."""

    def mark(self, wire: Wire, ended: Sequence[Ended], before: Sequence[Any]) -> None:
        """Score these; `before` is what the question was answered. Raises what keeps one of them from being scored;
        then none of this transaction stands."""


class _Ending(msgspec.Struct, frozen=True):
    attempt_id: int
    registration_id: int
    exam_id: int
    form_id: int
    deadline_at: datetime
    epoch: int
    state: AttemptState
    closing: Closing | None
    closed_at: datetime | None
    receipt_code: str | None
    window: Window
    seated: bool
    paused: bool


class EndingBatch:
    """One transaction's worth of endings; the attempts are held before its questions are asked."""

    def __init__(self, lane: Lane, *, settings: Settings, receipts: ReceiptBook, mark: Mark) -> None:
        self._lane = lane
        self._settings = settings
        self._grace = timedelta(seconds=settings.grace_seconds)
        self._receipts = receipts
        self._mark = mark
        self._endings: dict[int, _Ending] = {}
        self._stored: dict[int, dict[int, str]] = {}
        self._before: Sequence[Any] = ()
        self._ended: list[Ended] = []

    def questions(self, attempt_ids: Sequence[int]) -> list[Question]:
        """What is asked of these attempts once held: how they stand, all that is stored, what marking needs."""
        sent = [(attempt_id,) for attempt_id in attempt_ids]
        return [Question(_ENDINGS, sent), Question(_RESPONSES, sent, _RESPONSES_SHAPE), self._mark.before(attempt_ids)]

    def take(self, endings: Sequence[Any], responses: Sequence[Any], before: Sequence[Any]) -> None:
        """What the questions were answered."""
        self._endings = {row[0]: self._ending(row) for row in endings}
        self._stored = {attempt_id: dict(stored or ()) for attempt_id, stored in responses}
        self._before = before

    def _ending(self, row: Sequence[Any]) -> _Ending:
        late_entry, earliest = (timedelta(minutes=count) for count in row[12:14])
        return _Ending(
            attempt_id=row[0],
            registration_id=row[1],
            exam_id=row[2],
            form_id=row[3],
            deadline_at=moment_of(row[4]),
            epoch=row[5],
            state=AttemptState(row[6]),
            closing=None if row[7] is None else Closing(row[7]),
            closed_at=None if row[8] is None else moment_of(row[8]),
            receipt_code=row[9],
            window=Window(moment_of(row[10]), moment_of(row[11]), late_entry, earliest, self._grace),
            seated=bool(row[14]),
            paused=bool(row[15]),
        )

    def settle(
        self, hand_in: HandIn, writer: Writer, *, writes: bool, newest: Mapping[Place, Stored]
    ) -> HandInShown | AppError:
        """Close the attempt where it may be, with what is stored and what this batch has kept so far (`newest`)."""
        ending, now = self._endings[hand_in.attempt_id], hand_in.caller.arrived_at
        saved = self._stored[ending.attempt_id]
        for (attempt_id, position), kept in newest.items():
            if attempt_id == ending.attempt_id:
                saved[position] = kept.response
        responses = {position: saved[position] for position in sorted(saved)}
        try:
            if ending.closing is not Closing.HANDED_IN:
                ending = self._close(ending, hand_in, writer, responses, writes=writes, now=now)
            return show_hand_in(
                ending.attempt_id,
                responses,
                closed_at=ending.closed_at,
                closing=ending.closing,
                receipt_code=ending.receipt_code,
            )
        except AppError as error:
            return error

    def _close(
        self,
        ending: _Ending,
        hand_in: HandIn,
        writer: Writer,
        responses: Mapping[int, str],
        *,
        writes: bool,
        now: datetime,
    ) -> _Ending:
        if not ending.seated:
            raise NotFound
        check_hand_in(
            ending.state,
            window=ending.window,
            deadline=ending.deadline_at,
            now=now,
            writes=writes,
            epoch=ending.epoch,
            sent_epoch=hand_in.epoch,
            paused=ending.paused,
        )
        act = act_of(writer, hand_in.caller, self._settings)
        return self._end(ending, responses, act, closing=Closing.HANDED_IN, as_of=min(now, ending.deadline_at))

    def close_overdue(self, attempt_ids: Sequence[int], act: NamesAct, *, now: datetime) -> int:
        """Close those of these held attempts that are past deadline and grace, as of their deadline; returns how many.
        The others are looked at again when they will be."""
        later = list[tuple[int, str]]()
        for attempt_id in attempt_ids:
            ending = self._endings[attempt_id]
            if is_due(ending.state, deadline=ending.deadline_at, grace=self._grace, now=now):
                saved = self._stored[attempt_id]
                responses = {position: saved[position] for position in sorted(saved)}
                self._end(ending, responses, act, closing=Closing.AT_DEADLINE, as_of=ending.deadline_at)
            else:
                later.append((attempt_id, moment_said(ending.deadline_at + self._grace)))
        if later:
            self._lane.wire.tell(_LATER, later)
        return len(self._ended)

    def _end(
        self, ending: _Ending, responses: Mapping[int, str], act: NamesAct, *, closing: Closing, as_of: datetime
    ) -> _Ending:
        said = hash_responses(responses)
        ended = structs.replace(
            ending,
            state=AttemptState.CLOSED,
            closing=closing,
            closed_at=as_of,
            receipt_code=self._receipts.closing_code(ending.attempt_id, said, as_of),
        )
        self._endings[ending.attempt_id] = ended
        whose = (ending.attempt_id, ending.registration_id, ending.exam_id, ending.form_id)
        self._ended.append(Ended(*whose, responses, said, act))
        return ended

    def is_closed(self, attempt_id: int) -> bool:
        """Whether a hand-in of this batch has closed it: later saves of the batch come after."""
        ending = self._endings.get(attempt_id)
        return ending is not None and ending.state is AttemptState.CLOSED

    def write(self) -> None:
        """Fold, close, note and mark; the saves of the batch have been appended before."""
        if not self._ended:
            return
        wire = self._lane.wire
        closed = sorted((self._endings[one.attempt_id] for one in self._ended), key=lambda one: one.attempt_id)
        wire.tell(_FOLD, [(one.attempt_id,) for one in closed])
        wire.tell(
            _CLOSE,
            [(o.attempt_id, o.closing, moment_said(o.closed_at), o.receipt_code) for o in closed if o.closed_at],
        )
        record_all(wire, [self._noted(one) for one in self._ended])
        self._mark.mark(wire, self._ended, self._before)

    def _noted(self, one: Ended) -> dict[str, Any]:
        ending = self._endings[one.attempt_id]
        after = {"state": AttemptState.CLOSED, "responses_hash": one.responses_hash, "as_of": ending.closed_at}
        subject, before = ("attempt", one.attempt_id), {"state": AttemptState.OPEN}
        return compose(
            one.act, ENDED_BY[ending.closing or Closing.HANDED_IN], subject=subject, before=before, after=after
        )
