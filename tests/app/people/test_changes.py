"""Changes of the register: filed by a unit, confirmed by another person of the department, and only then done."""

from datetime import date

import pytest
from sqlalchemy import select

from app.accounts.models import RoleGrant
from app.audit.models import AuditRecord
from app.operation import acting_as
from app.people.changes.rules import (
    CHANGE_TRANSITIONS,
    TOUCHED,
    ChangeAction,
    ChangeKind,
    ChangeMoveRefused,
    ChangeOvertaken,
    ChangeState,
    NothingChanges,
    NotTheFiler,
    SameFiler,
    check_settler,
    check_still_holds,
    difference,
    move_change,
)
from app.people.changes.words import COLUMN_WORDS
from app.people.models import Person, Unit
from app.people.rules import UnitKind
from app.security.permissions import Role
from tests.support.personas import make_person, make_staff, make_unit

DAY = "2026-11-02"


@pytest.mark.parametrize("state", ChangeState)
def test_moves_are_those_of_the_table(state):  # P13
    for action in ChangeAction:
        if (state, action) in CHANGE_TRANSITIONS:
            assert move_change(state, action) is CHANGE_TRANSITIONS[state, action]
        else:
            with pytest.raises(ChangeMoveRefused):
                move_change(state, action)


def test_a_change_writes_what_differs_and_only_what_its_kind_may_touch():
    present = {"post": "干事", "in_post": True, "name": "林二"}
    found = difference(ChangeKind.POST, present, {"post": "组织委员", "in_post": True})
    assert (found.before, found.after) == ({"post": "干事"}, {"post": "组织委员"})
    check_still_holds(found.before, present)
    with pytest.raises(ChangeOvertaken):
        check_still_holds(found.before, present | {"post": "书记"})
    with pytest.raises(NothingChanges):
        difference(ChangeKind.POST, present, {"post": "干事"})
    with pytest.raises(ValueError, match="name"):
        difference(ChangeKind.POST, present, {"name": "林三"})
    assert set().union(*TOUCHED.values()) - {"party_organisation_id"} == COLUMN_WORDS.keys()


@pytest.mark.parametrize("settler", [None, 1, 2])
def test_nobody_settles_what_they_filed_or_what_is_about_them(settler):  # P29
    for action in (ChangeAction.CONFIRM, ChangeAction.RETURN):
        with pytest.raises(SameFiler):
            check_settler(settler, action, filed_by=1, whose=2)
        check_settler(3, action, filed_by=1, whose=2)
    check_settler(1, ChangeAction.WITHDRAW, filed_by=1, whose=2)
    with pytest.raises(NotTheFiler):
        check_settler(3, ChangeAction.WITHDRAW, filed_by=1, whose=2)


def test_the_register_changes_when_another_person_has_confirmed(house, browsers):  # P20, P21, P35
    with acting_as(house, "test") as op:
        county = make_unit(op, "变动县", kind=UnitKind.COUNTY)
        east, west = make_unit(op, "变动东镇", parent=county), make_unit(op, "变动西镇", parent=county)
        ours, theirs = make_person(op, east), make_person(op, west)
        old_post = ours.post
    liaison = browsers(make_staff(house, Role.UNIT_LIAISON, unit=east))
    officer, other = (browsers(make_staff(house, Role.EXAM_OFFICER)) for _ in range(2))
    here = f"/changes/persons/{ours.id}"

    def register():
        with house.database.transaction(reading=True) as db:
            return db.get(Person, ours.id)

    def change(by, at, given):
        return f"/changes/{by.api(at, given).json()['id']}"

    post = {"post": "组织委员", "day": DAY}
    for wrong in ({"day": "2027-01-01"}, {"post": ""}, {"day": "没有"}):
        assert liaison.api(f"{here}/post", post | wrong).status_code == 422
    assert liaison.api(f"{here}/post", post | {"post": old_post}).status_code == 409
    assert liaison.api(f"/changes/persons/{theirs.id}/post", post).status_code == 404
    first, second = (change(liaison, f"{here}/post", post) for _ in range(2))
    assert liaison.api(f"{first}/confirm").status_code == 403
    assert register().post == old_post
    own = change(officer, f"{here}/leave", {"reason": "退休", "day": DAY})
    assert officer.api(f"{own}/confirm").status_code == 403
    assert other.api(f"{own}/withdraw").status_code == 403
    assert officer.api(f"{own}/withdraw").status_code == 200
    assert "条变动备案待确认" in officer.get("/").text
    assert officer.api(f"{first}/confirm").status_code == 200
    assert register().post == "组织委员"
    assert officer.api(f"{first}/confirm").status_code == 409
    overtaken = officer.api(f"{second}/confirm")
    assert (overtaken.status_code, overtaken.json()["code"]) == (409, "change.overtaken")
    assert officer.api(f"{second}/return", {"reason": "重复备案"}).status_code == 200
    name = change(liaison, f"{here}/correction", {"name": "欧阳 雪", "education": "master", "reason": "户口本"})
    assert officer.api(f"{name}/confirm").status_code == 200
    assert (register().name, register().name_initials[:2], register().education) == ("欧阳雪", "oy", "master")
    assert liaison.api(f"{here}/move", {"unit_name": "无此镇", "new_post": "干事", "day": DAY}).status_code == 422
    moved = change(liaison, f"{here}/move", {"unit_name": "变动西镇", "new_post": "干事", "day": DAY})
    status = change(liaison, f"{here}/status", {"political_status": "probationary_member", "day": DAY})
    assert [officer.api(f"{at}/confirm").status_code for at in (moved, status)] == [200, 200]
    assert (register().unit_id, register().party_organisation_id) == (west.id, None)
    assert register().political_status == "probationary_member"
    assert liaison.api_get(here).status_code == 404  # now of another unit's; what was filed here is still seen
    shown = liaison.api_get("/changes").json()["changes"]
    assert {(row["kind"], row["state"]) for row in shown} == {
        ("post", "confirmed"), ("post", "returned"), ("leave", "withdrawn"),
        ("correction", "confirmed"), ("move", "confirmed"), ("status", "confirmed"),
    }  # fmt: skip
    assert "变动东镇 → <b>变动西镇</b>" in liaison.get("/changes").text
    assert "重复备案" in liaison.get("/changes?state=returned").text
    with house.database.transaction(reading=True) as db:
        told = db.scalars(select(AuditRecord).where(AuditRecord.action.startswith("person:")))
        said = "".join(f"{row.before}{row.after}" for row in told)
    assert "组织委员" not in said
    assert "欧阳" not in said


