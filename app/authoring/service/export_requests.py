"""导出申请: a bank is asked for by one person, granted by another, and taken by the one who asked (P19)."""

from app.accounts.queries import person_of
from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.models import BankExport
from app.authoring.queries import find_bank
from app.authoring.queries.exports import find_export
from app.authoring.rules import ExportGranted, SameExporter
from app.authoring.service.entering import account_of
from app.authoring.service.exports import Exported, ExportFormat, export_bank
from app.authoring.service.import_jobs import actor_of
from app.errors import NotFound
from app.operation import Operation
from app.security.permissions import Capability


def propose_export(op: Operation, *, bank_id: int, file_format: ExportFormat, reason: str) -> BankExport:
    """Ask for a bank as a file. Raises NotFound."""
    find_bank(op.db, op.actor, bank_id)
    asked = BankExport(
        bank_id=bank_id, format=file_format.value, reason=reason, proposed_by=account_of(op), proposed_at=op.now
    )
    op.db.add(asked)
    op.db.flush()
    after = {"export_id": asked.id, "format": asked.format}
    record(op, AuditAction.BANK_PROPOSE_EXPORT, subject=("bank", bank_id), after=after, reason=reason)
    return asked


def grant_export(op: Operation, *, export_id: int) -> BankExport:
    """Grant what another person asked for. Raises NotFound, ExportGranted, SameExporter."""
    asked = find_export(op.db, op.actor, export_id, Capability.EXAM_APPROVE)
    if asked.granted_by is not None:
        raise ExportGranted
    if person_of(op.db, asked.proposed_by) == op.actor.person_id:
        raise SameExporter
    asked.granted_by, asked.granted_at = account_of(op), op.now
    op.db.flush()
    after = {"export_id": asked.id, "proposed_by": asked.proposed_by}
    record(op, AuditAction.BANK_GRANT_EXPORT, subject=("bank", asked.bank_id), after=after)
    return asked


def take_export(op: Operation, *, export_id: int) -> tuple[BankExport, Exported]:
    """The file of a granted export, for the one who asked for it; every taking is on record.

    Raises NotFound where it is not granted or not the actor's, Forbidden where who granted it may not any more.
    """
    asked = find_export(op.db, op.actor, export_id, Capability.BANK_READ)
    if asked.granted_by is None or asked.proposed_by != account_of(op):
        raise NotFound
    approver = actor_of(op.db, asked.granted_by)
    made = export_bank(op, bank_id=asked.bank_id, approver=approver, file_format=ExportFormat(asked.format))
    asked.taken_at, asked.file_hash = op.now, made.digest
    op.db.flush()
    return asked, made
