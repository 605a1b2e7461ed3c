"""Batches: proposed by the officer, approved by another person; the approval asks for the job that issues them."""

from collections.abc import Collection
from dataclasses import dataclass

from app.accounts.queries import person_of
from app.audit.actions import AuditAction
from app.audit.record import record
from app.certificates import queries
from app.certificates.models import BatchEntry, Certificate, CertificateBatch
from app.certificates.rules import (
    BatchAction,
    BatchState,
    Condition,
    Conditions,
    NotAllMet,
    NothingToIssue,
    move_batch,
    refuse_one_person,
    refuse_own,
    unmet,
)
from app.certificates.service.issuing import JOB
from app.clearance import queries as clearance
from app.clearance.models import ClearanceCase
from app.clearance.rules import CaseState
from app.clearance.service.notices import clearance_standings
from app.exams import queries as exams
from app.exams.models import Exam
from app.exams.service import still_eligible_among
from app.grading.queries import passed_released_among
from app.jobs.queue import enqueue
from app.operation import Operation
from app.people.queries import close_to
from app.security.permissions import Capability


@dataclass(frozen=True)
class Candidacy:
    """A case as it stands before a batch: what is not met now, and whether it has a certificate or waits for one."""

    case: ClearanceCase
    unmet: tuple[Condition, ...]
    taken: bool
    certificate: Certificate | None

    @property
    def ready(self) -> bool:
        """Whether it may be put into a batch."""
        return not self.unmet and not self.taken


def candidacies(op: Operation, exam: Exam) -> list[Candidacy]:
    """Every case of an exam with each condition of P28 as it stands; nothing is held: the issue asks again."""
    cases = list(clearance.cases_of_exam(op.db, exam.id))
    ids = [case.id for case in cases]
    standings = clearance_standings(op, cases)
    registrations = exams.registrations_by_id(op.db, [case.registration_id for case in cases])
    eligible = still_eligible_among(op, exam, list(registrations))
    passed = passed_released_among(op.db, [registration.id for registration in registrations])
    held = queries.held_persons(op.db, [case.person_id for case in cases])
    taken = queries.taken_cases(op.db, ids)
    issued = queries.certificates_of_cases(op.db, ids)
    found = []
    for case in cases:
        standing = standings[case.id]
        conditions = Conditions(
            result_passed=case.registration_id in passed,
            checks_clear=standing.checks_clear,
            review_approved=standing.approved,
            notice_ended=standing.notice_ended,
            no_open_objection=standing.no_open_objection,
            no_hold=case.person_id not in held,
            eligible=case.registration_id in eligible,
        )
        found.append(Candidacy(case, unmet(conditions), case.id in taken, issued.get(case.id)))
    return found


def count_ready(op: Operation, exam: Exam) -> int:
    """How many cases of an exam may be put into a batch now; cheap where all have been certified."""
    approved = [case.id for case in clearance.cases_of_exam(op.db, exam.id) if case.state is CaseState.APPROVED]
    if not set(approved) - queries.taken_cases(op.db, approved):
        return 0
    return sum(found.ready for found in candidacies(op, exam))


def propose_batch(op: Operation, *, exam_id: int, document_number: str, case_ids: Collection[int]) -> CertificateBatch:
    """Propose certificates for these cases of an exam.

    Only cases that meet every condition now, and stand in no other batch, may be included: raises NotAllMet,
    NothingToIssue, OwnCertificate, NotFound.
    """
    exam = exams.exam_by_id(op.db, exam_id)
    wanted = sorted(set(case_ids))
    if not wanted:
        raise NothingToIssue
    for (
        case_id
    ) in wanted:  # in the order of ids: of two who propose the same cases one waits, and then finds them taken
        clearance.lock_case(op.db, case_id)
    ready = {found.case.id: found.case for found in candidacies(op, exam) if found.ready}
    wrong = [case_id for case_id in wanted if case_id not in ready]
    if wrong:
        raise NotAllMet(count=len(wrong))
    persons = [ready[case_id].person_id for case_id in wanted]
    refuse_own(decider=op.actor.person_id, judged=persons, close_to=close_to(op.db, op.actor.person_id or 0))
    batch = CertificateBatch(
        exam_id=exam.id,
        level=exam.level,
        state=BatchState.PROPOSED,
        document_number=document_number,
        proposed_by=op.actor.account_id or 0,
        proposed_at=op.now,
    )
    op.db.add(batch)
    op.db.flush()
    op.db.add_all([BatchEntry(batch_id=batch.id, case_id=case_id) for case_id in wanted])
    op.db.flush()
    after = {"exam_id": exam.id, "cases": wanted, "level": exam.level}
    record(op, AuditAction.BATCH_PROPOSE, subject=("batch", batch.id), after=after)
    return batch


def approve_batch(op: Operation, *, batch_id: int) -> CertificateBatch:
    """Approve the batch and ask, in the same transaction, for the job that issues its certificates one by one.

    Another natural person than who proposed. Raises NotFound, CertificateMoveRefused, SameApprover, OwnCertificate.
    """
    batch = queries.find_batch(op.db, op.actor, batch_id, by=Capability.CERTIFICATE_APPROVE, lock=True)
    state = move_batch(batch.state, BatchAction.APPROVE)
    cases = _check_decider(op, batch)
    batch.state, batch.settled_by, batch.settled_at = state, op.actor.account_id, op.now
    batch.job_id = enqueue(
        op.db,
        kind=JOB,
        payload={"batch_id": batch.id},
        now=op.now,
        dedupe_key=f"{JOB}:{batch.id}",
        created_by=op.actor.account_id,
    )
    op.db.flush()
    after = {"state": state, "cases": cases, "proposed_by": batch.proposed_by}
    record(op, AuditAction.BATCH_APPROVE, subject=("batch", batch.id), before={"state": "proposed"}, after=after)
    return batch


def decline_batch(op: Operation, *, batch_id: int, reason: str) -> CertificateBatch:
    """Send a proposed batch back; its cases may be put into another. Raises as `approve_batch`."""
    batch = queries.find_batch(op.db, op.actor, batch_id, by=Capability.CERTIFICATE_APPROVE, lock=True)
    state = move_batch(batch.state, BatchAction.DECLINE)
    _check_decider(op, batch)
    batch.state, batch.settled_by, batch.settled_at = state, op.actor.account_id, op.now
    op.db.flush()
    after = {"exam_id": batch.exam_id, "state": state}
    record(op, AuditAction.BATCH_DECLINE, subject=("batch", batch.id), after=after, reason=reason)
    return batch


def _check_decider(op: Operation, batch: CertificateBatch) -> list[int]:
    """The cases of the batch, where the actor may decide on it."""
    cases = [entry.case_id for entry in queries.entries_of(op.db, batch.id)]
    refuse_one_person(
        proposer=person_of(op.db, batch.proposed_by),
        decider=op.actor.person_id,
        judged=[case.person_id for case in clearance.cases_by_id(op.db, cases).values()],
        close_to=close_to(op.db, op.actor.person_id or 0),
    )
    return cases
