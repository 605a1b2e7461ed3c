"""Starts of a batch: who may, whose attempts begin, and what each candidate is shown. One attempt per registration,
whatever the concurrency (P8)."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import structs

from app.attempts.acts import SEEN_EVERY, Start, act_of, record_all, refuse_caller
from app.attempts.envelopes import FormSealer
from app.attempts.lanes import SESSION, SESSION_LISTED, Lane, Writer, writer_of
from app.attempts.lockdown.guard import Guard
from app.attempts.messages import AttemptShown
from app.attempts.proctoring.rules import TimeCause
from app.attempts.response_files.book import FileBook
from app.attempts.rules import (
    AttemptState,
    Closing,
    OtherSession,
    Window,
    check_start,
    deadline_of,
    is_late,
    phase,
    reckon,
)
from app.attempts.showing import show_attempt
from app.attempts.wires import BETWEEN_TEXTS, TEXTS, Question, Statement, moment_of, moment_said
from app.audit.actions import AuditAction
from app.audit.record import compose
from app.errors import AppError, NotFound, Unauthenticated
from app.exams.accommodations import extra_minutes
from app.settings import Settings

_CALLERS = Statement(
    "start_callers",
    f"""
SELECT {{all}}({{list}}(registration_id, token_digest, let_in, {SESSION_LISTED}))
FROM (
  SELECT k.registration_id, k.token_digest, {SESSION},
         EXISTS (SELECT 1 FROM check_in_code AS i
                 WHERE i.registration_id = k.registration_id AND i.session_id = s.id) AS let_in
  FROM (SELECT CAST(value ->> 0 AS bigint) AS registration_id, value ->> 1 AS token_digest FROM {{sent}}) AS k
  JOIN session s ON s.token_digest = k.token_digest
  JOIN account c ON c.id = s.account_id
) AS found""",
)
_SEATS = Statement(
    "start_seats",
    """
SELECT {all}({list}(r.id, r.person_id, e.duration_minutes, e.late_entry_minutes, e.earliest_hand_in_minutes,
       t.starts_at, t.ends_at, coalesce(o.remote, false), f.id, f.content_hash,
       a.id, a.state, a.started_at, a.deadline_at, a.epoch, a.writing_session_id, a.closed_at, a.closing,
       a.receipt_code, (SELECT coalesce(sum(g.seconds), 0) FROM granted_time g WHERE g.attempt_id = a.id),
       EXISTS (SELECT 1 FROM declaration d WHERE d.registration_id = r.id),
       (SELECT coalesce(sum(p.seconds), 0) FROM pause p WHERE p.attempt_id = a.id), a.paused_at,
       (SELECT coalesce(sum(p.seconds), 0) FROM pause p
        WHERE p.room_id = r.room_id AND p.attempt_id IS NULL AND (a.id IS NULL OR p.began_at < a.started_at)),
       (SELECT p.began_at FROM pause p
        WHERE p.room_id = r.room_id AND p.attempt_id IS NULL AND p.ended_at IS NULL),
       y.extra_percent, y.extra_minutes, y.settled_by, e.lockdown,
       CASE WHEN e.lockdown AND NOT EXISTS (SELECT 1 FROM lockdown_waiver w WHERE w.registration_id = r.id
                                            AND w.withdrawn_at IS NULL) THEN r.exam_id END))
FROM registration r
JOIN exam e ON e.id = r.exam_id
JOIN sitting t ON t.id = r.sitting_id
LEFT JOIN room o ON o.id = r.room_id
LEFT JOIN form f ON f.registration_id = r.id
LEFT JOIN attempt a ON a.registration_id = r.id
LEFT JOIN accommodation y ON y.person_id = r.person_id AND y.state = 'approved' AND y.valid_from <= t.starts_at
                         AND (y.valid_until IS NULL OR y.valid_until > t.starts_at)
WHERE r.id IN (SELECT CAST(value ->> 0 AS bigint) FROM {sent}) AND r.state = 'confirmed' AND e.state = 'sealed'""",
)
_BEGIN = Statement(
    "start_begin",
    """
INSERT INTO attempt (registration_id, form_id, state, started_at, deadline_at, next_check_at, writing_session_id, epoch,
                     writing_since)
SELECT f.registration_id, f.id, 'open', CAST(value ->> 2 AS {moment}),
       CAST(value ->> 3 AS {moment}), CAST(value ->> 4 AS {moment}), CAST(value ->> 5 AS bigint), 1,
       CAST(value ->> 2 AS {moment})
