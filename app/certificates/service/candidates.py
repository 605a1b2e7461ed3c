"""The candidate's way: the facts of each of their registrations, put before the rule of what they may see."""

from dataclasses import dataclass, replace

from app.attempts.queries import attempt_of
from app.attempts.rules import Closing
from app.attempts.technical_faults.queries import faults_of
from app.attempts.technical_faults.rules import FaultState
from app.certificates import queries
from app.certificates.models import Certificate
from app.certificates.rules import standing_of
from app.certificates.way import Case, Entry, Facts, Station, stages
from app.clearance import queries as clearance
from app.clearance.models import ClearanceCase
from app.clearance.rules import CaseState, CheckState
from app.exams import queries as exams
from app.exams.make_ups.queries import Told, told_of
from app.exams.models import Exam, Registration
from app.exams.rules import ExamState
from app.grading.make_ups import counted_totals
from app.grading.queries import released_result
from app.operation import Operation


@dataclass(frozen=True)
class Way:
    """One registration of the candidate, its six stations, and the certificate at the end of it."""

    exam: Exam
    registration: Registration
    stations: tuple[Station, ...]
    certificate: Certificate | None
    make_up: Told
    """What it makes up for, and whether a make-up is due for it."""
    fault: FaultState | None
    """How the report of a technical fault stands, where there is one."""


def ways(op: Operation) -> list[Way]:
    """The actor's own registrations, the newest first; nobody else's."""
    if op.actor.person_id is None:
        return []
    found = []
    registrations = exams.registrations_of_person(op.db, op.actor.person_id)
    told = told_of(op.db, [registration.id for registration in registrations])
    faults = faults_of(op.db, [registration.id for registration in registrations])
    for registration in registrations:
        case = clearance.case_of_registration(op.db, registration.id)
        certificate = queries.certificate_of_case(op.db, case.id) if case else None
        exam, fault = exams.exam_by_id(op.db, registration.exam_id), faults.get(registration.id)
        facts = replace(
            _facts(op, registration, case, certificate),
            called_off=exam.state is ExamState.CANCELLED,
            lost_at=fault.decided_at if fault and fault.state is FaultState.RECOGNISED else None,
        )
        found.append(
            Way(
                exam=exam,
                registration=registration,
                stations=stages(facts, now=op.now),
                certificate=certificate,
                make_up=told.get(registration.id, Told()),
                fault=fault.state if fault else None,
            )
        )
    return found


def _facts(
    op: Operation, registration: Registration, case: ClearanceCase | None, certificate: Certificate | None
) -> Facts:
    sitting = exams.sitting_for(op.db, registration.id)
    attempt = attempt_of(op.db, registration.id)
    released = released_result(op.db, registration.id)
    notice = clearance.notice_of_case(op.db, case.id) if case else None
    if notice and (case is None or case.decided_at is None or (notice.published_at or op.now) < case.decided_at):
        notice = None  # it showed an earlier decision
    due = None
    if case:
        due = next((c.statement_due_at for c in clearance.checks_of(op.db, [case.id])[case.id] if _asks(c.state)), None)
    return Facts(
        entry=Entry(registration.state.value),
        registered_at=registration.registered_at,
        settled_at=registration.settled_at,
        starts_at=sitting.starts_at,
        ends_at=sitting.ends_at,
        attempt_started_at=attempt.started_at if attempt else None,
        attempt_closed_at=attempt.closed_at if attempt else None,
        attempt_ended=attempt is not None and attempt.closing is Closing.ENDED,
        released_at=released.at if released else None,
        passed=released is not None and released.passed,
        total=released.total if released else None,
        counted=counted_totals(op, registration.exam_id, [registration.id]).get(registration.id) if released else None,
        withheld=released is not None and released.withheld,
        void=released is not None and released.void,
        case=_case(case, asked=due is not None) if case else None,
        case_opened_at=case.opened_at if case else None,
        case_decided_at=case.decided_at if case else None,
        statement_due_at=due,
        notice_published_at=notice.published_at if notice else None,
        notice_last_day=notice.last_day if notice else None,
        notice_ends_at=notice.ends_at if notice else None,
        certificate=standing_of(certificate.state, valid_until=certificate.valid_until, now=op.now)
        if certificate
        else None,
        certificate_issued_at=certificate.issued_at if certificate else None,
        certificate_moved_at=certificate.moved_at if certificate else None,
    )


def _asks(state: CheckState) -> bool:
    return state is CheckState.STATEMENT


def _case(case: ClearanceCase, *, asked: bool) -> Case:
    if case.state is CaseState.APPROVED:
        return Case.APPROVED
    if case.state in {CaseState.REJECTED, CaseState.WITHDRAWN}:
        return Case.REJECTED
    return Case.STATEMENT if asked else Case.AT_WORK
