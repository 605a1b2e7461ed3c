"""Filings that bring an ID number: a wrong one corrected, a new person entered.

A filing keeps no number, only its keyed index and its mask. Who confirms keys it a second time, from the paper, and the
register takes it when both have keyed the same: a number that was typed wrongly once is what this is there to mend.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.exc import IntegrityError

from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import FieldProblem, Invalid
from app.operation import Operation
from app.people import queries as register
from app.people.calendar import local_date
from app.people.changes import queries
from app.people.changes.filing import columns_of, enter_filing
from app.people.changes.rules import (
    ChangeKind,
    Difference,
    NothingChanges,
    NumberDiffers,
    NumberFiled,
    Value,
    check_still_holds,
)
from app.people.identity import BadIdNumber, IdNumber, mask, parse_id_number
from app.people.models import Person, RegisterChange
from app.people.names import spell_name
from app.people.rules import Education, PoliticalStatus
from app.people.service import NewPerson, PersonKnown, change_id_number, create_person, find_by_id_number, number_index
from app.security.permissions import Capability


@dataclass(frozen=True)
class Newcomer:
    """A person who is to be entered; `organisation` is the whole name of a party organisation, or empty."""

    name: str
    id_number: str
    unit_id: int
    organisation: str
    post: str
    political_status: PoliticalStatus
    in_post: bool
    education: Education


def file_number(op: Operation, *, person_id: int, id_number: str, reason: str) -> RegisterChange:
    """File that the ID number of a person of the actor's units was typed wrongly. Raises NotFound, NothingChanges, and
    Invalid naming `id_number` where it is no number, somebody else's, or waits in another filing."""
    person = register.find_person(op.db, op.actor, person_id, by=Capability.CHANGE_FILE)
    number = _read(op, id_number)
    index = number_index(op, number)
    if index == person.id_number_index:
        raise NothingChanges
    _check_free(op, number, index)
    present, wanted = columns_of(person), _columns_of(number)
    # The mask is told even where both are alike: the digits that it hides may be the ones that were wrong.
    differing = [name for name in wanted if name == "id_number_masked" or present[name] != wanted[name]]
    found = Difference({name: present[name] for name in differing}, {name: wanted[name] for name in differing})
    return _enter(op, ChangeKind.ID_NUMBER, found, index, reason=reason, unit_id=person.unit_id, person_id=person.id)


def file_newcomer(op: Operation, new: Newcomer, *, day: date, reason: str) -> RegisterChange:
    """File a person who is to be entered into a unit of the actor. Raises NotFound for another's unit, and Invalid
    naming `id_number`, `organisation` or `day`."""
    unit = queries.find_unit(op.db, op.actor, new.unit_id, by=Capability.CHANGE_FILE)
    organisation = register.party_organisation_by_name(op.db, new.organisation) if new.organisation else None
    if new.organisation and organisation is None:
        zh, en = "没有这个名称的党组织。", "There is no party organisation of this name."
        raise Invalid(FieldProblem("organisation", zh, en))
    number = _read(op, new.id_number)
    index = number_index(op, number)
    _check_free(op, number, index)
    after: dict[str, Value] = {
        "name": spell_name(new.name),
        **_columns_of(number),
        "unit_id": unit.id,
        "party_organisation_id": organisation.id if organisation else None,
        "post": new.post,
        "political_status": new.political_status.value,
        "in_post": new.in_post,
        "education": new.education.value,
    }
    found = Difference({}, after)
    return _enter(op, ChangeKind.NEWCOMER, found, index, reason=reason, unit_id=unit.id, person_id=None, day=day)


def write_number(op: Operation, row: RegisterChange, person: Person, keyed: str) -> None:
    """Give the person, whose row is held, the number of a filing, as it was keyed a second time. Raises NumberDiffers,
    ChangeOvertaken, and PersonKnown where somebody else has been entered with it meanwhile."""
    number = _keyed_again(op, row, keyed)
    check_still_holds(row.before, columns_of(person))
    change_id_number(op, person, number)
    after = {"columns": sorted(row.after), "change_id": row.id}
    record(op, AuditAction.PERSON_CHANGE, subject=("person", person.id), after=after)


def write_newcomer(op: Operation, row: RegisterChange, keyed: str) -> None:
    """Enter the person of a filing, whose number was keyed a second time. Raises NumberDiffers, PersonKnown."""
    number = _keyed_again(op, row, keyed)
    said = row.after
    person = create_person(
        op,
        NewPerson(
            name=said["name"],
            id_number=number.number,
            unit_id=row.unit_id,
            party_organisation_id=said["party_organisation_id"],
            post=said["post"],
            political_status=PoliticalStatus(said["political_status"]),
            in_post=said["in_post"],
            education=Education(said["education"]),
        ),
    )
    row.person_id = person.id


def _read(op: Operation, text: str) -> IdNumber:
    try:
        number = parse_id_number(text)
    except BadIdNumber as bad:
        raise Invalid(FieldProblem("id_number", bad.zh, bad.en)) from None
    if number.birth_date > local_date(op.now):
        zh, en = "身份证号中的出生日期晚于今天。", "The date of birth in the ID number lies ahead."
        raise Invalid(FieldProblem("id_number", zh, en))
    return number


def _check_free(op: Operation, number: IdNumber, index: str) -> None:
    if find_by_id_number(op, number.number) is not None:
        raise Invalid(FieldProblem("id_number", PersonKnown.zh, PersonKnown.en))
    if queries.number_waits(op.db, index):
        raise Invalid(FieldProblem("id_number", NumberFiled.zh, NumberFiled.en))


def _enter(
    op: Operation,
    kind: ChangeKind,
    found: Difference,
    index: str,
    *,
    reason: str,
    unit_id: int,
    person_id: int | None,
    day: date | None = None,
) -> RegisterChange:
    try:
        with op.db.begin_nested():
            return enter_filing(
                op,
                kind,
                found,
                day=day or local_date(op.now),
                reason=reason,
                unit_id=unit_id,
                person_id=person_id,
                number_index=index,
            )
    except IntegrityError:  # two filed the same number in the same moment
        raise NumberFiled from None


def _keyed_again(op: Operation, row: RegisterChange, text: str) -> IdNumber:
    number = _read(op, text)
    if number_index(op, number) != row.number_index:
        raise Invalid(FieldProblem("id_number", NumberDiffers.zh, NumberDiffers.en))
    return number


def _columns_of(number: IdNumber) -> dict[str, Value]:
    return {
        "id_number_masked": mask(number.number),
        "birth_date": number.birth_date.isoformat(),
        "gender": number.gender.value,
    }