FROM {sent} JOIN form f ON f.id = CAST(value ->> 1 AS bigint) AND f.registration_id = CAST(value ->> 0 AS bigint)
WHERE true {hold_form}
ON CONFLICT (registration_id) DO NOTHING""",
)
# Asked registration by registration: a join may be walked from the side of all attempts (`test_plans.py`).
_BEGUN = Statement(
    "start_begun",
    """
SELECT {all}({list}(k.registration_id,
       (SELECT a.id FROM attempt a WHERE a.registration_id = k.registration_id AND {ours})))
FROM (SELECT CAST(value ->> 0 AS bigint) AS registration_id FROM {sent}) AS k""",
)
# After the attempt is added, and with it its registration held: a waiver of the same moment comes before or after.
_LOCK = Statement(
    "start_lock",
    """
UPDATE attempt SET lockdown = NOT EXISTS (SELECT 1 FROM lockdown_waiver w
                                          WHERE w.registration_id = attempt.registration_id AND w.withdrawn_at IS NULL)
WHERE id IN (SELECT CAST(value ->> 0 AS bigint) FROM {sent})""",
)
_GRANT = Statement(
    "start_grant",
    """
INSERT INTO granted_time (attempt_id, seconds, cause, note, granted_by, at)
SELECT CAST(value ->> 0 AS bigint), CAST(value ->> 1 AS integer), 'accommodation', '',
       CAST(value ->> 2 AS bigint), CAST(value ->> 3 AS {moment})
FROM {sent} WHERE true""",
)
_VIEWS = Statement(
    "start_views",
    """
SELECT {texts(}CAST(f.registration_id AS text) || ':' || f.view{)texts} FROM form f
WHERE f.registration_id IN (SELECT CAST(value ->> 0 AS bigint) FROM {sent})""",
)


class _Run(msgspec.Struct, frozen=True):
    id: int
    state: AttemptState
    started_at: datetime
    deadline_at: datetime
    epoch: int
    session_id: int | None
    closed_at: datetime | None = None
    closing: Closing | None = None
    receipt_code: str | None = None
    granted: timedelta = timedelta()
    paused: timedelta = timedelta()
    paused_at: datetime | None = None


class _Seat(msgspec.Struct):
    person_id: int
    window: Window
    duration: timedelta
    remote: bool
    declared: bool
    form_id: int | None
    form_hash: str
    room_paused_at: datetime | None
    run: _Run | None
    extra: timedelta
    """What the person's accommodation grants; enters the ledger with the start."""
    extra_by: int | None
    lockdown: bool
    browser_of: int | None
    """The exam whose browser must be proved: it is asked for, and not waived for this seat."""


class _Admitted(msgspec.Struct, frozen=True):
    start: Start
    writer: Writer
    seat: _Seat


