"""An attempt from the candidate's side: the waiting room, the start, going on elsewhere, handing in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from app.attempts import queries
from app.attempts.doorstep import Doorstep, OwnAttempt, doorstep_of
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
from app.errors import NotFound
from app.exams.queries.seats import Seat, find_seat, form_of, seat_in_exam
from app.operation import Operation
from app.security.throttle import SignInGuard, Try


def window_of(op: Operation, seat: Seat, *, started: datetime | None = None) -> Window:
    """The window of a seat's sitting, with the exam's settings; for who `started` it stands as it stood then."""
    return _window(op, seat, shift=queries.room_shift(op.db, seat.room_id, before=started))


def _window(op: Operation, seat: Seat, *, shift: timedelta) -> Window:
    return Window(
        starts_at=seat.starts_at,
        ends_at=seat.ends_at,
        late_entry=seat.late_entry,
        earliest_hand_in=seat.earliest_hand_in,
        grace=timedelta(seconds=op.settings.grace_seconds),
        shift=shift,
    )


@dataclass(frozen=True)
class Arrival:
    """A candidate before the door of an exam: their seat, and what they find there."""

    seat: Seat
    doorstep: Doorstep
    window: Window
    entrance: Entrance


def arrive(op: Operation, seat: Seat) -> Arrival:
    """The actor before the door, at their own seat: who, where, when; nothing of the form (P15)."""
    step = doorstep_of(op.db, seat.registration_id, session_id=op.actor.session_id)
    attempt = step.attempt
    window = _window(op, seat, shift=step.shift)
    # Since when the candidate's clock stands still: their own, or before the start that of the room.
    paused_at = attempt.paused_at if attempt else step.room_paused_at
    stage = phase(
        window,
        started=attempt.started_at if attempt else None,
        duration=seat.duration,
        granted=attempt.granted if attempt else timedelta(),
        paused=attempt.paused if attempt else timedelta(),
        now=reckon(op.now, paused_at=paused_at),
    )
    entrance = Entrance(
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
        checked_in=seat.remote or step.let_in,
        receipt_code=attempt.receipt_code if attempt else None,
        closed_at=attempt.closed_at if attempt else None,
        announced=step.announced,
        closing=attempt.closing if attempt else None,
        signals=[kind for kind in SignalKind if kind in TAKEN[seat.integrity]],
    )
    return Arrival(seat, step, window, entrance)


def arrive_at(op: Operation, *, exam_id: int) -> Arrival:
    """The same by the exam. Raises NotFound where the actor has no confirmed registration."""
    return arrive(op, seat_in_exam(op.db, exam_id=exam_id, person_id=op.actor.person_id))


def show_entrance(op: Operation, *, exam_id: int) -> Entrance:
    """What the way into an exam shows before there is anything to read. Raises NotFound, as `arrive_at`."""
    return arrive_at(op, exam_id=exam_id).entrance


def show_running(op: Operation, arrival: Arrival) -> AttemptShown | None:
    """The actor's own attempt with its form, where it runs in this session; None where it does not."""
    return _show(op, arrival, with_view=True) if arrival.entrance.writing else None


def show_state(op: Operation, *, attempt_id: int) -> AttemptShown:
    """The actor's own attempt without the form; what is saved only where this session writes. Raises NotFound."""
    seat = find_seat(op.db, queries.own_attempt(op.db, op.actor, attempt_id).registration_id)
    demand(op, seat)
    return _show(op, arrive(op, seat), with_view=False)


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
    return _show(op, arrive(op, seat), with_view=True)


def count_release(op: Operation, *, attempt_id: int) -> None:
    """Count one guess at the release of the actor's own attempt, in a transaction of its own (P38). Raises NotFound,
    TooMany."""
    attempt = queries.own_attempt(op.db, op.actor, attempt_id)
    issue = queries.newest_code_id(op.db, [attempt.registration_id])
    guess = Try(f"release:{attempt_id}", issue, op.address)
    op.house.tool(SignInGuard).admit(op.db, guess, now=op.now)


def _show(op: Operation, arrival: Arrival, *, with_view: bool) -> AttemptShown:
    """Raises NotFound where there is no attempt."""
    attempt, seat = arrival.doorstep.attempt, arrival.seat
    if attempt is None:
        raise NotFound
    view = None
    at = reckon(op.now, paused_at=attempt.paused_at)
    late = is_late(deadline=attempt.deadline_at, grace=arrival.window.grace, arrived=at)
    if with_view and attempt.state is AttemptState.OPEN and not late:
        form = form_of(op.db, seat.registration_id)
        view = msgspec.Raw(form.view.encode()) if form else None
    return show_attempt(
        attempt,
        arrival.window,
        duration=seat.duration,
        granted=attempt.granted,
        paused=attempt.paused,
        writing=arrival.entrance.writing,
        now=op.now,
        view=view,
        saved=queries.newest_responses(op.db, attempt.id) if arrival.entrance.writing else {},
    )


def _writes(op: Operation, attempt: Attempt | OwnAttempt) -> bool:
    return attempt.state is AttemptState.OPEN and attempt.writing_session_id == op.actor.session_id
