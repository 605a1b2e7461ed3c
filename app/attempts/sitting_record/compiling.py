"""A record made from what happened: every figure comes from the tables that the day itself has written."""

from collections import Counter
from datetime import datetime

from app.attempts import queries as attempts
from app.attempts.absences import queries as absences
from app.attempts.hall.announcements import place_of
from app.attempts.hall.queries import reaching
from app.attempts.misconduct.queries import cases_in_room
from app.attempts.models import Attempt
from app.attempts.proctoring.board import SeatLine
from app.attempts.proctoring.rules import Standing
from app.attempts.room_day.models import RoomDay
from app.attempts.room_day.service import end_of, last_hand_in, seats_of
from app.attempts.sitting_record import queries
from app.attempts.sitting_record.rules import LATE_AFTER, RecordTooEarly
from app.attempts.sitting_record.schemas import (
    AbsenceNoted,
    FaultNoted,
    GrantedLine,
    MisconductNoted,
    PausedLine,
    RecordContent,
    RecordFacts,
    SeatCount,
    SeatMoment,
    SwitchedLine,
    WordsNoted,
)
from app.attempts.switches.queries import carried_out
from app.attempts.technical_faults.queries import faults_of
from app.exams.queries.seats import RoomInfo
from app.operation import Operation


def compile_record(op: Operation, room: RoomInfo, day: RoomDay) -> RecordContent:
    """The record of a closed room as it would be drawn up now."""
    return RecordContent(
        exam_name=room.exam_name,
        room_name=room.room_name,
        room_id=room.room_id,
        number=1,
        starts_at=room.starts_at,
        ends_at=end_of(op, room),
        drawn_up_at=op.now,
        facts=_facts(op, room, day),
        words="",
        previous_hash="",
    )


def _facts(op: Operation, room: RoomInfo, day: RoomDay) -> RecordFacts:
    seats = seats_of(op, room)
    begun = attempts.attempts_of(op.db, [line.seat.registration_id for line in seats])
    counted = Counter(line.standing for line in seats)
    if day.closed_at is None:
        raise RecordTooEarly
    return RecordFacts(
        expected=len(seats),
        present=len(seats) - counted[Standing.ABSENT],
        handed_in=counted[Standing.HANDED_IN],
        collected=counted[Standing.CLOSED],
        on_paper=counted[Standing.ON_PAPER],
        present_invigilators=day.present,
        opened_at=day.opened_at,
        started_at=day.started_at,
        closed_at=day.closed_at,
        last_hand_in=last_hand_in(seats),
        sheets=day.sheets or 0,
        slips=day.slips or 0,
        note=day.note,
        absent=_absent(op, seats),
        late=[
            _moment(line, line.running.started_at)
            for line in seats
            if line.running
            and line.running.started_at > room.starts_at + LATE_AFTER
            and line.standing is not Standing.ABSENT
        ],
        ended=[
            _moment(line, line.running.closed_at)
            for line in seats
            if line.standing is Standing.ENDED and line.running and line.running.closed_at
        ],
        granted=_granted(op, seats),
        paused=_paused(op, room, seats, begun),
        switched=[
            SwitchedLine(kind=one.kind, at=one.settled_at or one.proposed_at)
            for one in carried_out(op.db, [room.sitting_id])
            if one.room_id in {None, room.room_id}
        ],
        swapped=[
            SeatCount(seat=line.seat.seat, ticket_number=_ticket(line), count=begun[at].epoch - 1)
            for line in seats
            if (at := line.seat.registration_id) in begun and begun[at].epoch > 1
        ],
        misconduct=[
            MisconductNoted(case_id=case.id, seat=case.seat, category=case.category, ended=case.ended)
            for case in reversed(cases_in_room(op.db, op.actor, room.room_id))
        ],
        faults=_faults(op, seats),
        announcements=[WordsNoted(at=one.made_at, words=one.words) for one in reaching(op.db, place_of(room))],
        incidents=[
            WordsNoted(at=one.happened_at, words=one.words) for one in queries.incidents_in(op.db, room.room_id)
        ],
    )


def _absent(op: Operation, seats: list[SeatLine]) -> list[AbsenceNoted]:
    row = absences.list_of(op.db, op.actor, seats[0].seat.room_id or 0) if seats else None
    stated = {one.registration_id: one.cause for one in absences.absences_on(op.db, row.id)} if row else {}
    return [
        AbsenceNoted(seat=line.seat.seat, ticket_number=_ticket(line), cause=stated[line.seat.registration_id])
        for line in seats
        if line.seat.registration_id in stated
    ]


def _faults(op: Operation, seats: list[SeatLine]) -> list[FaultNoted]:
    found = faults_of(op.db, [line.seat.registration_id for line in seats])
    return [
        FaultNoted(seat=line.seat.seat, ticket_number=_ticket(line), cause=fault.cause, state=fault.state)
        for line in seats
        if (fault := found.get(line.seat.registration_id))
    ]


def _granted(op: Operation, seats: list[SeatLine]) -> list[GrantedLine]:
    lines = {line.seat.registration_id: line for line in seats}
    return [
        GrantedLine(
            seat=lines[at].seat.seat, ticket_number=_ticket(lines[at]), seconds=granted.seconds, cause=granted.cause
        )
        for at, granted in queries.granted_to(op.db, lines)
    ]


def _paused(op: Operation, room: RoomInfo, seats: list[SeatLine], begun: dict[int, Attempt]) -> list[PausedLine]:
    """Those of the room, and those of single seats; a seat that stood still with its room is not told twice."""
    tickets = {begun[at].id: _ticket(line) for line in seats if (at := line.seat.registration_id) in begun}
    return [
        PausedLine(
            ticket_number=tickets.get(pause.attempt_id or 0, ""),
            began_at=pause.began_at,
            ended_at=pause.ended_at,
            cause=pause.cause,
        )
        for pause in attempts.pauses_in_room(op.db, room.room_id)
        if pause.attempt_id is None or not pause.with_room
    ]


def _ticket(line: SeatLine) -> str:
    return line.seat.ticket_number or ""


def _moment(line: SeatLine, at: datetime) -> SeatMoment:
    return SeatMoment(seat=line.seat.seat, ticket_number=_ticket(line), at=at)