class StartBatch:
    """One transaction's worth of starts."""

    def __init__(
        self,
        lane: Lane,
        starts: Sequence[Start],
        *,
        settings: Settings,
        sealer: FormSealer,
        book: FileBook,
        guard: Guard,
    ) -> None:
        self._lane = lane
        self._starts = starts
        self._settings = settings
        self._sealer = sealer
        self._book = book
        self._guard = guard
        self._begun: set[int] = set()
        self._idle = timedelta(minutes=settings.session_idle_minutes)
        self._grace = timedelta(seconds=settings.grace_seconds)
        self.seen: set[int] = set()

    def judge(self) -> list[AttemptShown | AppError]:
        """The outcome of each start, in order; what is to be kept has been handed to the lane."""
        callers, seats = self._read()
        admitted: list[_Admitted | AppError] = []
        wanted: dict[int, _Admitted] = {}
        for start in self._starts:
            try:
                one = self._admit(start, callers.get((start.registration_id, start.token_digest)), seats)
            except AppError as error:
                admitted.append(error)
                continue
            if one.seat.run is None:
                wanted.setdefault(start.registration_id, one)  # the first of this batch begins, others look at it
            admitted.append(one)
        if wanted:
            self._begin(wanted)
        return self._show(admitted)

    def _read(self) -> tuple[dict[tuple[int, str], tuple[bool, Writer]], dict[int, _Seat]]:
        asked = sorted({(start.registration_id, start.token_digest) for start in self._starts})
        callers, seats = self._lane.wire.ask(
            Question(_CALLERS, asked), Question(_SEATS, sorted({(registration_id,) for registration_id, _ in asked}))
        )
        found = {(row[0], row[1]): (bool(row[2]), writer_of(row[3:])) for row in callers}
        return found, {row[0]: self._seat(row) for row in seats}

    def _seat(self, row: Sequence[Any]) -> _Seat:
        minutes = [timedelta(minutes=count) for count in row[2:5]]
        shift = timedelta(seconds=row[23])
        window = Window(moment_of(row[5]), moment_of(row[6]), minutes[1], minutes[2], self._grace, shift)
        return _Seat(
            person_id=row[1],
            window=window,
            duration=minutes[0],
            remote=bool(row[7]),
            declared=bool(row[20]),
            form_id=row[8],
            form_hash=row[9] or "",
            room_paused_at=_moment(row[24]),
            run=_run(row[10:]),
            extra=timedelta(minutes=extra_minutes(row[25], row[26], duration_minutes=row[2])),
            extra_by=row[27],
            lockdown=bool(row[28]),
            browser_of=row[29],
        )

    def _admit(self, start: Start, caller: tuple[bool, Writer] | None, seats: dict[int, _Seat]) -> _Admitted:
        now = start.caller.arrived_at
        # A token without a session, or of a closed one, is told apart before anything is said of the registration.
        let_in, writer = caller or (False, None)
        refusal = refuse_caller(writer, now=now, idle=self._idle)
        if refusal is not None or writer is None:
            raise refusal or Unauthenticated
        seat = seats.get(start.registration_id)
        if seat is None or seat.person_id != writer.person_id:
            raise NotFound
        wire, asked, shown = self._lane.wire, seat.browser_of, start.caller.proof
        unproved = self._guard.refuse(wire, exam_id=asked, session_id=writer.session_id, proof=shown, now=now)
        if unproved is not None:
            raise unproved
        if now - writer.seen_at >= SEEN_EVERY:
            self.seen.add(writer.session_id)
        if seat.run is None:
            at, room_paused = reckon(now, paused_at=seat.room_paused_at), seat.room_paused_at is not None
            stage = phase(seat.window, started=None, duration=seat.duration, granted=timedelta(), now=at)
            met = {"checked_in": seat.remote or let_in, "declared": seat.declared, "has_form": seat.form_id is not None}
            check_start(stage, seat.window, **met, room_paused=room_paused)
        return _Admitted(start, writer, seat)

    def _begin(self, wanted: dict[int, _Admitted]) -> None:
        """Add the attempts, and note each that this transaction has added; another instance may have been first."""
        rows, runs = [], {}
        for registration_id, one in sorted(wanted.items()):
            now = one.start.caller.arrived_at
            deadline = deadline_of(one.seat.window, started=now, duration=one.seat.duration, granted=one.seat.extra)
            runs[registration_id] = _Run(0, AttemptState.OPEN, now, deadline, 1, one.writer.session_id)
            moments = [moment_said(moment) for moment in (now, deadline, deadline + self._grace)]
            rows.append((registration_id, one.seat.form_id, *moments, one.writer.session_id))
        self._lane.wire.tell(_BEGIN, rows)
        (begun,) = self._lane.wire.ask(Question(_BEGUN, [(registration_id,) for registration_id in runs]))
        records, grants, locked = [], [], []
        for registration_id, attempt_id in sorted(pair for pair in begun if pair[1] is not None):
            one, run = wanted[registration_id], runs.pop(registration_id)
            self._begun.add(attempt_id)
            one.seat.run = structs.replace(run, id=attempt_id, granted=one.seat.extra)
            after = {"registration_id": registration_id, "form_hash": one.seat.form_hash}
            if one.seat.lockdown:
                locked.append((attempt_id,))
                after["lockdown"] = "waived" if one.seat.browser_of is None else "proved"
            act = act_of(one.writer, one.start.caller, self._settings)
            records.append(compose(act, AuditAction.ATTEMPT_START, subject=("attempt", attempt_id), after=after))
            if one.seat.extra:
                seconds = int(one.seat.extra.total_seconds())
                grants.append((attempt_id, seconds, one.seat.extra_by, moment_said(run.started_at)))
                told = {"seconds": seconds, "cause": TimeCause.ACCOMMODATION, "deadline_at": run.deadline_at}
                records.append(
                    compose(act, AuditAction.ATTEMPT_GRANT_TIME, subject=("attempt", attempt_id), after=told)
                )
        if locked:
            self._lane.wire.tell(_LOCK, locked)
        if grants:
            self._lane.wire.tell(_GRANT, grants)
        if records:
            record_all(self._lane.wire, records)
        if runs:
            (seats,) = self._lane.wire.ask(Question(_SEATS, [(registration_id,) for registration_id in runs]))
            switched = {}
            for row in seats:
                seat = wanted[row[0]].seat
                seat.run = _run(row[10:])
                if seat.run is None and row[8] not in {None, seat.form_id}:
                    seat.form_id, seat.form_hash = row[8], row[9]
                    switched[row[0]] = wanted[row[0]]
            # Their room was switched to reserve forms since they were read: they begin with what is theirs now.
            if switched:
                self._begin(switched)

    def _show(self, admitted: Iterable[_Admitted | AppError]) -> list[AttemptShown | AppError]:
        judged = [one if isinstance(one, AppError) else _refuse_elsewhere(one) or one for one in admitted]
        going = [one for one in judged if not isinstance(one, AppError)]
        bare = (one for one in going if self._delivers(one) and not one.start.sealed)
        delivered = sorted({one.start.registration_id for one in bare})
        runs = (run for one in going if (run := one.seat.run) and run.state is AttemptState.OPEN)
        written = sorted({run.id for run in runs} - self._begun)  # nothing is saved yet in what has just begun
        views, saved = dict[int, msgspec.Raw](), dict[int, Any]()
        if delivered:
            (found,) = self._lane.wire.ask(Question(_VIEWS, [(i,) for i in delivered], TEXTS))
            for text in found.split(BETWEEN_TEXTS) if found else ():
                registration_id, _, view = text.partition(b":")
                views[int(registration_id)] = msgspec.Raw(view)
        if written:
            saved = self._lane.newest_of(written)
        return [one if isinstance(one, AppError) else self._shown(one, views, saved) for one in judged]

    def _delivers(self, one: _Admitted) -> bool:
        run, now = one.seat.run, one.start.caller.arrived_at
        return (
            run is not None
            and run.state is AttemptState.OPEN
            and not is_late(deadline=run.deadline_at, grace=self._grace, arrived=reckon(now, paused_at=run.paused_at))
        )

    def _shown(self, one: _Admitted, views: dict[int, msgspec.Raw], saved: dict[int, Any]) -> AttemptShown:
        run = one.seat.run
        if run is None:
            raise NotFound
        shown = show_attempt(
            run,
            one.seat.window,
            duration=one.seat.duration,
            granted=run.granted,
            paused=run.paused,
            writing=run.state is AttemptState.OPEN,
            now=one.start.caller.arrived_at,
            view=views.get(one.start.registration_id) if self._delivers(one) else None,
            saved=saved.get(run.id, {}) if run.state is AttemptState.OPEN else {},
        )
        return self._with_key(shown, one) if one.start.sealed and self._delivers(one) else shown

    def _with_key(self, shown: AttemptShown, one: _Admitted) -> AttemptShown:
        """The key of the envelope that the page holds: it leaves here and nowhere else, once the attempt runs (P15)."""
        form_hash, start = one.seat.form_hash, one.start
        key = self._sealer.key(registration_id=start.registration_id, form_hash=form_hash, mark=start.sealed)
        return structs.replace(
            shown,
            view=None,
            form_hash=form_hash,
            form_key=urlsafe_b64encode(key).decode(),
            file_pass=self._book.pass_of(shown.attempt_id),
        )


def _refuse_elsewhere(one: _Admitted) -> AppError | None:
    """An open attempt is shown to its writing session alone."""
    run = one.seat.run
    if run is None:
        return NotFound()
    return OtherSession() if run.state is AttemptState.OPEN and run.session_id != one.writer.session_id else None


def _run(row: Sequence[Any]) -> _Run | None:
    if row[0] is None:
        return None
    return _Run(
        id=row[0],
        state=AttemptState(row[1]),
        started_at=moment_of(row[2]),
        deadline_at=moment_of(row[3]),
        epoch=row[4],
        session_id=row[5],
        closed_at=_moment(row[6]),
        closing=None if row[7] is None else Closing(row[7]),
        receipt_code=row[8],
        granted=timedelta(seconds=row[9]),
        paused=timedelta(seconds=row[11]),
        paused_at=_moment(row[12]),
    )


def _moment(said: str | None) -> datetime | None:
    return None if said is None else moment_of(said)
