"""The routes of people: the register, units with their posts, and the working calendar."""

from collections import Counter

from app.errors import FieldProblem, Invalid
from app.operation import Operation
from app.people import queries, workdays
from app.people.calendar import FIRST_DAY, LAST_DAY, local_date
from app.people.models import Unit
from app.people.phones import BadPhone
from app.people.rules import (
    UNIT_KIND_WORDS,
    QuotaRange,
    StandingFact,
    UnitKind,
    barred_on,
    days_at_level,
    level_on,
    quota_range,
    standing,
)
from app.people.schemas import (
    CalendarLine,
    CalendarShown,
    DayGiven,
    DayTakenAwayGiven,
    FactShown,
    PeopleShown,
    PersonLine,
    PersonShown,
    PhoneGiven,
    UnitLine,
    UnitsShown,
)
from app.people.service import keep_phone
from app.security.permissions import Capability
from app.shapes import Done, Shown
from app.web.desk import Desk, NavEntry

desk = Desk("people")
PAGE = 50


@desk.view(
    "/people",
    Capability.PERSON_READ,
    template="people/people.html",
    nav=NavEntry("人员", 70, under=("/ending-certificates",)),
)
def list_people(
    op: Operation, *, search: str = "", unit_id: int = 0, after: str = "", no_phone: bool = False
) -> PeopleShown:
    """The persons of one's units, by name, pinyin or initials; in the order of pinyin. With `no_phone` those in post
    who have no mobile number: they are told on paper."""
    rows = queries.list_persons(
        op.db, op.actor, search=search, unit_id=unit_id, after=after, limit=PAGE + 1, no_phone=no_phone
    )
    persons = rows[:PAGE]
    units = queries.units_by_id(op.db, {person.unit_id for person in persons} | {unit_id})
    facts = queries.standing_facts(op.db, [person.id for person in persons])
    today = local_date(op.now)
    return PeopleShown(
        persons=[
            PersonLine(
                id=person.id,
                name=person.name,
                id_number_masked=person.id_number_masked,
                phone_masked=person.phone_masked,
                unit_id=person.unit_id,
                unit_name=units[person.unit_id].name,
                post=person.post,
                in_post=person.in_post,
                level=level_on(facts[person.id], today),
            )
            for person in persons
        ],
        search=search,
        unit_id=unit_id,
        unit_name=units[unit_id].name if unit_id in units else "",
        no_phone=no_phone,
        next_after=queries.place_of(persons[-1]) if len(rows) > PAGE else None,
    )


@desk.view("/people/{person_id}", Capability.PERSON_READ, template="people/person.html")
def show_person(op: Operation, *, person_id: int) -> PersonShown:
    """What the register knows of a person, and their standing today."""
    person = queries.find_person(op.db, op.actor, person_id)
    facts = queries.standing_facts(op.db, [person.id])[person.id]
    today = local_date(op.now)
    level = level_on(facts, today)
    organisation = queries.party_organisation_name(op.db, person.party_organisation_id)
    unit = queries.unit_by_id(op.db, person.unit_id)
    return PersonShown(
        id=person.id,
        name=person.name,
        name_pinyin=person.name_pinyin,
        gender=person.gender,
        birth_date=person.birth_date,
        id_number_masked=person.id_number_masked,
        phone_masked=person.phone_masked,
        unit_id=person.unit_id,
        unit_name=unit.name,
        party_organisation=organisation,
        post=person.post,
        in_post=person.in_post,
        political_status=person.political_status,
        education=person.education,
        created_at=person.created_at,
        level=level,
        level_days=days_at_level(facts, level, today) if level else 0,
        barred_until=barred_on(facts, today),
        facts=[_fact(fact, holds=fact.covers(today)) for fact in standing(facts)],
        may_change_phone=op.actor.covers(Capability.PERSON_CONTACT, unit.path),
    )


@desk.command(
    "/people/{person_id}/phone",
    Capability.PERSON_CONTACT,
    then="/people/{person_id}",
    retry=show_person,
    said="手机号已保存。",
)
def change_phone(op: Operation, *, person_id: int, given: PhoneGiven) -> Done:
    """Enter, change or take away a person's mobile number."""
    person = queries.find_person(op.db, op.actor, person_id, by=Capability.PERSON_CONTACT)
    try:
        keep_phone(op, person_id=person.id, phone=given.phone)
    except BadPhone as bad:
        raise Invalid(FieldProblem("phone", bad.zh, bad.en)) from None
    return Done(id=person.id)


