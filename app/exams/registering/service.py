"""Registering by the person, endorsing by the unit, and the consent that every registration rests on."""

from collections.abc import Collection, Sequence

from sqlalchemy.dialects import postgresql, sqlite

from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import NotFound
from app.exams import queries
from app.exams.models import Exam, Registration
from app.exams.registering.queries import consents_of, own_registrations
from app.exams.registering.rules import (
    ConsentNeeded,
    Enterer,
    RegistrationWay,
    check_endorsement,
    check_version,
    check_way,
    digest_of,
)
from app.exams.registration_models import Consent
from app.exams.rules import (
    EXAM_TRANSITIONS,
    ExamAction,
    NobodyChosen,
    Phase,
    RegistrationAction,
    RegistrationShut,
    RegistrationState,
    move_exam,
    move_registration,
    phase_of,
)
from app.exams.service import registrations
from app.exams.service.candidates import answers_for
from app.exams.service.deciding import acting_account
from app.operation import Operation
from app.outbox.templates import Kind
from app.people.queries import person_by_id, persons_by_id, unit_paths
from app.security.permissions import Capability


def apply(op: Operation, *, exam_id: int, version: int) -> Registration:
    """The actor enters themselves, accepting the privacy notice with it; where the exam asks for it, their unit
    endorses before the department confirms.

    Raises NotFound, WayClosed, RegistrationShut, ConsentChanged, AlreadyRegistered, NotEligible (with rule and day).
    """
    check_version(version)
    exam = _open_to_me(op, exam_id)
    check_way(exam.way, Enterer.PERSON)
    person = person_by_id(op.db, _acting_person(op))
    answers = answers_for(op, exam, [person])[person.id]
    state = RegistrationState.APPLIED if exam.way is RegistrationWay.BOTH else RegistrationState.REGISTERED
    row = registrations.enter(op, exam, person, answers, state=state)
    _write_consent(op, [row.id], version)
    return row


def take_back(op: Operation, *, exam_id: int) -> Registration:
    """The actor takes their own registration back, until registration closes. Raises NotFound, RegistrationShut."""
    exam = _open_to_me(op, exam_id)
    row = queries.registration_of(op.db, exam.id, _acting_person(op))
    if row is None:
        raise NotFound
    state = move_registration(row.state, RegistrationAction.WITHDRAW)
    registrations.settle(op, row, state, AuditAction.REGISTRATION_WITHDRAW)
    return row


def endorse(op: Operation, *, exam_id: int, registration_ids: Sequence[int]) -> list[Registration]:
    """Endorse applications of the actor's units, all or none; eligibility is asked again for each.

    Raises NotFound for one that is not of this exam or these units, ExamMoveRefused, OwnApplication, EndorsementOver,
    NotEligible.
    """
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    move_exam(exam.state, ExamAction.REGISTER)
    if not registration_ids:
        raise NobodyChosen
    chosen = [_application(op, exam, registration_id) for registration_id in dict.fromkeys(registration_ids)]
    states = [move_registration(row.state, RegistrationAction.ENDORSE) for row in chosen]
    persons = persons_by_id(op.db, {row.person_id for row in chosen})
    answers = answers_for(op, exam, list(persons.values()))
    registrations.check_eligible([(persons[row.person_id], answers[row.person_id]) for row in chosen])
    for row, state in zip(chosen, states, strict=True):
        row.eligibility = [answer.to_json() for answer in answers[row.person_id]]
        row.endorsed_by, row.endorsed_at = acting_account(op), op.now
        before = {"state": row.state}
        row.state = state
        after = {"state": state, "exam_id": exam.id, "person_id": row.person_id}
        record(op, AuditAction.REGISTRATION_ENDORSE, subject=("registration", row.id), before=before, after=after)
    op.db.flush()
    return chosen


def decline(op: Operation, *, exam_id: int, registration_id: int, reason: str) -> Registration:
    """Do not endorse an application, with a reason that the person sees. Raises as `endorse`."""
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    move_exam(exam.state, ExamAction.REGISTER)
    row = _application(op, exam, registration_id)
    state = move_registration(row.state, RegistrationAction.DECLINE)
    row.remark = reason
    registrations.settle(op, row, state, AuditAction.REGISTRATION_DECLINE, reason=reason)
    registrations.tell(op, exam, row, Kind.REGISTRATION_REFUSED)
    return row


def consent(op: Operation, *, version: int) -> list[int]:
    """The actor accepts the notice for each registration of theirs that lacks it: which ones. Raises ConsentChanged."""
    check_version(version)
    live = [row.id for row in own_registrations(op.db, op.actor) if row.state in queries.LIVE]
    lacking = sorted(set(live) - consents_of(op.db, live).keys())
    return _write_consent(op, lacking, version)


def check_consent(op: Operation, registration_id: int) -> None:
    """Raises ConsentNeeded where a registration does not rest on its person's consent."""
    if registration_id not in consents_of(op.db, [registration_id]):
        raise ConsentNeeded


def _write_consent(op: Operation, registration_ids: Collection[int], version: int) -> list[int]:
    dialect = postgresql if op.house.database.dialect == "postgresql" else sqlite
    written = []
    for registration_id in registration_ids:
        values = {"registration_id": registration_id, "version": version, "accepted_at": op.now}
        statement = dialect.insert(Consent).values(values).on_conflict_do_nothing(index_elements=["registration_id"])
        if op.db.execute(statement.returning(Consent.registration_id)).scalar_one_or_none() is not None:
            after = {"version": version, "text_hash": digest_of(version)}
            record(op, AuditAction.CONSENT_ACCEPT, subject=("registration", registration_id), after=after)
            written.append(registration_id)
    return written


def _open_to_me(op: Operation, exam_id: int) -> Exam:
    """A published exam whose registration is open now, its row held. To a person any other does not exist."""
    exam = queries.hold_exam(op.db, exam_id)
    if (exam.state, ExamAction.REGISTER) not in EXAM_TRANSITIONS:
        raise NotFound
    if phase_of(registrations.timetable(op, exam), sealed=False, now=op.now) is not Phase.REGISTRATION_OPEN:
        raise RegistrationShut
    return exam


def _acting_person(op: Operation) -> int:
    if op.actor.person_id is None:
        raise NotFound
    return op.actor.person_id


def _application(op: Operation, exam: Exam, registration_id: int) -> Registration:
    """An application of the actor's units that is still to be endorsed in time by somebody else than the applicant."""
    row = queries.find_registration(op.db, op.actor, registration_id)
    unit_id = person_by_id(op.db, row.person_id).unit_id
    if row.exam_id != exam.id or not op.actor.covers(
        Capability.REGISTRATION_WRITE, unit_paths(op.db, [unit_id])[unit_id]
    ):
        raise NotFound
    check_endorsement(exam.endorsement_closes_at, endorser=op.actor.person_id, applicant=row.person_id, now=op.now)
    return row
