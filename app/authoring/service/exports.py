"""A bank as a file of our own: two people, and marked for the one who takes it (P19)."""

from dataclasses import dataclass

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.queries import find_bank, read_content
from app.authoring.queries.items import all_newest
from app.authoring.rules import Involvement, SameExporter
from app.authoring.service.entering import account_of, involve
from app.errors import Forbidden
from app.operation import Operation
from app.security.actor import Actor
from app.security.permissions import Capability
from question_bank.canonical import Json, canonical_json, sha256_hex
from question_bank.item_json import item_to_json

SCHEMA = "chizheng-bank/1"


@dataclass(frozen=True)
class Exported:
    """The file, its digest as the audit log keeps it, and how many items it holds."""

    content: bytes
    digest: str
    items: int


def export_bank(op: Operation, *, bank_id: int, approver: Actor) -> Exported:
    """Every item of a bank that is not retired, in its newest version, in the name of the actor.

    `approver` is another person, who may approve exams; both have proved who they are to whoever calls. The file names
    both accounts and the moment, so that a copy tells whose it is. Raises NotFound, Forbidden, SameExporter.
    """
    bank = find_bank(op.db, op.actor, bank_id)
    if approver.person_id == op.actor.person_id:
        raise SameExporter
    if not approver.may(Capability.EXAM_APPROVE):
        raise Forbidden
    rows = all_newest(op.db, bank_id)
    value: Json = {
        "schema": SCHEMA,
        "bank": bank.name,
        "exported_by": account_of(op),
        "approved_by": approver.account_id,
        "exported_at": op.now.isoformat(),
        "items": [
            {"id": item.id, "version": item.version, "state": item.state.value, "item": item_to_json(content)}
            for item, content in ((item, read_content(version.content)) for item, version in rows)
        ],
    }
    involve(op, [item.id for item, _ in rows], Involvement.EXPORTED)
    digest = sha256_hex(value)
    after = {"items": len(rows), "proposed_by": account_of(op), "approved_by": approver.account_id, "file_hash": digest}
    record(op, AuditAction.BANK_EXPORT, subject=("bank", bank_id), after=after)
    return Exported(canonical_json(value), digest, len(rows))
