"""Two offices, two people in each, and neither office sees the other."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import LoginSession
from app.audit.models import AuditRecord
from app.clearance.models import Check, ClearanceCase
from app.clearance.rules import CaseState, CheckState, Office
from app.clearance.service.checks import sweep_statements
from app.operation import acting_as
from app.people.models import Person
from app.people.rules import Relation
from app.people.service import unmask_id_number
from app.security.permissions import Role
from tests.support.cleared import ROOM, open_cases, sign_in_all
from tests.support.grounds import Ground
from tests.support.personas import make_staff

CASE = Ground("case", open_cases)


@pytest.fixture
def ground(request):
    return CASE if "cleared" in request.fixturenames else None


@pytest.fixture
def cleared(house, browsers):
    return sign_in_all(house, browsers, CASE.stand_on(house))


def states(house, case_id):
    with house.database.transaction(reading=True) as db:
        case = db.get_one(ClearanceCase, case_id)
        checks = db.scalars(select(Check).where(Check.case_id == case_id).order_by(Check.office))
        return case.state, [c.state for c in checks]


def test_both_offices_clear_and_the_panel_has_the_case(house, cleared):
    (case_id,) = cleared.cases
    assert cleared.panel[0].api_get(f"/cases/{case_id}").status_code == 404  # while offices are at work
    cleared.clear(case_id)
    assert states(house, case_id) == (CaseState.IN_REVIEW, [CheckState.SIGNED, CheckState.SIGNED])
    assert cleared.panel[0].api_get(f"/cases/{case_id}").status_code == 200
    with house.database.transaction(reading=True) as db:
        actions = [r.action for r in db.scalars(select(AuditRecord))]
    assert (actions.count("check:give_opinion"), actions.count("check:sign_off")) == (2, 2)


def test_another_offices_check_looks_missing(cleared):  # P21, P29
    (case_id,) = cleared.cases
    theirs = cleared.check_of(case_id, Office.PUBLIC_SECURITY)
    discipline = cleared.handlers[Office.DISCIPLINE]
    missing = discipline.api_get("/discipline/checks/999999")
    for path in (f"/discipline/checks/{theirs}", "/discipline/checks/999999"):
        answer = discipline.api_get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, missing.json()["code"])
    assert discipline.api_get(f"/public-security/checks/{theirs}").status_code == 403
    opinion = {"outcome": "clear", "ground": "无"}
    assert discipline.api(f"/discipline/checks/{theirs}/opinion", opinion).status_code == 404


def test_an_office_sees_nothing_of_the_exam_and_nothing_of_the_other(cleared):
    (case_id,) = cleared.cases
    cleared.opine(case_id, Office.PUBLIC_SECURITY, "adverse")
    client = cleared.handlers[Office.DISCIPLINE]
    own = cleared.check_of(case_id, Office.DISCIPLINE)
    for answer in (client.api_get("/discipline"), client.api_get(f"/discipline/checks/{own}")):
        assert answer.status_code == 200
        assert not {"total", "passed", "exam_id", "exam_name", "points"} & _keys(answer.json())
        assert "adverse" not in answer.text
    for page in (client.get("/discipline"), client.get(f"/discipline/checks/{own}")):
        assert page.status_code == 200
        assert "分数" not in page.text


def test_a_handler_sees_the_whole_id_number_of_a_check_that_waits_and_each_look_is_logged(house, cleared):  # P46
    (case_id,) = cleared.cases
    office, check_id = Office.PUBLIC_SECURITY, cleared.check_of(case_id, Office.PUBLIC_SECURITY)
    handler, here = cleared.handlers[office], f"/public-security/checks/{check_id}"
    with acting_as(house, "test") as op:
        person = op.db.get_one(Person, op.db.get_one(ClearanceCase, case_id).person_id)
        number = unmask_id_number(op, person, why="核对")
    page = handler.get(here).text
    assert number not in page
    assert f"{here}/identity" in page
    looks = [handler.submit(f"{here}/identity"), handler.api(f"{here}/identity")]
    assert [look.status_code for look in looks] == [200, 200]
    assert all(number in look.text for look in looks)
    with house.database.transaction(reading=True) as db:
        logged = db.scalars(select(AuditRecord).where(AuditRecord.action == "person:unmask")).all()
        assert [record.reason for record in logged[1:]] == [f"公安审查 {check_id}"] * 2
        assert number not in str([record.after for record in logged])
    assert cleared.handlers[Office.DISCIPLINE].api(f"/discipline/checks/{check_id}/identity").status_code == 404
    assert cleared.approvers[office].api(f"{here}/identity").status_code == 403
    cleared.opine(case_id, office, "clear")
    refused = handler.api(f"{here}/identity")
    assert (refused.status_code, refused.json()["code"]) == (409, "clearance.move_refused")
    assert f"{here}/identity" not in handler.get(here).text


def _keys(value):
    if isinstance(value, dict):
        return set(value) | {k for v in value.values() for k in _keys(v)}
    return {k for v in value for k in _keys(v)} if isinstance(value, list) else set()


def test_one_person_never_does_both_in_one_check(house, browsers, cleared):  # P29
    (case_id,) = cleared.cases
    both = browsers(make_staff(house, Role.DISCIPLINE_HANDLER, Role.DISCIPLINE_APPROVER))
    check_id = cleared.check_of(case_id, Office.DISCIPLINE)
    given = {"outcome": "clear", "ground": "无"}
    assert both.api(f"/discipline/checks/{check_id}/opinion", given).status_code == 200
    refused = both.api(f"/discipline/signing/{check_id}/sign", {"agreed": True, "reason": "同意"})
    assert (refused.status_code, refused.json()["code"]) == (403, "clearance.same_person")


def test_who_declares_to_be_close_to_the_person_is_recused_for_good(house, browsers, cleared):  # P29
    (case_id,) = cleared.cases

    def withdraw(role, here, act, given):
        close = browsers(make_staff(house, role))
        page = close.get(here).text
        assert all(f'name="relation" value="{relation}"' in page for relation in Relation)
        assert close.api(f"{here}/recuse", {"relation": "neighbour"}).status_code == 422
        assert close.api(f"{here}/recuse", {"relation": "kin"}).status_code == 200
        assert "须回避" in close.get(here).text
        for again, body in ((act, given), ("recuse", {"relation": "kin"})):
            refused = close.api(f"{here}/{again}", body)
            assert (refused.status_code, refused.json()["code"]) == (403, "clearance.own_case"), here

    for office, handler, approver in (
        (Office.DISCIPLINE, Role.DISCIPLINE_HANDLER, Role.DISCIPLINE_APPROVER),
        (Office.PUBLIC_SECURITY, Role.PUBLIC_SECURITY_HANDLER, Role.PUBLIC_SECURITY_APPROVER),
    ):
        check_id = cleared.check_of(case_id, office)
        withdraw(handler, f"{ROOM[office]}/checks/{check_id}", "opinion", {"outcome": "clear", "ground": "无"})
        assert cleared.opine(case_id, office).status_code == 200  # others go on
        withdraw(approver, f"{ROOM[office]}/signing/{check_id}", "sign", {"agreed": True, "reason": "同意"})
        assert cleared.sign(case_id, office).status_code == 200
    withdraw(Role.PANEL_MEMBER, f"/cases/{case_id}", "vote", {"approve": True, "reason": "同意"})
    cleared.approve(case_id)
    with house.database.transaction(reading=True) as db:
        assert db.query(AuditRecord).filter_by(action="case:recuse").count() == 5


def test_an_adverse_outcome_is_answered_and_looked_at_again(house, browsers, cleared):
    (case_id,) = cleared.cases
    person = browsers(cleared.exam.candidates[0].persona)
    assert cleared.opine(case_id, Office.DISCIPLINE, "adverse").status_code == 200
    assert person.api_get("/statements").json()["checks"] == []
    assert cleared.sign(case_id, Office.DISCIPLINE).status_code == 200
    shown = person.api_get("/statements").json()["checks"]
    assert [c["ground"] for c in shown] == ["核查清单 12 项均无"]
    assert cleared.opine(case_id, Office.DISCIPLINE).status_code == 409
    assert person.api(f"/statements/{shown[0]['id']}", {"text": "所述事项另有其人"}).status_code == 200
    assert person.api(f"/statements/{shown[0]['id']}", {"text": "再说一次"}).status_code == 404
    detail = cleared.handlers[Office.DISCIPLINE].api_get(f"/discipline/checks/{shown[0]['id']}").json()
    assert (detail["statement"], detail["check"]["round"]) == ("所述事项另有其人", 2)
    assert cleared.opine(case_id, Office.DISCIPLINE, "adverse").status_code == 200
    assert cleared.sign(case_id, Office.DISCIPLINE).status_code == 200
    assert states(house, case_id)[1][0] is CheckState.SIGNED


def test_without_a_statement_the_second_round_begins_when_its_time_is_over(house, cleared):
    (case_id,) = cleared.cases
    cleared.opine(case_id, Office.DISCIPLINE, "adverse")
    cleared.sign(case_id, Office.DISCIPLINE)
    sweep_statements(house)
    assert states(house, case_id)[1][0] is CheckState.STATEMENT
    house.clock.advance(timedelta(days=30))
    sweep_statements(house)
    sweep_statements(house)
    assert states(house, case_id)[1][0] is CheckState.OPEN


def test_a_deferred_outcome_gives_more_time(house, cleared):
    (case_id,) = cleared.cases
    cleared.opine(case_id, Office.DISCIPLINE, "deferred")
    assert cleared.sign(case_id, Office.DISCIPLINE).status_code == 200
    assert states(house, case_id) == (CaseState.CHECKING, [CheckState.OPEN, CheckState.OPEN])


def test_an_opinion_may_be_sent_back(house, cleared):
    (case_id,) = cleared.cases
    assert cleared.sign(case_id, Office.DISCIPLINE).status_code == 409  # there is no opinion yet
    cleared.opine(case_id, Office.DISCIPLINE)
    assert cleared.sign(case_id, Office.DISCIPLINE, agreed=False).status_code == 200
    assert states(house, case_id)[1][0] is CheckState.OPEN


def test_a_decision_is_signed_with_a_fresh_factor(house, cleared):  # P30
    (case_id,) = cleared.cases
    house.clock.advance(timedelta(minutes=6))
    refused = cleared.opine(case_id, Office.DISCIPLINE)
    assert (refused.status_code, refused.json()["code"]) == (403, "session.second_factor_stale")


def test_findings_are_not_readable_in_the_database(house, cleared):  # P46
    (case_id,) = cleared.cases
    cleared.opine(case_id, Office.DISCIPLINE)
    with house.database.transaction(reading=True) as db:
        stored = db.connection().exec_driver_sql("SELECT ground_cipher FROM opinion").scalar_one()
        log = db.connection().exec_driver_sql("SELECT after FROM audit_record").scalars().all()
    assert "核查" not in stored
    assert not any("核查" in (line or "") for line in log)


def test_a_check_is_overdue_once_its_last_day_is_over(house, cleared):
    desk = cleared.handlers[Office.DISCIPLINE]
    due_on = date.fromisoformat(desk.api_get("/discipline").json()["to_do"][0]["due_on"])
    for on, said, other in ((due_on, "剩 0 个工作日", "已逾期"), (due_on + timedelta(days=1), "已逾期", "剩 0")):
        house.clock.set(datetime.combine(on, time(2), UTC))
        with acting_as(house, "test") as op:
            op.db.query(LoginSession).update(
                {LoginSession.seen_at: op.now, LoginSession.ends_at: op.now + timedelta(hours=1)}
            )
        page = desk.get("/discipline").text
        assert said in page
        assert other not in page
