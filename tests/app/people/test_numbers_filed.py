"""A wrong ID number corrected, a new person filed: the number is keyed by two people and stands in no filing."""

import json
from datetime import date

from sqlalchemy import select

from app.audit.models import AuditRecord
from app.operation import acting_as
from app.people.identity import synthetic_id_number
from app.people.models import Person, RegisterChange
from app.people.service import find_by_id_number, unmask_id_number
from app.security.permissions import Role
from tests.support.personas import make_person, make_staff, make_unit

RIGHT = synthetic_id_number("990103", date(1992, 3, 4), 12)
OTHER = synthetic_id_number("990103", date(1992, 3, 4), 14)
DAY = "2026-11-02"


def test_a_wrong_number_is_corrected_when_another_person_has_keyed_the_same(house, browsers):  # P20 P29 P46
    with acting_as(house, "test") as op:
        unit = make_unit(op)
        person, known = make_person(op, unit), make_person(op, unit)
        wrong = unmask_id_number(op, person, why="测试")
        taken = unmask_id_number(op, known, why="测试")
    liaison = browsers(make_staff(house, Role.UNIT_LIAISON, unit=unit))
    officer = browsers(make_staff(house, Role.EXAM_OFFICER))
    here = f"/changes/persons/{person.id}/id-number"
    for number, said in ((RIGHT[:-1], "18 位"), (wrong[:-1] + "5", "校验"), (taken, "已在库中")):
        refused = liaison.api(here, {"id_number": number, "reason": "身份证"})
        assert (refused.status_code, said in refused.text, number in refused.text) == (422, True, False)
    assert liaison.api(here, {"id_number": wrong, "reason": "身份证"}).json()["code"] == "change.nothing"
    assert "1992" not in liaison.get(f"/changes/persons/{person.id}").text
    filed = liaison.api(here, {"id_number": RIGHT.lower(), "reason": "身份证"}).json()["id"]
    again = liaison.api(here, {"id_number": RIGHT, "reason": "身份证"})
    assert (again.status_code, "待确认" in again.text) == (422, True)
    page = officer.get("/changes").text
    assert ("1992-03-04" in page, RIGHT in page, "再填一次身份证号" in page) == (True, False, True)
    for keyed in ("", OTHER, wrong):
        refused = officer.submit(f"/changes/{filed}/confirm", {"id_number": keyed})
        assert (refused.status_code, "<details open>" in refused.text) == (422, False)
    assert officer.api(f"/changes/{filed}/confirm", {"id_number": RIGHT}).status_code == 200
    with acting_as(house, "test") as op:
        assert find_by_id_number(op, wrong) is None
        found = find_by_id_number(op, RIGHT)
        assert (found.id, found.birth_date, found.gender) == (person.id, date(1992, 3, 4), "female")
        assert unmask_id_number(op, found, why="测试") == RIGHT
        kept = op.db.get_one(RegisterChange, filed)
        assert kept.number_index is None
        assert RIGHT not in json.dumps([kept.before, kept.after])
        said = op.db.scalars(select(AuditRecord.after).where(AuditRecord.subject_kind.in_(("change", "person"))))
        assert not any(RIGHT[6:14] in (after or "") for after in said)
    other = liaison.api(here, {"id_number": OTHER, "reason": "身份证"}).json()["id"]
    assert liaison.api(f"/changes/{other}/withdraw").status_code == 200
    assert liaison.api(here, {"id_number": OTHER, "reason": "身份证"}).status_code == 200


def test_a_new_person_is_filed_by_the_unit_and_entered_when_confirmed(house, browsers):  # P20 P21
    with acting_as(house, "test") as op:
        ours, theirs = make_unit(op, "新增镇"), make_unit(op)
    liaison = browsers(make_staff(house, Role.UNIT_LIAISON, unit=ours))
    officer = browsers(make_staff(house, Role.EXAM_OFFICER))
    given = {
        "name": "司 徒明",
        "id_number": RIGHT,
        "unit_id": ours.id,
        "post": "组织员",
        "political_status": "full_member",
        "education": "bachelor",
        "in_post": True,
        "day": DAY,
    }
    assert "新增镇" in liaison.get("/changes/newcomer").text
    ahead = synthetic_id_number("990103", date(2027, 3, 4), 12)
    for wrong, status in (
        ({"unit_id": theirs.id}, 404),
        ({"organisation": "无此支部"}, 422),
        ({"id_number": ahead}, 422),
        ({"id_number": "1"}, 422),
        ({"day": "2027-01-01"}, 422),
        ({"name": ""}, 422),
    ):
        assert liaison.api("/changes/newcomer", given | wrong).status_code == status
    page = liaison.submit("/changes/newcomer", {**given, "unit_id": str(ours.id), "in_post": "", "day": "2027-01-01"})
    assert (page.status_code, 'value="组织员"' in page.text, " checked" in page.text) == (422, True, False)
    first = liaison.api("/changes/newcomer", given).json()["id"]
    assert "司徒明" in liaison.get("/changes").text
    assert liaison.api(f"/changes/{first}/confirm", {"id_number": RIGHT}).status_code == 403
    with acting_as(house, "test") as op:
        assert find_by_id_number(op, RIGHT) is None
    assert officer.api(f"/changes/{first}/confirm", {"id_number": RIGHT}).status_code == 200
    with house.database.transaction(reading=True) as db:
        entered = db.scalars(select(Person).where(Person.name == "司徒明")).one()
        assert (entered.unit_id, entered.in_post, entered.name_initials) == (ours.id, True, "stm")
        assert db.get_one(RegisterChange, first).person_id == entered.id
    assert liaison.get(f"/changes/persons/{entered.id}").status_code == 200
    assert "已在库中" in liaison.api("/changes/newcomer", given).text
