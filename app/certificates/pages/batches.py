"""Batches: who could be certified, what was proposed, how far the issue is, what is printed for the ceremony."""

from app.accounts.queries import person_of
from app.audit.sealing import anchor_first
from app.certificates import queries
from app.certificates.models import CertificateBatch
from app.certificates.pages.certificates import PDF
from app.certificates.pages.routes import desk
from app.certificates.rules import BatchState, Condition
from app.certificates.schemas import (
    BatchesShown,
    BatchGiven,
    BatchLineShown,
    BatchShown,
    CandidacyShown,
    EntryShown,
    ProposalShown,
    ReadyShown,
    ReasonGiven,
)
from app.certificates.service import batches, papers
from app.clearance import queries as clearance
from app.errors import NotFound
from app.exams import queries as exams
from app.operation import Operation
from app.people import queries as people
from app.security.permissions import Capability
from app.shapes import Done
from app.web.faces import Download


@desk.view("/certificate-batches", Capability.CERTIFICATE_READ, template="certificates/batches.html")
def list_batches(op: Operation) -> BatchesShown:
    """Batches, and where another may be proposed."""
    rows = queries.list_batches(op.db, op.actor)
    ready = []
    if queries.reaches_all(op.actor, Capability.CERTIFICATE_PROPOSE):
        for exam_id in clearance.exams_with_cases(op.db):
            exam = exams.exam_by_id(op.db, exam_id)
            count = batches.count_ready(op, exam)
            ready.append(ReadyShown(exam_id=exam.id, name=exam.name, level=exam.level, ready=count))
    return BatchesShown(batches=[_line(op, batch) for batch in rows], ready=ready)


@desk.view(
    "/certificate-batches/exams/{exam_id}", Capability.CERTIFICATE_PROPOSE, template="certificates/proposal.html"
)
def show_proposal(op: Operation, *, exam_id: int) -> ProposalShown:
    """Every case of an exam with each condition of P28, met or not."""
    if not queries.reaches_all(op.actor, Capability.CERTIFICATE_PROPOSE):
        raise NotFound
    exam = exams.exam_by_id(op.db, exam_id)
    found = batches.candidacies(op, exam)
    if not found:
        raise NotFound
    persons = people.persons_by_id(op.db, [c.case.person_id for c in found])
    units = people.units_by_id(op.db, {person.unit_id for person in persons.values()})
    shown = [
        CandidacyShown(
            case_id=c.case.id,
            name=persons[c.case.person_id].name,
            unit_name=units[persons[c.case.person_id].unit_id].name,
            unmet=list(c.unmet),
            taken=c.taken,
            certificate_number=c.certificate.number if c.certificate else "",
            ready=c.ready,
        )
        for c in found
    ]
    return ProposalShown(
        exam_id=exam.id,
        name=exam.name,
        level=exam.level,
        cases=sorted((c for c in shown if not c.certificate_number), key=lambda c: (not c.ready, c.taken, c.case_id)),
        ready=sum(c.ready for c in shown),
        issued=sum(bool(c.certificate_number) for c in shown),
    )


@desk.command(
    "/certificate-batches/exams/{exam_id}",
    Capability.CERTIFICATE_PROPOSE,
    then="/certificate-batches/{id}",
    retry=show_proposal,
    fresh=True,
    said="批次已提请，等待审批。",
)
def propose_batch(op: Operation, *, exam_id: int, given: BatchGiven) -> Done:
    """Propose certificates for those chosen."""
    if not queries.reaches_all(op.actor, Capability.CERTIFICATE_PROPOSE):
        raise NotFound
    batch = batches.propose_batch(op, exam_id=exam_id, document_number=given.document_number, case_ids=given.case_ids)
    return Done(id=batch.id)


