"""Blueprints: listed, written, checked against the bank, approved."""

from collections import Counter
from typing import Any

from app.accounts.queries import person_of
from app.authoring.filing import reading_order
from app.authoring.queries import banks
from app.exams import queries
from app.exams.models import BlueprintRow
from app.exams.pages.desk import desk
from app.exams.pages.drafting import read_blueprint, tell_relaxation, typed_values
from app.exams.rules import BLUEPRINT_TRANSITIONS, BlueprintAction, ContentRefused
from app.exams.schemas import ReasonGiven
from app.exams.schemas.blueprints import (
    AlertShown,
    BankShown,
    BlueprintFormShown,
    BlueprintGiven,
    BlueprintListed,
    BlueprintShown,
    BlueprintsShown,
    CellShown,
    FeasibilityShown,
    FixedShown,
    SectionShown,
    SuppliesShown,
    SupplyShown,
)
from app.exams.service import blueprints as service
from app.exams.service.deciding import persons_behind
from app.exams.service.pooling import drawable
from app.operation import Operation
from app.people.queries import person_name
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import NavEntry
from question_bank.blueprint import Section
from question_bank.items import ItemType, Level
from question_bank.kinds import kind_of
from question_bank.wording import Wording


@desk.view("/blueprints", Capability.BLUEPRINT_READ, template="exams/blueprints.html", nav=NavEntry("组卷方案", 30))
def list_blueprints(op: Operation) -> BlueprintsShown:
    """Every blueprint."""
    rows = queries.list_blueprints(op.db, op.actor)
    listed = [BlueprintListed(**_line(row)) for row in rows]
    return BlueprintsShown(blueprints=listed, may_write=op.may(Capability.BLUEPRINT_WRITE))


@desk.view("/blueprints/supply", Capability.BLUEPRINT_WRITE)
def show_supply(op: Operation, *, bank_id: int, level: str = "primary") -> SuppliesShown:
    """How many approved items of each type a bank has under each topic."""
    wanted = Level(level) if level in set(Level) else Level.PRIMARY
    return SuppliesShown(topics=_supply(op, bank_id, wanted))


@desk.view("/blueprints/new", Capability.BLUEPRINT_WRITE, template="exams/blueprint_form.html")
def show_new_blueprint(op: Operation) -> BlueprintFormShown:
    """The form for a new blueprint."""
    known = banks(op.db, op.actor)
    values = {"bank_id": str(known[0].id) if known else "", "level": "primary", "scoring": "all_or_nothing"}
    values |= {"exposure_percent": "100", "rest_days": "0"}
    return _form(op, None, values)


@desk.command("/blueprints/check", Capability.BLUEPRINT_WRITE, page=False)
def check_blueprint(op: Operation, *, given: BlueprintGiven) -> FeasibilityShown:
    """Ask the bank whether it can serve a blueprint, row by row; keeps nothing."""
    blueprint = read_blueprint(given)
    cells = _cells(service.report_supply(op, bank_id=given.bank_id, blueprint=blueprint))
    return FeasibilityShown(
        item_count=blueprint.item_count,
        maximum_hundredths=blueprint.maximum_hundredths,
        cells=cells,
        feasible=not any(cell.short for cell in cells),
    )


@desk.command(
    "/blueprints", Capability.BLUEPRINT_WRITE, then="/blueprints/{id}", retry=show_new_blueprint, said="草稿已保存。"
)
def create_blueprint(op: Operation, *, given: BlueprintGiven) -> Done:
    """Write a blueprint."""
    return Done(id=service.create_blueprint(op, bank_id=given.bank_id, blueprint=read_blueprint(given)).id)


@desk.view("/blueprints/{blueprint_id}", Capability.BLUEPRINT_READ, template="exams/blueprint.html")
def show_blueprint(op: Operation, *, blueprint_id: int) -> BlueprintShown:
    """One blueprint, and how the bank can serve it as it stands."""
    row = queries.find_blueprint(op.db, op.actor, blueprint_id)
    blueprint = service.blueprint_of(row)
    refused, cells = ContentRefused(zh="", en=""), []
    try:
        cells = _cells(service.report_supply(op, bank_id=row.bank_id, blueprint=blueprint))
    except ContentRefused as error:
        refused = error  # a fixed item has left the bank: that is what the page is to say
    sections = [
        SectionShown(
            title=section.title,
            scoring_zh=_describe(section).zh,
            scoring_en=_describe(section).en,
            minimum_hundredths=section.minimum_hundredths,
            cells=[cells.pop(0) for _ in section.cells if cells],
            fixed=[FixedShown(item_id=one.name, points_hundredths=one.points_hundredths) for one in section.fixed],
        )
        for section in blueprint.sections
    ]
    refusal_zh, refusal_en = refused.sentence("zh"), refused.sentence("en")
    return BlueprintShown(
        **_line(row),
        alerts=[
            AlertShown(
                from_day=alert.from_day,
                short=sum(cell["wanted"] - cell["served"] for cell in alert.short),
                sections=list(dict.fromkeys(cell["section"] for cell in alert.short)),
            )
            for alert in queries.open_alerts(op.db, [row.id])
        ],
        bank_name=next((bank.name for bank in banks(op.db, op.actor) if bank.id == row.bank_id), ""),
        duration_minutes=blueprint.duration_minutes,
        tolerance_hundredths=blueprint.tolerance_hundredths,
        exposure_permille=blueprint.evenness.exposure_permille,
        rest_days=blueprint.evenness.rest_days,
        sections=sections,
        feasible=not refusal_zh and not any(cell.short for section in sections for cell in section.cells),
        refusal_zh=refusal_zh,
        refusal_en=refusal_en,
        remark=row.remark,
        created_by=person_name(op.db, person_of(op.db, row.created_by)),
        approved_by=person_name(op.db, person_of(op.db, row.approved_by)) if row.approved_by else None,
        approved_at=row.approved_at,
        can=_can(op, row),
    )


