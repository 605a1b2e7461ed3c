"""Units and persons: made, found by ID number, unmasked, and what is known of their standing."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import Conflict
from app.operation import House, Operation
from app.people import queries
from app.people.identity import IdNumber, mask, parse_id_number
from app.people.models import PartyOrganisation, Person, PersonRelation, StandingFactRow, Unit
from app.people.names import pinyin, spell_name
from app.people.phones import mask_phone, parse_phone
from app.people.rules import Education, PartyOrganisationKind, PoliticalStatus, Relation, StandingFact, UnitKind
from app.people.units import path_below
from app.security.fields import Erased, FieldCipher, Place, person_context
from app.security.rewrapping import Wrapped

DATA_KEYS = Wrapped(Person.id, Person.wrapped_key, (Person.id,), person_context)

ID_NUMBER_INDEX = "person.id_number"


class PersonKnown(Conflict):
    """A person with this ID number is in the register already."""

    code = "person.known"
    zh = "该身份证号的人员已在库中。"
    en = "A person with this ID number is in the register already."


@dataclass(frozen=True)
class NewPerson:
    """What is needed to enter a person. Gender and birth date stand in the ID number."""

    name: str
    id_number: str
    unit_id: int
    post: str
    political_status: PoliticalStatus
    in_post: bool
    education: Education
    party_organisation_id: int | None = None
    photo: bytes | None = None
    phone: str = ""
    """手机号; empty where there is none."""


def create_unit(
    op: Operation, *, name: str, kind: UnitKind, parent: Unit | None, headcount: int, quota_posts: int
) -> Unit:
    """Add a unit below `parent` (None: the root of the tree)."""
    unit = Unit(
        parent_id=parent.id if parent else None,
        path=f"new:{name}",  # unique until the id is known
        kind=kind,
        name=name,
        headcount=headcount,
        quota_posts=quota_posts,
    )
    op.db.add(unit)
    op.db.flush()
    unit.path = path_below(parent.path if parent else "/", unit.id)
    op.db.flush()
    record(op, AuditAction.UNIT_CREATE, subject=("unit", unit.id), after={"kind": kind.value, "parent": unit.parent_id})
    return unit


def found_county(op: Operation) -> Unit:
    """The county, named by the settings, below which every other unit stands; made where it is missing."""
    name = op.settings.county
    return queries.unit_by_name(op.db, name) or create_unit(
        op, name=name, kind=UnitKind.COUNTY, parent=None, headcount=0, quota_posts=0
    )


def create_party_organisation(
    op: Operation, *, name: str, kind: PartyOrganisationKind, unit_id: int, parent: PartyOrganisation | None
) -> PartyOrganisation:
    """Add a party organisation of a unit below `parent` (None: the topmost)."""
    organisation = PartyOrganisation(name=name, kind=kind, unit_id=unit_id, parent_id=parent.id if parent else None)
    op.db.add(organisation)
    op.db.flush()
    after = {"kind": kind, "unit_id": unit_id, "parent": organisation.parent_id}
    record(op, AuditAction.PARTY_ORGANISATION_CREATE, subject=("party_organisation", organisation.id), after=after)
    return organisation


def relate(op: Operation, *, person_id: int, other_id: int, relation: Relation) -> None:
    """Put a relation between two persons on file, for good: neither judges the other any more (回避)."""
    with suppress(IntegrityError), op.db.begin_nested():  # another transaction may have filed the same
        op.db.add(PersonRelation(person_id=person_id, other_id=other_id, relation=relation))


def create_person(op: Operation, new: NewPerson) -> Person:
    """Enter a person. Raises BadIdNumber or BadPhone where a number is wrong, PersonKnown where the ID number is in
    the register."""
    id_number = parse_id_number(new.id_number)
    cipher = op.house.tool(FieldCipher)
    name = spell_name(new.name)
    spelled = pinyin(name)
    person = Person(
        name=name,
        name_pinyin=spelled.full,
        name_initials=spelled.initials,
        gender=id_number.gender,
        birth_date=id_number.birth_date,
        id_number_cipher="",
        id_number_index=number_index(op, id_number),
        id_number_masked=mask(id_number.number),
        unit_id=new.unit_id,
        party_organisation_id=new.party_organisation_id,
        political_status=new.political_status,
        in_post=new.in_post,
        post=new.post,
        education=new.education,
        photo=new.photo,
        created_at=op.now,
    )
    try:
        with op.db.begin_nested():
            op.db.add(person)
    except IntegrityError:
        raise PersonKnown from None
    person.wrapped_key = cipher.new_key(person.id)
    person.id_number_cipher = cipher.encrypt(person.wrapped_key, _id_number_place(person.id), id_number.number)
    if new.phone:
        _write_phone(op, person, new.phone)
    op.db.flush()
    record(op, AuditAction.PERSON_CREATE, subject=("person", person.id), after={"unit_id": new.unit_id})
    return person


def number_index(op: Operation, id_number: IdNumber) -> str:
    """The keyed index by which the register finds this number."""
    return op.house.tool(FieldCipher).blind_index(id_number.number, index=ID_NUMBER_INDEX)


def change_id_number(op: Operation, person: Person, id_number: IdNumber) -> None:
    """Give a person, whose row is held, another ID number, with the gender and the birth date that stand in it; the
    act is recorded by who had it confirmed. Raises PersonKnown where it is somebody else's, PersonErased."""
    cipher = op.house.tool(FieldCipher)
    try:
        with op.db.begin_nested():
            person.id_number_cipher = cipher.encrypt(person.wrapped_key, _id_number_place(person.id), id_number.number)
            person.id_number_index = number_index(op, id_number)
            person.id_number_masked = mask(id_number.number)
            person.birth_date, person.gender = id_number.birth_date, id_number.gender
            op.db.flush()
    except IntegrityError:
        raise PersonKnown from None


