"""A book of the register: looked at, then entered whole or not at all. What is in the register already stays as it is,
so a book may be handed in again with more rows; only who has no mobile number yet is given the one in the book."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from app.errors import Conflict
from app.operation import Operation
from app.people.calendar import local_date
from app.people.models import PartyOrganisation, Person, Unit
from app.people.names import same_name
from app.people.queries import all_party_organisations, units_within
from app.people.register.book import OrganisationRow, PersonRow, RegisterBook, RowProblem, SheetName, UnitRow
from app.people.service import (
    NewPerson,
    create_party_organisation,
    create_person,
    create_unit,
    find_by_id_numbers,
    found_county,
    keep_phone,
)
from app.people.units import ROOT

Node = TypeVar("Node", UnitRow, OrganisationRow)


class BookRefused(Conflict):
    """A book with problems is not entered."""

    code = "register.refused"
    zh = "导入表有 {count} 处问题，未导入任何内容。"
    en = "The workbook has {count} problems; nothing was entered."


@dataclass(frozen=True)
class BookOutlook:
    """What entering a book would do: the rows that are new, how many are in the register already (told where nothing
    is wrong), the mobile numbers of persons who are in it without one (by the person's id), what is wrong."""

    units: tuple[UnitRow, ...]
    organisations: tuple[OrganisationRow, ...]
    persons: tuple[PersonRow, ...]
    known: int
    phones: Mapping[int, str]
    problems: tuple[RowProblem, ...]


def look_at_book(op: Operation, book: RegisterBook) -> BookOutlook:
    """The dry run: writes nothing. Units and party organisations come in an order in which each stands behind the one
    that it belongs to."""
    units = {unit.name for unit in units_within(op.db, (ROOT,))} | {op.house.settings.county}
    organisations = {known.name for known in all_party_organisations(op.db)}
    problems = [*book.problems]
    new_units = _in_order(book.units, units, SheetName.UNITS, problems)
    new_organisations = _in_order(book.organisations, organisations, SheetName.ORGANISATIONS, problems)
    units |= {row.name for row in book.units}
    organisations |= {row.name for row in book.organisations}
    problems += [
        *(_not_found(SheetName.ORGANISATIONS, o.row, o.unit) for o in book.organisations if o.unit not in units),
        *(_not_found(SheetName.PERSONS, p.row, p.unit) for p in book.persons if p.unit not in units),
        *(
            _not_found(SheetName.PERSONS, p.row, p.organisation)
            for p in book.persons
            if p.organisation and p.organisation not in organisations
        ),
    ]
    known_persons = find_by_id_numbers(op, {row.id_number.number for row in book.persons})
    new_persons = _new_persons(book.persons, known_persons, problems, today=local_date(op.now))
    rows = len(book.units) + len(book.organisations) + len(book.persons)
    known = rows - len(new_units) - len(new_organisations) - len(new_persons)
    order = [*SheetName]
    problems.sort(key=lambda problem: (order.index(problem.sheet), problem.row))
    return BookOutlook(
        tuple(new_units),
        tuple(new_organisations),
        tuple(new_persons),
        known,
        _new_phones(book.persons, known_persons),
        tuple(problems),
    )


def enter_book(op: Operation, outlook: BookOutlook) -> None:
    """Enter all that is new, below the county, which is made where it is missing. Raises BookRefused, UnitTooDeep;
    PersonKnown where somebody else has entered one of them since the book was looked at."""
    if outlook.problems:
        raise BookRefused(count=len(outlook.problems))
    county = found_county(op).name
    units = {unit.name: unit for unit in units_within(op.db, (ROOT,))}
    for row in outlook.units:
        units[row.name] = create_unit(
            op,
            name=row.name,
            kind=row.kind,
            parent=units[row.above or county],
            headcount=row.headcount,
            quota_posts=row.quota_posts,
        )
    organisations = {known.name: known for known in all_party_organisations(op.db)}
    for found in outlook.organisations:
        organisations[found.name] = create_party_organisation(
            op,
            name=found.name,
            kind=found.kind,
            unit_id=units[found.unit].id,
            parent=organisations[found.above] if found.above else None,
        )
    for person in outlook.persons:
        create_person(op, _new_person(person, units, organisations))
    for person_id, phone in outlook.phones.items():
        keep_phone(op, person_id=person_id, phone=phone)


def _new_person(row: PersonRow, units: Mapping[str, Unit], organisations: Mapping[str, PartyOrganisation]) -> NewPerson:
    return NewPerson(
        name=row.name,
        id_number=row.id_number.number,
        unit_id=units[row.unit].id,
        party_organisation_id=organisations[row.organisation].id if row.organisation else None,
        post=row.post,
        political_status=row.political_status,
        in_post=row.in_post,
        education=row.education,
        phone=row.phone,
    )


def _in_order(rows: Sequence[Node], known: Collection[str], sheet: SheetName, problems: list[RowProblem]) -> list[Node]:
    """The rows that are not known yet, each behind the one above it. A row named twice, and one whose place in the
    tree cannot be found (nobody of that name, or a circle), is a problem."""
    first: dict[str, int] = {}
    for row in rows:
        if first.setdefault(row.name, row.row) != row.row:
            zh, en = f"“{row.name}”与第 {first[row.name]} 行重名。", f"{row.name} stands in row {first[row.name]} too."
            problems.append(RowProblem(sheet, row.row, zh, en))
    waiting = [row for row in rows if row.name not in known and first[row.name] == row.row]
    placed = {*known, ""}
    ordered: list[Node] = []
    while ready := [row for row in waiting if row.above in placed]:
        ordered += ready
        waiting = [row for row in waiting if row.above not in placed]
        placed |= {row.name for row in ready}
    problems += [_not_found(sheet, row.row, row.above) for row in waiting]
    return ordered


def _new_phones(rows: Sequence[PersonRow], known: Mapping[str, Person]) -> dict[int, str]:
    persons = ((row, known.get(row.id_number.number)) for row in rows if row.phone)
    return {
        person.id: row.phone
        for row, person in persons
        if person and person.phone_cipher is None and person.wrapped_key is not None
    }


def _new_persons(
    rows: Sequence[PersonRow], known: Mapping[str, Person], problems: list[RowProblem], *, today: date
) -> list[PersonRow]:
    first: dict[str, int] = {}
    new = []
    for row in rows:
        number = row.id_number.number
        said = None
        if first.setdefault(number, row.row) != row.row:
            said = f"与第 {first[number]} 行身份证号相同。", f"Has the ID number of row {first[number]}."
        elif number in known and not same_name(known[number].name, row.name):
            said = "该身份证号在库中是另一个姓名。", "The register has this ID number under another name."
        elif row.id_number.birth_date > today:
            said = "身份证号中的出生日期晚于今天。", "The date of birth in the ID number lies ahead."
        elif number not in known:
            new.append(row)
        if said is not None:
            problems.append(RowProblem(SheetName.PERSONS, row.row, *said))
    return new


def _not_found(sheet: SheetName, row: int, name: str) -> RowProblem:
    return RowProblem(
        sheet,
        row,
        f"“{name}”既不在表中，也不在库中，或者上下级循环。",
        f"{name} is neither in the workbook nor in the register, or stands below itself.",
    )
