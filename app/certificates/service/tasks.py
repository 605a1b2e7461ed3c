"""待办: what waits for the certificate officer and the approver."""

from app.accounts.queries import person_of
from app.certificates import queries
from app.certificates.rules import CertificateState
from app.certificates.service.batches import count_ready
from app.clearance import queries as clearance
from app.exams import queries as exams
from app.operation import Operation, Task
from app.people.queries import ids_within
from app.security.permissions import Capability

_MOST = 200


def waiting(op: Operation) -> list[Task]:
    """Persons who could be certified; suspended certificates without a next step; what another has proposed; what ends
    soon."""
    tasks = _ending(op)
    if queries.reaches_all(op.actor, Capability.CERTIFICATE_PROPOSE):
        for exam_id in clearance.exams_with_cases(op.db):
            ready = count_ready(op, exams.exam_by_id(op.db, exam_id))
            href = f"/certificate-batches/exams/{exam_id}"
            tasks.append(Task("人条件齐备，可提请颁证", "persons may be proposed for certificates", ready, href))
        held = queries.list_certificates(
            op.db, op.actor, search="", state=CertificateState.SUSPENDED, before=0, limit=_MOST
        )
        unsettled = sum(queries.waiting_act(op.db, certificate.id) is None for certificate in held)
        tasks.append(
            Task(
                "张暂停的证书待提请处理",
                "suspended certificates need a next step",
                unsettled,
                "/certificates?state=suspended",
                urgent=True,
            )
        )
    if op.actor.scopes(Capability.CERTIFICATE_APPROVE):
        batches = [
            batch
            for batch in queries.batches_to_approve(op.db, op.actor)
            if person_of(op.db, batch.proposed_by) != op.actor.person_id
        ]
        href = f"/certificate-batches/{batches[0].id}" if len(batches) == 1 else "/certificate-batches"
        tasks.append(Task("个颁证批次待审批", "batches of certificates wait for approval", len(batches), href))
        acts = [
            certificate
            for act, certificate in queries.waiting_acts(op.db, op.actor, by=Capability.CERTIFICATE_APPROVE)
            if person_of(op.db, act.proposed_by) != op.actor.person_id
        ]
        href = f"/certificates/{acts[0].id}" if len(acts) == 1 else "/certificates"
        tasks.append(Task("项证书处理待审批", "steps upon certificates wait for approval", len(acts), href))
    return tasks


def _ending(op: Operation) -> list[Task]:
    """For who sees to certificates, and for liaisons, each in their units."""
    days = max(op.settings.certificate_warning_days)
    return [
        Task(
            f"张证书将在 {days} 天内到期",
            f"certificates end within {days} days",
            queries.count_ending(op.db, ids_within(op.actor.scopes(capability)), now=op.now, days=days),
            href,
        )
        for capability, href in (
            (Capability.CERTIFICATE_PROPOSE, "/certificates?ending=true"),
            (Capability.PERSON_CONTACT, "/ending-certificates"),
        )
        if op.actor.scopes(capability)
    ]
