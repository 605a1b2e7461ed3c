import random
from collections import Counter
from datetime import date

import pytest

from app.demo.county import ROOT_CODE, County, _birthday, _People, make_county
from app.people.identity import parse_id_number
from app.people.names import COMPOUND_SURNAMES
from app.people.rules import Education, PartyOrganisationKind, PoliticalStatus, UnitKind, check_quota, quota_range
from app.security.permissions import NEVER_TOGETHER, Role

DAY = date(2026, 3, 2)


def county_of(seed: int, day: date = DAY) -> County:
    return make_county(random.Random(seed), name="示范县", on_date=day)


COUNTY = county_of(2022)


def age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}"


# The last three are the days on which full years are easily miscounted.
@pytest.mark.parametrize(
    ("seed", "day"),
    [(2022, DAY), (1, DAY), (2, date(2028, 2, 29)), (3, date(2027, 2, 28)), (4, date(2028, 1, 1))],
)
def test_county_has_the_size_that_was_reported(seed, day):
    county = county_of(seed, day)
    workers = county.workers
    assert len(county.party_organisations) == 549
    assert sum(unit.quota for unit in county.units) == 578
    assert len(workers) == 509
    college = [w for w in workers if w.education is not Education.BELOW_COLLEGE]
    young = [w for w in workers if age(w.birth_date, day) <= 35]
    assert share(len(college), len(workers)) == "91.94"
    assert share(len(young), len(workers)) == "56.97"
    assert all(23 <= age(w.birth_date, day) <= 57 for w in workers)


@pytest.mark.parametrize("day", [DAY, date(2028, 2, 29), date(2029, 2, 28), date(2028, 3, 1), date(2028, 12, 31)])
def test_birthday_makes_exactly_the_age(day):
    draw = random.Random(35)
    for years in (22, 23, 35, 36):
        assert {age(_birthday(draw, years, day), day) for _ in range(3000)} == {years}


def test_no_two_people_share_a_number_however_many_are_made():
    people = _People(random.Random(5), DAY)
    made = [
        people.make(age=30, education=Education.BACHELOR, unit="C", party_organisation="P", post="")
        for _ in range(3000)
    ]
    assert len({person.id_number for person in made}) == 3000


def test_same_seed_makes_the_same_county_and_another_seed_another():
    assert county_of(7) == county_of(7)
    assert county_of(7) != county_of(8)


def test_every_unit_has_a_name_a_place_in_the_tree_and_a_lawful_quota():
    seen: set[str] = set()
    for unit in COUNTY.units:
        assert unit.parent in seen or (unit.code == ROOT_CODE and unit.parent is None)
        seen.add(unit.code)
        check_quota(unit.kind, headcount=unit.headcount, posts=unit.quota)
    assert len(seen) == len(COUNTY.units)
    assert len({unit.name for unit in COUNTY.units}) == len(COUNTY.units)
    assert {unit.kind for unit in COUNTY.units} == set(UnitKind)
    township = {unit.code for unit in COUNTY.units if unit.kind is UnitKind.TOWNSHIP}
    assert all(u.parent in township for u in COUNTY.units if u.kind in {UnitKind.VILLAGE, UnitKind.COMMUNITY})


@pytest.mark.parametrize("seed", range(20))
def test_every_seed_gives_lawful_quotas(seed):
    for unit in county_of(seed).units:
        allowed = quota_range(unit.kind, headcount=unit.headcount)
        assert allowed.at_least <= unit.quota
        assert allowed.at_most is None or unit.quota <= allowed.at_most


def test_party_tree_is_a_tree_of_its_own_over_all_units():
    kinds: dict[str, PartyOrganisationKind] = {}
    for organisation in COUNTY.party_organisations:
        assert organisation.code not in kinds
        if organisation.parent is None:
            assert organisation.kind is PartyOrganisationKind.COMMITTEE
        else:
            assert kinds[organisation.parent] is not PartyOrganisationKind.BRANCH
        kinds[organisation.code] = organisation.kind
    units = {unit.code for unit in COUNTY.units} - {ROOT_CODE}
    assert {organisation.unit for organisation in COUNTY.party_organisations} == units
    names = [organisation.name for organisation in COUNTY.party_organisations]
    assert len(set(names)) == len(names)
    assert set(kinds.values()) == set(PartyOrganisationKind)


def test_no_unit_has_more_workers_than_posts():
    quota = {unit.code: unit.quota for unit in COUNTY.units}
    filled = Counter(worker.unit for worker in COUNTY.workers)
    assert all(count <= quota[code] for code, count in filled.items())


def test_everyone_is_a_full_member_in_a_branch_of_their_own_unit():
    branches = {o.code: o.unit for o in COUNTY.party_organisations if o.kind is PartyOrganisationKind.BRANCH}
    for person in (*COUNTY.workers, *(s.person for s in COUNTY.staff)):
        assert person.political_status is PoliticalStatus.FULL_MEMBER
        assert branches[person.party_organisation] == person.unit
        assert person.post


def test_id_numbers_are_valid_unique_and_of_a_region_never_issued():
    people = (*COUNTY.workers, *(s.person for s in COUNTY.staff))
    for person in people:
        read = parse_id_number(person.id_number)
        assert (read.number, read.birth_date, read.gender) == (person.id_number, person.birth_date, person.gender)
        assert person.id_number.startswith("990101")
    assert len({person.id_number for person in people}) == len(people)


def test_names_are_of_every_kind():
    names = [worker.name for worker in COUNTY.workers]
    assert any("·" in name for name in names)
    assert any(name[:2] in COMPOUND_SURNAMES and len(name) > 2 for name in names)
    assert any(len(name) == 2 for name in names)
    assert len(set(names)) > 480
    women = sum(worker.gender == "female" for worker in COUNTY.workers)
    assert 0.35 < women / len(names) < 0.6


def test_staff_holds_every_role_once_per_person():
    assert {s.role for s in COUNTY.staff} == set(Role) - {Role.CANDIDATE}
    assert len({s.login for s in COUNTY.staff}) == len(COUNTY.staff)
    held: dict[str, set[Role]] = {}
    for member in COUNTY.staff:
        held.setdefault(member.person.id_number, set()).add(member.role)
    assert all(not pair <= roles for roles in held.values() for pair in NEVER_TOGETHER)
    codes = {unit.code for unit in COUNTY.units}
    assert all(s.scope in codes for s in COUNTY.staff)
    workers = {worker.id_number for worker in COUNTY.workers}
    assert not workers & set(held)
