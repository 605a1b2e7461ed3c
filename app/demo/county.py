"""The demo county: units, party organisations, quota, workers and staff, of the size that a county-level city reports.

Pure: the same generator state and day give the same county. ID numbers begin with 990101, a region that was never
issued, so that they belong to nobody.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.demo import names
from app.demo.offices import CITY_ORGANS, HOSPITALS, INSTITUTIONS, POSTS, SCHOOLS, SOCIAL_ORGANISATIONS, SOES, STAFF
from app.people.identity import Gender, synthetic_id_number
from app.people.rules import Education, PartyOrganisationKind, PoliticalStatus, UnitKind, quota_range
from app.security.permissions import Role

NEVER_ISSUED_REGION = "990101"
ROOT_CODE = "C"

# As reported for one county-level city in 2022 (domain.md): the shares are 91.94 % and 56.97 % of those in post.
POSTS_IN_QUOTA = 578
POSTS_FILLED = 509
COLLEGE_OR_ABOVE = 468
AGED_35_OR_UNDER = 290

_VILLAGES = 160
_COMMUNITIES = 40
_FIRMS = 30


@dataclass(frozen=True)
class DemoUnit:
    """单位. `code` is unique in the county, `parent` the code of the unit above (None: the root)."""

    code: str
    parent: str | None
    name: str
    kind: UnitKind
    headcount: int
    quota: int = 0


@dataclass(frozen=True)
class DemoPartyOrganisation:
    """党组织, in a tree of its own; `unit` is the code of the unit it belongs to, `parent` None for the topmost."""

    code: str
    parent: str | None
    name: str
    kind: PartyOrganisationKind
    unit: str


@dataclass(frozen=True)
class DemoPerson:
    """A person in post. `party_organisation` and `unit` are codes."""

    id_number: str
    name: str
    gender: Gender
    birth_date: date
    education: Education
    unit: str
    party_organisation: str
    post: str
    political_status: PoliticalStatus = PoliticalStatus.FULL_MEMBER


@dataclass(frozen=True)
class DemoStaff:
    """Someone who works with the system: one log-in, one role, within the unit tree at and below unit `scope`."""

    login: str
    role: Role
    scope: str
    person: DemoPerson


@dataclass(frozen=True)
class County:
    """Everything that the demo begins with. Parents come before children in both trees; nobody on staff is a worker."""

    units: tuple[DemoUnit, ...]
    party_organisations: tuple[DemoPartyOrganisation, ...]
    workers: tuple[DemoPerson, ...]
    staff: tuple[DemoStaff, ...]


def make_county(draw: random.Random, *, name: str, on_date: date) -> County:
    """The county called `name` (示范县), its people of the ages that they have on `on_date`."""
    units = _with_quota(draw, _units(draw, name))
    organisations = _party_organisations(units, name)
    people = _People(draw, on_date)
    workers = _workers(draw, units, organisations, people)
    return County(units, organisations, workers, _staff(units, organisations, people))


# --- units ---


def _units(draw: random.Random, county: str) -> tuple[DemoUnit, ...]:
    def of_kind(kind: UnitKind, letter: str, titles: Iterable[str], low: int, high: int) -> list[DemoUnit]:
        return [
            DemoUnit(f"{letter}{n:02d}", ROOT_CODE, title.format(county=county), kind, draw.randint(low, high))
            for n, title in enumerate(titles, 1)
        ]

    towns = of_kind(UnitKind.TOWNSHIP, "T", names.TOWNS, 60, 110)
    streets = of_kind(UnitKind.TOWNSHIP, "J", names.STREETS, 70, 130)
    return (
        DemoUnit(ROOT_CODE, None, county, UnitKind.COUNTY, 0),
        *towns,
        *streets,
        *of_kind(UnitKind.CITY_ORGAN, "G", CITY_ORGANS, 24, 110),
        *of_kind(UnitKind.INSTITUTION, "S", INSTITUTIONS, 12, 80),
        *of_kind(UnitKind.SOE, "Q", SOES, 120, 480),
        *of_kind(UnitKind.SCHOOL, "X", SCHOOLS, 40, 220),
        *of_kind(UnitKind.HOSPITAL, "Y", HOSPITALS, 150, 900),
        *of_kind(UnitKind.NON_PUBLIC, "F", names.draw_firms(draw, _FIRMS), 30, 400),
        *of_kind(UnitKind.SOCIAL_ORGANISATION, "H", SOCIAL_ORGANISATIONS, 5, 40),
        *_below(towns, UnitKind.VILLAGE, "V", names.draw_villages(draw, _VILLAGES), lambda: draw.randint(5, 9)),
        # Every sub-district has its communities, and each of the larger towns one or two.
        *_below(
            streets * 4 + towns[:8],
            UnitKind.COMMUNITY,
            "M",
            names.draw_communities(draw, _COMMUNITIES),
            lambda: draw.randint(8, 20),
        ),
    )


def _below(
    parents: list[DemoUnit], kind: UnitKind, letter: str, titles: list[str], headcount: Callable[[], int]
) -> list[DemoUnit]:
    """Villages and communities, dealt out among their townships in turn."""
    return [
        DemoUnit(
            code=f"{letter}{n:03d}",
            parent=parents[n % len(parents)].code,
            name=parents[n % len(parents)].name + title,
            kind=kind,
            headcount=headcount(),
        )
        for n, title in enumerate(titles)
    ]


def _with_quota(draw: random.Random, units: tuple[DemoUnit, ...]) -> tuple[DemoUnit, ...]:
    """Posts by the rule of each kind; what is left of the county's total goes to the largest units among those whose
    posts are approved case by case."""
    posts = {unit.code: _base_quota(draw, unit) for unit in units}
    free = [u for u in units if u.kind in {UnitKind.SCHOOL, UnitKind.INSTITUTION, UnitKind.COMMUNITY, UnitKind.VILLAGE}]
    left = POSTS_IN_QUOTA - sum(posts.values())
    for unit in sorted(free, key=lambda u: (-u.headcount, u.code))[:left]:
        posts[unit.code] += 1
    return tuple(replace(unit, quota=posts[unit.code]) for unit in units)


def _base_quota(draw: random.Random, unit: DemoUnit) -> int:
    allowed = quota_range(unit.kind, headcount=unit.headcount)
    match unit.kind:
        case UnitKind.COUNTY:
            return 0
        case UnitKind.TOWNSHIP:
            return allowed.at_least + 1
        case UnitKind.HOSPITAL:
            return 5
        case UnitKind.CITY_ORGAN:
            return draw.randint(allowed.at_least, allowed.at_most or allowed.at_least)
        case _:
            return max(1, allowed.at_least)


# --- party organisations ---

_COMMITTEE, _GENERAL, _BRANCH = (
    PartyOrganisationKind.COMMITTEE,
    PartyOrganisationKind.GENERAL_BRANCH,
    PartyOrganisationKind.BRANCH,
)
_SUFFIX = {_COMMITTEE: "委员会", _GENERAL: "总支部委员会", _BRANCH: "支部委员会"}

# Work committees that lead a field; each belongs to a city organ, named as in CITY_ORGANS.
_WORK_COMMITTEES: dict[str, tuple[str, str]] = {
    "WG": ("直属机关工作委员会", "中共{county}委直属机关工作委员会"),
    "WX": ("教育工作委员会", "{county}教育局"),
    "WY": ("卫生健康工作委员会", "{county}卫生健康局"),
    "WF": ("新经济组织和新社会组织工作委员会", "中共{county}委社会工作部"),
    "WQ": ("国有企业工作委员会", "{county}财政局"),
}
_FIELD = {
    UnitKind.CITY_ORGAN: "WG",
    UnitKind.INSTITUTION: "WG",
    UnitKind.SCHOOL: "WX",
    UnitKind.HOSPITAL: "WY",
    UnitKind.NON_PUBLIC: "WF",
    UnitKind.SOCIAL_ORGANISATION: "WF",
    UnitKind.SOE: "WQ",
}

# How many of the largest units of a kind are divided, into what, and into how many branches: 160 branches in all, which
# with one organisation per unit, the five work committees and the townships' own branches makes 549.
_DIVIDED: dict[UnitKind, tuple[int, PartyOrganisationKind, int]] = {
    UnitKind.SOE: (10, _COMMITTEE, 3),
    UnitKind.HOSPITAL: (6, _COMMITTEE, 3),
    UnitKind.COMMUNITY: (24, _GENERAL, 2),
    UnitKind.CITY_ORGAN: (16, _GENERAL, 2),
    UnitKind.SCHOOL: (16, _GENERAL, 2),
    UnitKind.TOWNSHIP: (16, _COMMITTEE, 1),
}


def _party_organisations(units: tuple[DemoUnit, ...], county: str) -> tuple[DemoPartyOrganisation, ...]:
    by_name = {unit.name: unit.code for unit in units}
    found = [
        DemoPartyOrganisation(code, None, f"中共{county}{title}", _COMMITTEE, by_name[owner.format(county=county)])
        for code, (title, owner) in _WORK_COMMITTEES.items()
    ]
    divided = _divided(units)
    for unit in units:
        if unit.kind is UnitKind.COUNTY:
            continue
        kind, branches = divided.get(unit.code, (_BRANCH, 0))
        above = _FIELD.get(unit.kind)
        if above is None and unit.kind is not UnitKind.TOWNSHIP:
            above = f"P-{unit.parent}"
        base = unit.name.removeprefix("中共")
        own = f"P-{unit.code}"
        found.append(DemoPartyOrganisation(own, above, f"中共{base}{_SUFFIX[kind]}", kind, unit.code))
        for n in range(1, branches + 1):
            part = "机关" if unit.kind is UnitKind.TOWNSHIP else f"第{'一二三'[n - 1]}"
            name = f"中共{base}{part}{_SUFFIX[_BRANCH]}"
            found.append(DemoPartyOrganisation(f"{own}-{n}", own, name, _BRANCH, unit.code))
    return tuple(found)


def _divided(units: tuple[DemoUnit, ...]) -> dict[str, tuple[PartyOrganisationKind, int]]:
    chosen: dict[str, tuple[PartyOrganisationKind, int]] = {}
    for kind, (count, becomes, branches) in _DIVIDED.items():
        largest = sorted((u for u in units if u.kind is kind), key=lambda u: (-u.headcount, u.code))[:count]
        chosen |= {unit.code: (becomes, branches) for unit in largest}
    return chosen


# --- people ---


class _People:
    """Makes persons, each with an ID number of their own."""

    def __init__(self, draw: random.Random, on_date: date) -> None:
        self._draw = draw
        self._on_date = on_date
        self._numbers: set[str] = set()

    def make(self, *, age: int, education: Education, unit: str, party_organisation: str, post: str) -> DemoPerson:
        """A full member in post, `age` full years old on the day of the county."""
        draw = self._draw
        gender = draw.choices((Gender.MALE, Gender.FEMALE), weights=(54, 46))[0]
        birth = _birthday(draw, age, self._on_date)
        number = self._number(birth, gender)
        return DemoPerson(
            number, names.draw_name(draw, gender), gender, birth, education, unit, party_organisation, post
        )

    def _number(self, birth: date, gender: Gender) -> str:
        while True:
            sequence = self._draw.randrange(1 if gender is Gender.MALE else 2, 1000, 2)
            number = synthetic_id_number(NEVER_ISSUED_REGION, birth, sequence)
            if number not in self._numbers:
                self._numbers.add(number)
                return number


def _birthday(draw: random.Random, age: int, on_date: date) -> date:
    """A day on which one was born who is `age` full years old on `on_date`."""
    latest = _years_before(on_date, age)
    earliest = _years_before(on_date, age + 1) + timedelta(days=1)
    return earliest + timedelta(days=draw.randrange((latest - earliest).days + 1))


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # a 29 February, in a year that has none
        return date(day.year - years, 2, 28)


def _workers(
    draw: random.Random,
    units: tuple[DemoUnit, ...],
    organisations: tuple[DemoPartyOrganisation, ...],
    people: _People,
) -> tuple[DemoPerson, ...]:
    places = [unit for unit in units for _ in range(unit.quota)]
    vacant = set(draw.sample(range(len(places)), POSTS_IN_QUOTA - POSTS_FILLED))
    filled = [unit for n, unit in enumerate(places) if n not in vacant]
    young = set(draw.sample(range(POSTS_FILLED), AGED_35_OR_UNDER))
    elder = [n for n in range(POSTS_FILLED) if n not in young]
    schooled_less = set(draw.sample(elder, POSTS_FILLED - COLLEGE_OR_ABOVE))
    homes = _homes(organisations)
    seen: Counter[str] = Counter()
    workers = []
    for n, unit in enumerate(filled):
        own = homes[unit.code]
        titles = POSTS[unit.kind]
        workers.append(
            people.make(
                age=draw.randint(23, 35) if n in young else draw.randint(36, 57),
                education=Education.BELOW_COLLEGE if n in schooled_less else _education(draw, young=n in young),
                unit=unit.code,
                party_organisation=own[seen[unit.code] % len(own)],
                post=titles[seen[unit.code] % len(titles)],
            )
        )
        seen[unit.code] += 1
    return tuple(workers)


def _homes(organisations: tuple[DemoPartyOrganisation, ...]) -> dict[str, list[str]]:
    """The branches of each unit: every member belongs to a branch."""
    homes: dict[str, list[str]] = {}
    for organisation in organisations:
        if organisation.kind is _BRANCH:
            homes.setdefault(organisation.unit, []).append(organisation.code)
    return homes


def _education(draw: random.Random, *, young: bool) -> Education:
    weights = (30, 62, 8) if young else (55, 42, 3)
    return draw.choices((Education.COLLEGE, Education.BACHELOR, Education.MASTER), weights=weights)[0]


def _staff(
    units: tuple[DemoUnit, ...], organisations: tuple[DemoPartyOrganisation, ...], people: _People
) -> tuple[DemoStaff, ...]:
    by_name = {unit.name: unit.code for unit in units}
    homes = _homes(organisations)
    county = units[0].name
    counted: Counter[Role] = Counter()
    staff = []
    for n, (role, office, post, scope) in enumerate(STAFF):
        unit = by_name[office.format(county=county)]
        counted[role] += 1
        person = people.make(
            age=28 + n * 7 % 28,
            education=Education.MASTER if n % 5 == 0 else Education.BACHELOR,
            unit=unit,
            party_organisation=homes[unit][0],
            post=post,
        )
        staff.append(DemoStaff(f"{role.value}_{counted[role]}", role, by_name[scope.format(county=county)], person))
    return tuple(staff)
