"""Blueprints: written by an officer, approved by another person; and whether the bank can serve them."""

from dataclasses import dataclass
from datetime import date

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.queries import banks
from app.errors import FieldProblem, Invalid
from app.exams import queries
from app.exams.models import BlueprintRow
from app.exams.planning import check_types
from app.exams.rules import BlueprintAction, BlueprintState, ContentRefused, NameTaken, NotReady, move_blueprint
from app.exams.service.deciding import acting_account, check_other_person
from app.exams.service.pooling import Ground, gather, survey
from app.operation import Operation
from question_bank.assembly import CellReport, Relaxation, feasibility, relaxations
from question_bank.blueprint import Blueprint, validate
from question_bank.blueprint_json import from_json, to_json
from question_bank.canonical import canonical_json, read_json, sha256_hex
from question_bank.errors import ContentError
from question_bank.items import ItemType
from question_bank.kinds import KINDS


def blueprint_of(row: BlueprintRow) -> Blueprint:
    """The blueprint that the row holds."""
    return from_json(read_json(row.content))


def create_blueprint(op: Operation, *, bank_id: int, blueprint: Blueprint) -> BlueprintRow:
    """Write a blueprint. Raises ContentRefused where it contradicts itself, NameTaken, Invalid for an unknown bank."""
    _check(op, bank_id=bank_id, blueprint=blueprint, itself=None)
    row = BlueprintRow(
        bank_id=bank_id,
        name=blueprint.name,
        level=blueprint.level,
        state=BlueprintState.DRAFT,
        content=canonical_json(to_json(blueprint)).decode(),
        created_by=acting_account(op),
        created_at=op.now,
        remark="",
    )
    op.db.add(row)
    op.db.flush()
    record(op, AuditAction.BLUEPRINT_CREATE, subject=("blueprint", row.id), after=_told(row))
    return row


def revise_blueprint(op: Operation, *, blueprint_id: int, bank_id: int, blueprint: Blueprint) -> BlueprintRow:
    """Write it anew while it is a draft or was returned; a returned one is a draft again."""
    row = queries.find_blueprint(op.db, op.actor, blueprint_id, lock=True)
    state = move_blueprint(row.state, BlueprintAction.REVISE)
    _check(op, bank_id=bank_id, blueprint=blueprint, itself=row.id)
    before = _told(row)
    row.bank_id, row.name, row.level = bank_id, blueprint.name, blueprint.level
    row.content = canonical_json(to_json(blueprint)).decode()
    row.state = state
    # Who wrote what stands there now is its author: approval must come from somebody else.
    row.created_by = acting_account(op)
    op.db.flush()
    record(op, AuditAction.BLUEPRINT_CHANGE, subject=("blueprint", row.id), before=before, after=_told(row))
    return row


def submit_blueprint(op: Operation, *, blueprint_id: int) -> BlueprintRow:
    """Ask for approval. Raises NotReady, naming the cells, where the bank cannot serve it."""
    row = queries.find_blueprint(op.db, op.actor, blueprint_id, lock=True)
    state = move_blueprint(row.state, BlueprintAction.SUBMIT)
    check_served(ground_of(op, row), blueprint_of(row))
    row.submitted_by, row.remark = acting_account(op), ""
    return _settle(op, row, state, AuditAction.BLUEPRINT_SUBMIT)


def approve_blueprint(op: Operation, *, blueprint_id: int) -> BlueprintRow:
    """Approve it, once and for all. Raises SameOfficer for whoever wrote or submitted it."""
    row = queries.find_blueprint(op.db, op.actor, blueprint_id, lock=True)
    state = move_blueprint(row.state, BlueprintAction.APPROVE)
    check_other_person(op, row.created_by, row.submitted_by)
    row.approved_by, row.approved_at = acting_account(op), op.now
    return _settle(op, row, state, AuditAction.BLUEPRINT_APPROVE)


def return_blueprint(op: Operation, *, blueprint_id: int, reason: str) -> BlueprintRow:
    """Send it back with a reason. Raises SameOfficer for whoever wrote or submitted it."""
    row = queries.find_blueprint(op.db, op.actor, blueprint_id, lock=True)
    state = move_blueprint(row.state, BlueprintAction.RETURN)
    check_other_person(op, row.created_by, row.submitted_by)
    row.remark = reason
    return _settle(op, row, state, AuditAction.BLUEPRINT_RETURN, reason=reason)


