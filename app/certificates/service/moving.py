"""One move of a certificate by the table: state, standing of the holder, audit, in one."""

from collections.abc import Mapping
from typing import Any

from app.audit.actions import AuditAction
from app.audit.record import record
from app.certificates.models import Certificate
from app.certificates.rules import CertificateAction, move_certificate
from app.certificates.service.standing import note_move
from app.operation import Operation
from app.outbox.post import post
from app.outbox.templates import Kind

AUDITED: dict[CertificateAction, AuditAction] = {
    CertificateAction.SUSPEND: AuditAction.CERTIFICATE_SUSPEND,
    CertificateAction.RESTORE: AuditAction.CERTIFICATE_RESTORE,
    CertificateAction.SUPERSEDE: AuditAction.CERTIFICATE_SUPERSEDE,
    CertificateAction.CANCEL: AuditAction.CERTIFICATE_CANCEL,
    CertificateAction.REVOKE: AuditAction.CERTIFICATE_REVOKE,
    CertificateAction.RETIRE: AuditAction.CERTIFICATE_RETIRE,
}


def move(op: Operation, certificate: Certificate, action: CertificateAction, *, after: Mapping[str, Any]) -> None:
    """Move `certificate`, whose row the caller holds. Raises CertificateMoveRefused."""
    before = certificate.state
    certificate.state = move_certificate(before, action)
    certificate.moved_at = op.now
    op.db.flush()
    note_move(op, certificate, action)
    post(
        op.db,
        person_id=certificate.person_id,
        template=Kind.CERTIFICATE_MOVED,
        params={"number": certificate.number},
        now=op.now,
    )
    record(
        op,
        AUDITED[action],
        subject=("certificate", certificate.id),
        before={"state": before},
        after={"state": certificate.state, **after},
    )
