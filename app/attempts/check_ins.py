"""Sign-ins with ticket and code in a batch: a guess is counted, the code struck off, the session opened, all in one
transaction (decision 0029). The counters of who is refused stand with everything else of the batch (P38).

What is locked is locked in one order by everybody: codes (the newest first), then counters (those of pairs, of tickets,
of sources, each in the order of keys).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.accounts.queries import token_digest
from app.attempts.acts import SEEN_EVERY, CheckIn, record_all, refuse_session
from app.attempts.lanes import Lane
from app.attempts.lockdown.guard import Guard
from app.attempts.rules import CheckInRefused
from app.attempts.wires import Question, Statement, moment_of, moment_said
from app.audit.actions import AuditAction
from app.audit.record import KnownAct, compose
from app.errors import AppError, TooMany
from app.security import one_time_codes
from app.security.actor import PUBLIC, Actor, ActorKind
from app.security.derivation import Purpose, derive
from app.security.throttle import SignInGuard, Throttle, Try
from app.settings import Settings

_SEATS = Statement(
    "check_in_seats",
    """
SELECT {all}({list}(r.ticket_number, r.id, r.exam_id, r.seat,
       CASE WHEN e.lockdown AND NOT EXISTS (SELECT 1 FROM lockdown_waiver w WHERE w.registration_id = r.id
                                            AND w.withdrawn_at IS NULL) THEN r.exam_id END,
       (SELECT coalesce(max(i.id), 0) FROM check_in_code i WHERE i.registration_id = r.id),
       (SELECT min(c.id) FROM account c
        WHERE c.person_id = r.person_id AND c.disabled_at IS NULL
          AND EXISTS (SELECT 1 FROM role_grant g
                      WHERE g.account_id = c.id AND g.role = 'candidate' AND g.revoked_at IS NULL))))
FROM registration r
JOIN exam e ON e.id = r.exam_id
WHERE r.ticket_number IN (SELECT value ->> 0 FROM {sent}) AND r.state = 'confirmed' AND e.state = 'sealed'""",
)
# Used codes are read too, and in an order that no index has: else the walk may begin at all codes (`test_plans.py`).
_CODES = Statement(
    "check_in_codes",
    """
SELECT {all}({list}(id, registration_id, code_digest, ends_at, used_at IS NULL))
FROM (SELECT a.id, a.registration_id, a.code_digest, a.ends_at, a.used_at
      FROM check_in_code a
      WHERE a.registration_id IN (SELECT r.id FROM registration r
                                  WHERE r.ticket_number IN (SELECT value ->> 0 FROM {sent}))
      ORDER BY -a.id {hold}) AS held""",
)
_MAKE_COUNTERS = Statement(
    "check_in_make_counters",
    """
INSERT INTO throttle (key, window_start, count, strikes)
SELECT value ->> 0, CAST(value ->> 1 AS {moment}), 0, 0 FROM {sent} WHERE true
ON CONFLICT (key) DO NOTHING""",
)
_COUNTERS = Statement(
    "check_in_counters",
    """
SELECT {all}({list}(key, window_start, count, strikes, blocked_until))
FROM (SELECT a.key, a.window_start, a.count, a.strikes, a.blocked_until
      FROM (SELECT value ->> 0 AS key, CAST(value ->> 2 AS int) AS place FROM {sent}) AS k
      JOIN throttle a ON a.key = k.key
      ORDER BY k.place {hold}) AS held""",
)
_COUNT = Statement(
    "check_in_count",
    """
UPDATE throttle SET window_start = k.window_start, count = k.count, strikes = k.strikes, blocked_until = k.blocked_until
FROM (SELECT value ->> 0 AS key, CAST(value ->> 1 AS {moment}) AS window_start, CAST(value ->> 2 AS int) AS count,
             CAST(value ->> 3 AS int) AS strikes, CAST(value ->> 4 AS {moment}) AS blocked_until FROM {sent}) AS k
WHERE throttle.key = k.key""",
)
_OPEN = Statement(
    "check_in_open",
    """
INSERT INTO session (token_digest, account_id, created_at, seen_at, ends_at, address)
SELECT value ->> 0, CAST(value ->> 1 AS bigint), CAST(value ->> 2 AS {moment}), CAST(value ->> 2 AS {moment}),
       CAST(value ->> 3 AS {moment}), value ->> 4
FROM {sent}""",
)
_OPENED = Statement(
    "check_in_opened",
    """
SELECT {all}({list}(s.token_digest, s.id)) FROM session s
WHERE s.token_digest IN (SELECT value ->> 0 FROM {sent})""",
)
_STRIKE_OFF = Statement(
    "check_in_strike_off",
    """
