"""Rooms and who runs them."""

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass

from sqlalchemy import update

from app.accounts.queries import accounts_with_role, person_of
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import FieldProblem, Invalid, NotFound
from app.exams import queries
from app.exams.models import Exam, Registration, Room, RoomProctor, Sitting
from app.exams.rules import ExamAction, NameTaken, ProctorOfOwnUnit, ProctorSeesOwnUnit, move_exam
from app.exams.sharing import Hall
from app.operation import Operation
from app.people.queries import person_by_id, persons_by_id, unit_by_id
from app.security.permissions import Role


@dataclass(frozen=True)
class RoomPlan:
    """A room as planned: `columns` are the seats to a row, `separate` is for who was granted a room apart."""

    name: str
    capacity: int
    remote: bool = False
    columns: int = 6
    separate: bool = False


def write_room(op: Operation, sitting: Sitting, plan: RoomPlan) -> Room:
    """Enter a room of a sitting; the caller has judged whether it may."""
    room = Room(sitting_id=sitting.id, **asdict(plan))
    op.db.add(room)
    op.db.flush()
    after = {"exam_id": sitting.exam_id, **asdict(plan)}
    del after["name"]
    record(op, AuditAction.ROOM_CREATE, subject=("room", room.id), after=after)
    return room


def drop_room(op: Operation, exam_id: int, room: Room) -> None:
    """Take a room away with its proctors; the caller has judged whether it may."""
    for account_id in queries.proctors_by_room(op.db, [room.id])[room.id]:
        op.db.delete(op.db.get_one(RoomProctor, (room.id, account_id)))
    op.db.flush()
    op.db.delete(room)
    op.db.flush()
    record(op, AuditAction.ROOM_REMOVE, subject=("room", room.id), after={"exam_id": exam_id})


def add_room(op: Operation, *, exam_id: int, plan: RoomPlan) -> Room:
    """Add a room before the exam is sealed; seats that were drawn stand. Raises NameTaken."""
    _exam, sitting = _arrange(op, exam_id)
    if any(room.name == plan.name for room in queries.rooms_of(op.db, sitting.id)):
        raise NameTaken(FieldProblem("name", "已有同名考场。", "There is a room of this name."))
    return write_room(op, sitting, plan)


def remove_room(op: Operation, *, exam_id: int, room_id: int) -> None:
    """Take a room away before the exam is sealed. Where candidates have seats in it, every seat of the exam is void and
    must be drawn again. Raises NotFound."""
    exam, sitting = _arrange(op, exam_id)
    room = _room(op, sitting, room_id)
    if room.id in {row.room_id for row in queries.live_registrations(op.db, exam.id)}:
        record(op, AuditAction.EXAM_VOID_SEATS, subject=("exam", exam.id), after={"room_id": room.id})
        clear_seats(op, exam.id)
    drop_room(op, exam_id, room)


def assign_proctor(op: Operation, *, exam_id: int, room_id: int, account_id: int) -> Room:
    """Give a room a proctor before the exam is sealed; naming one twice changes nothing.

    Raises Invalid where the account holds no proctor's role, ProctorSeesOwnUnit where candidates of the proctor's unit
    have seats in the room, ProctorOfOwnUnit where they could not be seated elsewhere.
    """
    _exam, sitting = _arrange(op, exam_id)
    room = _room(op, sitting, room_id)
    if account_id not in proctor_accounts(op):
        raise Invalid(FieldProblem("account_id", "此人不是监考员或主考。", "This is no proctor."))
    if account_id in queries.proctors_by_room(op.db, [room.id])[room.id]:
        return room
    _check_seated(op, exam_id, room, account_id)
    op.db.add(RoomProctor(room_id=room.id, account_id=account_id))
    op.db.flush()
    _check_own_unit(op, exam_id, sitting, account_id)
    record(op, AuditAction.ROOM_ASSIGN_PROCTOR, subject=("room", room.id), after={"account_id": account_id})
    return room


def release_proctor(op: Operation, *, exam_id: int, room_id: int, account_id: int) -> Room:
    """Take a proctor from a room before the exam is sealed. Raises NotFound."""
    _exam, sitting = _arrange(op, exam_id)
    room = _room(op, sitting, room_id)
    held = op.db.get(RoomProctor, (room.id, account_id))
    if held is None:
        raise NotFound
    op.db.delete(held)
    op.db.flush()
    record(op, AuditAction.ROOM_RELEASE_PROCTOR, subject=("room", room.id), after={"account_id": account_id})
    return room


def proctor_accounts(op: Operation) -> list[int]:
    """The accounts that may run a room."""
    found = {*accounts_with_role(op.db, Role.PROCTOR), *accounts_with_role(op.db, Role.CHIEF_PROCTOR)}
    return sorted(found)