def test_the_figures_of_a_unit_keep_to_its_quota_and_lateness_is_marked(house, browsers):
    with acting_as(house, "test") as op:
        unit = make_unit(op, "员额镇", kind=UnitKind.TOWNSHIP)
    liaison = browsers(make_staff(house, Role.UNIT_LIAISON, unit=unit))
    officer = browsers(make_staff(house, Role.EXAM_OFFICER))
    here = f"/changes/units/{unit.id}"
    given = {"headcount": 90, "quota_posts": 3, "day": DAY}
    assert liaison.api(f"{here}/figures", given | {"quota_posts": 1}).json()["code"] == "quota.out_of_range"
    at = liaison.api(f"{here}/figures", given | {"day": "2026-09-01"}).json()["id"]
    assert officer.api(f"/changes/{at}/confirm").status_code == 200
    with house.database.transaction(reading=True) as db:
        found = db.get(Unit, unit.id)
        assert (found.headcount, found.quota_posts) == (90, 3)
    shown = officer.api_get(here).json()
    assert [(row["late"], date.fromisoformat(row["due_on"]).month) for row in shown["changes"]] == [(True, 9)]
    assert "逾期" in officer.get(here).text


def test_a_form_sent_back_keeps_what_was_typed_and_stands_open(house, browsers):
    with acting_as(house, "test") as op:
        unit = make_unit(op)
        person = make_person(op, unit)
    liaison = browsers(make_staff(house, Role.UNIT_LIAISON, unit=unit))
    here = f"/changes/persons/{person.id}"
    page = liaison.submit(f"{here}/post", {"post": "纪检委员", "day": "2027-01-01"}).text
    assert 'value="纪检委员"' in page
    assert 'value="2027-01-01"' in page
    assert page.count('id="f-day"') == 1
    assert page.count("<details open>") == 1
    assert "生效日期不晚于今天。" in page


def test_two_roles_do_not_lend_each_other_their_scopes(house, browsers):  # P20
    with acting_as(house, "test") as op:
        county = make_unit(op, "范围县", kind=UnitKind.COUNTY)
        east, west = make_unit(op, "范围东镇", parent=county), make_unit(op, "范围西镇", parent=county)
        theirs = make_person(op, west)
    both = make_staff(house, Role.EXAM_OFFICER, unit=east)
    with acting_as(house, "test") as op:
        op.db.add(RoleGrant(account_id=both.account_id, role=Role.UNIT_LIAISON, unit_id=county.id, granted_at=op.now))
    liaison = browsers(make_staff(house, Role.UNIT_LIAISON, unit=west))
    at = liaison.api(f"/changes/persons/{theirs.id}/post", {"post": "组织委员", "day": DAY}).json()["id"]
    hours = {"day": DAY, "kind": "theory", "hours": "2", "title": "党课"}
    entered = liaison.api(f"/training/{theirs.id}", hours).json()["id"]
    beside = browsers(both)
    assert [row["can"] for row in beside.api_get("/changes").json()["changes"]] == [[]]
    assert beside.api(f"/changes/{at}/confirm").status_code == 404
    assert (
        beside.api_get("/changes").json()["filed_in_all"] == beside.api_get("/training").json()["waiting_in_all"] == 0
    )
    assert "待确认" not in beside.get("/").text
    assert beside.api_get(f"/training/{theirs.id}").json()["records"][0]["can"] == []
    assert beside.api(f"/training/{theirs.id}/records/{entered}/confirm").status_code == 404


def test_what_the_register_cannot_hold_is_refused_when_it_is_filed(house, browsers):
    with acting_as(house, "test") as op:
        unit = make_unit(op)
        person = make_person(op, unit)
    liaison, officer = (
        browsers(make_staff(house, Role.UNIT_LIAISON, unit=unit)),
        browsers(make_staff(house, Role.EXAM_OFFICER)),
    )
    here = f"/changes/persons/{person.id}"
    right = {"name": "欧" * 100, "education": "master", "reason": "户口本"}
    assert liaison.api(f"{here}/correction", right | {"name": "欧" * 101}).status_code == 422
    assert liaison.api(f"{here}/post", {"post": "书" * 101, "day": DAY}).status_code == 422
    assert liaison.api(f"{here}/move", {"unit_name": unit.name, "new_post": "书" * 101, "day": DAY}).status_code == 422
    assert liaison.api(f"{here}/post", {"post": "书记", "day": "1900-01-01"}).json()["code"] == "calendar.out_of_range"
    at = liaison.api(f"{here}/correction", right).json()["id"]
    assert officer.api(f"/changes/{at}/confirm").status_code == 200
