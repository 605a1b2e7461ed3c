"""The proctor's side: the board of a room."""

from collections import Counter
from datetime import timedelta

from app.attempts import queries
from app.attempts.proctoring.ledger import deadline_as_of
from app.attempts.rules import WAITING_ROOM_OPENS, AttemptState, Closing, Phase, is_late, phase, reckon
from app.attempts.schemas import CandidateLine, RoomLine, RoomShown, RoomsShown
from app.attempts.service.check_in import read_code
from app.attempts.service.sitting import standstill, window_of
from app.exams.queries import seats as seat_queries
from app.exams.queries.seats import Seat
from app.operation import Operation, Task
from app.people.queries import persons_by_id
from app.security.permissions import Capability

NEAR = timedelta(hours=24)


def list_rooms(op: Operation) -> RoomsShown:
    """The rooms this actor runs or may look into, with how many have arrived, are running, are done."""
    lines = []
    for room in seat_queries.list_rooms(op.db, op.actor):
        seats = seat_queries.seats_in_room(op.db, room.room_id)
        counts = Counter(standing for _, standing in _standings(op, seats))
        lines.append(
            RoomLine(
                room_id=room.room_id,
                room_name=room.room_name,
                exam_name=room.exam_name,
                remote=room.remote,
                starts_at=room.starts_at,
                ends_at=room.ends_at,
                candidates=len(seats),
                arrived=len(seats) - counts["absent"],
                running=counts["running"],
                closed=counts["handed_in"] + counts["closed"],
            )
        )
    return RoomsShown(rooms=lines)


def show_room(op: Operation, *, room_id: int) -> RoomShown:
    """The board of one room. Raises NotFound."""
    room = seat_queries.find_room(op.db, op.actor, room_id)
    runs = op.may(Capability.ROOM_RUN)
    seats = seat_queries.seats_in_room(op.db, room_id)
    registration_ids = [seat.registration_id for seat in seats]
    attempts = queries.attempts_of(op.db, registration_ids)
    attempt_ids = [attempt.id for attempt in attempts.values()]
    saved = queries.answered_counts(op.db, attempt_ids)
    granted = queries.granted_seconds(op.db, attempt_ids)
    refused = Counter(row.attempt_id for row in queries.refused_saves(op.db, attempt_ids))
    items = seat_queries.item_count(op.db, room.exam_id)
    codes = {code.registration_id: code for code in reversed(queries.codes_open(op.db, registration_ids, now=op.now))}
    persons = persons_by_id(op.db, {seat.person_id for seat in seats})
    pause = queries.room_pause(op.db, room_id)
    lines = []
    for seat, standing in _standings(op, seats):
        attempt = attempts.get(seat.registration_id)
        code = codes.get(seat.registration_id) if runs else None
        lines.append(
            CandidateLine(
                registration_id=seat.registration_id,
                candidate_name=persons[seat.person_id].name,
                ticket_number=seat.ticket_number or "",
                seat=seat.seat,
                standing=standing,
                answered=saved.get(attempt.id, 0) if attempt else 0,
                items=items,
                started_at=attempt.started_at if attempt else None,
                deadline_at=deadline_as_of(attempt, now=op.now) if attempt else None,
                closed_at=attempt.closed_at if attempt else None,
                granted_minutes=granted.get(attempt.id, 0) // 60 if attempt else 0,
                refused_saves=refused[attempt.id] if attempt else 0,
                code=read_code(op, code) if code else None,
                code_until=code.ends_at if code else None,
            )
        )
    return RoomShown(
        room_id=room.room_id,
        room_name=room.room_name,
        exam_id=room.exam_id,
        exam_name=room.exam_name,
        remote=room.remote,
        starts_at=room.starts_at,
        ends_at=room.ends_at,
        phase=_phase_of_room(op, seats),
        paused_at=pause.began_at if pause else None,
        now=op.now,
        runs=runs,
        candidates=lines,
        counts=Counter(line.standing for line in lines),
    )


def waiting(op: Operation) -> list[Task]:
    """What an exam day asks of this person now: rooms to run, an exam to sit."""
    tasks = []
    if op.may(Capability.ROOM_RUN):
        near = [
            room
            for room in seat_queries.list_rooms(op.db, op.actor)
            if room.starts_at - NEAR <= op.now <= room.ends_at + NEAR
        ]
        if near:
            first = min(room.starts_at for room in near)
            urgent = op.now >= first - WAITING_ROOM_OPENS
            tasks.append(Task("待监考的考场", "Rooms to proctor", len(near), "/rooms", due=first, urgent=urgent))
    if op.may(Capability.ATTEMPT_SIT):
        tasks += _to_sit(op)
    return tasks


def _to_sit(op: Operation) -> list[Task]:
    seats = [
        seat
        for seat in seat_queries.seats_of_person(op.db, op.actor.person_id)
        if seat.starts_at - NEAR <= op.now < seat.ends_at
    ]
    attempts = queries.attempts_of(op.db, [seat.registration_id for seat in seats])
    return [
        Task(
            f"参加考试：{seat.exam_name}",
            f"Sit the exam: {seat.exam_name}",
            1,
            f"/exams/{seat.exam_id}/sit",
            due=seat.starts_at,
            urgent=op.now >= seat.starts_at - WAITING_ROOM_OPENS,
        )
        for seat in seats
        if seat.registration_id not in attempts or attempts[seat.registration_id].state is AttemptState.OPEN
    ]


def _standings(op: Operation, seats: list[Seat]) -> list[tuple[Seat, str]]:
    registration_ids = [seat.registration_id for seat in seats]
    attempts = queries.attempts_of(op.db, registration_ids)
    arrived = queries.codes_used(op.db, registration_ids)
    grace = timedelta(seconds=op.settings.grace_seconds)
    found = []
    for seat in seats:
        attempt = attempts.get(seat.registration_id)
        if attempt is None:
            standing = "checked_in" if seat.registration_id in arrived else "absent"
        elif attempt.state is AttemptState.CLOSED:
            standing = "handed_in" if attempt.closing is Closing.HANDED_IN else "closed"
        else:
            at = reckon(op.now, paused_at=attempt.paused_at)
            standing = "over" if is_late(deadline=attempt.deadline_at, grace=grace, arrived=at) else "running"
            standing = standing if attempt.paused_at is None else "paused"
        found.append((seat, standing))
    return found


def _phase_of_room(op: Operation, seats: list[Seat]) -> Phase:
    if not seats:
        return Phase.NOT_OPEN
    at = reckon(op.now, paused_at=standstill(op, seats[0], None))
    window = window_of(op, seats[0])
    return phase(window, started=None, duration=seats[0].duration, granted=timedelta(), now=at).phase
