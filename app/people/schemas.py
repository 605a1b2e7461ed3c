"""What goes into and comes out of people."""

from datetime import date, datetime

from app.people.identity import Gender
from app.people.rules import Education, FactKind, PoliticalStatus, UnitKind
from app.shapes import Given, Line, OptionalLine, Shown
from question_bank.items import Level


class PersonLine(Shown):
    """A person on a list; ID number and mobile number masked."""

    id: int
    name: str
    id_number_masked: str
    phone_masked: str | None
    unit_id: int
    unit_name: str
    post: str
    in_post: bool
    level: Level | None


class PeopleShown(Shown):
    """A page of persons, and the filters that made it."""

    persons: list[PersonLine]
    search: str
    unit_id: int
    unit_name: str
    no_phone: bool
    next_after: str | None


class FactShown(Shown):
    """A fact of standing as it stands now."""

    kind: FactKind
    reference: str
    level: Level | None
    first_day: date
    last_day: date | None
    holds_today: bool


class PersonShown(Shown):
    """One person: what the register knows, and what follows from it today."""

    id: int
    name: str
    name_pinyin: str
    gender: Gender
    birth_date: date
    id_number_masked: str
    phone_masked: str | None
    unit_id: int
    unit_name: str
    party_organisation: str
    post: str
    in_post: bool
    political_status: PoliticalStatus
    education: Education
    created_at: datetime
    level: Level | None
    level_days: int
    """Days for which the level has been held, up to today."""
    barred_until: date | None
    facts: list[FactShown]
    may_change_phone: bool


class PhoneGiven(Given):
    """A mobile number, or nothing where there is to be none."""

    phone: OptionalLine = ""


class UnitLine(Shown):
    """A unit with its posts: those of the quota, those filled, and those whose holder has a certificate."""

    id: int
    name: str
    kind: UnitKind
    kind_zh: str
    kind_en: str
    headcount: int
    quota_posts: int
    filled: int
    certified: int
    range_zh: str
    range_en: str


class UnitsShown(Shown):
    """The units of the reader's scope, with totals over all of them."""

    units: list[UnitLine]
    kind: str
    search: str
    quota_posts: int
    filled: int
    certified: int
    vacant: int
    over: int


class CalendarLine(Shown):
    """A day that differs from its weekday."""

    day: date
    weekday: int
    """0 is Monday."""
    workday: bool
    name: str


class CalendarShown(Shown):
    """A year of the working calendar; `provisional` where its make-up workdays are not announced yet."""

    year: int
    provisional: bool
    days: list[CalendarLine]


class DayGiven(Given):
    """A holiday or a make-up workday."""

    day: date
    workday: bool
    name: Line


class DayTakenAwayGiven(Given):
    """The day whose entry is taken away."""

    day: date
