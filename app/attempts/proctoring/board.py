"""The board of rooms: how every seat stands at this moment, in five short reads whatever the number of seats."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.attempts.models import Attempt, CheckInCode, GrantedTime, Pause, Presence, RefusedSave, Response
from app.attempts.proctoring.rules import Run, Standing, standing_of
from app.attempts.responses import SAYS_NOTHING
from app.attempts.rules import reckon
from app.attempts.signals.queries import count_signals
from app.exams.queries.seats import Seat, registrations_seated_in, seats_in_rooms


@dataclass(frozen=True, slots=True)
class Running:
    """The attempt of a seat. During a pause `deadline_at` is what it would be if the clock went on now."""

    attempt_id: int
    answered: int
    started_at: datetime
    deadline_at: datetime
    closed_at: datetime | None
    paused_at: datetime | None
    seen_at: datetime
    saved_at: datetime | None
    granted: timedelta
    refused_saves: int


@dataclass(frozen=True, slots=True)
class SeatLine:
    """One seat of a board; `running` is empty until the candidate starts. `signals`: how much was noticed."""

    seat: Seat
    standing: Standing
    running: Running | None
    signals: int


def read_boards(
    db: Session, room_ids: Collection[int], *, grace: timedelta, now: datetime
) -> dict[int, list[SeatLine]]:
    """The seats of each of these rooms, in order; that they may be seen, the caller has judged."""
    if not room_ids:
        return {}
    seats = seats_in_rooms(db, room_ids)
    arrived = set(
        db.scalars(
            select(CheckInCode.registration_id).where(
                CheckInCode.registration_id.in_(registrations_seated_in(room_ids)), CheckInCode.used_at.is_not(None)
            )
        )
    )
    stood = dict[int, timedelta]()
    still = dict[int, datetime]()
    whole = Pause.room_id.in_(room_ids), Pause.attempt_id.is_(None)
    for pause in db.execute(select(Pause.room_id, Pause.seconds, Pause.began_at, Pause.ended_at).where(*whole)):
        stood[pause.room_id] = stood.get(pause.room_id, timedelta()) + timedelta(seconds=pause.seconds)
        if pause.ended_at is None:
            still[pause.room_id] = pause.began_at
    runs = _read_runs(db, room_ids, now)
    noticed = count_signals(db, registrations_seated_in(room_ids))
    boards: dict[int, list[SeatLine]] = {room_id: [] for room_id in room_ids}
    for seat in seats:
        room_id = seat.room_id or 0
        run, running = runs.get(seat.registration_id, (None, None))
        entry_until = min(seat.starts_at + seat.late_entry, seat.ends_at) + stood.get(room_id, timedelta())
        standing = standing_of(
            run,
            arrived=seat.registration_id in arrived,
            entry_over=reckon(now, paused_at=still.get(room_id)) > entry_until,
            grace=grace,
            now=now,
        )
        boards[room_id].append(SeatLine(seat, standing, running, noticed.get(seat.registration_id, 0)))
    return boards


def _read_runs(db: Session, room_ids: Collection[int], now: datetime) -> dict[int, tuple[Run, Running]]:
    answered = (
        select(func.count())
        .where(Response.attempt_id == Attempt.id, Response.response.notin_(SAYS_NOTHING))
        .scalar_subquery()
    )
    granted = (
        select(func.coalesce(func.sum(GrantedTime.seconds), 0))
        .where(GrantedTime.attempt_id == Attempt.id)
        .scalar_subquery()
    )
    refused = select(func.count()).where(RefusedSave.attempt_id == Attempt.id).scalar_subquery()
    rows = db.execute(
        select(Attempt, Presence.seen_at, Presence.saved_at, answered, granted, refused)
        .outerjoin(Presence, Presence.attempt_id == Attempt.id)
        .where(Attempt.registration_id.in_(registrations_seated_in(room_ids)))
    )
    found = {}
    for attempt, seen_at, saved_at, count, seconds, refusals in rows:
        heard_at = max(seen_at or attempt.started_at, attempt.writing_since)
        run = Run(attempt.state, attempt.closing, attempt.deadline_at, attempt.paused_at, heard_at)
        running = Running(
            attempt_id=attempt.id,
            answered=count,
            started_at=attempt.started_at,
            deadline_at=attempt.deadline_at + (now - reckon(now, paused_at=attempt.paused_at)),
            closed_at=attempt.closed_at,
            paused_at=attempt.paused_at,
            seen_at=heard_at,
            saved_at=saved_at,
            granted=timedelta(seconds=int(seconds)),
            refused_saves=refusals,
        )
        found[attempt.registration_id] = run, running
    return found
