"""What stands at the door of an exam for one candidate: their attempt, the clock of their room, whether they were let
in. One statement, compiled once: everybody who waits comes here, and looks again every few seconds."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.attempts.hall.queries import newest_reaching
from app.attempts.models import Attempt, CheckInCode, Declaration, GrantedTime, Pause
from app.attempts.rules import AttemptState, Closing
from app.exams.queries.seats import registration_alone
from app.statements import Statement


class OwnAttempt(NamedTuple):
    """The candidate's attempt, with what was granted to it and how long it has stood still."""

    id: int
    state: AttemptState
    started_at: datetime
    deadline_at: datetime
    epoch: int
    writing_session_id: int | None
    closed_at: datetime | None
    closing: Closing | None
    receipt_code: str | None
    paused_at: datetime | None
    granted: timedelta
    paused: timedelta


class Doorstep(NamedTuple):
    """What one candidate finds before the door."""

    attempt: OwnAttempt | None
    shift: timedelta
    """How long the room has stood still; where there is an attempt, by the pauses that began before its start."""
    room_paused_at: datetime | None
    let_in: bool
    """Whether the session that asks was let in to this registration."""
    announced: int
    """The number of the newest announcement to the room; 0 where there is none."""
    promised_at: datetime | None


def _statement() -> Statement:
    registration = registration_alone()
    of_room = Pause.room_id == registration.c.room_id, Pause.attempt_id.is_(None)
    before_start = or_(Attempt.id.is_(None), Pause.began_at < Attempt.started_at)
    granted = select(func.sum(GrantedTime.seconds)).where(GrantedTime.attempt_id == Attempt.id)
    paused = select(func.sum(Pause.seconds)).where(Pause.attempt_id == Attempt.id)
    shift = select(func.sum(Pause.seconds)).where(*of_room, before_start)
    room_pause = select(Pause.began_at).where(*of_room, Pause.ended_at.is_(None))
    let_in = select(CheckInCode.id).where(
        CheckInCode.registration_id == registration.c.id, CheckInCode.session_id == bindparam("session_id")
    )
    announced = newest_reaching(registration.c.exam_id, registration.c.sitting_id, registration.c.room_id)
    promised = select(Declaration.accepted_at).where(Declaration.registration_id == registration.c.id)
    return Statement(
        select(
            Attempt.id,
            Attempt.state,
            Attempt.started_at,
            Attempt.deadline_at,
            Attempt.epoch,
            Attempt.writing_session_id,
            Attempt.closed_at,
            Attempt.closing,
            Attempt.receipt_code,
            Attempt.paused_at,
            granted.scalar_subquery(),
            paused.scalar_subquery(),
            shift.scalar_subquery(),
            room_pause.scalar_subquery(),
            let_in.limit(1).scalar_subquery(),
            announced.scalar_subquery(),
            promised.scalar_subquery(),
        )
        .select_from(registration)
        .outerjoin(Attempt, Attempt.registration_id == registration.c.id)
    )


_DOORSTEP = _statement()


def doorstep_of(db: Session, registration_id: int, *, session_id: int | None) -> Doorstep:
    """What stands there for this registration; whose it is, the caller has judged."""
    (row,) = _DOORSTEP.rows(db, registration_id=registration_id, session_id=session_id)
    attempt = None
    if row[0] is not None:
        closing = None if row[7] is None else Closing(row[7])
        spans = _seconds(row[10]), _seconds(row[11])
        attempt = OwnAttempt._make((row[0], AttemptState(row[1]), *row[2:7], closing, *row[8:10], *spans))
    return Doorstep(attempt, _seconds(row[12]), row[13], row[14] is not None, *row[15:])


def _seconds(total: int | None) -> timedelta:
    return timedelta(seconds=int(total or 0))
