"""导出: a bank as a file; what a format cannot carry is said before anybody asks for it."""

from collections.abc import Sequence
from datetime import datetime

from app.authoring.models import BankExport
from app.authoring.pages.front import desk, hall
from app.authoring.queries import bank_owner_path, find_bank
from app.authoring.queries.exports import exports_of, waiting_exports
from app.authoring.schemas import ReasonGiven
from app.authoring.service import export_requests
from app.authoring.service.exports import ExportFormat
from app.authoring.service.outlooks import would_lose
from app.authoring.views import names_of
from app.errors import FieldProblem, Invalid
from app.operation import Operation
from app.security.permissions import Capability
from app.shapes import Done, Shown
from app.web.faces import Download
from question_bank.formats import WRITERS

_MOST_EXPORTS = 20
_MOST_LOST = 50
_OFFICE = "application/vnd.openxmlformats-officedocument."
_WORD = ("docx", f"{_OFFICE}wordprocessingml.document")
_FILES = {
    ExportFormat.XLSX: ("xlsx", f"{_OFFICE}spreadsheetml.sheet"),
    ExportFormat.DOCX: _WORD,
    ExportFormat.DOCX_KEY: _WORD,
}


class ExportGiven(ReasonGiven):
    """What is asked for, and why."""

    format: ExportFormat


class ExportShown(Shown):
    """One export. `mine`: I may take its file; `may_grant`: it waits for me or another approver."""

    id: int
    bank_name: str
    format: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    granted_by: str
    granted_at: datetime | None
    taken_at: datetime | None
    mine: bool
    may_grant: bool


class LossShown(Shown):
    """Something that a format does not carry."""

    zh: str
    en: str


class ExportsShown(Shown):
    """The exports of a bank, and what an export in `format` would hold and lose; lost ones beyond 50 are counted."""

    bank_id: int
    bank_name: str
    format: str
    items: int
    lost: list[LossShown]
    more_lost: int
    exports: list[ExportShown]


class WaitingExportsShown(Shown):
    """What waits for a grant."""

    exports: list[ExportShown]


@desk.view("/banks/{bank_id}/exports", Capability.BANK_READ, template="authoring/exports.html")
def show_exports(op: Operation, *, bank_id: int, format: str = "") -> ExportsShown:  # noqa: A002 - the query's own name
    """The exports of a bank; with `format`, what that format would carry and what not."""
    bank = find_bank(op.db, op.actor, bank_id)
    if format and format not in set(ExportFormat):
        raise Invalid(FieldProblem("format", "请从给出的选项中选择。", "Please choose one of those given."))
    outlook = would_lose(op, bank_id=bank_id, file_format=ExportFormat(format)) if format else None
    lost = outlook.lost if outlook else ()
    return ExportsShown(
        bank_id=bank.id,
        bank_name=bank.name,
        format=format,
        items=outlook.items if outlook else 0,
        lost=[LossShown(zh=one.zh, en=one.en) for one in lost[:_MOST_LOST]],
        more_lost=max(0, len(lost) - _MOST_LOST),
        exports=_shown(
            op,
            [(one, bank.name) for one in exports_of(op.db, bank_id, limit=_MOST_EXPORTS)],
            grants=op.actor.covers(Capability.EXAM_APPROVE, bank_owner_path(op.db, bank_id)),
        ),
    )


@desk.command(
    "/banks/{bank_id}/exports/propose",
    Capability.BANK_READ,
    then="/banks/{bank_id}/exports",
    retry=show_exports,
    said="已提出导出申请，须由另一人批准。",
)
def propose_export(op: Operation, *, bank_id: int, given: ExportGiven) -> Done:
    """Ask for a bank as a file."""
    asked = export_requests.propose_export(op, bank_id=bank_id, file_format=given.format, reason=given.reason)
    return Done(id=asked.id)


@hall.view("/exports", Capability.EXAM_APPROVE, template="authoring/waiting_exports.html")
def show_waiting_exports(op: Operation) -> WaitingExportsShown:
    """The exports that wait for a second person; nothing of the banks themselves."""
    return WaitingExportsShown(exports=_shown(op, waiting_exports(op.db, op.actor), grants=True))


@hall.command(
    "/exports/{export_id}/grant",
    Capability.EXAM_APPROVE,
    then="/exports",
    retry=show_waiting_exports,
    fresh=True,
    said="已批准导出。",
)
def grant_export(op: Operation, *, export_id: int) -> Done:
    """Grant an export that another person asked for."""
    return Done(id=export_requests.grant_export(op, export_id=export_id).id)


@desk.command("/exports/{export_id}/take", Capability.BANK_READ, fresh=True)
def take_export(op: Operation, *, export_id: int) -> Download:
    """The file of a granted export, marked for me."""
    asked, made = export_requests.take_export(op, export_id=export_id)
    known = ExportFormat(asked.format)
    suffix, media_type = _FILES.get(known) or (WRITERS[asked.format].suffix, WRITERS[asked.format].media_type)
    return Download(f"bank-{asked.bank_id}-{asked.id}.{suffix}", made.content, media_type)


def _shown(op: Operation, rows: Sequence[tuple[BankExport, str]], *, grants: bool) -> list[ExportShown]:
    accounts = {account for one, _ in rows for account in (one.proposed_by, one.granted_by) if account is not None}
    names = names_of(op.db, accounts)
    return [
        ExportShown(
            id=one.id,
            bank_name=bank_name,
            format=one.format,
            reason=one.reason,
            proposed_by=names[one.proposed_by],
            proposed_at=one.proposed_at,
            granted_by=names[one.granted_by] if one.granted_by else "",
            granted_at=one.granted_at,
            taken_at=one.taken_at,
            mine=one.granted_by is not None and one.proposed_by == op.actor.account_id,
            may_grant=grants and one.granted_by is None and one.proposed_by != op.actor.account_id,
        )
        for one, bank_name in rows
    ]