def keep_photograph(op: Operation, *, person_id: int, photograph: bytes) -> None:
    """Keep a photograph that `accept_photograph` has made; that the actor may, the caller has judged."""
    person = queries.person_by_id(op.db, person_id)
    person.photo = photograph
    op.db.flush()
    after = {"sha256": hashlib.sha256(photograph).hexdigest()}
    record(op, AuditAction.PERSON_PHOTOGRAPH, subject=("person", person_id), after=after)


def keep_phone(op: Operation, *, person_id: int, phone: str) -> None:
    """Keep this mobile number in place of the one before, or none where it is empty; that the actor may, the caller
    has judged. Raises BadPhone, PersonErased."""
    person = queries.lock_person(op.db, person_id)
    before = {"reachable": person.phone_cipher is not None}
    if phone:
        _write_phone(op, person, phone)
    else:
        person.phone_cipher = person.phone_masked = None
    op.db.flush()
    # That there is a number, never which: not even masked, for the log outlives the register.
    after = {"reachable": person.phone_cipher is not None}
    record(op, AuditAction.PERSON_CHANGE, subject=("person", person_id), before=before, after=after)


def phones_of(db: Session, cipher: FieldCipher, person_ids: Collection[int]) -> dict[int, str]:
    """The mobile numbers of these persons in clear, for the gateway of short messages and nobody's eyes; whoever has
    none, or was erased, is left out."""
    found = {
        person.id: cipher.decrypt(person.wrapped_key, _phone_place(person.id), person.phone_cipher)
        for person in queries.persons_by_id(db, person_ids).values()
        if person.phone_cipher is not None
    }
    return {person_id: number for person_id, number in found.items() if not isinstance(number, Erased)}


def phone_book(house: House) -> Callable[[Collection[int]], dict[int, str]]:
    """Where the gateway of short messages looks numbers up, each time in a transaction of its own; see `phones_of`."""

    def look_up(person_ids: Collection[int]) -> dict[int, str]:
        with house.database.transaction(reading=True) as session:
            return phones_of(session, house.tool(FieldCipher), person_ids)

    return look_up


