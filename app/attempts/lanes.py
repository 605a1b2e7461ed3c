"""The journal's statements about saves, and who sends them; written once for both databases (`app.attempts.wires`).

Every attempt of a batch is locked, in the order of ids, before anything is read of it: a hand-in or a closing comes
wholly before or wholly after (P2). On SQLite the one writer at a time does the same.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import astuple
from sqlalchemy import URL

from app.attempts.rules import RefusedWhy, Stored
from app.attempts.wires import Insertion, Question, Statement, Wire, moment_of, moment_said, open_wire
from app.security.permissions import Role


class Writer(msgspec.Struct, frozen=True):
    """A log-in session with its account, as far as the hot path must know them."""

    session_id: int
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    factor_at: datetime | None
    disabled_at: datetime | None
    person_id: int
    account_id: int
    roles: frozenset[Role]


class Held(msgspec.Struct, frozen=True):
    """An attempt that this transaction holds: nobody else moves it until the commit. `writer` is its writing session,
    known by the digest of its token."""

    attempt_id: int
    form_id: int
    is_open: bool
    deadline_at: datetime
    epoch: int
    person_id: int
    token_digest: str
    writer: Writer
    paused_at: datetime | None = None
    browser_of: int | None = None
    """The exam whose browser each request must prove; None where any browser will do."""
    registration_id: int = 0
    announced: int = 0
    """The number of the newest announcement that reaches it. Like its registration and its turns it is known to a look
    alone: a save neither needs it nor pays for it."""
    turns: int = 0
    """How often its candidate's raised hands have moved."""


class Row(msgspec.Struct, frozen=True):
    """One save to append; `response` is canonical JSON text. Its members stand in the order of the columns."""

    attempt_id: int
    position: int
    revision: int
    epoch: int
    response: str
    arrived_at: str
    """As `moment_said` writes it."""


Place = tuple[int, int]
"""(attempt, position)."""
Sent = tuple[int, int, int]
"""(attempt, position, the least revision that was sent of it)."""

SESSION = """s.id AS s0, s.created_at AS s1, s.seen_at AS s2, s.ends_at AS s3, s.ended_at AS s4, s.factor_at AS s5,
       c.disabled_at AS s6, c.person_id AS s7, c.id AS s8,
       (SELECT {all}(g.role) FROM role_grant g WHERE g.account_id = c.id AND g.revoked_at IS NULL) AS s9"""
SESSION_LISTED = "s0, s1, s2, s3, s4, s5, s6, s7, s8, {json(}s9{)json}"
_ATTEMPTS = f"""
SELECT {{all}}({{list}}(a0, a1, a2, a3, a4, a5, a6, a7, a8, {SESSION_LISTED}%(listed)s))
FROM (
  SELECT a.id AS a0, a.form_id AS a1, a.state = 'open' AS a2, a.deadline_at AS a3, a.epoch AS a4, r.person_id AS a5,
         s.token_digest AS a6, a.paused_at AS a7,
         CASE WHEN a.lockdown THEN r.exam_id END AS a8, {SESSION}%(more)s
  FROM attempt a
  JOIN registration r ON r.id = a.registration_id
  JOIN session s ON s.id = a.writing_session_id
  JOIN account c ON c.id = s.account_id
  WHERE a.id IN (SELECT CAST(value ->> 0 AS bigint) FROM {{sent}})
  ORDER BY a.id """
