"""An attempt from the candidate's side: the waiting room, the start, going on elsewhere, handing in."""

from datetime import datetime, timedelta

import msgspec

from app.attempts import queries
from app.attempts.hall.queries import newest_number
from app.attempts.hall.rules import Place
from app.attempts.lockdown.service import demand
from app.attempts.messages import AttemptShown
from app.attempts.models import Attempt
from app.attempts.rules import (
    AttemptState,
    Window,
    check_take_over,
    is_late,
    phase,
    reckon,
)
from app.attempts.schemas import Entrance
from app.attempts.service.check_in import use_code
from app.attempts.showing import show_attempt
from app.attempts.signals.rules import TAKEN, SignalKind
from app.audit.actions import AuditAction
from app.audit.record import record
from app.exams.queries.seats import Seat, find_seat, form_of, seat_in_exam
from app.operation import Operation
from app.security.throttle import SignInGuard, Try


def window_of(op: Operation, seat: Seat, *, started: datetime | None = None) -> Window:
    """The window of a seat's sitting, with the exam's settings; for who `started` it stands as it stood then."""
    return Window(
        starts_at=seat.starts_at,
        ends_at=seat.ends_at,
        late_entry=seat.late_entry,
        earliest_hand_in=seat.earliest_hand_in,
        grace=timedelta(seconds=op.settings.grace_seconds),
        shift=queries.room_shift(op.db, seat.room_id, before=started),
    )


def standstill(op: Operation, seat: Seat, attempt: Attempt | None) -> datetime | None:
    """Since when the candidate's clock stands still: their own, or before the start that of the room."""
    if attempt is not None:
        return attempt.paused_at
    pause = queries.room_pause(op.db, seat.room_id)
    return pause.began_at if pause else None


def entrance(op: Operation, *, exam_id: int) -> Entrance:
    """What the way into an exam shows before there is anything to read: who, where, when. Nothing of the form (P15).

    Raises NotFound where the actor has no confirmed registration.
    """
    seat = seat_in_exam(op.db, exam_id=exam_id, person_id=op.actor.person_id)
    attempt = queries.attempt_of(op.db, seat.registration_id)
    started = attempt.started_at if attempt else None
    window = window_of(op, seat, started=started)
    paused_at = standstill(op, seat, attempt)
    stage = phase(
        window,
        started=started,
        duration=seat.duration,
        granted=_granted(op, attempt),
        paused=_paused(op, attempt),
        now=reckon(op.now, paused_at=paused_at),
    )
    return Entrance(
        exam_id=seat.exam_id,
        exam_name=seat.exam_name,
        registration_id=seat.registration_id,
        candidate_name=op.actor.name,
        ticket_number=seat.ticket_number or "",
        room_name=seat.room_name or "",
        seat=seat.seat,
        remote=seat.remote,
        starts_at=seat.starts_at,
        ends_at=seat.ends_at,
        entry_until=window.entry_until,
        hand_in_from=window.hand_in_from,
        duration_minutes=int(seat.duration.total_seconds()) // 60,
        extra_minutes=int(seat.extra.total_seconds()) // 60,
        large_print=seat.large_print,
        lockdown=seat.lockdown,
        now=op.now,
        phase=stage.phase,
        phase_until=stage.until,
        paused=paused_at is not None,
        attempt_id=attempt.id if attempt else None,
        attempt_state=attempt.state if attempt else None,
        writing=attempt is not None and _writes(op, attempt),
        checked_in=_checked_in(op, seat),
        receipt_code=attempt.receipt_code if attempt else None,
        closed_at=attempt.closed_at if attempt else None,
        announced=newest_number(op.db, Place(seat.exam_id, seat.sitting_id, seat.room_id)),
        closing=attempt.closing if attempt else None,
        signals=[kind for kind in SignalKind if kind in TAKEN[seat.integrity]],
    )


def show_running(op: Operation, *, registration_id: int) -> AttemptShown | None:
    """The actor's own attempt with its form, where it runs in this session; None where it does not."""
    attempt = queries.attempt_of(op.db, registration_id)
    if attempt is None or not _writes(op, attempt):
        return None
    return _show(op, attempt, find_seat(op.db, registration_id), with_view=True)