def unmask_id_number(op: Operation, person: Person, *, why: str) -> str:
    """The ID number in clear, for a paper that needs it; every unmasking is logged (P46). Empty once erased."""
    record(op, AuditAction.PERSON_UNMASK, subject=("person", person.id), after={"fields": ["id_number"]}, reason=why)
    found = op.house.tool(FieldCipher).decrypt(person.wrapped_key, _id_number_place(person.id), person.id_number_cipher)
    return "" if isinstance(found, Erased) else found


def find_by_id_number(op: Operation, number: str) -> Person | None:
    """The person with this ID number, if there is one; found by the keyed index only."""
    return queries.person_by_index(op.db, number_index(op, parse_id_number(number)))


def find_by_id_numbers(op: Operation, numbers: Collection[str]) -> dict[str, Person]:
    """The persons in the register with these valid numbers (as `parse_id_number` spells them), by number."""
    cipher = op.house.tool(FieldCipher)
    indexes = {cipher.blind_index(number, index=ID_NUMBER_INDEX): number for number in numbers}
    found = queries.persons_by_index(op.db, indexes.keys())
    return {indexes[index]: person for index, person in found.items()}


def encrypt_finding(op: Operation, *, person_id: int, table: str, column: str, row: int | str, text: str) -> str:
    """A finding about a person (a ground, a statement, an objection) as it is stored, under that person's key (P46)."""
    person = queries.person_by_id(op.db, person_id)
    return op.house.tool(FieldCipher).encrypt(person.wrapped_key, Place(table, column, row, person_id), text)


def decrypt_finding(op: Operation, *, person_id: int, table: str, column: str, row: int | str, stored: str) -> str:
    """What `encrypt_finding` stored; empty once that was destroyed at the end of its term, or all of the
    person's data were erased."""
    if not stored:
        return ""
    person = queries.person_by_id(op.db, person_id)
    found = op.house.tool(FieldCipher).decrypt(person.wrapped_key, Place(table, column, row, person_id), stored)
    return "" if isinstance(found, Erased) else found


def append_fact(op: Operation, *, person_id: int, fact: StandingFact) -> None:
    """Append a fact of standing, in the transaction of whoever learned it; see `app.people.rules.StandingFact`."""
    op.db.add(
        StandingFactRow(
            person_id=person_id,
            kind=fact.kind,
            reference=fact.reference,
            level=fact.level,
            first_day=fact.first_day,
            last_day=fact.last_day,
            amount=fact.amount,
            recorded_at=op.now,
        )
    )
    op.db.flush()
    after = {
        "fact": fact.kind.value,
        "reference": fact.reference,
        "level": fact.level.value if fact.level else None,
        "first_day": fact.first_day,
        "last_day": fact.last_day,
    }
    record(op, AuditAction.PERSON_FACT, subject=("person", person_id), after=after)


def facts_of(op: Operation, person_ids: Sequence[int]) -> dict[int, list[StandingFact]]:
    """Each person's facts of standing, in the order of writing."""
    return queries.standing_facts(op.db, person_ids)


def add_workdays(op: Operation, day: date, count: int) -> date:
    """The `count`-th working day after `day`, by the calendar as it stands."""
    return queries.work_calendar(op.db).add_workdays(day, count)


def _write_phone(op: Operation, person: Person, phone: str) -> None:
    number = parse_phone(phone)
    cipher = op.house.tool(FieldCipher)
    person.phone_cipher = cipher.encrypt(person.wrapped_key, _phone_place(person.id), number)
    person.phone_masked = mask_phone(number)


def _phone_place(person_id: int) -> Place:
    return Place("person", "phone_cipher", person_id, person_id)


def _id_number_place(person_id: int) -> Place:
    return Place("person", "id_number_cipher", person_id, person_id)