@desk.view("/blueprints/{blueprint_id}/edit", Capability.BLUEPRINT_WRITE, template="exams/blueprint_form.html")
def show_blueprint_form(op: Operation, *, blueprint_id: int) -> BlueprintFormShown:
    """The form of a blueprint that is a draft or was returned."""
    row = queries.find_blueprint(op.db, op.actor, blueprint_id)
    blueprint = service.blueprint_of(row)
    values = typed_values(row.bank_id, blueprint)
    return _form(op, row.id, values)


@desk.command(
    "/blueprints/{blueprint_id}",
    Capability.BLUEPRINT_WRITE,
    then="/blueprints/{blueprint_id}",
    retry=show_blueprint_form,
    said="草稿已保存。",
)
def revise_blueprint(op: Operation, *, blueprint_id: int, given: BlueprintGiven) -> Done:
    """Write it anew."""
    blueprint = read_blueprint(given)
    return Done(
        id=service.revise_blueprint(op, blueprint_id=blueprint_id, bank_id=given.bank_id, blueprint=blueprint).id
    )


@desk.command(
    "/blueprints/{blueprint_id}/submit",
    Capability.BLUEPRINT_WRITE,
    then="/blueprints/{blueprint_id}",
    retry=show_blueprint,
    said="已提交审批。",
)
def submit_blueprint(op: Operation, *, blueprint_id: int) -> Done:
    """Ask for approval."""
    return Done(id=service.submit_blueprint(op, blueprint_id=blueprint_id).id)


@desk.command(
    "/blueprints/{blueprint_id}/approve",
    Capability.BLUEPRINT_APPROVE,
    then="/blueprints/{blueprint_id}",
    retry=show_blueprint,
    fresh=True,
    said="组卷方案已批准。",
)
def approve_blueprint(op: Operation, *, blueprint_id: int) -> Done:
    """Approve a blueprint that another wrote."""
    return Done(id=service.approve_blueprint(op, blueprint_id=blueprint_id).id)


@desk.command(
    "/blueprints/{blueprint_id}/return",
    Capability.BLUEPRINT_APPROVE,
    then="/blueprints/{blueprint_id}",
    retry=show_blueprint,
    fresh=True,
    said="已退回修改。",
)
def return_blueprint(op: Operation, *, blueprint_id: int, given: ReasonGiven) -> Done:
    """Send a blueprint back with a reason."""
    return Done(id=service.return_blueprint(op, blueprint_id=blueprint_id, reason=given.reason).id)


_WRITES = (BlueprintAction.REVISE, BlueprintAction.SUBMIT)


def _can(op: Operation, row: BlueprintRow) -> list[BlueprintAction]:
    own = op.actor.person_id in persons_behind(op.db, row.created_by, row.submitted_by)
    writer, decider = op.may(Capability.BLUEPRINT_WRITE), op.may(Capability.BLUEPRINT_APPROVE) and not own
    allowed = [a for a in BlueprintAction if (row.state, a) in BLUEPRINT_TRANSITIONS]
    return [a for a in allowed if (writer if a in _WRITES else decider)]


def _cells(supply: service.Supply) -> list[CellShown]:
    return [
        CellShown(
            topic="/".join(report.cell.topic),
            item_type=report.cell.item_type,
            difficulty=report.cell.difficulty,
            count=report.cell.count,
            points_hundredths=report.cell.points_hundredths,
            stock=report.stock,
            available=report.available,
            served=report.served,
            short=report.short,
            relaxations=[tell_relaxation(one) for one in supply.relaxations if one.number == number],
        )
        for number, report in enumerate(supply.cells)
    ]


def _line(row: BlueprintRow) -> dict[str, Any]:
    blueprint = service.blueprint_of(row)
    return {
        "id": row.id,
        "name": row.name,
        "level": row.level,
        "state": row.state,
        "item_count": blueprint.item_count,
        "maximum_hundredths": blueprint.maximum_hundredths,
        "cut_score_hundredths": blueprint.cut_score_hundredths,
    }


def _describe(section: Section) -> Wording:
    kinds = {cell.item_type for cell in section.cells}
    if not kinds:
        return Wording("", "")
    kind = ItemType.MULTIPLE_CHOICE if ItemType.MULTIPLE_CHOICE in kinds else next(iter(sorted(kinds)))
    words: Wording = kind_of(kind).describe(section.scoring_of(kind))
    return words


def _form(op: Operation, blueprint_id: int | None, values: dict[str, str]) -> BlueprintFormShown:
    known = [BankShown(id=bank.id, name=bank.name) for bank in banks(op.db, op.actor)]
    topics = _supply(op, int(values["bank_id"]), Level(values["level"])) if values["bank_id"] else []
    return BlueprintFormShown(id=blueprint_id, banks=known, topics=topics, values=values)


def _supply(op: Operation, bank_id: int, level: Level) -> list[SupplyShown]:
    counts: dict[str, Counter[ItemType]] = {"": Counter()}
    for entry in drawable(op, bank_id, level)[1]:
        path = entry.item.topic
        for depth in range(len(path) + 1):
            counts.setdefault("/".join(path[:depth]), Counter())[entry.item.item_type] += 1
    return [SupplyShown(topic=topic, counts=dict(counts[topic])) for topic in sorted(counts, key=reading_order)]