@desk.view("/certificate-batches/{batch_id}", Capability.CERTIFICATE_READ, template="certificates/batch.html")
def show_batch(op: Operation, *, batch_id: int) -> BatchShown:
    """One batch: its persons, how far the issue is, who was held back and by what."""
    batch = queries.find_batch(op.db, op.actor, batch_id)
    entries = queries.entries_of(op.db, batch.id)
    cases = clearance.cases_by_id(op.db, [entry.case_id for entry in entries])
    persons = people.persons_by_id(op.db, [case.person_id for case in cases.values()])
    units = people.units_by_id(op.db, {person.unit_id for person in persons.values()})
    issued = {c.case_id: c for c in queries.certificates_of_batch(op.db, batch.id)}
    shown = []
    for entry in entries:
        person = persons[cases[entry.case_id].person_id]
        certificate = issued.get(entry.case_id)
        shown.append(
            EntryShown(
                name=person.name,
                unit_name=certificate.unit_name if certificate else units[person.unit_id].name,
                held_back=[Condition(word) for word in entry.held_back.split(",")] if entry.held_back else [],
                certificate_id=certificate.id if certificate else None,
                certificate_number=certificate.number if certificate else "",
            )
        )
    return BatchShown(
        id=batch.id,
        exam_id=batch.exam_id,
        exam_name=exams.exam_by_id(op.db, batch.exam_id).name,
        level=batch.level,
        document_number=batch.document_number,
        state=batch.state,
        proposed_by=people.person_name(op.db, person_of(op.db, batch.proposed_by)),
        proposed_at=batch.proposed_at,
        settled_by="" if batch.settled_by is None else people.person_name(op.db, person_of(op.db, batch.settled_by)),
        settled_at=batch.settled_at,
        proposed_by_me=person_of(op.db, batch.proposed_by) == op.actor.person_id,
        settles=batch.state is BatchState.PROPOSED and queries.reaches_all(op.actor, Capability.CERTIFICATE_APPROVE),
        entries=shown,
        issued=len(issued),
        held_back=sum(bool(entry.held_back) for entry in entries),
    )


@desk.command(
    "/certificate-batches/{batch_id}/approve",
    Capability.CERTIFICATE_APPROVE,
    then="/certificate-batches/{batch_id}",
    retry=show_batch,
    fresh=True,
    said="已批准，正在逐人签发。",
    prepare=anchor_first,
)
def approve_batch(op: Operation, *, batch_id: int) -> Done:
    """Approve the batch; its certificates are issued one by one right after."""
    return Done(id=batches.approve_batch(op, batch_id=batch_id).id)


@desk.command(
    "/certificate-batches/{batch_id}/decline",
    Capability.CERTIFICATE_APPROVE,
    then="/certificate-batches/{batch_id}",
    retry=show_batch,
    fresh=True,
    said="已退回。",
)
def decline_batch(op: Operation, *, batch_id: int, given: ReasonGiven) -> Done:
    """Send the batch back."""
    return Done(id=batches.decline_batch(op, batch_id=batch_id, reason=given.reason).id)


@desk.view("/certificate-batches/{batch_id}/certificates.pdf", Capability.CERTIFICATE_READ)
def download_certificates(op: Operation, *, batch_id: int) -> Download:
    """Every certificate of the batch in one file, for the printer."""
    batch = _with_certificates(op, batch_id)
    return Download(f"证书-{batch.document_number}.pdf", papers.print_batch(op, batch), PDF)


@desk.view("/certificate-batches/{batch_id}/list.pdf", Capability.CERTIFICATE_READ)
def download_list(op: Operation, *, batch_id: int) -> Download:
    """The distribution list, with a column to sign in."""
    batch = _with_certificates(op, batch_id)
    return Download(f"颁证花名册-{batch.document_number}.pdf", papers.print_list(op, batch), PDF)


def _with_certificates(op: Operation, batch_id: int) -> CertificateBatch:
    batch = queries.find_batch(op.db, op.actor, batch_id)
    if not queries.certificates_of_batch(op.db, batch.id):
        raise NotFound
    return batch


def _line(op: Operation, batch: CertificateBatch) -> BatchLineShown:
    entries = queries.entries_of(op.db, batch.id)
    return BatchLineShown(
        id=batch.id,
        exam_name=exams.exam_by_id(op.db, batch.exam_id).name,
        level=batch.level,
        document_number=batch.document_number,
        state=batch.state,
        entries=len(entries),
        issued=len(queries.certificates_of_batch(op.db, batch.id)),
        held_back=sum(entry.held_back is not None for entry in entries),
        proposed_at=batch.proposed_at,
        settled_at=batch.settled_at,
    )
