"""The panel decides, the public is told, an objection holds one person back."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from app.clearance.rules import Office
from app.clearance.service.notices import clearance_standing
from app.operation import acting_as
from app.security.permissions import Role
from tests.support.cleared import open_cases, sign_in_all
from tests.support.grounds import Ground
from tests.support.personas import make_staff

CLEARED = Ground("cleared", partial(open_cases, candidates=2, cleared=True))


@pytest.fixture
def ground(request):
    return CLEARED if "cleared" in request.fixturenames else None


@pytest.fixture
def cleared(house, browsers):
    """Two persons, both clear in both offices."""
    return sign_in_all(house, browsers, CLEARED.stand_on(house))


def standing(house, case_id):
    with acting_as(house, "test") as op:
        return clearance_standing(op, case_id)


def test_two_panel_members_who_agree_decide(cleared):
    case_id = cleared.cases[0]
    first, second = cleared.panel
    given = {"approve": True, "reason": "同意"}
    assert first.api(f"/cases/{case_id}/vote", given).status_code == 200
    assert first.api_get(f"/cases/{case_id}").json()["case"]["state"] == "in_review"
    assert first.api(f"/cases/{case_id}/vote", given).json()["code"] == "clearance.voted_already"
    assert second.api(f"/cases/{case_id}/vote", given).status_code == 200
    assert first.api_get(f"/cases/{case_id}").json()["case"]["state"] == "approved"


def test_a_case_with_an_adverse_outcome_cannot_be_approved(house, browsers):
    made = sign_in_all(house, browsers, open_cases(house))
    (case_id,) = made.cases
    made.opine(case_id, Office.DISCIPLINE)
    made.sign(case_id, Office.DISCIPLINE)
    for _ in range(2):
        made.opine(case_id, Office.PUBLIC_SECURITY, "adverse")
        made.sign(case_id, Office.PUBLIC_SECURITY)
        person = browsers(made.exam.candidates[0].persona)
        for check in person.api_get("/statements").json()["checks"]:
            person.api(f"/statements/{check['id']}", {"text": "请复核"})
    refused = made.panel[0].api(f"/cases/{case_id}/vote", {"approve": True, "reason": "同意"})
    assert (refused.status_code, refused.json()["code"]) == (409, "clearance.not_all_clear")
    for member in made.panel:
        assert member.api(f"/cases/{case_id}/vote", {"approve": False, "reason": "公安不同意"}).status_code == 200
    assert made.panel[0].api_get(f"/cases/{case_id}").json()["case"]["state"] == "rejected"


def test_an_outcome_that_has_aged_is_asked_for_again(house, cleared, browsers):
    case_id = cleared.cases[0]
    house.clock.advance(timedelta(days=181))
    member = browsers(make_staff(house, Role.PANEL_MEMBER))
    refused = member.api(f"/cases/{case_id}/vote", {"approve": True, "reason": "同意"})
    assert refused.json()["code"] == "clearance.not_all_clear"
    assert member.api(f"/cases/{case_id}/ask-again", {"reason": "审查结论已过有效期"}).status_code == 200
    assert member.api_get(f"/cases/{case_id}").status_code == 404


def test_the_notice_runs_for_its_working_days(house, browsers, cleared):
    for case_id in cleared.cases:
        cleared.approve(case_id)
    notice_id = cleared.publish_notice()  # a Monday: five working days end on the next Monday
    public = browsers(None)
    page = public.get(f"/notices/{notice_id}")
    assert page.status_code == 200
    assert "示组公〔2026〕3号" in page.text
    assert public.api_get("/notices").json()["notices"][0]["last_day"] == "2026-11-30"
    assert not standing(house, cleared.cases[0]).notice_ended
    house.clock.set(datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC))
    assert public.get(f"/notices/{notice_id}").status_code == 200
    house.clock.set(datetime(2026, 11, 30, 16, 0, tzinfo=UTC))  # midnight in Shanghai
    assert public.get(f"/notices/{notice_id}").status_code == 404
    assert standing(house, cleared.cases[0]).notice_ended


def test_names_are_masked_in_public(house, browsers, cleared):
    for case_id in cleared.cases:
        cleared.approve(case_id)
    shown = browsers(None).api_get(f"/notices/{cleared.publish_notice()}").json()
    assert all("*" in entry["masked_name"] for entry in shown["entries"])


def test_who_proposed_a_notice_does_not_publish_it(house, browsers, cleared):
    cleared.approve(cleared.cases[0])
    both = browsers(make_staff(house, Role.EXAM_OFFICER, Role.EXAM_APPROVER))
    given = {"exam_id": cleared.exam.exam_id, "document_number": "示组公〔2026〕4号"}
    notice_id = both.api("/notices/desk", given).json()["id"]
    assert both.api(f"/notices/{notice_id}/publish").json()["code"] == "clearance.same_person"
    assert cleared.officer.api("/notices/desk", given).json()["code"] == "clearance.nothing_to_show"


def test_an_objection_holds_one_person_back(house, browsers, cleared):
    for case_id in cleared.cases:
        cleared.approve(case_id)
    notice_id = cleared.publish_notice()
    public = browsers(None)
    entry = public.api_get(f"/notices/{notice_id}").json()["entries"][0]["id"]
    form = {"entry_id": str(entry), "text": "此人情况不实", "contact": "王某"}
    assert public.submit(f"/notices/{notice_id}/objections", form).status_code == 303
    house.clock.advance(timedelta(days=10))
    held, free = (standing(house, case_id) for case_id in cleared.cases)
    assert (held.no_open_objection, free.no_open_objection) == (False, True)
    panel = browsers(make_staff(house, Role.PANEL_MEMBER))
    (objection,) = panel.api_get("/cases").json()["objections"]
    assert objection["text"] == "此人情况不实"
    decided = panel.api(f"/objections/{objection['id']}/decide", {"uphold": False, "reason": "查无实据"})
    assert decided.status_code == 200
    assert standing(house, cleared.cases[0]).no_open_objection
    late = public.submit(f"/notices/{notice_id}/objections", form)
    assert late.status_code in {404, 409}


def test_an_upheld_objection_sends_the_case_back(house, browsers, cleared):
    cleared.approve(cleared.cases[0])
    notice_id = cleared.publish_notice()
    public = browsers(None)
    entry = public.api_get(f"/notices/{notice_id}").json()["entries"][0]["id"]
    public.submit(f"/notices/{notice_id}/objections", {"entry_id": str(entry), "text": "有新情况"})
    (objection,) = cleared.panel[0].api_get("/cases").json()["objections"]
    upheld = {"uphold": True, "reason": "确有新情况"}
    assert cleared.panel[0].api(f"/objections/{objection['id']}/decide", upheld).status_code == 200
    after = standing(house, cleared.cases[0])
    assert (after.approved, after.checks_clear) == (False, False)


def test_objections_from_one_source_are_bounded(browsers, cleared):  # P45
    cleared.approve(cleared.cases[0])
    notice_id = cleared.publish_notice()
    public = browsers(None)
    entry = public.api_get(f"/notices/{notice_id}").json()["entries"][0]["id"]
    form = {"entry_id": str(entry), "text": "重复提交"}
    answers = [public.submit(f"/notices/{notice_id}/objections", form).status_code for _ in range(11)]
    assert answers == [303] * 10 + [429]
