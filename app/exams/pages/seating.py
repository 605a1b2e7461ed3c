"""Seats: drawn, drawn again, looked at; proctors as the service suggests them."""

from collections import Counter
from collections.abc import Mapping, Sequence

from app.accounts.queries import person_of
from app.exams import queries
from app.exams.models import Exam, Registration, Room
from app.exams.pages.desk import desk
from app.exams.pages.exams import show_exam
from app.exams.queries.seating import draws_of
from app.exams.rules import EXAM_TRANSITIONS, ExamAction, NotReady
from app.exams.schemas import ChoiceShown
from app.exams.schemas.seating import (
    ClashShown,
    DrawGiven,
    DrawShown,
    RoomSeatsShown,
    SeatingShown,
    SeatShown,
)
from app.exams.seating import Clash, Seat, clashes_of
from app.exams.service import seating as service
from app.exams.service.deciding import persons_behind
from app.exams.service.rooms import assign_suggested, halls_of, suggest_proctors
from app.operation import Operation
from app.people.models import Person
from app.people.queries import names_of, person_name, persons_by_id, units_by_id
from app.security.permissions import Capability
from app.shapes import Done

_NAMED = 200
"""How many conflicts the page names; the figure beside them is whole."""


@desk.view("/exams/{exam_id}/seating", Capability.EXAM_PRINT, template="exams/seating.html")
def show_seating(op: Operation, *, exam_id: int, room: int = 0, verify: bool = False) -> SeatingShown:
    """Who sits where, by which draw; `verify` recomputes the newest one."""
    exam = queries.find_exam(op.db, op.actor, exam_id)
    sitting = queries.sittings_of(op.db, exam.id)[0]
    rooms = {one.id: one for one in queries.rooms_of(op.db, sitting.id)}
    rows = queries.confirmed_registrations(op.db, exam.id)
    persons = persons_by_id(op.db, {row.person_id for row in rows})
    units = units_by_id(op.db, {person.unit_id for person in persons.values()})
    draws = draws_of(op.db, exam.id)
    seats = [Seat(row.id, row.room_id, row.seat) for row in rows if row.room_id and row.seat]
    clashes = clashes_of(seats, service.sitters_of(op, rows), halls_of(op, sitting))
    chosen = rooms.get(room) or next((one for one in rooms.values() if any(s.room_id == one.id for s in seats)), None)
    names = names_of(op.db, {person_of(op.db, draw.drawn_by) for draw in draws})
    return SeatingShown(
        exam_id=exam.id,
        exam_name=exam.name,
        candidates=len(rows),
        seated=len(seats),
        rooms=_rooms(op, exam, rooms, seats),
        room_id=chosen.id if chosen else 0,
        plan=_plan(chosen, rows, persons, {u.id: u.name for u in units.values()}, clashes) if chosen else [],
        draws=[
            DrawShown(
                number=draw.number,
                version=draw.version,
                seed=draw.seed,
                places_hash=draw.places_hash,
                clashes=draw.clashes,
                reason=draw.reason,
                drawn_by=names[person_of(op.db, draw.drawn_by)],
                drawn_at=draw.drawn_at,
            )
            for draw in draws
        ],
        clashes=[
            ClashShown(room_name=rooms[c.room_id].name, one=c.one, other=c.other, unit_name=units[c.unit_id].name)
            for c in clashes[:_NAMED]
        ],
        agrees=service.recompute_seats(draws[0]).agrees if verify and draws else None,
        can=_can(op, exam),
        in_time=service.may_draw(op, exam),
    )


@desk.command(
    "/exams/{exam_id}/seating",
    Capability.EXAM_WRITE,
    then="/exams/{exam_id}/seating",
    retry=show_seating,
    said="座位已抽定。",
)
def draw_seats(op: Operation, *, exam_id: int, given: DrawGiven) -> Done:
    """Draw the seats of an exam that is not sealed."""
    return Done(id=service.draw_seats(op, exam_id=exam_id, reason=given.reason).id)


@desk.command(
    "/exams/{exam_id}/seating/again",
    Capability.EXAM_APPROVE,
    then="/exams/{exam_id}/seating",
    retry=show_seating,
    fresh=True,
    said="座位已重抽，已通知考生。",
)
def redraw_sealed(op: Operation, *, exam_id: int, given: DrawGiven) -> Done:
    """Draw the seats of a sealed exam anew."""
    return Done(id=service.redraw_sealed(op, exam_id=exam_id, reason=given.reason).id)


@desk.command(
    "/exams/{exam_id}/proctors/suggested",
    Capability.EXAM_WRITE,
    then="/exams/{exam_id}",
    retry=show_exam,
    said="已按回避要求安排监考员。",
)
def assign_proctors(op: Operation, *, exam_id: int) -> Done:
    """Give every room that has nobody the proctor who is suggested."""
    if not assign_suggested(op, exam_id=exam_id):
        raise NotReady(
            zh="没有缺监考员的线下考场，或没有可安排的监考员。", en="no room lacks a proctor, or none may run it."
        )
    return Done(id=exam_id)


def _can(op: Operation, exam: Exam) -> list[ExamAction]:
    held = {ExamAction.DRAW_SEATS: Capability.EXAM_WRITE, ExamAction.REDRAW_SEATS: Capability.EXAM_APPROVE}
    allowed = [action for action, access in held.items() if op.may(access) and (exam.state, action) in EXAM_TRANSITIONS]
    others = persons_behind(op.db, exam.seal_proposed_by)
    return [action for action in allowed if action is ExamAction.DRAW_SEATS or op.actor.person_id not in others]


def _rooms(op: Operation, exam: Exam, rooms: Mapping[int, Room], seats: list[Seat]) -> list[RoomSeatsShown]:
    held = queries.proctors_by_room(op.db, list(rooms))
    arranges = op.may(Capability.EXAM_WRITE) and (exam.state, ExamAction.ARRANGE) in EXAM_TRANSITIONS
    suggested = suggest_proctors(op, exam.id) if arranges else {}
    seated = Counter(place.room_id for place in seats)
    return [
        RoomSeatsShown(
            id=room.id,
            name=room.name,
            capacity=room.capacity,
            columns=room.columns,
            remote=room.remote,
            separate=room.separate,
            seated=seated[room.id],
            proctors=[_name(op, account) for account in held[room.id]],
            suggested=[ChoiceShown(id=a, name=_name(op, a)) for a in suggested.get(room.id, [])],
        )
        for room in rooms.values()
    ]


def _plan(
    room: Room,
    rows: Sequence[Registration],
    persons: Mapping[int, Person],
    units: Mapping[int, str],
    clashes: tuple[Clash, ...],
) -> list[list[SeatShown]]:
    sits = {row.seat: row for row in rows if row.room_id == room.id}
    beside = {number for clash in clashes if clash.room_id == room.id for number in (clash.one, clash.other)}
    last = max((number for number in sits if number), default=0)
    # Whole rows, and no empty ones behind the last person.
    shown = min(room.capacity, -(-last // room.columns) * room.columns)
    cells = [
        SeatShown(
            number=number,
            person_name=persons[row.person_id].name if row else "",
            unit_name=units[persons[row.person_id].unit_id] if row else "",
            ticket_number=(row.ticket_number or "") if row else "",
            beside=number in beside,
        )
        for number in range(1, shown + 1)
        for row in (sits.get(number),)
    ]
    return [cells[start : start + room.columns] for start in range(0, len(cells), room.columns)]


def _name(op: Operation, account_id: int) -> str:
    return person_name(op.db, person_of(op.db, account_id))
