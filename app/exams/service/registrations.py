"""Registrations: entered by the unit, confirmed or refused by an officer, withdrawn by the unit."""

from collections.abc import Sequence

from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import FieldProblem, NotFound
from app.exams import queries
from app.exams.eligibility import Answer, is_eligible, refusal
from app.exams.make_ups import entitlements
from app.exams.models import Exam, Registration
from app.exams.registering.rules import Enterer, check_way
from app.exams.rules import (
    AlreadyRegistered,
    ExamAction,
    NobodyChosen,
    NotEligible,
    OtherName,
    PersonNotFound,
    Phase,
    RegistrationAction,
    RegistrationShut,
    RegistrationState,
    Timetable,
    move_exam,
    move_registration,
    phase_of,
)
from app.exams.service.candidates import answers_for
from app.exams.service.deciding import acting_account
from app.operation import Operation
from app.outbox.post import post
from app.outbox.templates import Kind
from app.people.identity import BadIdNumber, parse_id_number
from app.people.models import Person
from app.people.names import same_name
from app.people.queries import persons_by_id, unit_paths
from app.people.service import find_by_id_number
from app.security.permissions import Capability

NAMED_AT_MOST = 5


def timetable(op: Operation, exam: Exam) -> Timetable:
    """The moments of an exam and its sitting."""
    sitting = queries.sittings_of(op.db, exam.id)[0]
    return Timetable(exam.registration_opens_at, exam.registration_closes_at, sitting.starts_at, sitting.ends_at)


def open_exam(op: Operation, exam_id: int) -> Exam:
    """A visible exam that units may enter people for now, its row held. Raises NotFound, ExamMoveRefused, WayClosed,
    RegistrationShut."""
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    move_exam(exam.state, ExamAction.REGISTER)
    check_way(exam.way, Enterer.UNIT)
    if phase_of(timetable(op, exam), sealed=False, now=op.now) is not Phase.REGISTRATION_OPEN:
        raise RegistrationShut
    return exam


def register(op: Operation, *, exam_id: int, name: str, id_number: str) -> Registration:
    """Enter one person of the caller's units. Raises RegistrationShut, Invalid for a bad number, PersonNotFound,
    OtherName, AlreadyRegistered, NotEligible (naming rule and day)."""
    exam = open_exam(op, exam_id)
    person = find_person(op, id_number)
    if not op.actor.covers(Capability.REGISTRATION_WRITE, unit_paths(op.db, [person.unit_id])[person.unit_id]):
        raise PersonNotFound(FieldProblem("id_number", PersonNotFound.zh, PersonNotFound.en))
    if not same_name(person.name, name):
        raise OtherName(FieldProblem("name", OtherName.zh, OtherName.en))
    answers = answers_for(op, exam, [person])[person.id]
    return enter(op, exam, person, answers)


def find_person(op: Operation, id_number: str) -> Person:
    """The person with this number, wherever they are. Raises PersonNotFound and BadIdNumber, naming the field."""
    try:
        person = find_by_id_number(op, parse_id_number(id_number).number)
    except BadIdNumber as error:
        raise PersonNotFound(FieldProblem("id_number", error.zh, error.en)) from None
    if person is None:
        raise PersonNotFound(FieldProblem("id_number", PersonNotFound.zh, PersonNotFound.en))
    return person


def enter(
    op: Operation,
    exam: Exam,
    person: Person,
    answers: Sequence[Answer],
    *,
    state: RegistrationState = RegistrationState.REGISTERED,
) -> Registration:
    """Write a registration into an exam whose row is held, for a make-up exam with what it makes up for. Raises
    AlreadyRegistered, NotEligible, EntitlementUsed."""
    if queries.registration_of(op.db, exam.id, person.id) is not None:
        raise AlreadyRegistered
    check_eligible([(person, answers)])
    registration = Registration(
        exam_id=exam.id,
        sitting_id=queries.sittings_of(op.db, exam.id)[0].id,
        person_id=person.id,
        state=state,
        eligibility=[answer.to_json() for answer in answers],
        remark="",
        registered_by=acting_account(op),
        registered_at=op.now,
    )
    op.db.add(registration)
    op.db.flush()
    after = {"exam_id": exam.id, "person_id": person.id, "eligible": True, "state": registration.state}
    record(op, AuditAction.REGISTRATION_CREATE, subject=("registration", registration.id), after=after)
    entitlements.take(op, exam, registration)
    return registration