_NEWS = {
    "listed": ", n0, n1, n2",
    "more": """, r.id AS n0,
         (SELECT coalesce(max(n.number), 0) FROM announcement n
          WHERE n.exam_id = r.exam_id AND (n.sitting_id IS NULL OR n.sitting_id = r.sitting_id)
            AND (n.room_id IS NULL OR n.room_id = r.room_id)) AS n1,
         (SELECT coalesce(sum(h.turn), 0) FROM hand h WHERE h.registration_id = r.id) AS n2""",
}
_HOLD = Statement("hold", _ATTEMPTS % {"listed": "", "more": ""} + "{hold}) AS held")
_LOOK = Statement("look", _ATTEMPTS % _NEWS + ") AS looked")
_FIND = Statement(
    "find_writer",
    f"""
SELECT {{all}}({{list}}({SESSION_LISTED}))
FROM (
  SELECT {SESSION}
  FROM session s JOIN account c ON c.id = s.account_id
  WHERE s.token_digest IN (SELECT value ->> 0 FROM {{sent}})
) AS found""",
)
# Asked place by place: a join would be walked from the journal's side where PostgreSQL takes it for empty (measured).
# Nearly every save is newer than all that is stored: then the index says so alone, and nothing is given for the place.
_NEWEST = Statement(
    "newest",
    """
SELECT {all}({json(}(
    SELECT {list}(j.attempt_id, j.position, j.revision, j.response, j.arrived_at) FROM answer_journal AS j
    WHERE j.attempt_id = k.attempt_id AND j.position = k.position AND j.revision >= k.revision
    ORDER BY j.revision DESC LIMIT 1
){)json})
FROM (SELECT CAST(value ->> 0 AS bigint) AS attempt_id, CAST(value ->> 1 AS int) AS position,
             CAST(value ->> 2 AS bigint) AS revision FROM {sent}) AS k""",
)
# `LIMIT 1 OFFSET 0`: asked row by row, see `app.attempts.endings`.
_NEWEST_OF = Statement(
    "newest_of",
    """
SELECT {all}({list}(j.attempt_id, j.position, j.revision, j.response, j.arrived_at))
FROM (SELECT CAST(value ->> 0 AS bigint) AS attempt_id FROM {sent}) AS k
JOIN answer_journal AS j ON j.attempt_id = k.attempt_id
WHERE NOT EXISTS (SELECT 1 FROM answer_journal AS n
                  WHERE n.attempt_id = j.attempt_id AND n.position = j.position AND n.revision > j.revision
                  LIMIT 1 OFFSET 0)""",
)
_CONTENT = Statement(
    "form_content",
    """
SELECT {all}({list}(id, exam_id, content)) FROM form WHERE id IN (SELECT CAST(value ->> 0 AS bigint) FROM {sent})""",
)
_APPEND = Insertion(
    "append",
    "answer_journal",
    {
        "attempt_id": "bigint", "position": "int", "revision": "bigint", "epoch": "int", "response": "text",
        "arrived_at": "{moment}",
    },
)  # fmt: skip
_REFUSE = Statement(
    "refuse",
    """
INSERT INTO refused_save (attempt_id, position, revision, response, why, arrived_at)
SELECT CAST(value ->> 0 AS bigint), CAST(value ->> 1 AS int), CAST(value ->> 2 AS bigint), value ->> 4, value ->> 6,
       CAST(value ->> 5 AS {moment})
FROM {sent}
WHERE (SELECT count(*) FROM refused_save AS k WHERE k.attempt_id = CAST(value ->> 0 AS bigint)) < 2000
ON CONFLICT DO NOTHING""",
)
_SEE = Statement(
    "see",
    """
UPDATE session SET seen_at = (SELECT CAST(max(value ->> 1) AS {moment}) FROM {sent})
WHERE id IN (SELECT s.id FROM session AS s WHERE s.id IN (SELECT CAST(value ->> 0 AS bigint) FROM {sent})
             ORDER BY s.id {pass_held})""",
)


