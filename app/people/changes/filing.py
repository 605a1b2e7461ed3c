"""What every filing goes through: the columns as they stand, the row that is made, what the log says of it."""

from datetime import date

from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import Unauthenticated
from app.operation import Operation
from app.people.calendar import local_date
from app.people.changes.rules import (
    WORKDAYS_TO_FILE,
    ChangeKind,
    ChangeState,
    Difference,
    Value,
    check_day,
)
from app.people.models import Person, RegisterChange, Unit
from app.people.service import add_workdays


def enter_filing(
    op: Operation,
    kind: ChangeKind,
    found: Difference,
    *,
    day: date,
    reason: str,
    unit_id: int,
    person_id: int | None,
    number_index: str | None = None,
) -> RegisterChange:
    """File what is to be written, and record it. Raises Invalid for a day to come."""
    check_day(day, today=local_date(op.now))
    row = RegisterChange(
        person_id=person_id,
        unit_id=unit_id,
        kind=kind,
        state=ChangeState.FILED,
        day=day,
        due_on=add_workdays(op, day, WORKDAYS_TO_FILE),
        before=dict(found.before),
        after=dict(found.after),
        reason=reason,
        number_index=number_index,
        filed_by=acting_person(op),
        filed_at=op.now,
    )
    op.db.add(row)
    op.db.flush()
    record(op, AuditAction.CHANGE_FILE, subject=("change", row.id), after=told_of(row), reason=reason)
    return row


def columns_of(entry: Person | Unit) -> dict[str, Value]:
    """The columns that a change may touch, as they stand."""
    if isinstance(entry, Unit):
        return {"headcount": entry.headcount, "quota_posts": entry.quota_posts}
    return {
        "political_status": entry.political_status.value,
        "post": entry.post,
        "in_post": entry.in_post,
        "unit_id": entry.unit_id,
        "party_organisation_id": entry.party_organisation_id,
        "name": entry.name,
        "education": entry.education.value,
        "id_number_masked": entry.id_number_masked,
        "birth_date": entry.birth_date.isoformat(),
        "gender": entry.gender.value,
    }


def acting_person(op: Operation) -> int:
    """The natural person who acts. Raises Unauthenticated for a process of the service."""
    if op.actor.person_id is None:
        raise Unauthenticated
    return op.actor.person_id


def told_of(row: RegisterChange) -> dict[str, object]:
    """What the log says of a change: which columns, and never what stands in them."""
    return {
        "person_id": row.person_id,
        "unit_id": row.unit_id,
        "kind": row.kind,
        "state": row.state,
        "columns": sorted(row.after),
        "day": row.day,
        "filed_by": row.filed_by,
    }
