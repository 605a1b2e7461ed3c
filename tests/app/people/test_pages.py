"""The register, units with their posts, and the working calendar, as pages."""

from datetime import date

import pytest

from app.operation import acting_as
from app.people.queries import work_calendar
from app.people.rules import FactKind, StandingFact
from app.people.service import append_fact
from app.people.workdays import fill_calendar
from app.security.permissions import Role
from question_bank.items import Level
from tests.support.personas import make_person, make_staff, make_unit


@pytest.fixture
def town(house):
    """A town with two workers, one of them certified."""
    with acting_as(house, "test") as op:
        unit = make_unit(op, "清河镇")
        holder, other = make_person(op, unit, "欧阳静"), make_person(op, unit, "单雄")
        fact = StandingFact(FactKind.LEVEL_HELD, "certificate:7", date(2026, 1, 5), date(2027, 3, 1), Level.PRIMARY)
        append_fact(op, person_id=holder.id, fact=fact)
    return unit, holder, other


@pytest.fixture
def leader(house, browsers):
    """A leader of the whole county."""
    return browsers(make_staff(house, Role.LEADER))


@pytest.mark.parametrize("typed", ["欧阳", "ouyang", "oyj"])
def test_a_person_is_found_by_name_pinyin_or_initials(town, leader, typed):
    shown = leader.get(f"/people?search={typed}").text
    assert "欧阳静" in shown
    assert "单雄" not in shown


def test_an_id_number_is_never_shown_whole(town, leader):  # P46
    _, holder, _ = town
    for path in ("/people", f"/people/{holder.id}"):
        text = leader.get(path).text
        assert holder.id_number_masked in text
        assert "99010119" not in text


def test_a_persons_page_says_what_they_hold_today_and_for_how_long(town, leader):
    _, holder, other = town
    assert "今日持有初级证书，已连续 322 天" in leader.get(f"/people/{holder.id}").text
    assert "今日没有有效证书" in leader.get(f"/people/{other.id}").text


def test_units_show_posts_filled_and_certified(town, leader):
    line = next(u for u in leader.api_get("/units").json()["units"] if u["name"] == "清河镇")
    assert (line["quota_posts"], line["filled"], line["certified"], line["range_zh"]) == (2, 2, 1, "≥ 2")


def test_who_has_a_part_of_the_tree_sees_that_part(house, browsers, town):  # P21
    unit, holder, _ = town
    with acting_as(house, "test") as op:
        stranger = make_person(op, make_unit(op), "欧阳明")
    liaison = browsers(make_staff(house, Role.UNIT_LIAISON, unit=unit))
    names = {person["name"] for person in liaison.api_get("/people?search=ouyang").json()["persons"]}
    assert names == {"欧阳静"}
    assert liaison.get(f"/people/{holder.id}").status_code == 200
    assert liaison.get(f"/people/{stranger.id}").status_code == 404
    assert [unit["name"] for unit in liaison.api_get("/units").json()["units"]] == ["清河镇"]


def test_the_pages_of_a_long_list_hold_everybody_once(house, leader):
    with acting_as(house, "test") as op:
        unit = make_unit(op)
        for _ in range(120):
            make_person(op, unit, "王伟")  # one name for all: the place on the list must still be one of its own
    seen, after = [], ""
    while after is not None:
        page = leader.api_get("/people", params={"unit_id": unit.id, "after": after}).json()
        seen += [person["id"] for person in page["persons"]]
        after = page["next_after"]
    assert len(seen) == len(set(seen)) == 120


@pytest.mark.parametrize("after", ["", " ", "x", "x 99999999999999999999", "' 1"])
def test_a_place_that_is_none_is_the_beginning_or_behind_it_and_never_an_error(town, leader, after):
    assert leader.api_get("/people", params={"after": after}).status_code == 200


@pytest.fixture
def keeper(house, browsers):
    """A system administrator, with the calendar filled."""
    with acting_as(house, "test") as op:
        fill_calendar(op, (2026, 2027))
    return browsers(make_staff(house, Role.SYSTEM_ADMINISTRATOR))


def test_the_calendar_is_filled_once_and_what_people_mended_stays(house, keeper):
    with acting_as(house, "test") as op:
        assert fill_calendar(op, (2026, 2027)) == 0
    assert "国庆节" in keeper.get("/calendar?year=2026").text


def test_a_provisional_year_says_so_until_a_make_up_workday_is_entered(house, keeper):
    assert "暂定" in keeper.get("/calendar?year=2027").text
    assert "2027 年调休安排" in keeper.get("/").text
    entered = keeper.submit("/calendar/days", {"day": "2027-02-20", "workday": "true", "name": "调休上班"})
    assert entered.headers["location"].startswith("/calendar?year=2027")
    assert "暂定" not in keeper.get("/calendar?year=2027").text
    assert "2027 年调休安排" not in keeper.get("/").text
    with house.database.transaction(reading=True) as db:
        assert work_calendar(db).is_workday(date(2027, 2, 20))
    assert keeper.submit("/calendar/clear", {"day": "2027-02-20"}).status_code == 303
    assert "暂定" in keeper.get("/calendar?year=2027").text


def test_a_day_that_is_what_its_weekday_says_is_refused_with_what_was_typed_kept(keeper):
    refused = keeper.submit("/calendar/days", {"day": "2026-11-24", "workday": "true", "name": "普通星期二"})
    assert refused.status_code == 422
    assert "普通星期二" in refused.text
    assert "无需登记" in refused.text


@pytest.mark.parametrize("day", ["1900-01-01", "2200-01-01", "昨天"])
def test_a_day_outside_the_calendar_is_refused(keeper, day):
    assert keeper.submit("/calendar/days", {"day": day, "workday": "false", "name": "x"}).status_code == 422


@pytest.mark.parametrize("year", ["0", "1949", "2101", "x"])
def test_a_year_outside_the_calendar_is_no_error_of_ours(keeper, year):
    assert keeper.get(f"/calendar?year={year}").status_code in {200, 422}
