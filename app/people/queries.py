"""Everything that is read from the tables of people."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import QueryableAttribute, Session

from app.database import find_one, locked
from app.errors import NotFound
from app.people.calendar import WorkCalendar
from app.people.models import CalendarEntry, PartyOrganisation, Person, PersonRelation, StandingFactRow, Unit
from app.people.names import spell_name
from app.people.rules import StandingFact
from app.security.actor import Actor
from app.security.permissions import Capability


def visible(actor: Actor, *, by: Capability = Capability.PERSON_READ) -> Select[Person]:
    """The persons this actor may see, or do to what `by` says: those of the units within its scopes."""
    return select(Person).join(Unit, Person.unit_id == Unit.id).where(within(actor.scopes(by)))


def within(scopes: Collection[str]) -> ColumnElement[bool]:
    """That a unit lies within one of these parts of the tree."""
    return or_(*(Unit.path.startswith(scope, autoescape=True) for scope in scopes)) if scopes else false()


def find_person(db: Session, actor: Actor, person_id: int, *, by: Capability = Capability.PERSON_READ) -> Person:
    """One person that is visible by this capability. Raises NotFound."""
    return find_one(db, visible(actor, by=by).where(Person.id == person_id))


def list_persons(
    db: Session, actor: Actor, *, search: str, unit_id: int, after: str, limit: int, no_phone: bool = False
) -> Sequence[Person]:
    """Visible persons in the order of their pinyin, from behind the place `after` (see `place_of`); with `no_phone`
    only those in post whom no short message reaches."""
    among = visible(actor).with_only_columns(Person.id)
    if no_phone:
        among = among.where(Person.phone_cipher.is_(None), Person.in_post)
    return list_persons_among(db, among, search=search, unit_id=unit_id, after=after, limit=limit)


def list_persons_among(
    db: Session, among: Select[int], *, search: str, unit_id: int, after: str, limit: int
) -> Sequence[Person]:
    """The same of persons whose ids a higher feature has chosen (see `ids_within`)."""
    query = select(Person).where(Person.id.in_(among)).order_by(Person.name_pinyin, Person.id).limit(limit)
    if search:
        query = query.where(Person.id.in_(ids_named(search)))
    if unit_id:
        query = query.where(Person.unit_id == unit_id)
    pinyin, _, number = after.rpartition(" ")
    if number.isdecimal() and len(number) < 19:
        behind = and_(Person.name_pinyin == pinyin, Person.id > int(number))
        query = query.where(or_(Person.name_pinyin > pinyin, behind))
    return db.scalars(query).all()


def place_of(person: Person) -> str:
    """Where a person stands in the order of `list_persons`."""
    return f"{person.name_pinyin} {person.id}"


def filled_posts(db: Session, unit_ids: Collection[int]) -> dict[int, list[int]]:
    """The persons in post of each of these units."""
    found: dict[int, list[int]] = {unit_id: [] for unit_id in unit_ids}
    rows = db.execute(select(Person.unit_id, Person.id).where(Person.unit_id.in_(unit_ids), Person.in_post))
    for unit_id, person_id in rows:
        found[unit_id].append(person_id)
    return found


def party_organisation_name(db: Session, organisation_id: int | None) -> str:
    """The name of a party organisation; empty where there is none."""
    query = select(PartyOrganisation.name).where(PartyOrganisation.id == organisation_id)
    return db.execute(query).scalar_one_or_none() or ""


def ids_within(scopes: Collection[str], *, in_post: bool = False) -> Select[int]:
    """The ids of the persons of every unit within these parts of the tree; for `visible` of higher features.

    With `in_post` only those who hold a post now.
    """
    query = select(Person.id).join(Unit, Person.unit_id == Unit.id).where(within(scopes))
    return query.where(Person.in_post) if in_post else query


def count_in_post(db: Session, scopes: Collection[str]) -> int:
    """How many persons are in post in the units within these parts of the tree."""
    query = select(func.count()).select_from(ids_within(scopes, in_post=True).subquery())
    return db.execute(query).scalar_one()


def unit_paths(db: Session, unit_ids: Collection[int]) -> dict[int, str]:
    """The materialised path of each unit, by id."""
    rows = db.execute(select(Unit.id, Unit.path).where(Unit.id.in_(unit_ids))).all()
    return {row.id: row.path for row in rows}


def with_name_and_path(
    query: Select[*tuple[Any, ...]], *, person_id: QueryableAttribute[int], unit_id: QueryableAttribute[int | None]
) -> Select[*tuple[Any, ...]]:
    """The query with two more columns: that person's name, and the path of that unit, None where there is none."""
    joined = query.join(Person, Person.id == person_id).outerjoin(Unit, Unit.id == unit_id)
    return joined.add_columns(Person.name, Unit.path)


