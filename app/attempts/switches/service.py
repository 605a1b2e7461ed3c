"""Rooms switched to reserve forms or to paper: proposed with a cause, carried out by another person (decision 0021)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.accounts.queries import person_of
from app.attempts import queries as attempts
from app.attempts.models import RoomSwitch
from app.attempts.on_paper.service import move_to_paper
from app.attempts.rules import AttemptState, reckon
from app.attempts.switches import queries
from app.attempts.switches.rules import (
    SwitchAction,
    SwitchCause,
    SwitchKind,
    SwitchState,
    SwitchWaits,
    check_on_paper,
    check_reserve,
    move_switch,
)
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import NotFound
from app.exams import queries as exams
from app.exams.queries.reserve import count_reserve_set, waiting_pairs
from app.exams.queries.seats import RoomInfo, hold_room, rooms_of_sitting, seats_in_rooms, sees_sitting
from app.exams.rules import check_two_people
from app.exams.service.papers import order_for_room
from app.exams.service.reserve import give_reserve_forms
from app.operation import Operation, Task
from app.security.permissions import Capability

ON_PAPER_REASON = "转为纸笔作答"
"""Stands in the order of paper where the proposal says nothing more."""


@dataclass(frozen=True)
class Standing:
    """How a room stands: candidates, those who have begun, those who could be given a reserve form, and those
    who could finish on paper."""

    room: RoomInfo
    candidates: int
    begun: int
    waiting: int
    unfinished: int


def rooms_to_switch(op: Operation, sitting_id: int, room_id: int | None = None) -> list[RoomInfo]:
    """The rooms of a sitting, or the one in question, whose sitting the caller has judged. Raises NotFound."""
    rooms = [room for room in rooms_of_sitting(op.db, sitting_id) if room_id in {None, room.room_id}]
    if not rooms:
        raise NotFound
    return rooms


def sees(op: Operation, sitting_id: int) -> bool:
    """Whether the actor may see what was proposed for a sitting: approvers for every one."""
    return op.may(Capability.SWITCH_APPROVE) or sees_sitting(op.db, op.actor, sitting_id, by=Capability.SWITCH_READ)


def proposes_in(op: Operation, sitting_id: int) -> bool:
    """Whether the actor may propose to switch rooms of a sitting."""
    return op.may(Capability.SWITCH_PROPOSE) and sees_sitting(op.db, op.actor, sitting_id, by=Capability.SWITCH_PROPOSE)


def stand(op: Operation, rooms: Sequence[RoomInfo]) -> list[Standing]:
    """How these rooms stand now."""
    seats = seats_in_rooms(op.db, [room.room_id for room in rooms])
    begun = attempts.attempts_of(op.db, [seat.registration_id for seat in seats])
    ready = waiting_pairs(op.db, [seat.registration_id for seat in seats]) - begun.keys()
    done = {at for at, attempt in begun.items() if attempt.state is not AttemptState.OPEN}
    return [
        Standing(
            room,
            candidates=len(mine),
            begun=len(mine & begun.keys()),
            waiting=len(mine & ready),
            unfinished=len(mine - done),
        )
        for room in rooms
        for mine in ({seat.registration_id for seat in seats if seat.room_id == room.room_id},)
    ]


def propose(
    op: Operation, *, sitting_id: int, room_id: int | None, kind: SwitchKind, cause: SwitchCause, note: str
) -> RoomSwitch:
    """Propose to switch a room, or with None every room of a sitting.

    Raises NotFound, SwitchWaits, NoReserveSet, NobodyToSwitch.
    """
    if not proposes_in(op, sitting_id):
        raise NotFound
    rooms = rooms_to_switch(op, sitting_id, room_id)
    exams.hold_exam(op.db, rooms[0].exam_id)
    if queries.is_waiting(op.db, sitting_id):
        raise SwitchWaits
    _check(op, rooms, kind)
    switch = RoomSwitch(
        sitting_id=sitting_id,
        room_id=room_id,
        kind=kind,
        cause=cause,
        note=note,
        state=SwitchState.PROPOSED,
        proposed_by=op.actor.account_id or 0,
        proposed_at=op.now,
    )
    op.db.add(switch)
    op.db.flush()
    about = {"switch_id": switch.id, "sitting_id": sitting_id, "room_id": room_id, "kind": kind, "cause": cause}
    record(op, AuditAction.EXAM_PROPOSE_SWITCH, subject=("exam", rooms[0].exam_id), after=about, reason=note)
    return switch


def approve(op: Operation, *, sitting_id: int, switch_id: int) -> RoomSwitch:
    """Carry out what another person proposed: whoever has not begun gets the form beside theirs, also what travels to
    their page sealed; or whoever has not handed in goes on on paper, which the two may print.

    Raises NotFound, SwitchSettled, SameOfficer, NobodyToSwitch, NobodyForPaper.
    """
    switch = queries.hold_switch(op.db, op.actor, sitting_id, switch_id)
    state = move_switch(switch.state, SwitchAction.APPROVE)
    check_two_people(person_of(op.db, switch.proposed_by), decider=op.actor.person_id)
    rooms = rooms_to_switch(op, switch.sitting_id, switch.room_id)
    exam = exams.hold_exam(op.db, rooms[0].exam_id)
    for room in sorted(rooms, key=lambda room: room.room_id):
        hold_room(op.db, room.room_id)
    _check(op, rooms, switch.kind)
    switch.switched = _CARRIED_OUT[switch.kind](op, switch, [room.room_id for room in rooms])
    _settle(op, switch, state)
    about = {
        "switch_id": switch.id,
        "sitting_id": switch.sitting_id,
        "room_id": switch.room_id,
        "kind": switch.kind,
        "proposed_by": switch.proposed_by,
        "switched": switch.switched,
    }
    record(op, AuditAction.EXAM_SWITCH, subject=("exam", exam.id), after=about, reason=switch.note)
    return switch


def decline(op: Operation, *, sitting_id: int, switch_id: int, reason: str) -> RoomSwitch:
    """Decline a proposal, with a reason: the rooms are as they were. Raises NotFound, SwitchSettled, SameOfficer."""
    switch = queries.hold_switch(op.db, op.actor, sitting_id, switch_id)
    state = move_switch(switch.state, SwitchAction.DECLINE)
    check_two_people(person_of(op.db, switch.proposed_by), decider=op.actor.person_id)
    exam_id = rooms_to_switch(op, switch.sitting_id)[0].exam_id
    _settle(op, switch, state)
    record(
        op, AuditAction.EXAM_DECLINE_SWITCH, subject=("exam", exam_id), after={"switch_id": switch.id}, reason=reason
    )
    return switch


def waiting(op: Operation) -> list[Task]:
    """What waits: proposals to settle."""
    if not op.may(Capability.SWITCH_APPROVE):
        return []
    found = queries.waiting_switches(op.db, op.actor)
    link = f"/sittings/{found[0].sitting_id}/switches" if found else ""
    words = ("项考场应急申请待批准", "proposals to switch rooms wait for approval")
    return [Task(*words, len(found), link, urgent=True)] if found else []


def _settle(op: Operation, switch: RoomSwitch, state: SwitchState) -> None:
    switch.state, switch.settled_by, switch.settled_at = state, op.actor.account_id, op.now
    op.db.flush()


def is_over(op: Operation, rooms: Sequence[RoomInfo]) -> bool:
    """Whether time is over in all of these rooms; where the clock stands still it is not."""
    return all(
        reckon(op.now, paused_at=pause.began_at if pause else None)
        >= room.ends_at + attempts.room_shift(op.db, room.room_id)
        for room in rooms
        for pause in (attempts.room_pause(op.db, room.room_id),)
    )


def _give_reserve(op: Operation, switch: RoomSwitch, room_ids: Sequence[int]) -> int:
    del switch
    seated = [seat.registration_id for seat in seats_in_rooms(op.db, room_ids)]
    begun = attempts.attempts_of(op.db, seated)
    return len(give_reserve_forms(op, [one for one in seated if one not in begun]))


def _go_on_paper(op: Operation, switch: RoomSwitch, room_ids: Sequence[int]) -> int:
    exam_id = rooms_to_switch(op, switch.sitting_id)[0].exam_id
    order_for_room(op, exam_id=exam_id, proposed_by=switch.proposed_by, reason=switch.note or ON_PAPER_REASON)
    return move_to_paper(op, switch, room_ids)


_CARRIED_OUT: dict[SwitchKind, Callable[[Operation, RoomSwitch, Sequence[int]], int]] = {
    SwitchKind.RESERVE_FORMS: _give_reserve,
    SwitchKind.ON_PAPER: _go_on_paper,
}


def _check(op: Operation, rooms: Sequence[RoomInfo], kind: SwitchKind) -> None:
    standings, over = stand(op, rooms), is_over(op, rooms)
    if kind is SwitchKind.ON_PAPER:
        check_on_paper(unfinished=sum(standing.unfinished for standing in standings), over=over)
        return
    has_set = count_reserve_set(op.db, rooms[0].exam_id)[0] > 0
    check_reserve(has_set=has_set, waiting=sum(standing.waiting for standing in standings), over=over)
