"""Rooms and who runs them."""

from collections import Counter

from app.accounts.queries import accounts_with_role, person_of
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import FieldProblem, Invalid, NotFound
from app.exams import queries
from app.exams.models import Exam, Room, RoomProctor, Sitting
from app.exams.rules import ExamAction, NameTaken, ProctorOfOwnUnit, move_exam
from app.exams.seating import Hall
from app.operation import Operation
from app.people.queries import person_by_id, persons_by_id, unit_by_id
from app.security.permissions import Role


def write_room(op: Operation, sitting: Sitting, *, name: str, capacity: int, remote: bool) -> Room:
    """Enter a room of a sitting; the caller has judged whether it may."""
    room = Room(sitting_id=sitting.id, name=name, capacity=capacity, remote=remote)
    op.db.add(room)
    op.db.flush()
    after = {"exam_id": sitting.exam_id, "capacity": capacity, "remote": remote}
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


def add_room(op: Operation, *, exam_id: int, name: str, capacity: int, remote: bool) -> Room:
    """Add a room before the exam is sealed. Raises NameTaken."""
    _exam, sitting = _arrange(op, exam_id)
    if any(room.name == name for room in queries.rooms_of(op.db, sitting.id)):
        raise NameTaken(FieldProblem("name", "已有同名考场。", "There is a room of this name."))
    return write_room(op, sitting, name=name, capacity=capacity, remote=remote)


def remove_room(op: Operation, *, exam_id: int, room_id: int) -> None:
    """Take a room away before the exam is sealed. Raises NotFound."""
    _exam, sitting = _arrange(op, exam_id)
    drop_room(op, exam_id, _room(op, sitting, room_id))


def assign_proctor(op: Operation, *, exam_id: int, room_id: int, account_id: int) -> Room:
    """Give a room a proctor before the exam is sealed; naming one twice changes nothing.

    Raises Invalid where the account holds no proctor's role, ProctorOfOwnUnit where candidates of the proctor's unit
    could not be seated elsewhere.
    """
    _exam, sitting = _arrange(op, exam_id)
    room = _room(op, sitting, room_id)
    if account_id not in proctor_accounts(op):
        raise Invalid(FieldProblem("account_id", "此人不是监考员或主考。", "This is no proctor."))
    if account_id in queries.proctors_by_room(op.db, [room.id])[room.id]:
        return room
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
        Hall(room.id, room.capacity, frozenset(units[persons[account]] for account in proctors[room.id]))
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


def _check_own_unit(op: Operation, exam_id: int, sitting: Sitting, account_id: int) -> None:
    """Whether the candidates of the proctor's unit still find seats in rooms that none of their unit runs."""
    proctor = person_by_id(op.db, person_of(op.db, account_id))
    entered = persons_by_id(op.db, {r.person_id for r in queries.live_registrations(op.db, exam_id)})
    count = Counter(person.unit_id for person in entered.values())[proctor.unit_id]
    elsewhere = sum(h.capacity for h in halls_of(op, sitting) if proctor.unit_id not in h.barred_units)
    if count > elsewhere:
        raise ProctorOfOwnUnit(unit=unit_by_id(op.db, proctor.unit_id).name, count=count, name=proctor.name)
