"""Blueprints that the end of a document or a change of topics breaks: noticed at once, settled when the bank serves
again."""

from datetime import date
from typing import Any

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.events import SupplyRestored, SupplyShrinks
from app.exams import queries
from app.exams.models import BlueprintAlert, BlueprintRow
from app.exams.service.blueprints import blueprint_of, report_supply
from app.operation import Operation


def warn_of_shortage(op: Operation, event: SupplyShrinks) -> None:
    """Raise an alert for every blueprint that the banks cannot serve on that day."""
    for row in queries.blueprints_of_banks(op.db, event.bank_ids):
        short = _short(op, row, event.on)
        if not short or any(alert.from_day <= event.on for alert in queries.open_alerts(op.db, [row.id])):
            continue
        op.db.add(BlueprintAlert(blueprint_id=row.id, from_day=event.on, short=short, raised_at=op.now))
        op.db.flush()
        after = {"from_day": event.on, "short": sum(cell["wanted"] - cell["served"] for cell in short)}
        record(op, AuditAction.BLUEPRINT_WARN, subject=("blueprint", row.id), after=after)


def settle_alerts(op: Operation, event: SupplyRestored) -> None:
    """Close the alerts of blueprints that the banks can serve again, and write down anew what the others lack."""
    for row in queries.blueprints_of_banks(op.db, event.bank_ids):
        for alert in queries.open_alerts(op.db, [row.id]):
            short = _short(op, row, alert.from_day)
            if short:
                alert.short = short
            else:
                alert.settled_at = op.now
    op.db.flush()


def _short(op: Operation, row: BlueprintRow, day: date) -> list[dict[str, Any]]:
    supply = report_supply(op, bank_id=row.bank_id, blueprint=blueprint_of(row), on=day)
    return [
        {
            "section": report.section,
            "topic": "/".join(report.cell.topic),
            "item_type": report.cell.item_type.value,
            "wanted": report.stock,
            "served": report.served,
        }
        for report in supply.cells
        if report.short
    ]
