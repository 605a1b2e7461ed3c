"""Time as the proctor keeps it: granted, stopped, let go on. Every entry stands in a ledger with its cause, and the
deadline is recomputed from it; it never moves back (P11)."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from app.attempts import queries
from app.attempts.models import Attempt, GrantedTime, Pause
from app.attempts.proctoring.rules import (
    NothingToGrant,
    NothingToPause,
    NothingToResume,
    TimeCause,
    may_grant,
    may_pause,
    may_resume,
    seconds_of_pause,
)
from app.attempts.rules import deadline_of
from app.attempts.service.sitting import window_of
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import NotFound
from app.exams.queries import seats as seat_queries
from app.exams.queries.seats import Seat
from app.operation import Operation
from app.security.permissions import Capability


def grant_time(
    op: Operation, *, room_id: int, minutes: int, cause: TimeCause, note: str, registration_id: int | None
) -> int:
    """Add time to one running attempt of a room, or to all; returns to how many. It never shortens, and reaches the
    candidate with the next look at the time (P11). Raises NotFound, NothingToGrant."""
    _, seats, held = _hold(op, room_id, registration_id)
    grace = timedelta(seconds=op.settings.grace_seconds)
    running = [
        attempt
        for attempt in held
        if may_grant(attempt.state, deadline=attempt.deadline_at, grace=grace, now=op.now, paused_at=attempt.paused_at)
    ]
    if not running:
        raise NothingToGrant
    op.db.add_all(
        GrantedTime(
            attempt_id=attempt.id,
            seconds=minutes * 60,
            cause=cause,
            note=note,
            granted_by=op.actor.account_id or 0,
            at=op.now,
        )
        for attempt in running
    )
    before = {attempt.id: attempt.deadline_at for attempt in running}
    _recompute(op, running, seats)
    for attempt in running:
        record(
            op,
            AuditAction.ATTEMPT_GRANT_TIME,
            subject=("attempt", attempt.id),
            before={"deadline_at": before[attempt.id]},
            after={"seconds": minutes * 60, "cause": cause, "deadline_at": attempt.deadline_at},
            reason=note,
        )
    return len(running)


def pause(op: Operation, *, room_id: int, cause: TimeCause, note: str, registration_id: int | None) -> int:
    """Stop the clock of one running attempt, or of a room with all that run in it and all who have yet to enter;
    returns how many attempts. What is typed meanwhile is saved. Raises NotFound, NothingToPause."""
    room, _, held = _hold(op, room_id, registration_id)
    whole = registration_id is None
    grace = timedelta(seconds=op.settings.grace_seconds)
    running = [
        attempt
        for attempt in held
        if may_pause(attempt.state, deadline=attempt.deadline_at, grace=grace, now=op.now, paused_at=attempt.paused_at)
    ]
    enterable = whole and op.now < room.ends_at + queries.room_shift(op.db, room_id)
    if (whole and queries.room_pause(op.db, room_id) is not None) or not (running or enterable):
        raise NothingToPause
    for attempt_id in [*([None] if whole else []), *(attempt.id for attempt in running)]:
        op.db.add(
            Pause(
                room_id=room_id,
                attempt_id=attempt_id,
                with_room=whole,
                cause=cause,
                note=note,
                began_at=op.now,
                began_by=op.actor.account_id or 0,
            )
        )
    for attempt in running:
        attempt.paused_at = op.now
        about = {"cause": cause, "with_room": whole, "deadline_at": attempt.deadline_at}
        record(op, AuditAction.ATTEMPT_PAUSE, subject=("attempt", attempt.id), after=about, reason=note)
    if whole:
        about = {"cause": cause, "attempts": len(running)}
        record(op, AuditAction.ROOM_PAUSE, subject=("room", room_id), after=about, reason=note)
    op.db.flush()
    return len(running)


def resume(op: Operation, *, room_id: int, registration_id: int | None) -> int:
    """Let the clock of one attempt go on, or that of a room with all that were stopped together with it; returns how
    many attempts. Each deadline moves by as long as its clock stood still. Raises NotFound, NothingToResume."""
    _, seats, held = _hold(op, room_id, registration_id)
    stopped = {row.attempt_id: row for row in queries.pauses_of_attempts(op.db, [attempt.id for attempt in held])}
    whole = queries.room_pause(op.db, room_id) if registration_id is None else None
    resumed = [
        attempt
        for attempt in held
        if attempt.id in stopped
        and may_resume(attempt.state, paused_at=attempt.paused_at)
        and (registration_id is not None or stopped[attempt.id].with_room)
    ]
    if whole is None and not resumed:
        raise NothingToResume
    ended = [*([whole] if whole else []), *(stopped[attempt.id] for attempt in resumed)]
    for row in ended:
        row.ended_at, row.ended_by = op.now, op.actor.account_id
        row.seconds = seconds_of_pause(began=row.began_at, ended=op.now)
    before = {attempt.id: attempt.deadline_at for attempt in resumed}
    for attempt in resumed:
        attempt.paused_at = None
    _recompute(op, resumed, seats)
    for attempt in resumed:
        record(
            op,
            AuditAction.ATTEMPT_RESUME,
            subject=("attempt", attempt.id),
            before={"deadline_at": before[attempt.id]},
            after={"seconds": stopped[attempt.id].seconds, "deadline_at": attempt.deadline_at},
        )
    if whole is not None:
        about = {"seconds": whole.seconds, "attempts": len(resumed)}
        record(op, AuditAction.ROOM_RESUME, subject=("room", room_id), after=about)
    op.db.flush()
    return len(resumed)


def end_pause(op: Operation, attempt: Attempt) -> None:
    """Close the ledger's entry of a held attempt whose clock stands still, because the attempt itself ends."""
    for row in queries.pauses_of_attempts(op.db, [attempt.id]):
        row.ended_at, row.ended_by = op.now, op.actor.account_id
        row.seconds = seconds_of_pause(began=row.began_at, ended=op.now)
    attempt.paused_at = None


def _hold(
    op: Operation, room_id: int, registration_id: int | None
) -> tuple[seat_queries.RoomInfo, dict[int, Seat], Sequence[Attempt]]:
    """The room, held so that acts upon it come one after the other, its seats and the attempts in question, held."""
    room = seat_queries.find_room(op.db, op.actor, room_id, by=Capability.ROOM_RUN)
    seat_queries.hold_room(op.db, room_id)
    seats = {seat.registration_id: seat for seat in seat_queries.seats_in_room(op.db, room_id)}
    wanted: Collection[int] = seats if registration_id is None else seats.keys() & {registration_id}
    if registration_id is not None and not wanted:
        raise NotFound
    return room, seats, queries.hold_in_room(op.db, op.actor, wanted)


def _recompute(op: Operation, attempts: Sequence[Attempt], seats: dict[int, Seat]) -> None:
    op.db.flush()
    ids = [attempt.id for attempt in attempts]
    granted, paused = queries.granted_seconds(op.db, ids), queries.paused_seconds(op.db, ids)
    for attempt in attempts:
        seat = seats[attempt.registration_id]
        window = window_of(op, seat, started=attempt.started_at)
        deadline = deadline_of(
            window,
            started=attempt.started_at,
            duration=seat.duration,
            granted=timedelta(seconds=granted.get(attempt.id, 0)),
            paused=timedelta(seconds=paused.get(attempt.id, 0)),
        )
        attempt.deadline_at = max(attempt.deadline_at, deadline)
        attempt.next_check_at = attempt.deadline_at + window.grace
    op.db.flush()