def check_eligible(asked: Sequence[tuple[Person, Sequence[Answer]]]) -> None:
    """Raises NotEligible, naming persons and reasons (five persons at most), unless every rule says yes for all."""
    wrong = [(person, answers) for person, answers in asked if not is_eligible(answers)]
    if not wrong:
        return
    more = len(wrong) - NAMED_AT_MOST
    raise NotEligible(
        zh="；".join(f"{p.name}（{refusal(a, 'zh')}）" for p, a in wrong[:NAMED_AT_MOST])
        + (f"；另有 {more} 人。" if more > 0 else "。"),
        en="; ".join(f"{p.name} ({refusal(a, 'en')})" for p, a in wrong[:NAMED_AT_MOST])
        + (f"; and {more} more." if more > 0 else "."),
    )


def confirm(op: Operation, *, exam_id: int, registration_ids: Sequence[int]) -> list[Registration]:
    """Confirm these registrations, all or none; eligibility is asked again for each. Raises NotFound for one that is
    not of this exam or not visible, ExamMoveRefused, NotEligible."""
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    move_exam(exam.state, ExamAction.REGISTER)
    if not registration_ids:
        raise NobodyChosen
    chosen = [
        _of_exam(op, exam, registration_id, by=Capability.REGISTRATION_CONFIRM)
        for registration_id in dict.fromkeys(registration_ids)
    ]
    states = [move_registration(row.state, RegistrationAction.CONFIRM) for row in chosen]
    persons = persons_by_id(op.db, {row.person_id for row in chosen})
    answers = answers_for(op, exam, list(persons.values()))
    check_eligible([(persons[row.person_id], answers[row.person_id]) for row in chosen])
    for row, state in zip(chosen, states, strict=True):
        row.eligibility = [answer.to_json() for answer in answers[row.person_id]]
        settle(op, row, state, AuditAction.REGISTRATION_ACCEPT)
        tell(op, exam, row, Kind.REGISTRATION_CONFIRMED)
    op.db.flush()
    return chosen


def refuse(op: Operation, *, exam_id: int, registration_id: int, reason: str) -> Registration:
    """Refuse one registration, with a reason that the person and their unit see."""
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    move_exam(exam.state, ExamAction.REGISTER)
    row = _of_exam(op, exam, registration_id, by=Capability.REGISTRATION_CONFIRM)
    state = move_registration(row.state, RegistrationAction.REFUSE)
    person = persons_by_id(op.db, [row.person_id])
    answers = answers_for(op, exam, list(person.values()))[row.person_id]
    row.eligibility = [answer.to_json() for answer in answers]
    row.remark = reason
    rules = [answer.rule for answer in answers if not answer.yes]
    settle(op, row, state, AuditAction.REGISTRATION_REFUSE, reason=reason, after={"rules": rules})
    tell(op, exam, row, Kind.REGISTRATION_REFUSED)
    return row


def withdraw(op: Operation, *, exam_id: int, registration_id: int) -> Registration:
    """Take a registration of the caller's units back before the exam is sealed. Raises NotFound for others'."""
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    move_exam(exam.state, ExamAction.REGISTER)
    row = _of_exam(op, exam, registration_id, by=Capability.REGISTRATION_WRITE)
    state = move_registration(row.state, RegistrationAction.WITHDRAW)
    settle(op, row, state, AuditAction.REGISTRATION_WITHDRAW)
    return row


def tell(op: Operation, exam: Exam, row: Registration, kind: Kind) -> None:
    """Put a message about a registration into the person's inbox."""
    post(op.db, person_id=row.person_id, template=kind, params={"exam": exam.name}, now=op.now)


def _of_exam(op: Operation, exam: Exam, registration_id: int, *, by: Capability) -> Registration:
    row = queries.find_registration(op.db, op.actor, registration_id, by=by)
    if row.exam_id != exam.id:
        raise NotFound
    return row


def settle(
    op: Operation,
    row: Registration,
    state: RegistrationState,
    action: AuditAction,
    *,
    reason: str = "",
    after: dict[str, object] | None = None,
) -> None:
    """Move a registration to `state` and write it down."""
    before = {"state": row.state}
    row.state, row.settled_by, row.settled_at = state, acting_account(op), op.now
    told = {"state": state, "exam_id": row.exam_id, "person_id": row.person_id, **(after or {})}
    record(op, action, subject=("registration", row.id), before=before, after=told, reason=reason)
    if state not in queries.LIVE:
        entitlements.free(op, [row.id])
