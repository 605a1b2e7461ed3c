"""A technical fault reported by who stood in the room, recognised or declined by another person."""

import hashlib
from datetime import datetime

from app.accounts.queries import person_of
from app.attempts import queries as attempts
from app.attempts.events import FaultRecognised, FaultReported
from app.attempts.misconduct.queries import is_in_question
from app.attempts.misconduct.rules import check_when
from app.attempts.models import Attempt
from app.attempts.rules import WAITING_ROOM_OPENS
from app.attempts.technical_faults import queries
from app.attempts.technical_faults.models import TechnicalFault
from app.attempts.technical_faults.rules import (
    FaultAction,
    FaultCause,
    FaultState,
    MisconductStands,
    NothingLost,
    check_apart,
    check_lost,
    may_be_lost,
    move_fault,
)
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import NotFound
from app.exams.queries.seats import Seat, find_room, find_seat, hold_registration
from app.exams.rules import check_two_people
from app.operation import Operation, Task
from app.outbox.post import post
from app.outbox.templates import Kind
from app.people.queries import close_to
from app.people.service import decrypt_finding, encrypt_finding
from app.security.permissions import Capability

_TABLE, _COLUMN = "technical_fault", "facts_cipher"


def report(
    op: Operation, *, room_id: int, registration_id: int, cause: FaultCause, happened_at: datetime, facts: str
) -> TechnicalFault:
    """Say that a candidate of a room could not finish because something broke. Nothing follows before it is decided,
    but the results of the exam wait for that.

    Raises NotFound, FaultMoved, NothingLost, OwnFault, Invalid naming happened_at; who listens refuses once the results
    are proposed or out.
    """
    find_room(op.db, op.actor, room_id, by=Capability.ROOM_RUN)
    seat = _seat_in(op, room_id, registration_id)
    hold_registration(op.db, registration_id)  # two reports come one after the other
    row = queries.faults_of(op.db, [registration_id]).get(registration_id)
    state = move_fault(row.state if row else None, FaultAction.REPORT)
    _check_apart(op, seat)
    attempt = _hold_attempt(op, registration_id)
    if not may_be_lost(attempt.state, attempt.closing):
        raise NothingLost
    check_when(happened_at, opens=seat.starts_at - WAITING_ROOM_OPENS, now=op.now)
    if row is None:
        row = TechnicalFault(registration_id=registration_id, room_id=room_id, facts_cipher="")
        op.db.add(row)
    row.state, row.cause, row.happened_at = state, cause, happened_at
    row.reported_by, row.reported_at, row.decided_by, row.decided_at = op.actor.account_id or 0, op.now, None, None
    op.db.flush()
    row.facts_cipher = encrypt_finding(
        op, person_id=seat.person_id, table=_TABLE, column=_COLUMN, row=row.id, text=facts
    )
    op.db.flush()
    after = {
        "state": state,
        "cause": cause,
        "happened_at": happened_at,
        "facts_hash": hashlib.sha256(row.facts_cipher.encode()).hexdigest(),
    }
    record(op, AuditAction.TECHNICAL_FAULT_REPORT, subject=("registration", registration_id), after=after)
    op.publish(FaultReported(registration_id, seat.exam_id))
    return row


def decide(op: Operation, *, room_id: int, registration_id: int, agreed: bool, note: str) -> TechnicalFault:
    """Recognise what another person reported, once the attempt is closed, or decline it. A recognised one makes the
    attempt count for nothing, stored as it is, and a make-up exam is due (those do so who listen).

    Raises NotFound, FaultMoved, SameOfficer, OwnFault; to recognise also StillOpen, NothingLost, MisconductStands; who
    listens refuses once the results are proposed or out.
    """
    find_room(op.db, op.actor, room_id, by=Capability.TECHNICAL_FAULT_DECIDE)
    row = queries.find_fault(op.db, op.actor, room_id, registration_id)
    seat = find_seat(op.db, registration_id)
    state = move_fault(row.state, FaultAction.RECOGNISE if agreed else FaultAction.DECLINE)
    check_two_people(person_of(op.db, row.reported_by), decider=op.actor.person_id)
    _check_apart(op, seat)
    attempt = _hold_attempt(op, registration_id)
    if agreed:
        check_lost(attempt.state, attempt.closing)
        if is_in_question(op.db, registration_id):
            raise MisconductStands
    row.state, row.decided_by, row.decided_at = state, op.actor.account_id, op.now
    op.db.flush()
    after = {"state": state, "cause": row.cause, "attempt_id": attempt.id, "reported_by": row.reported_by}
    about = ("registration", registration_id)
    record(op, AuditAction.TECHNICAL_FAULT_DECIDE, subject=about, after=after, reason=note)
    if state is FaultState.RECOGNISED:
        op.publish(FaultRecognised(row.id, registration_id, seat.exam_id))
    told = {"exam": seat.exam_name}
    post(op.db, person_id=seat.person_id, template=Kind.TECHNICAL_FAULT_DECIDED, params=told, now=op.now)
    return row


def facts_of(op: Operation, row: TechnicalFault, *, person_id: int) -> str:
    """What was reported, in clear; empty once the person's data have been erased."""
    return decrypt_finding(op, person_id=person_id, table=_TABLE, column=_COLUMN, row=row.id, stored=row.facts_cipher)


def waiting(op: Operation) -> list[Task]:
    """What waits: reports to decide."""
    if not op.may(Capability.TECHNICAL_FAULT_DECIDE):
        return []
    found = queries.waiting_faults(op.db, op.actor)
    link = f"/rooms/{found[0].room_id}/faults" if found else ""
    return [Task("项技术故障待认定", "technical faults to decide", len(found), link)]


def _seat_in(op: Operation, room_id: int, registration_id: int) -> Seat:
    seat = find_seat(op.db, registration_id)
    if seat.room_id != room_id:
        raise NotFound
    return seat


def _hold_attempt(op: Operation, registration_id: int) -> Attempt:
    """The attempt, held: it is closed wholly before or wholly after. Raises NothingLost where it never began."""
    found = attempts.attempt_of(op.db, registration_id)
    held = attempts.hold_any(op.db, found.id) if found else None
    if held is None:
        raise NothingLost
    return held


def _check_apart(op: Operation, seat: Seat) -> None:
    check_apart(op.actor.person_id, candidate=seat.person_id, close_to=close_to(op.db, seat.person_id))