class Lane:
    """What is asked of the database about saves, over a wire that has begun."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    def begin(self) -> None:
        """Open the transaction; on SQLite become the writer."""
        self.wire.begin()

    def hold(
        self, attempt_ids: Sequence[int], sent: Sequence[Sent], *more: Question
    ) -> tuple[dict[int, Held], dict[Place, Stored], list[list[Any]]]:
        """Lock these attempts and read them, then the newest stored revision of each place where what was sent is not
        newer, and whatever `more` asks, all in one turn; what does not exist is left out."""
        newest = [Question(_NEWEST, sent)] if sent else []
        held, *told = self.wire.ask(Question(_HOLD, [(i,) for i in attempt_ids]), *newest, *more)
        found = told.pop(0) if sent else ()
        stored = {(row[0], row[1]): _stored(row[2:]) for row in found if row}
        return {row[0]: _held(row) for row in held}, stored, told

    def look(self, attempt_ids: Sequence[int]) -> dict[int, Held]:
        """Read these attempts without holding them."""
        (found,) = self.wire.ask(Question(_LOOK, [(i,) for i in attempt_ids]))
        return {row[0]: _held(row) for row in found}

    def newest_of(self, attempt_ids: Sequence[int]) -> dict[int, dict[int, Stored]]:
        """Everything that is stored for these attempts, by attempt and position."""
        (found,) = self.wire.ask(Question(_NEWEST_OF, [(i,) for i in attempt_ids]))
        stored: dict[int, dict[int, Stored]] = {attempt_id: {} for attempt_id in attempt_ids}
        for row in sorted(found):
            stored[row[0]][row[1]] = _stored(row[2:])
        return stored

    def writer(self, token_digest: str) -> Writer | None:
        """The session of that token."""
        (found,) = self.wire.ask(Question(_FIND, [(token_digest,)]))
        return writer_of(found[0]) if found else None

    def form_contents(self, form_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
        """The exam of each of these sealed forms, and its canonical JSON."""
        (found,) = self.wire.ask(Question(_CONTENT, [(i,) for i in form_ids]))
        return {form_id: (exam_id, content) for form_id, exam_id, content in found}

    def append(self, rows: Sequence[Row]) -> None:
        """Add saves to the journal."""
        self.wire.tell(_APPEND, [astuple(row) for row in rows])

    def refuse(self, rows: Iterable[tuple[Row, RefusedWhy]]) -> None:
        """Keep refused saves as evidence, each once; a page that is out of order fills nothing with them."""
        self.wire.tell(_REFUSE, [(*astuple(row), why.value) for row, why in rows])

    def see(self, session_ids: Sequence[int], now: datetime) -> None:
        """Note that these sessions are in use; those that another transaction holds are passed over."""
        self.wire.tell(_SEE, [(session_id, moment_said(now)) for session_id in session_ids])

    def commit(self) -> None:
        """Make it durable."""
        self.wire.commit()

    def close(self) -> None:
        """Hang up; what was not committed is gone."""
        self.wire.close()


def open_lane(url: URL) -> Lane:
    """A lane over a connection of its own. Raises one of the driver's errors where there is none."""
    return Lane(open_wire(url))


def writer_of(row: Sequence[Any]) -> Writer:
    """The session and account of a row that begins with `SESSION_LISTED`."""
    ended_at, factor_at, disabled_at = (None if said is None else moment_of(said) for said in row[4:7])
    created_at, seen_at, ends_at = map(moment_of, row[1:4])
    roles = _roles(*row[9]) if row[9] else frozenset[Role]()
    return Writer(row[0], created_at, seen_at, ends_at, ended_at, factor_at, disabled_at, row[7], row[8], roles)


@lru_cache(maxsize=512)  # nearly everybody who saves is a candidate and nothing else
def _roles(*names: str) -> frozenset[Role]:
    return frozenset(map(Role, names))


def _held(row: Sequence[Any]) -> Held:
    attempt_id, form_id, is_open, deadline_at, epoch, person_id, token_digest, paused_at = row[:8]
    writer = writer_of(row[9:])
    paused = None if paused_at is None else moment_of(paused_at)
    known = attempt_id, form_id, bool(is_open), moment_of(deadline_at), epoch, person_id, token_digest, writer, paused
    return Held(*known, row[8], *row[19:])


def _stored(row: Sequence[Any]) -> Stored:
    return Stored(row[0], row[1], moment_of(row[2]))
