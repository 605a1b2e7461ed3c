"""The page of a room's technical faults: reported there, decided there by another person."""

from datetime import datetime

from app.accounts.queries import persons_of
from app.attempts.queries import attempts_of
from app.attempts.technical_faults import queries, service
from app.attempts.technical_faults.models import TechnicalFault
from app.attempts.technical_faults.rules import FAULT_TRANSITIONS, FaultAction, FaultCause, FaultState, may_be_lost
from app.exams.queries.seats import find_room, may_in_room, seats_in_room
from app.operation import Operation
from app.people.queries import names_of
from app.security.permissions import Capability
from app.shapes import Done, Given, Key, Moment, OptionalLine, Prose, Shown
from app.web.desk import Desk

desk = Desk("attempts")
_ROOM = "/rooms/{room_id}/faults"


class FaultLine(Shown):
    """One report; `may_decide`: it waits for this person. `running`: the attempt is open and cannot be recognised as
    lost yet. `facts` are empty once the person's data have been erased."""

    registration_id: int
    name: str
    ticket_number: str
    seat: int | None
    cause: FaultCause
    happened_at: datetime
    facts: str
    state: FaultState
    running: bool
    reported_by: str
    reported_at: datetime
    decided_by: str
    decided_at: datetime | None
    may_decide: bool


class SeatToReport(Shown):
    """Somebody whose attempt can be reported as lost."""

    registration_id: int
    label: str


class RoomFaultsShown(Shown):
    """The technical faults of a room, and whose attempts can be reported; `candidate` is who was chosen before."""

    room_id: int
    room_name: str
    exam_name: str
    now: datetime
    runs: bool
    seats: list[SeatToReport]
    candidate: int | None
    faults: list[FaultLine]


class FaultGiven(Given):
    """Whose attempt was lost, to what, when, and what was tried."""

    registration_id: Key
    cause: FaultCause
    happened_at: Moment
    facts: Prose


class FaultDecided(Given):
    """Whether it is recognised."""

    agreed: bool
    note: OptionalLine = ""


@desk.view(_ROOM, Capability.ROOM_READ, template="attempts/room_faults.html")
def show_room_faults(op: Operation, *, room_id: int, candidate: int | None = None) -> RoomFaultsShown:
    """What was reported of technical faults in a room, and the form for a report."""
    room = find_room(op.db, op.actor, room_id)
    seats = {seat.registration_id: seat for seat in seats_in_room(op.db, room_id)}
    names = names_of(op.db, {seat.person_id for seat in seats.values()})
    attempts = attempts_of(op.db, list(seats))
    faults = queries.faults_in(op.db, op.actor, room_id)
    known = {row.registration_id: row.state for row in faults}
    staff = persons_of(op.db, {one for row in faults for one in (row.reported_by, row.decided_by) if one})
    people = names_of(op.db, set(staff.values()))
    decides = may_in_room(op.db, op.actor, room_id, Capability.TECHNICAL_FAULT_DECIDE)
    open_to = {
        one
        for one, attempt in attempts.items()
        if may_be_lost(attempt.state, attempt.closing) and (known.get(one), FaultAction.REPORT) in FAULT_TRANSITIONS
    }

    def line(row: TechnicalFault) -> FaultLine:
        seat, attempt = seats[row.registration_id], attempts[row.registration_id]
        return FaultLine(
            registration_id=row.registration_id,
            name=names[seat.person_id],
            ticket_number=seat.ticket_number or "",
            seat=seat.seat,
            cause=row.cause,
            happened_at=row.happened_at,
            facts=service.facts_of(op, row, person_id=seat.person_id),
            state=row.state,
            running=attempt.closing is None,
            reported_by=people[staff[row.reported_by]],
            reported_at=row.reported_at,
            decided_by=people[staff[row.decided_by]] if row.decided_by else "",
            decided_at=row.decided_at,
            may_decide=row.state is FaultState.REPORTED and decides and staff[row.reported_by] != op.actor.person_id,
        )

    return RoomFaultsShown(
        room_id=room_id,
        room_name=room.room_name,
        exam_name=room.exam_name,
        now=op.now,
        runs=may_in_room(op.db, op.actor, room_id, Capability.ROOM_RUN),
        seats=[
            SeatToReport(
                registration_id=one,
                label=f"{seat.seat or '—'} {names[seat.person_id]} {seat.ticket_number or ''}",
            )
            for one, seat in seats.items()
            if one in open_to
        ],
        candidate=candidate if candidate in open_to else None,
        faults=[line(row) for row in faults],
    )


@desk.command(
    _ROOM,
    Capability.ROOM_RUN,
    then=_ROOM,
    retry=show_room_faults,
    said="技术故障已报告，须由另一人认定。",
)
def report_fault(op: Operation, *, room_id: int, given: FaultGiven) -> Done:
    """Report that a candidate could not finish because something broke."""
    row = service.report(
        op,
        room_id=room_id,
        registration_id=given.registration_id,
        cause=given.cause,
        happened_at=given.happened_at,
        facts=given.facts,
    )
    return Done(id=row.id)


@desk.command(
    f"{_ROOM}/{{registration_id}}/decide",
    Capability.TECHNICAL_FAULT_DECIDE,
    then=_ROOM,
    retry=show_room_faults,
    fresh=True,
    said="技术故障已办理，本人已收到消息。",
)
def decide_fault(op: Operation, *, room_id: int, registration_id: int, given: FaultDecided) -> Done:
    """Recognise what another person reported, or decline it."""
    row = service.decide(op, room_id=room_id, registration_id=registration_id, agreed=given.agreed, note=given.note)
    return Done(id=row.id)