def halls_of(op: Operation, sitting: Sitting) -> list[Hall]:
    """The rooms of a sitting as seating sees them."""
    rooms = queries.rooms_of(op.db, sitting.id)
    proctors = queries.proctors_by_room(op.db, [room.id for room in rooms])
    persons = {account: person_of(op.db, account) for accounts in proctors.values() for account in accounts}
    units = {person.id: person.unit_id for person in persons_by_id(op.db, set(persons.values())).values()}
    return [
        Hall(
            room.id,
            room.capacity,
            frozenset(units[persons[account]] for account in proctors[room.id]),
            columns=room.columns,
            separate=room.separate,
            remote=room.remote,
        )
        for room in rooms
    ]


def _arrange(op: Operation, exam_id: int) -> tuple[Exam, Sitting]:
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    move_exam(exam.state, ExamAction.ARRANGE)
    return exam, queries.sittings_of(op.db, exam.id)[0]


def _room(op: Operation, sitting: Sitting, room_id: int) -> Room:
    for room in queries.rooms_of(op.db, sitting.id):
        if room.id == room_id:
            return room
    raise NotFound


def clear_seats(op: Operation, exam_id: int) -> None:
    """Take every seat of the exam back, those of withdrawn registrations too: the places are needed."""
    seated = update(Registration).where(Registration.exam_id == exam_id, Registration.room_id.is_not(None))
    op.db.execute(seated.values(room_id=None, seat=None))


def suggest_proctors(op: Operation, exam_id: int) -> dict[int, list[int]]:
    """For each room the accounts that may run it, the least burdened first: not those whose unit has candidates
    there."""
    sitting = queries.sittings_of(op.db, exam_id)[0]
    rooms = queries.rooms_of(op.db, sitting.id)
    held = queries.proctors_by_room(op.db, [room.id for room in rooms])
    burden = Counter(account for accounts in held.values() for account in accounts)
    persons = {account: person_of(op.db, account) for account in proctor_accounts(op)}
    unit_of = {person.id: person.unit_id for person in persons_by_id(op.db, set(persons.values())).values()}
    seated = units_by_room(op, exam_id)
    return {
        room.id: sorted(
            (a for a, person in persons.items() if unit_of[person] not in seated[room.id] and a not in held[room.id]),
            key=lambda account: (burden[account], account),
        )
        for room in rooms
    }


def assign_suggested(op: Operation, *, exam_id: int) -> int:
    """Give every room on site that has nobody the proctor who is suggested for it; returns to how many rooms."""
    _exam, sitting = _arrange(op, exam_id)
    rooms = queries.rooms_of(op.db, sitting.id)
    held = queries.proctors_by_room(op.db, [room.id for room in rooms])
    given = 0
    for room in rooms:
        suggested = () if room.remote or held[room.id] else suggest_proctors(op, exam_id)[room.id]
        for account_id in suggested[:1]:
            assign_proctor(op, exam_id=exam_id, room_id=room.id, account_id=account_id)
            given += 1
    return given


def units_by_room(op: Operation, exam_id: int) -> dict[int, Counter[int]]:
    """How many candidates of each unit have a seat in each room."""
    rows = [row for row in queries.live_registrations(op.db, exam_id) if row.room_id is not None]
    persons = persons_by_id(op.db, {row.person_id for row in rows})
    found: dict[int, Counter[int]] = defaultdict(Counter)
    for row in rows:
        found[row.room_id or 0][persons[row.person_id].unit_id] += 1
    return found


def _check_seated(op: Operation, exam_id: int, room: Room, account_id: int) -> None:
    """Whether candidates of the proctor's unit have seats in the room."""
    proctor = person_by_id(op.db, person_of(op.db, account_id))
    sits = units_by_room(op, exam_id)[room.id][proctor.unit_id]
    if sits:
        unit = unit_by_id(op.db, proctor.unit_id).name
        raise ProctorSeesOwnUnit(room=room.name, unit=unit, count=sits, name=proctor.name)


def _check_own_unit(op: Operation, exam_id: int, sitting: Sitting, account_id: int) -> None:
    """Whether the candidates of the proctor's unit still find seats in rooms that none of their unit runs."""
    proctor = person_by_id(op.db, person_of(op.db, account_id))
    entered = persons_by_id(op.db, {r.person_id for r in queries.live_registrations(op.db, exam_id)})
    count = Counter(person.unit_id for person in entered.values())[proctor.unit_id]
    elsewhere = sum(h.capacity for h in halls_of(op, sitting) if proctor.unit_id not in h.barred_units)
    if count > elsewhere:
        raise ProctorOfOwnUnit(unit=unit_by_id(op.db, proctor.unit_id).name, count=count, name=proctor.name)
