"""A bank as a file of our own: two people, and marked for the one who takes it (P19)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.filing import file_under
from app.authoring.queries import bank_owner_path, find_bank, read_content
from app.authoring.queries.items import all_newest, tags_of
from app.authoring.queries.pictures import pictures_by_hash
from app.authoring.queries.topics import filed_paths
from app.authoring.rules import Confidentiality, Involvement, SameExporter
from app.authoring.service.entering import account_of, involve
from app.errors import Forbidden
from app.operation import Operation
from app.security.actor import Actor
from app.security.permissions import Capability
from question_bank.assembly.sequence import form_as_it_stands
from question_bank.canonical import Json, canonical_json
from question_bank.content import Picture
from question_bank.formats import Problem, Written, write_bank
from question_bank.formats.bank_json import SCHEMA_OF_THE_SERVICE, pictures_of, pictures_to_json
from question_bank.formats.writers.outlay import write_each
from question_bank.formats.writers.workbook import write_workbook
from question_bank.item_json import item_to_json
from question_bank.items import Item
from question_bank.print import Copy, Heading, Paper, write_papers


class ExportFormat(StrEnum):
    """Formats that a bank is given out in; Aiken cannot be marked."""

    JSON = "json"
    XLSX = "xlsx"
    DOCX = "docx"
    DOCX_KEY = "docx-key"
    """A Word document with the key after each item; that without is a paper."""
    MOODLE_XML = "moodle-xml"
    GIFT = "gift"
    QTI21 = "qti21"
    QTI30 = "qti30"


@dataclass(frozen=True)
class Exported:
    """The file, its digest as the audit log keeps it, how many items it holds, and what its format could not carry."""

    content: bytes
    digest: str
    items: int
    lost: tuple[Problem, ...] = ()
    withheld: tuple[int, ...] = ()
    """The secret items, which the file does not hold."""


def _write(
    items: Sequence[Item], file_format: ExportFormat, pictures: Mapping[str, Picture], name: str, mark: str
) -> Written:
    """The items in a format that is not our own JSON."""
    if file_format is ExportFormat.XLSX:
        return write_workbook(items, pictures, mark=mark)
    if file_format not in {ExportFormat.DOCX, ExportFormat.DOCX_KEY}:
        return write_bank(items, file_format.value, pictures=pictures, mark=mark)
    kept, lost = write_each(items, pictures, lambda _out: None)
    by_key = {f"{out.number:06d}": out.item for out in kept}
    form = form_as_it_stands(by_key, title=name)
    paper = Paper(Heading("", name), (Copy(form, label="", mark=mark),), by_key, pictures)
    content = write_papers(paper, with_key=file_format is ExportFormat.DOCX_KEY)
    return Written(content, len(by_key), tuple(lost))


def export_bank(op: Operation, *, bank_id: int, approver: Actor, file_format: ExportFormat) -> Exported:
    """Every item of a bank that is neither retired nor secret, in its newest version and under the topic that it is
    filed under, in the name of the actor.

    `approver` is another person, who may approve exams where the bank's owner is; both have proved who they are to
    whoever calls. The file names both accounts and the moment, so that a copy tells whose it is; in a foreign format it
    may hold fewer items, and `lost` says which and why. Raises NotFound, Forbidden, SameExporter.
    """
    bank = find_bank(op.db, op.actor, bank_id)
    if approver.person_id == op.actor.person_id:
        raise SameExporter
    if not approver.covers(Capability.EXAM_APPROVE, bank_owner_path(op.db, bank_id)):
        raise Forbidden
    every = all_newest(op.db, bank_id)
    withheld = tuple(item.id for item, _ in every if item.confidentiality is Confidentiality.SECRET)
    rows = [(item, version) for item, version in every if item.id not in withheld]
    paths = filed_paths(op.db, bank_id)
    tags = tags_of(op.db, [item.id for item, _ in rows])
    contents = [
        file_under(read_content(version.content), paths.get(item.topic_id or 0), tags[item.id])
        for item, version in rows
    ]
    shown = {sha256 for content in contents for sha256 in pictures_of(content)}
    pictures = pictures_by_hash(op.db, shown)
    if file_format is ExportFormat.JSON:
        value: Json = {
            "schema": SCHEMA_OF_THE_SERVICE,
            "bank": bank.name,
            "exported_by": account_of(op),
            "approved_by": approver.account_id,
            "exported_at": op.now.isoformat(),
            "items": [
                {"id": item.id, "version": item.version, "state": item.state.value, "item": item_to_json(content)}
                for (item, _), content in zip(rows, contents, strict=True)
            ],
            "pictures": pictures_to_json(pictures),
        }
        written = Written(canonical_json(value), len(rows))
    else:
        mark = f"chizheng: exported by account {account_of(op)}, approved by account {approver.account_id}, "
        mark += op.now.isoformat()
        written = _write(contents, file_format, pictures, bank.name, mark)
    involve(op, [item.id for item, _ in rows], Involvement.EXPORTED)
    digest = hashlib.sha256(written.data).hexdigest()
    after = {
        "items": written.items,
        "withheld": len(withheld),
        "proposed_by": account_of(op),
        "approved_by": approver.account_id,
        "file_hash": digest,
        "format": file_format.value,
    }
    record(op, AuditAction.BANK_EXPORT, subject=("bank", bank_id), after=after)
    return Exported(written.data, digest, written.items, written.lost, withheld)
