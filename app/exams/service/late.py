"""Late additions: who joins after sealing gets a reserve form of the same draw and a free seat; nothing else moves."""

from datetime import timedelta

from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import FieldProblem
from app.exams import queries
from app.exams.models import Exam, Registration
from app.exams.planning import ticket_number
from app.exams.queries.accommodations import accommodations_at
from app.exams.queries.reserve import uses_reserve_set
from app.exams.rules import (
    AlreadyRegistered,
    ExamAction,
    NoReserveForm,
    OtherName,
    RegistrationAction,
    RegistrationShut,
    SeatsTooFew,
    move_exam,
    move_registration,
)
from app.exams.seating import Seat, clash_count
from app.exams.service.candidates import answers_for
from app.exams.service.deciding import acting_account, check_other_person
from app.exams.service.registrations import enter, find_person
from app.exams.service.reserve import give_reserve_forms
from app.exams.service.rooms import halls_of
from app.exams.service.seating import sitters_of
from app.exams.sharing import Sitter
from app.operation import Operation
from app.people.calendar import local_date
from app.people.models import Person
from app.people.names import same_name


def add_late(op: Operation, *, exam_id: int, name: str, id_number: str, reason: str) -> Registration:
    """Add a candidate to a sealed exam until late entry ends.

    Raises ExamMoveRefused before sealing, RegistrationShut once late entry is over, SameOfficer for whoever proposed
    the sealing, PersonNotFound, OtherName, AlreadyRegistered, NotEligible, NoReserveForm, SeatsTooFew.
    """
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    move_exam(exam.state, ExamAction.ADD_LATE)
    check_other_person(op, exam.seal_proposed_by)
    sitting = queries.sittings_of(op.db, exam.id)[0]
    if op.now >= sitting.starts_at + timedelta(minutes=exam.late_entry_minutes):
        raise RegistrationShut
    person = find_person(op, id_number)
    if not same_name(person.name, name):
        raise OtherName(FieldProblem("name", OtherName.zh, OtherName.en))
    if queries.registration_of(op.db, exam.id, person.id) is not None:
        raise AlreadyRegistered
    form = queries.next_reserve_form(op.db, exam.id)
    if form is None:
        raise NoReserveForm
    place = _free_seat(op, exam, person)
    registration = enter(op, exam, person, answers_for(op, exam, [person])[person.id])
    registration.state = move_registration(registration.state, RegistrationAction.CONFIRM)
    registration.settled_by, registration.settled_at = acting_account(op), op.now
    registration.room_id, registration.seat = place.room_id, place.number
    # The spare form's number goes on where the candidates' sequence ended.
    registration.ticket_number = ticket_number(
        year=local_date(sitting.starts_at).year, exam_id=exam.id, sequence=form.number
    )
    form.registration_id = registration.id
    op.db.flush()
    if uses_reserve_set(op.db, place.room_id):
        (form,) = give_reserve_forms(op, [registration.id])
    record(
        op,
        AuditAction.REGISTRATION_SEAT,
        subject=("registration", registration.id),
        after={"room_id": place.room_id, "seat": place.number},
    )
    after = {"registration_id": registration.id, "form_number": form.number, "form_hash": form.content_hash}
    record(op, AuditAction.EXAM_ADD_LATE, subject=("exam", exam.id), after=after, reason=reason)
    return registration


def _free_seat(op: Operation, exam: Exam, person: Person) -> Seat:
    """A free seat in a room that takes the person, beside as few of the own unit as can be, then in the emptiest room,
    the lowest number. Raises SeatsTooFew."""
    sitting = queries.sittings_of(op.db, exam.id)[0]
    rows = [row for row in queries.confirmed_registrations(op.db, exam.id) if row.room_id is not None]
    units = {sitter.registration_id: sitter.unit_id for sitter in sitters_of(op, rows)}
    taken: dict[int, dict[int, int]] = {}
    for row in rows:
        taken.setdefault(row.room_id or 0, {})[row.seat or 0] = units[row.id]
    granted = accommodations_at(op.db, [person.id], sitting.starts_at).get(person.id)
    # Nobody's registration yet: the person alone decides which rooms take them.
    sitter = Sitter(0, person.unit_id, separate=granted is not None and granted.separate_room)
    free = [
        (clash_count(hall, held, number, person.unit_id), len(held) - hall.capacity, -hall.room_id, number)
        for hall in halls_of(op, sitting)
        if hall.takes(sitter)
        for held in (taken.get(hall.room_id, {}),)
        for number in range(1, hall.capacity + 1)
        if number not in held
    ]
    if not free:
        raise SeatsTooFew(zh="没有空座位。", en="no seat is free.")
    _, _, room, number = min(free)
    return Seat(0, -room, number)