def person_name(db: Session, person_id: int) -> str:
    """The person's name; for pages that greet the person themselves."""
    return db.execute(select(Person.name).where(Person.id == person_id)).scalar_one()


def photo_of(db: Session, person_id: int) -> bytes | None:
    """A person's photograph, a JPEG; that it may be seen, the caller has judged."""
    return db.scalars(select(Person.photo).where(Person.id == person_id)).one_or_none()


def with_photo(db: Session, person_ids: Collection[int]) -> set[int]:
    """Which of these persons have a photograph."""
    return set(db.scalars(select(Person.id).where(Person.id.in_(person_ids), Person.photo.is_not(None))))


def names_of(db: Session, person_ids: Collection[int]) -> dict[int, str]:
    """The names of these persons, by id; for pages that name who did something."""
    rows = db.execute(select(Person.id, Person.name).where(Person.id.in_(person_ids)))
    return {row.id: row.name for row in rows}


def person_by_index(db: Session, index: str) -> Person | None:
    """The person whose ID number has this keyed index."""
    return db.scalars(select(Person).where(Person.id_number_index == index)).one_or_none()


def persons_by_index(db: Session, indexes: Collection[str]) -> dict[str, Person]:
    """The persons whose ID numbers have these keyed indexes, by index."""
    rows = db.scalars(select(Person).where(Person.id_number_index.in_(indexes)))
    return {person.id_number_index: person for person in rows}


def person_by_id(db: Session, person_id: int) -> Person:
    """One person, for the service's own work; what an actor may see starts from `visible`. Raises NotFound."""
    person = db.get(Person, person_id)
    if person is None:
        raise NotFound
    return person


def lock_person(db: Session, person_id: int) -> Person:
    """One person, the row held until the transaction ends: what is decided of a person is decided one after the other.

    Raises NotFound.
    """
    query = locked(select(Person).where(Person.id == person_id))
    return find_one(db, query)


def ids_photographed(until: datetime, *, but: Iterable[Select[int]]) -> Select[int]:
    """Ids of everybody who was entered by then, of whom there is a photograph, and whom none of the others select."""
    others = (Person.id.not_in(one) for one in but)
    return select(Person.id).where(Person.photo.is_not(None), Person.created_at <= until, *others)


def ids_with_phone(until: datetime, *, but: Iterable[Select[int]]) -> Select[int]:
    """The same of everybody of whom there is a mobile number."""
    others = (Person.id.not_in(one) for one in but)
    return select(Person.id).where(Person.phone_cipher.is_not(None), Person.created_at <= until, *others)


def reachable_by_phone(db: Session, person_ids: Collection[int]) -> set[int]:
    """Which of these persons have a mobile number that can still be read."""
    query = select(Person.id).where(
        Person.id.in_(person_ids), Person.phone_cipher.is_not(None), Person.wrapped_key.is_not(None)
    )
    return set(db.scalars(query))


