"""考场应急: rooms of a sitting switched to reserve forms or to paper, by two people."""

from datetime import datetime

from app.accounts.queries import person_of
from app.attempts.switches import queries, service
from app.attempts.switches.rules import SwitchCause, SwitchKind, SwitchState
from app.errors import NotFound
from app.exams.queries.reserve import count_reserve_set
from app.operation import Operation
from app.people.queries import names_of
from app.security.permissions import Capability
from app.shapes import Done, Given, Key, OptionalLine, Prose, Shown
from app.web.desk import Desk

desk = Desk("attempts")


class SwitchShown(Shown):
    """One proposal; `room_name` is empty for the whole sitting, `may_settle`: it waits for this person or another."""

    id: int
    kind: SwitchKind
    cause: SwitchCause
    note: str
    room_name: str
    state: SwitchState
    switched: int
    proposed_by: str
    proposed_at: datetime
    settled_by: str
    settled_at: datetime | None
    may_settle: bool


class SwitchRoomLine(Shown):
    """A room as it stands: who has begun, who could be given a reserve form now, who could finish on paper."""

    room_id: int
    room_name: str
    candidates: int
    begun: int
    waiting: int
    unfinished: int


class SwitchesShown(Shown):
    """The rooms of a sitting and what was proposed for them; `kinds` are those that can be proposed now. `forms` are
    those of the exam's reserve set, `used` of them were given out."""

    sitting_id: int
    exam_id: int
    exam_name: str
    starts_at: datetime
    forms: int
    used: int
    rooms: list[SwitchRoomLine]
    switches: list[SwitchShown]
    kinds: list[SwitchKind]


class SwitchGiven(Given):
    """What is proposed, why, and for which room; for the whole sitting without one."""

    kind: SwitchKind = SwitchKind.RESERVE_FORMS
    cause: SwitchCause
    note: OptionalLine = ""
    room_id: Key | None = None


class SwitchDeclined(Given):
    """Why it is not to be."""

    reason: Prose


class SwitchDone(Done):
    """What was settled, and whose page shows it."""

    sitting_id: int
    switched: int


@desk.view("/sittings/{sitting_id}/switches", Capability.SWITCH_READ, template="attempts/switches.html")
def show_switches(op: Operation, *, sitting_id: int) -> SwitchesShown:
    """How the rooms of a sitting stand, what was proposed for them and what became of it."""
    if not service.sees(op, sitting_id):
        raise NotFound
    rooms = service.rooms_to_switch(op, sitting_id)
    names = {room.room_id: room.room_name for room in rooms}
    found = queries.switches_of(op.db, op.actor, sitting_id)
    staff = {a: person_of(op.db, a) for one in found for a in (one.proposed_by, one.settled_by) if a is not None}
    people = names_of(op.db, set(staff.values()))
    forms, used = count_reserve_set(op.db, rooms[0].exam_id)
    lines = service.stand(op, rooms)
    waits = any(one.state is SwitchState.PROPOSED for one in found)
    proposes = not waits and not service.is_over(op, rooms) and service.proposes_in(op, sitting_id)
    can = {
        SwitchKind.RESERVE_FORMS: proposes and forms > 0 and any(line.waiting for line in lines),
        SwitchKind.ON_PAPER: proposes and any(line.unfinished for line in lines),
    }
    return SwitchesShown(
        sitting_id=sitting_id,
        exam_id=rooms[0].exam_id,
        exam_name=rooms[0].exam_name,
        starts_at=rooms[0].starts_at,
        forms=forms,
        used=used,
        rooms=[
            SwitchRoomLine(
                room_id=line.room.room_id,
                room_name=line.room.room_name,
                candidates=line.candidates,
                begun=line.begun,
                waiting=line.waiting,
                unfinished=line.unfinished,
            )
            for line in lines
        ],
        switches=[
            SwitchShown(
                id=one.id,
                kind=one.kind,
                cause=one.cause,
                note=one.note,
                room_name=names.get(one.room_id, "") if one.room_id else "",
                state=one.state,
                switched=one.switched,
                proposed_by=people[staff[one.proposed_by]],
                proposed_at=one.proposed_at,
                settled_by=people[staff[one.settled_by]] if one.settled_by else "",
                settled_at=one.settled_at,
                may_settle=one.state is SwitchState.PROPOSED
                and op.may(Capability.SWITCH_APPROVE)
                and staff[one.proposed_by] != op.actor.person_id,
            )
            for one in found
        ],
        kinds=[kind for kind in SwitchKind if can[kind]],
    )


@desk.command(
    "/sittings/{sitting_id}/switches",
    Capability.SWITCH_PROPOSE,
    then="/sittings/{sitting_id}/switches",
    retry=show_switches,
    said="已提出，须由另一人批准。",
)
def propose_switch(op: Operation, *, sitting_id: int, given: SwitchGiven) -> Done:
    """Propose to switch a room, or every room of a sitting."""
    return Done(id=service.propose(op, sitting_id=sitting_id, **given.model_dump()).id)


@desk.command(
    "/sittings/{sitting_id}/switches/{switch_id}/approve",
    Capability.SWITCH_APPROVE,
    then="/sittings/{sitting_id}/switches",
    retry=show_switches,
    fresh=True,
    said="已批准，立即生效。",
)
def approve_switch(op: Operation, *, sitting_id: int, switch_id: int) -> SwitchDone:
    """Carry out what another person proposed."""
    done = service.approve(op, sitting_id=sitting_id, switch_id=switch_id)
    return SwitchDone(id=done.id, sitting_id=done.sitting_id, switched=done.switched)


@desk.command(
    "/sittings/{sitting_id}/switches/{switch_id}/decline",
    Capability.SWITCH_APPROVE,
    then="/sittings/{sitting_id}/switches",
    retry=show_switches,
    fresh=True,
    said="未予批准。",
)
def decline_switch(op: Operation, *, sitting_id: int, switch_id: int, given: SwitchDeclined) -> SwitchDone:
    """Leave the rooms as they are."""
    done = service.decline(op, sitting_id=sitting_id, switch_id=switch_id, reason=given.reason)
    return SwitchDone(id=done.id, sitting_id=done.sitting_id, switched=done.switched)
