"""Changes of the register: filed by a unit or the department, settled by another person, done when confirmed."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import FieldProblem, Invalid
from app.operation import Operation
from app.people import queries as register
from app.people.changes import queries
from app.people.changes.filing import acting_person, columns_of, enter_filing, told_of
from app.people.changes.numbers import write_newcomer, write_number
from app.people.changes.rules import (
    TOUCHED,
    ChangeAction,
    ChangeKind,
    Fields,
    Value,
    check_settler,
    check_still_holds,
    difference,
    move_change,
)
from app.people.models import RegisterChange
from app.people.names import pinyin
from app.people.rules import Education, PoliticalStatus, check_quota
from app.security.permissions import Capability

ALLOWED_BY = {
    ChangeAction.CONFIRM: Capability.CHANGE_CONFIRM,
    ChangeAction.RETURN: Capability.CHANGE_CONFIRM,
    ChangeAction.WITHDRAW: Capability.CHANGE_FILE,
}
_SETTLED = {
    ChangeAction.CONFIRM: AuditAction.CHANGE_CONFIRM,
    ChangeAction.RETURN: AuditAction.CHANGE_RETURN,
    ChangeAction.WITHDRAW: AuditAction.CHANGE_WITHDRAW,
}


@dataclass(frozen=True)
class Wanted:
    """What a filing asks for: the columns of its kind as they are to be, the day it took effect, and why."""

    kind: ChangeKind
    columns: Fields
    day: date
    reason: str = ""


def file_of_person(op: Operation, *, person_id: int, wanted: Wanted) -> RegisterChange:
    """File a change of a person of the actor's units. Raises NotFound, NothingChanges, Invalid for a day to come."""
    person = register.find_person(op.db, op.actor, person_id, by=Capability.CHANGE_FILE)
    return _file(op, wanted, columns_of(person), unit_id=person.unit_id, person_id=person.id)


def file_move(op: Operation, *, person_id: int, unit_name: str, post: str, day: date) -> RegisterChange:
    """File that a person of the actor's units moved to the unit of this name, wherever it is: into that post, and out
    of the party organisation of the unit left. Raises as `file_of_person`, and Invalid where no unit is named so."""
    person = register.find_person(op.db, op.actor, person_id, by=Capability.CHANGE_FILE)
    unit = register.unit_by_name(op.db, unit_name)
    if unit is None:
        raise Invalid(FieldProblem("unit_name", "没有这个名称的单位。", "There is no unit of this name."))
    columns: dict[str, Value] = {"unit_id": unit.id, "post": post, "in_post": True}
    if unit.id != person.unit_id:
        columns["party_organisation_id"] = None
    wanted = Wanted(ChangeKind.MOVE, columns, day)
    return _file(op, wanted, columns_of(person), unit_id=person.unit_id, person_id=person.id)


def file_of_unit(op: Operation, *, unit_id: int, wanted: Wanted) -> RegisterChange:
    """File new figures of a unit. Raises NotFound, NothingChanges, Invalid for a day to come, and QuotaOutOfRange."""
    unit = queries.find_unit(op.db, op.actor, unit_id, by=Capability.CHANGE_FILE)
    headcount, posts = int(wanted.columns["headcount"] or 0), int(wanted.columns["quota_posts"] or 0)
    check_quota(unit.kind, headcount=headcount, posts=posts)
    return _file(op, wanted, columns_of(unit), unit_id=unit.id, person_id=None)


def settle(
    op: Operation, *, change_id: int, action: ChangeAction, remark: str = "", id_number: str = ""
) -> RegisterChange:
    """Confirm, return or withdraw a filed change; a confirmed one is written to the register at once. One that brings
    an ID number is confirmed with that number, keyed a second time.

    Raises NotFound, ChangeMoveRefused, SameFiler, NotTheFiler, ChangeOvertaken where the register has changed
    meanwhile; Invalid naming `id_number`, and PersonKnown where somebody was entered with it meanwhile."""
    row = queries.find_change(op.db, op.actor, change_id, by=ALLOWED_BY[action])
    state = move_change(row.state, action)
    check_settler(op.actor.person_id, action, filed_by=row.filed_by, whose=row.person_id)
    if action is ChangeAction.CONFIRM:
        _write(op, row, id_number)
    before = {"state": row.state}
    row.state, row.settled_by, row.settled_at, row.remark = state, acting_person(op), op.now, remark
    row.number_index = None
    op.db.flush()
    record(op, _SETTLED[action], subject=("change", row.id), before=before, after=told_of(row), reason=remark)
    return row


def _file(op: Operation, wanted: Wanted, present: Fields, *, unit_id: int, person_id: int | None) -> RegisterChange:
    found = difference(wanted.kind, present, wanted.columns)
    return enter_filing(
        op, wanted.kind, found, day=wanted.day, reason=wanted.reason, unit_id=unit_id, person_id=person_id
    )


def _write(op: Operation, row: RegisterChange, id_number: str) -> None:
    """Do to the register what was filed."""
    if row.kind is ChangeKind.NEWCOMER:
        write_newcomer(op, row, id_number)
        return
    if row.person_id is None:
        unit = queries.lock_unit(op.db, row.unit_id)
        check_still_holds(row.before, columns_of(unit))
        unit.headcount = row.after.get("headcount", unit.headcount)
        unit.quota_posts = row.after.get("quota_posts", unit.quota_posts)
        op.db.flush()
        after: dict[str, object] = {"headcount": unit.headcount, "quota_posts": unit.quota_posts}
        record(op, AuditAction.UNIT_CHANGE, subject=("unit", unit.id), before=row.before, after=after)
        return
    person = register.lock_person(op.db, row.person_id)
    if row.kind is ChangeKind.ID_NUMBER:
        write_number(op, row, person, id_number)
        return
    check_still_holds(row.before, columns_of(person))
    for name in sorted(TOUCHED[row.kind] & row.after.keys()):
        setattr(person, name, _kept_as(name, row.after[name]))
    if "name" in row.after:
        spelled = pinyin(person.name)
        person.name_pinyin, person.name_initials = spelled.full, spelled.initials
    op.db.flush()
    # The log says which columns, and never a name: it outlives the register.
    if row.kind is ChangeKind.MOVE:
        before, after = {"unit_id": row.unit_id}, {"unit_id": person.unit_id, "change_id": row.id}
        record(op, AuditAction.PERSON_MOVE, subject=("person", person.id), before=before, after=after)
    else:
        after = {"columns": sorted(row.after), "change_id": row.id}
        record(op, AuditAction.PERSON_CHANGE, subject=("person", person.id), after=after)


def _kept_as(name: str, value: Any) -> object:
    match name:
        case "political_status":
            return PoliticalStatus(value)
        case "education":
            return Education(value)
        case _:
            return value