UPDATE check_in_code SET used_at = k.used_at, session_id = k.session_id
FROM (SELECT CAST(value ->> 0 AS bigint) AS id, CAST(value ->> 1 AS {moment}) AS used_at,
             CAST(value ->> 2 AS bigint) AS session_id FROM {sent}) AS k
WHERE check_in_code.id = k.id""",
)


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """A session that was opened with ticket and code; the token is stored nowhere."""

    token: str
    registration_id: int
    exam_id: int


@dataclass(frozen=True, slots=True)
class _Seat:
    registration_id: int
    exam_id: int
    number: int | None
    browser_of: int | None
    newest_code_id: int
    account_id: int | None


@dataclass(frozen=True, slots=True)
class _Code:
    id: int
    registration_id: int
    digest: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class _Opened:
    act: CheckIn
    noted: KnownAct
    code_id: int
    account_id: int
    registration_id: int


class CheckIns:
    """What signing in leans on; one for the life of a journal."""

    def __init__(self, settings: Settings, guard: Guard) -> None:
        secret = settings.secret_key.get_secret_value()
        self.settings = settings
        self.guard = guard
        self.code_key = derive(secret, Purpose.CHECK_IN_CODE)
        self.throttle = SignInGuard(derive(secret, Purpose.THROTTLE))
        self.idle = timedelta(minutes=settings.session_idle_minutes)
        self.lasts = timedelta(hours=settings.session_hours)

    def judge(self, lane: Lane, acts: Sequence[CheckIn]) -> list[CheckedIn | AppError]:
        """The outcome of each act, in order; what is to be kept has been handed to the lane."""
        return _Batch(self, lane, acts).judge()


class _Batch:
    """One transaction's worth of sign-ins."""

    def __init__(self, leans_on: CheckIns, lane: Lane, acts: Sequence[CheckIn]) -> None:
        self._on = leans_on
        self._lane = lane
        self._acts = acts
        self._seats: dict[str, list[_Seat]] = {}
        self._codes: dict[int, list[_Code]] = {}
        self._counters: dict[str, Throttle] = {}
        self._seen: dict[int, datetime] = {}
        self._opened: list[_Opened] = []
        self._records: list[dict[str, Any]] = []

    def judge(self) -> list[CheckedIn | AppError]:
        self._read_seats()
        tries = [self._try(act) for act in self._acts]
        before = self._read_counters(tries)
        outcomes = [self._settle(act, guess) for act, guess in zip(self._acts, tries, strict=True)]
        self._write(before)
        return outcomes

    def _read_seats(self) -> None:
        """The seats of every ticket, in the order of seats, and the codes that may still be used, held."""
        # A number that no ticket has is asked for nowhere: PostgreSQL holds no text with a zero in it.
        asked = sorted({act.ticket_number for act in self._acts if act.ticket_number.isprintable()})
        sent = [(number,) for number in asked]
        seats, codes = self._lane.wire.ask(Question(_SEATS, sent), Question(_CODES, sent))
        for number, *row in sorted(seats, key=lambda row: (row[3] is None, row[3] or 0, row[1])):
            self._seats.setdefault(number, []).append(_Seat(*row))
        for code_id, registration_id, digest, ends_at, unused in codes:
            if unused:
                code = _Code(code_id, registration_id, digest, moment_of(ends_at))
                self._codes.setdefault(registration_id, []).append(code)

    def _try(self, act: CheckIn) -> Try:
        """The guess as it is counted: a new code from the proctor starts with counters at zero."""
        issue = max((seat.newest_code_id for seat in self._seats.get(act.ticket_number, ())), default=0)
        return Try(f"ticket:{act.ticket_number}", issue, act.caller.address)

    def _read_counters(self, tries: Sequence[Try]) -> Mapping[str, Any]:
        """Make and hold every counter that these count under; returns them as they stand."""
        made = dict[str, datetime]()
        for keys in zip(*(self._on.throttle.keys(guess) for guess in tries), strict=True):
            made |= dict.fromkeys(sorted(set(keys)), self._acts[0].caller.arrived_at)
        sent = [(key, moment_said(at), place) for place, (key, at) in enumerate(made.items())]
        self._lane.wire.tell(_MAKE_COUNTERS, sent)
        (found,) = self._lane.wire.ask(Question(_COUNTERS, sent))
        for key, window_start, count, strikes, blocked_until in found:
            self._counters[key] = Throttle(
                key=key,
                window_start=moment_of(window_start),
                count=count,
                strikes=strikes,
                blocked_until=None if blocked_until is None else moment_of(blocked_until),
            )
        return {key: _figures(row) for key, row in self._counters.items()}

    def _settle(self, act: CheckIn, guess: Try) -> CheckedIn | AppError:
        now = act.caller.arrived_at
        try:
            self._on.throttle.count(self._counters.__getitem__, guess, now=now)
        except TooMany as refusal:
            return refusal
        seats = self._seats.get(act.ticket_number, [])
        noted = KnownAct(self._actor(act), now, act.caller.request_id, act.caller.address, self._on.settings)
        found = self._find(act, seats)
        if found is None:
            return self._refuse(noted, seats)
        seat, code = found
        unproved = self._on.guard.refuse_ticket(
            self._lane.wire, exam_id=seat.browser_of, proof=act.caller.proof, now=now
        )
        if unproved is not None:
            return unproved  # it spends no code
        if seat.account_id is None:
            return self._refuse(noted, seats)
        self._codes[seat.registration_id].remove(code)
        self._on.throttle.take_back(self._counters.__getitem__, guess)
        self._opened.append(_Opened(act, noted, code.id, seat.account_id, seat.registration_id))
        return CheckedIn(act.token, seat.registration_id, seat.exam_id)

    def _find(self, act: CheckIn, seats: Sequence[_Seat]) -> tuple[_Seat, _Code] | None:
        """The seat and the code that were typed; the newest codes first."""
        whose = {seat.registration_id: seat for seat in seats}
        codes = [code for seat in seats for code in self._codes.get(seat.registration_id, ())]
        for code in sorted(codes, key=lambda code: -code.id):
            if code.ends_at > act.caller.arrived_at and self._fits(act.code, code):
                return whose[code.registration_id], code
        return None

    def _fits(self, typed: str, code: _Code) -> bool:
        owner = one_time_codes.check_in_owner(code.registration_id)
        return one_time_codes.match(typed, [code.digest], key=self._on.code_key, owner=owner) is not None

    def _refuse(self, noted: KnownAct, seats: Sequence[_Seat]) -> CheckInRefused:
        subject = ("registration", seats[0].registration_id if seats else 0)
        self._records.append(
            compose(noted, AuditAction.SESSION_REFUSE, subject=subject, after={"cause": "check_in_code"})
        )
        return CheckInRefused()

    def _actor(self, act: CheckIn) -> Actor:
        """Who acts as the log knows it: nobody, or whoever is signed in at that computer already."""
        if not act.caller.session_token:
            return PUBLIC
        writer = self._lane.writer(token_digest(act.caller.session_token))
        if writer is None or refuse_session(writer, now=act.caller.arrived_at, idle=self._on.idle):
            return PUBLIC
        if act.caller.arrived_at - writer.seen_at >= SEEN_EVERY:
            self._seen[writer.session_id] = act.caller.arrived_at
        return Actor(ActorKind.PERSON, writer.account_id, writer.person_id, session_id=writer.session_id)

    def _write(self, before: Mapping[str, Any]) -> None:
        """Hand everything to the lane: the counters that moved, the sessions, the codes, the records."""
        wire = self._lane.wire
        moved = [figures for key, row in self._counters.items() if (figures := _figures(row)) != before[key]]
        if moved:
            wire.tell(_COUNT, moved)
        if self._seen:
            self._lane.see(sorted(self._seen), max(self._seen.values()))
        if self._opened:
            self._open()
        if self._records:
            record_all(wire, self._records)

    def _open(self) -> None:
        wire, opened = self._lane.wire, {token_digest(one.act.token): one for one in self._opened}
        wire.tell(
            _OPEN,
            [
                (
                    digest,
                    one.account_id,
                    moment_said(one.noted.now),
                    moment_said(one.noted.now + self._on.lasts),
                    one.noted.address,
                )
                for digest, one in opened.items()
            ],
        )
        (found,) = wire.ask(Question(_OPENED, [(digest,) for digest in opened]))
        session_ids = dict[str, int](found)
        wire.tell(
            _STRIKE_OFF,
            [(one.code_id, moment_said(one.noted.now), session_ids[digest]) for digest, one in opened.items()],
        )
        for digest, one in opened.items():
            session_id = session_ids[digest]
            after = {"account_id": one.account_id}
            self._records.append(
                compose(one.noted, AuditAction.SESSION_OPEN, subject=("session", session_id), after=after)
            )
            after = {"code": one.code_id, "session_id": session_id}
            subject = ("registration", one.registration_id)
            self._records.append(compose(one.noted, AuditAction.REGISTRATION_CHECK_IN, subject=subject, after=after))


def _figures(row: Throttle) -> tuple[Any, ...]:
    blocked = None if row.blocked_until is None else moment_said(row.blocked_until)
    return row.key, moment_said(row.window_start), row.count, row.strikes, blocked