def ground_of(op: Operation, row: BlueprintRow, *, on: date | None = None) -> Ground:
    """What an exam by this blueprint would be sealed with now, for a sitting `on` that day (today)."""
    return gather(op, bank_id=row.bank_id, level=row.level, blueprint=blueprint_of(row), on=on)


@dataclass(frozen=True)
class Supply:
    """How each cell fares with the bank as it stands, and what would help those that fall short."""

    cells: tuple[CellReport, ...]
    relaxations: tuple[Relaxation, ...]


def report_supply(op: Operation, *, bank_id: int, blueprint: Blueprint, on: date | None = None) -> Supply:
    """Ask the bank as it stands, `on` a day (today). Raises ContentRefused and Invalid as `create_blueprint`."""
    _check_bank(op, bank_id)
    try:
        ground = survey(op, bank_id=bank_id, level=blueprint.level, blueprint=blueprint, on=on)
        reports = feasibility(blueprint, ground.pool, ground.facts)
        return Supply(reports, relaxations(blueprint, ground.pool, ground.facts, reports=reports))
    except ContentError as error:
        raise ContentRefused(zh=error.zh, en=error.en) from None


def _uncounted(report: CellReport) -> tuple[str, str]:
    """What is said (zh, en) beside a shortage of a type of which some items could never have stood in a form."""
    if report.cell.item_type is not ItemType.CASE_ANALYSIS:
        return "", ""
    return (
        "（含简答、实操小题的案例须人工阅卷，不计在内）",
        " (cases with a short-answer or practical part need marking by people and do not count)",
    )


def check_served(ground: Ground, blueprint: Blueprint) -> None:
    """Raises NotReady, naming every cell that falls short and by how many; ContentRefused for fixed items that cannot
    stand in a form."""
    try:
        short = [report for report in feasibility(blueprint, ground.pool, ground.facts) if report.short]
    except ContentError as error:
        raise ContentRefused(zh=error.zh, en=error.en) from None
    if short:
        raise NotReady(
            zh="；".join(
                f"{r.section}「{'/'.join(r.cell.topic) or '全部知识点'}」{KINDS[r.cell.item_type].name.zh}"
                f"需 {r.stock} 题，可用 {r.served} 题，还差 {r.short} 题{_uncounted(r)[0]}"
                for r in short
            )
            + "。",
            en="; ".join(
                f"{r.section} / {'/'.join(r.cell.topic) or 'any topic'} / {KINDS[r.cell.item_type].name.en}: "
                f"{r.stock} wanted, {r.served} to be had, {r.short} short{_uncounted(r)[1]}"
                for r in short
            )
            + ".",
        )


def _settle(
    op: Operation, row: BlueprintRow, state: BlueprintState, action: AuditAction, *, reason: str = ""
) -> BlueprintRow:
    before = {"state": row.state}
    row.state = state
    op.db.flush()
    record(op, action, subject=("blueprint", row.id), before=before, after=_told(row), reason=reason)
    return row


def _told(row: BlueprintRow) -> dict[str, object]:
    return {
        "state": row.state,
        "bank_id": row.bank_id,
        "level": row.level,
        "content_hash": sha256_hex(read_json(row.content)),
    }


def _check(op: Operation, *, bank_id: int, blueprint: Blueprint, itself: int | None) -> None:
    _check_bank(op, bank_id)
    check_types(blueprint)
    try:
        validate(blueprint)
    except ContentError as error:
        raise ContentRefused(zh=error.zh, en=error.en) from None
    other = queries.blueprint_named(op.db, blueprint.name)
    if other is not None and other.id != itself:
        raise NameTaken(FieldProblem("name", NameTaken.zh, NameTaken.en))


def _check_bank(op: Operation, bank_id: int) -> None:
    if bank_id not in {bank.id for bank in banks(op.db, op.actor)}:
        raise Invalid(FieldProblem("bank_id", "没有这个题库。", "There is no such bank."))