def _fact(fact: StandingFact, *, holds: bool) -> FactShown:
    return FactShown(
        kind=fact.kind,
        reference=fact.reference,
        level=fact.level,
        first_day=fact.first_day,
        last_day=fact.last_day,
        holds_today=holds,
    )


@desk.view("/units", Capability.PERSON_READ, template="people/units.html", nav=NavEntry("单位与员额", 71))
def list_units(op: Operation, *, kind: str = "", search: str = "") -> UnitsShown:
    """Units with the posts of their quota, those filled, and those whose holder is certified."""
    units = [
        unit
        for unit in queries.units_within(op.db, op.actor.scopes(Capability.PERSON_READ))
        if unit.kind is not UnitKind.COUNTY and kind in {"", unit.kind} and search in unit.name
    ]
    filled = queries.filled_posts(op.db, [unit.id for unit in units])
    certified = _certified(op, filled)
    lines = [_unit(unit, len(filled[unit.id]), certified[unit.id]) for unit in units]
    return UnitsShown(
        units=lines,
        kind=kind,
        search=search,
        quota_posts=sum(line.quota_posts for line in lines),
        filled=sum(line.filled for line in lines),
        certified=sum(line.certified for line in lines),
        vacant=sum(line.filled < line.quota_posts for line in lines),
        over=sum(line.filled > line.quota_posts for line in lines),
    )


def _certified(op: Operation, filled: dict[int, list[int]]) -> Counter[int]:
    """How many of the persons in post hold an active certificate today, by unit."""
    facts = queries.standing_facts(op.db, [person_id for persons in filled.values() for person_id in persons])
    today = local_date(op.now)
    counted: Counter[int] = Counter()
    for unit_id, persons in filled.items():
        counted[unit_id] = sum(level_on(facts[person_id], today) is not None for person_id in persons)
    return counted


def _unit(unit: Unit, filled: int, certified: int) -> UnitLine:
    zh, en = UNIT_KIND_WORDS[unit.kind]
    rule = quota_range(unit.kind, headcount=unit.headcount)
    range_zh, range_en = _range_words(rule)
    return UnitLine(
        id=unit.id,
        name=unit.name,
        kind=unit.kind,
        kind_zh=zh,
        kind_en=en,
        headcount=unit.headcount,
        quota_posts=unit.quota_posts,
        filled=filled,
        certified=certified,
        range_zh=range_zh,
        range_en=range_en,
    )


def _range_words(rule: QuotaRange) -> tuple[str, str]:
    if rule.at_most is not None:
        return f"{rule.at_least}–{rule.at_most}", f"{rule.at_least}–{rule.at_most}"
    return (f"≥ {rule.at_least}", f"≥ {rule.at_least}") if rule.at_least else ("据实核定", "as approved")


@desk.view("/calendar", Capability.CALENDAR_WRITE, template="people/calendar.html", nav=NavEntry("工作日历", 85))
def show_calendar(op: Operation, *, year: int = 0) -> CalendarShown:
    """A year of holidays and make-up workdays; this year where none is named."""
    chosen = year or local_date(op.now).year
    if not FIRST_DAY.year <= chosen <= LAST_DAY.year:
        raise Invalid(FieldProblem("year", "年份应在 1950 至 2100 之间。", "The year lies between 1950 and 2100."))
    entries = queries.calendar_entries(op.db, FIRST_DAY.replace(year=chosen), LAST_DAY.replace(year=chosen))
    return CalendarShown(
        year=chosen,
        provisional=queries.work_calendar(op.db).is_provisional(chosen),
        days=[CalendarLine(day=e.day, weekday=e.day.weekday(), workday=e.is_workday, name=e.name) for e in entries],
    )


class _DayDone(Shown):
    year: int


@desk.command(
    "/calendar/days",
    Capability.CALENDAR_WRITE,
    then="/calendar?year={year}",
    retry=show_calendar,
    said="工作日历已更新。",
)
def set_day(op: Operation, *, given: DayGiven) -> _DayDone:
    """Enter a holiday or a make-up workday, or mend an entry."""
    workdays.set_day(op, day=given.day, workday=given.workday, name=given.name)
    return _DayDone(year=given.day.year)


@desk.command(
    "/calendar/clear",
    Capability.CALENDAR_WRITE,
    then="/calendar?year={year}",
    retry=show_calendar,
    said="该日已恢复为按星期计算。",
)
def clear_day(op: Operation, *, given: DayTakenAwayGiven) -> _DayDone:
    """Take an entry away."""
    workdays.clear_day(op, day=given.day)
    return _DayDone(year=given.day.year)
