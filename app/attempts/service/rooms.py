"""The proctor's side: which rooms there are, and the board of one."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.attempts import queries
from app.attempts.hall.announcements import place_of, received
from app.attempts.hall.hands import hands_in
from app.attempts.hall.queries import canned_replies
from app.attempts.hall.schemas import AnnouncementReceived, CannedReplyShown, HandLine
from app.attempts.lockdown.models import LockdownWaiver
from app.attempts.lockdown.service import waivers_of
from app.attempts.models import CheckInCode
from app.attempts.proctoring.board import SeatLine, read_boards
from app.attempts.proctoring.rules import NEEDS_A_HAND, Standing
from app.attempts.room_day.queries import state_of, states_of
from app.attempts.room_day.rules import is_loud
from app.attempts.rules import WAITING_ROOM_OPENS, AttemptState, Phase, Window, phase, reckon
from app.attempts.schemas import (
    BoardLine,
    BoardShown,
    CandidateLine,
    RoomLine,
    RoomShown,
    RoomsShown,
    RoomSwitched,
)
from app.attempts.service.check_in import read_code
from app.attempts.switches.queries import carried_out
from app.attempts.technical_faults.models import TechnicalFault
from app.attempts.technical_faults.queries import faults_of
from app.errors import NotFound
from app.exams.queries import seats as seat_queries
from app.exams.queries.lockdown import file_of
from app.exams.queries.seats import RoomInfo
from app.exams.service.lockdown import quit_password
from app.operation import House, Operation, Task
from app.people.queries import persons_by_id, photo_of, with_photo
from app.security.permissions import Capability

NEAR = timedelta(hours=24)
_THERE = frozenset(Standing) - {Standing.NOT_ARRIVED, Standing.ABSENT}


def list_rooms(op: Operation) -> RoomsShown:
    """The rooms this actor runs or may look into, with how many have arrived, are running, are done."""
    rooms = seat_queries.list_rooms(op.db, op.actor)
    grace = timedelta(seconds=op.settings.grace_seconds)
    boards = read_boards(op.db, [room.room_id for room in rooms], grace=grace, now=op.now)
    states = states_of(op.db, rooms)
    lines = []
    for room in rooms:
        counts = Counter(line.standing for line in boards[room.room_id])
        lines.append(
            RoomLine(
                room_id=room.room_id,
                room_name=room.room_name,
                exam_name=room.exam_name,
                remote=room.remote,
                starts_at=room.starts_at,
                ends_at=room.ends_at,
                state=states[room.room_id],
                loud=is_loud(states[room.room_id], starts_at=room.starts_at, ends_at=room.ends_at, now=op.now),
                candidates=counts.total(),
                arrived=sum(counts[standing] for standing in _THERE),
                running=counts[Standing.RUNNING] + counts[Standing.OFFLINE] + counts[Standing.PAUSED],
                closed=counts[Standing.HANDED_IN] + counts[Standing.CLOSED] + counts[Standing.ENDED],
            )
        )
    return RoomsShown(now=op.now, rooms=lines)


def show_room(op: Operation, *, room_id: int, show: str = "", ticket: str = "") -> RoomShown:
    """The board of one room; `ticket`, a number typed or scanned at the door, names the candidate to be looked at,
    `show` which seats the page brings out. Raises NotFound."""
    room = seat_queries.find_room(op.db, op.actor, room_id)
    runs = seat_queries.may_in_room(op.db, op.actor, room_id, Capability.ROOM_RUN)
    seats = _read(op, room_id)
    persons = persons_by_id(op.db, {line.seat.person_id for line in seats})
    registration_ids = [line.seat.registration_id for line in seats]
    codes = {code.registration_id: code for code in reversed(queries.codes_open(op.db, registration_ids, now=op.now))}
    pictured = with_photo(op.db, persons)
    lockdown = any(line.seat.lockdown for line in seats)
    waivers = waivers_of(op.db, registration_ids) if lockdown else {}
    faults = faults_of(op.db, registration_ids)
    file = file_of(op.db, room.exam_id) if lockdown and runs else None
    lines = [
        _candidate(
            op,
            line,
            name=persons[line.seat.person_id].name,
            has_photo=line.seat.person_id in pictured,
            code=codes.get(line.seat.registration_id) if runs else None,
            waiver=waivers.get(line.seat.registration_id),
            fault=faults.get(line.seat.registration_id),
        )
        for line in seats
    ]
    hands = _hands(op.db, room, seats)
    raised = {hand.registration_id for hand in hands}
    lines = [
        line.model_copy(update={"needs_a_hand": True}) if line.registration_id in raised else line for line in lines
    ]
    wanted = ticket.strip()
    found = [line.registration_id for line in lines if wanted and line.ticket_number == wanted]
    pause = queries.room_pause(op.db, room_id)
    return RoomShown(
        room_id=room.room_id,
        room_name=room.room_name,
        sitting_id=room.sitting_id,
        exam_id=room.exam_id,
        exam_name=room.exam_name,
        remote=room.remote,
        starts_at=room.starts_at,
        ends_at=room.ends_at,
        phase=_phase_of_room(op, room, seats, pause.began_at if pause else None),
        paused_at=pause.began_at if pause else None,
        state=state_of(op.db, room_id, starts_at=room.starts_at),
        now=op.now,
        runs=runs,
        lockdown=lockdown,
        quit_password=quit_password(op.house, file) if file else "",
        items_in_form=seat_queries.item_count(op.db, room.exam_id),
        show=show if show == "hand" or show in set(Standing) else "",
        ticket=wanted,
        called=found[0] if found else None,
        switches=_switches(op, room),
        sees_switches=op.may(Capability.SWITCH_READ),
        candidates=lines,
        counts=_counts(seats),
        announcements=_announcements(op.db, room, seats),
        hands=hands,
        canned=[CannedReplyShown.model_validate(row) for row in canned_replies(op.db)] if hands and runs else [],
    )


def read_board(op: Operation, *, room_id: int) -> BoardShown:
    """What changes on a board from second to second. Raises NotFound."""
    room = seat_queries.find_room(op.db, op.actor, room_id)
    return _board(op.db, room, grace=timedelta(seconds=op.settings.grace_seconds), now=op.now)


def watch_board(house: House, room: RoomInfo) -> tuple[str, str]:
    """The same for all who watch the room: what is worth telling, and the whole, as JSON. That they may watch, their
    streams ask."""
    with house.database.transaction(reading=True) as db:
        grace = timedelta(seconds=house.settings.grace_seconds)
        shown = _board(db, room, grace=grace, now=house.clock.now())
    return shown.model_dump_json(exclude={"now"}), shown.model_dump_json()


def _board(db: Session, room: RoomInfo, *, grace: timedelta, now: datetime) -> BoardShown:
    seats = read_boards(db, [room.room_id], grace=grace, now=now)[room.room_id]
    pause = queries.room_pause(db, room.room_id)
    return BoardShown(
        now=now,
        paused_at=pause.began_at if pause else None,
        counts=_counts(seats),
        lines=[_line(line, now) for line in seats],
        announcements=_announcements(db, room, seats),
        hands=_hands(db, room, seats),
    )


def _hands(db: Session, room: RoomInfo, lines: Sequence[SeatLine]) -> list[HandLine]:
    return hands_in(db, [room.room_id], seats={line.seat.registration_id: line.seat for line in lines})


def _announcements(db: Session, room: RoomInfo, lines: Sequence[SeatLine]) -> list[AnnouncementReceived]:
    return received(db, place_of(room), [(line.seat, line.standing) for line in lines])


def _line(line: SeatLine, now: datetime) -> BoardLine:
    running = line.running
    if running is None or running.closed_at is not None:
        closed_at = running.closed_at if running else None
        return BoardLine(
            registration_id=line.seat.registration_id,
            standing=line.standing,
            answered=running.answered if running else None,
            left_from=None,
            left_until=None,
            saved_at=running.saved_at if running else None,
            since=closed_at,
            signals=line.signals,
        )
    still = running.paused_at
    return BoardLine(
        registration_id=line.seat.registration_id,
        standing=line.standing,
        answered=running.answered,
        left_from=still,
        left_until=running.deadline_at if still is None else running.deadline_at - (now - still),
        saved_at=running.saved_at,
        since=still or (running.seen_at if line.standing is Standing.OFFLINE else None),
        signals=line.signals,
    )


def seat_photo(op: Operation, *, room_id: int, registration_id: int) -> bytes:
    """The photograph of who sits there, for the eyes at the door. Raises NotFound where there is none."""
    seat_queries.find_room(op.db, op.actor, room_id)
    seat = seat_queries.find_seat(op.db, registration_id)
    photo = photo_of(op.db, seat.person_id) if seat.room_id == room_id else None
    if photo is None:
        raise NotFound
    return photo


def waiting(op: Operation) -> list[Task]:
    """What an exam day asks of this person now: rooms to run, an exam to sit."""
    tasks = []
    if op.may(Capability.ROOM_RUN):
        near = [
            room
            for room in seat_queries.list_rooms(op.db, op.actor, by=Capability.ROOM_RUN)
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


def _read(op: Operation, room_id: int) -> list[SeatLine]:
    return read_boards(op.db, [room_id], grace=timedelta(seconds=op.settings.grace_seconds), now=op.now)[room_id]


def _candidate(
    op: Operation,
    line: SeatLine,
    *,
    name: str,
    has_photo: bool,
    code: CheckInCode | None,
    waiver: LockdownWaiver | None,
    fault: TechnicalFault | None,
) -> CandidateLine:
    seat, running = line.seat, line.running
    return CandidateLine(
        registration_id=seat.registration_id,
        candidate_name=name,
        has_photo=has_photo,
        ticket_number=seat.ticket_number or "",
        seat=seat.seat,
        standing=line.standing,
        needs_a_hand=line.standing in NEEDS_A_HAND,
        answered=running.answered if running else 0,
        started_at=running.started_at if running else None,
        deadline_at=running.deadline_at if running else None,
        closed_at=running.closed_at if running else None,
        seen_at=running.seen_at if running else None,
        saved_at=running.saved_at if running else None,
        granted_minutes=int(running.granted.total_seconds()) // 60 if running else 0,
        refused_saves=running.refused_saves if running else 0,
        signals=line.signals,
        code=read_code(op, code) if code else None,
        code_until=code.ends_at if code else None,
        waived=waiver.cause if waiver else None,
        fault=fault.state if fault else None,
    )


def _switches(op: Operation, room: RoomInfo) -> list[RoomSwitched]:
    return [
        RoomSwitched(
            kind=one.kind,
            at=one.settled_at or one.proposed_at,
            switched=one.switched,
            whole_sitting=one.room_id is None,
        )
        for one in carried_out(op.db, [room.sitting_id])
        if one.room_id in {None, room.room_id}
    ]


def _counts(lines: Sequence[SeatLine]) -> dict[Standing, int]:
    counted = Counter(line.standing for line in lines)
    return {standing: counted[standing] for standing in Standing}


def _phase_of_room(op: Operation, room: RoomInfo, lines: Sequence[SeatLine], paused_at: datetime | None) -> Phase:
    """The phase of who has not started; a room without anyone is not open."""
    if not lines:
        return Phase.NOT_OPEN
    seat = lines[0].seat
    window = Window(
        room.starts_at,
        room.ends_at,
        seat.late_entry,
        seat.earliest_hand_in,
        timedelta(seconds=op.settings.grace_seconds),
        queries.room_shift(op.db, room.room_id),
    )
    at = reckon(op.now, paused_at=paused_at)
    return phase(window, started=None, duration=seat.duration, granted=timedelta(), now=at).phase