def ids_named(typed: str) -> Select[int]:
    """The ids of the persons whose name holds what was typed, or whose pinyin or initials begin with it."""
    latin = typed.replace(" ", "").lower()
    return select(Person.id).where(
        or_(
            Person.name.contains(spell_name(typed), autoescape=True),
            Person.name_pinyin.startswith(latin, autoescape=True),
            Person.name_initials.startswith(latin, autoescape=True),
        )
    )


def persons_named(db: Session, typed: str, *, limit: int) -> Sequence[Person]:
    """The persons whose name fits what was typed, for whoever makes accounts; in the order of pinyin."""
    query = select(Person).where(Person.id.in_(ids_named(typed))).order_by(Person.name_pinyin, Person.id)
    return db.scalars(query.limit(limit)).all()


def persons_by_id(db: Session, person_ids: Collection[int]) -> dict[int, Person]:
    """Many persons at once, for the service's own work."""
    return {person.id: person for person in db.scalars(select(Person).where(Person.id.in_(person_ids)))}


def unit_by_id(db: Session, unit_id: int) -> Unit:
    """One unit. Raises NotFound."""
    unit = db.get(Unit, unit_id)
    if unit is None:
        raise NotFound
    return unit


def units_by_id(db: Session, unit_ids: Collection[int]) -> dict[int, Unit]:
    """Many units at once."""
    return {unit.id: unit for unit in db.scalars(select(Unit).where(Unit.id.in_(unit_ids)))}


def units_within(db: Session, scopes: Collection[str]) -> list[Unit]:
    """The units within these parts of the tree, in the order of their names."""
    return list(db.scalars(select(Unit).where(within(scopes)).order_by(Unit.name)))


def unit_by_name(db: Session, name: str) -> Unit | None:
    """The unit of that name, if there is one."""
    return db.scalars(select(Unit).where(Unit.name == name)).one_or_none()


def all_party_organisations(db: Session) -> list[PartyOrganisation]:
    """Every party organisation, in the order of entry."""
    return list(db.scalars(select(PartyOrganisation).order_by(PartyOrganisation.id)))


def party_organisation_by_name(db: Session, name: str) -> PartyOrganisation | None:
    """The party organisation of that name, the one entered first where there are two."""
    query = select(PartyOrganisation).where(PartyOrganisation.name == name).order_by(PartyOrganisation.id)
    return db.scalars(query.limit(1)).one_or_none()


def standing_facts(db: Session, person_ids: Collection[int]) -> dict[int, list[StandingFact]]:
    """Facts of standing by person, in the order of writing; an empty list for who has none."""
    facts: dict[int, list[StandingFact]] = {person_id: [] for person_id in person_ids}
    rows = select(StandingFactRow).where(StandingFactRow.person_id.in_(person_ids)).order_by(StandingFactRow.id)
    for row in db.scalars(rows):
        facts[row.person_id].append(
            StandingFact(row.kind, row.reference, row.first_day, row.last_day, row.level, row.amount)
        )
    return facts


def close_to(db: Session, person_id: int) -> set[int]:
    """The persons to whom a person has a relation on file (回避), whichever of the two declared it."""
    pair = PersonRelation.person_id, PersonRelation.other_id
    rows = db.execute(select(*pair).where(or_(*(one == person_id for one in pair))))
    return {person for row in rows for person in row} - {person_id}


def work_calendar(db: Session) -> WorkCalendar:
    """The calendar of working days as it stands."""
    return WorkCalendar({entry.day: entry.is_workday for entry in db.scalars(select(CalendarEntry))})


def calendar_entries(db: Session, first: date, last: date) -> Sequence[CalendarEntry]:
    """The days from `first` to `last` (both inside) that differ from their weekday, in order."""
    query = select(CalendarEntry).where(CalendarEntry.day.between(first, last)).order_by(CalendarEntry.day)
    return db.scalars(query).all()


def calendar_entry(db: Session, day: date) -> CalendarEntry | None:
    """The entry of one day, if it has one; held until the transaction ends."""
    return db.scalars(locked(select(CalendarEntry).where(CalendarEntry.day == day))).one_or_none()
