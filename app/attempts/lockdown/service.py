"""考试浏览器: every request of an exam that asks for it is proved, or its seat has a waiver. Closed where in doubt."""

from collections.abc import Collection

from sqlalchemy import Select, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.attempts import queries
from app.attempts.lockdown.models import LockdownPass, LockdownWaiver
from app.attempts.lockdown.rules import (
    PASS_LIFE,
    ExamBrowserNeeded,
    NoBrowserAsked,
    NoWaiver,
    WaivedAlready,
    WaiverCause,
)
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import NotFound
from app.exams.queries import seats as seat_queries
from app.exams.queries.lockdown import keys_of
from app.exams.queries.seats import Seat
from app.lockdown.proof import fits, is_proved, page_address, session_nonce
from app.operation import Operation
from app.security.derivation import Purpose, derive
from app.security.permissions import Capability


def page_of(op: Operation, exam_id: int) -> str:
    """The address of an exam's page in the actor's session, with its nonce."""
    secret = derive(op.settings.secret_key.get_secret_value(), Purpose.LOCKDOWN)
    mark = session_nonce(secret, session_id=op.actor.session_id or 0, exam_id=exam_id)
    return page_address(op.settings.public_base_url, exam_id=exam_id, nonce=mark)


def is_admitted(op: Operation, seat: Seat) -> bool:
    """Whether this request may do anything for that seat's exam: any browser will do, or the seat has a waiver, or the
    request proves its browser, or the page of its session did so a moment ago."""
    if not seat.lockdown or waivers_of(op.db, [seat.registration_id]):
        return True
    keys = keys_of(op.db, seat.exam_id)
    if keys is None:
        return False
    if is_proved(keys, op.proof, page=page_of(op, seat.exam_id)):
        return True
    shown = op.db.get(LockdownPass, (seat.registration_id, op.actor.session_id or 0))
    return shown is not None and op.now - shown.proved_at <= PASS_LIFE


def may_enter(op: Operation, seat: Seat, *, nonce: str) -> bool:
    """Whether the door of an exam opens to this request: admitted, and at the address of its own session, so that what
    another session has shown opens nothing here."""
    if not seat.lockdown or waivers_of(op.db, [seat.registration_id]):
        return True
    own = page_address(op.settings.public_base_url, exam_id=seat.exam_id, nonce=nonce)
    return own == page_of(op, seat.exam_id) and is_admitted(op, seat)


def demand(op: Operation, seat: Seat) -> None:
    """Raises ExamBrowserNeeded unless `is_admitted`."""
    if not is_admitted(op, seat):
        raise ExamBrowserNeeded


def prove(op: Operation, *, registration_id: int, config_hash: str, exam_hash: str) -> int:
    """Take what the actor's page has read of its own address; returns the exam. Its session's pages open for a while.

    Raises NotFound for another's registration, NoBrowserAsked, ExamBrowserNeeded.
    """
    seat = seat_queries.find_seat(op.db, registration_id)
    if seat.person_id != op.actor.person_id or op.actor.session_id is None:
        raise NotFound
    if not seat.lockdown:
        raise NoBrowserAsked
    keys, page = keys_of(op.db, seat.exam_id), page_of(op, seat.exam_id)
    if keys is None or not fits(keys, address=page, config_hash=config_hash, exam_hash=exam_hash):
        raise ExamBrowserNeeded
    known = op.db.get(LockdownPass, (registration_id, op.actor.session_id)) is not None
    dialect = postgresql if op.house.database.dialect == "postgresql" else sqlite
    made = dialect.insert(LockdownPass).values(
        registration_id=registration_id, session_id=op.actor.session_id, proved_at=op.now
    )
    op.db.execute(
        made.on_conflict_do_update(
            index_elements=["registration_id", "session_id"], set_={"proved_at": made.excluded.proved_at}
        )
    )
    if not known:
        after = {"session_id": op.actor.session_id}
        record(op, AuditAction.LOCKDOWN_PROVE, subject=("registration", registration_id), after=after)
    return seat.exam_id


def waivers_of(db: Session, registration_ids: Collection[int]) -> dict[int, LockdownWaiver]:
    """The waivers that stand, by registration."""
    rows = db.scalars(_standing().where(LockdownWaiver.registration_id.in_(registration_ids)))
    return {row.registration_id: row for row in rows}


def grant_waiver(op: Operation, *, room_id: int, registration_id: int, cause: WaiverCause, note: str) -> LockdownWaiver:
    """Let one candidate of a room sit in another browser. Raises NotFound, NoBrowserAsked, WaivedAlready."""
    seat = _hold(op, room_id, registration_id)
    if not seat.lockdown:
        raise NoBrowserAsked
    if waivers_of(op.db, [registration_id]):
        raise WaivedAlready
    row = LockdownWaiver(
        registration_id=registration_id,
        cause=cause,
        note=note,
        granted_by=op.actor.account_id or 0,
        granted_at=op.now,
    )
    op.db.add(row)
    _set_lockdown(op, registration_id, asked=False)
    after = {"waiver_id": row.id, "cause": cause}
    record(op, AuditAction.LOCKDOWN_WAIVE, subject=("registration", registration_id), after=after, reason=note)
    return row


def withdraw_waiver(op: Operation, *, room_id: int, registration_id: int) -> LockdownWaiver:
    """Ask for the browser again, from the next request on. Raises NotFound, NoWaiver."""
    _hold(op, room_id, registration_id)
    row = waivers_of(op.db, [registration_id]).get(registration_id)
    if row is None:
        raise NoWaiver
    row.withdrawn_by, row.withdrawn_at = op.actor.account_id, op.now
    _set_lockdown(op, registration_id, asked=True)
    after = {"waiver_id": row.id}
    record(op, AuditAction.LOCKDOWN_END_WAIVER, subject=("registration", registration_id), after=after)
    return row


def _standing() -> Select[LockdownWaiver]:
    return select(LockdownWaiver).where(LockdownWaiver.withdrawn_at.is_(None))


def _hold(op: Operation, room_id: int, registration_id: int) -> Seat:
    """The seat, its registration held: a start in the same moment comes wholly before or wholly after."""
    seat_queries.find_room(op.db, op.actor, room_id, by=Capability.ROOM_RUN)
    seat_queries.hold_registration(op.db, registration_id)
    seat = seat_queries.find_seat(op.db, registration_id)
    if seat.room_id != room_id:
        raise NotFound
    return seat


def _set_lockdown(op: Operation, registration_id: int, *, asked: bool) -> None:
    attempts = queries.hold_in_room(op.db, op.actor, [registration_id])
    for attempt in attempts:
        attempt.lockdown = asked
    op.db.flush()