def show_state(op: Operation, *, attempt_id: int) -> AttemptShown:
    """The actor's own attempt without the form; what is saved only where this session writes. Raises NotFound."""
    attempt = queries.own_attempt(op.db, op.actor, attempt_id)
    seat = find_seat(op.db, attempt.registration_id)
    demand(op, seat)
    return _show(op, attempt, seat, with_view=False)


def take_over(op: Operation, *, attempt_id: int, code: str) -> AttemptShown:
    """Make this session the writing one; the older session's saves are refused from now on (P12).

    The writing session itself may always (another tab goes on); another computer needs the proctor's release: a
    session that was checked in after the last start or take-over, or a code given now. Raises NotFound, Closed, Over,
    ReleaseNeeded.
    """
    attempt = queries.hold_own(op.db, op.actor, attempt_id)
    seat = find_seat(op.db, attempt.registration_id)
    demand(op, seat)
    writes = _writes(op, attempt)
    let_in = queries.code_of_session(op.db, seat.registration_id, op.actor.session_id)
    released = let_in is not None and let_in.used_at is not None and let_in.used_at > attempt.writing_since
    if not writes and not released and attempt.state is AttemptState.OPEN:
        used = use_code(op, [seat.registration_id], code)
        released = used is not None
        if used is not None:
            used.session_id = op.actor.session_id
    check_take_over(
        attempt.state,
        deadline=attempt.deadline_at,
        grace=timedelta(seconds=op.settings.grace_seconds),
        now=reckon(op.now, paused_at=attempt.paused_at),
        writes=writes,
        released=released,
    )
    before = {"epoch": attempt.epoch, "session_id": attempt.writing_session_id}
    attempt.epoch += 1
    attempt.writing_session_id = op.actor.session_id or 0
    attempt.writing_since = op.now
    op.db.flush()
    after = {"epoch": attempt.epoch, "session_id": attempt.writing_session_id}
    record(op, AuditAction.ATTEMPT_TAKE_OVER, subject=("attempt", attempt.id), before=before, after=after)
    return _show(op, attempt, seat, with_view=True)


def count_release(op: Operation, *, attempt_id: int) -> None:
    """Count one guess at the release of the actor's own attempt, in a transaction of its own (P38). Raises NotFound,
    TooMany."""
    attempt = queries.own_attempt(op.db, op.actor, attempt_id)
    issue = queries.newest_code_id(op.db, [attempt.registration_id])
    guess = Try(f"release:{attempt_id}", issue, op.address)
    op.house.tool(SignInGuard).admit(op.db, guess, now=op.now)


def _show(op: Operation, attempt: Attempt, seat: Seat, *, with_view: bool) -> AttemptShown:
    window = window_of(op, seat, started=attempt.started_at)
    is_open = attempt.state is AttemptState.OPEN
    writing = _writes(op, attempt)
    view = None
    at = reckon(op.now, paused_at=attempt.paused_at)
    if with_view and is_open and not is_late(deadline=attempt.deadline_at, grace=window.grace, arrived=at):
        form = form_of(op.db, attempt.registration_id)
        view = msgspec.Raw(form.view.encode()) if form else None
    return show_attempt(
        attempt,
        window,
        duration=seat.duration,
        granted=_granted(op, attempt),
        paused=_paused(op, attempt),
        writing=writing,
        now=op.now,
        view=view,
        saved=queries.newest_responses(op.db, attempt.id) if writing else {},
    )


def _writes(op: Operation, attempt: Attempt) -> bool:
    return attempt.state is AttemptState.OPEN and attempt.writing_session_id == op.actor.session_id


def _checked_in(op: Operation, seat: Seat) -> bool:
    """In a room: let in by the proctor with this very session; remotely: signed in is enough."""
    return seat.remote or queries.code_of_session(op.db, seat.registration_id, op.actor.session_id) is not None


def _granted(op: Operation, attempt: Attempt | None) -> timedelta:
    if attempt is None:
        return timedelta()
    return timedelta(seconds=queries.granted_seconds(op.db, [attempt.id]).get(attempt.id, 0))


def _paused(op: Operation, attempt: Attempt | None) -> timedelta:
    if attempt is None:
        return timedelta()
    return timedelta(seconds=queries.paused_seconds(op.db, [attempt.id]).get(attempt.id, 0))
