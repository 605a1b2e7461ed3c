"""Scored when closed, proposed by one, released by another to all at once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.anchor_file import ANCHORS
from app.audit.models import AuditLeaf, AuditRecord
from app.clearance.models import Check, ClearanceCase
from app.grading.models import Result, ScoringRun
from app.grading.service import score, sweep_absences
from app.operation import acting_as
from app.security.permissions import Role
from tests.support.grounds import Ground
from tests.support.personas import make_staff, open_browsers
from tests.support.sealed_exam import fifty_items, make_sealed_exam
from tests.support.sitting import sit


def hold_exam(house):
    """Three candidates: one sat and passed, one sat and failed, one never came; the exam is over."""
    exam = make_sealed_exam(house, candidates=3, blueprint=fifty_items(), earliest_hand_in_minutes=0)
    with open_browsers(house) as browsers:
        sit(house, browsers(None), exam, exam.candidates[0], right=45)
        sit(house, browsers(None), exam, exam.candidates[1], right=29)
    house.clock.set(exam.ends_at + timedelta(minutes=1))
    return exam


SAT = Ground("sat", hold_exam)


@pytest.fixture
def ground(request):
    return SAT if "sat" in request.fixturenames else None


@pytest.fixture
def sat(house):
    return SAT.stand_on(house)


def results(house):
    with house.database.transaction(reading=True) as db:
        return {r.registration_id: (r.total, r.passed, r.absent) for r in db.scalars(select(Result))}


def test_a_hand_in_is_scored_exactly_in_the_same_transaction(house, sat):  # P2, P25
    passed, failed, _ = (c.registration_id for c in sat.candidates)
    assert results(house) == {passed: (9000, True, False), failed: (5800, False, False)}


def test_whoever_never_came_is_absent_once_the_exam_is_over(house, sat):
    sweep_absences(house)
    sweep_absences(house)
    assert results(house)[sat.candidates[2].registration_id] == (0, False, True)


def test_results_are_released_by_another_person_and_open_cases(house, browsers, sat):
    officer = make_staff(house, Role.EXAM_OFFICER)
    proposing, releasing = browsers(officer), browsers(make_staff(house, Role.EXAM_APPROVER))
    assert releasing.api(f"/results/{sat.exam_id}/release").status_code == 409
    assert proposing.api(f"/results/{sat.exam_id}/propose").status_code == 200
    assert proposing.api(f"/results/{sat.exam_id}/release").status_code == 403
    assert releasing.api(f"/results/{sat.exam_id}/release").status_code == 200
    assert releasing.api(f"/results/{sat.exam_id}/release").status_code == 409
    with house.database.transaction(reading=True) as db:
        cases = db.scalars(select(ClearanceCase)).all()
        assert [c.registration_id for c in cases] == [sat.candidates[0].registration_id]
        assert {c.office.value for c in db.scalars(select(Check))} == {"discipline", "public_security"}
        actions = [r.action for r in db.scalars(select(AuditRecord).order_by(AuditRecord.id))]
    for action in ("result:propose_release", "result:release", "case:open"):
        assert actions.count(action) == 1
    assert actions.count("result:score") == 2
    assert actions.count("result:absent") == 1


def test_one_person_holding_both_roles_does_not_release_their_own_proposal(house, browsers, sat):  # P29
    both = browsers(make_staff(house, Role.EXAM_OFFICER, Role.EXAM_APPROVER))
    assert both.api(f"/results/{sat.exam_id}/propose").status_code == 200
    refused = both.api(f"/results/{sat.exam_id}/release")
    assert (refused.status_code, refused.json()["code"]) == (403, "release.same_person")


def test_a_declined_proposal_may_be_made_again(house, browsers, sat):
    proposing = browsers(make_staff(house, Role.EXAM_OFFICER))
    deciding = browsers(make_staff(house, Role.EXAM_APPROVER))
    assert proposing.api(f"/results/{sat.exam_id}/propose").status_code == 200
    assert deciding.api(f"/results/{sat.exam_id}/decline", {"reason": "请核对缺考名单"}).status_code == 200
    assert proposing.api(f"/results/{sat.exam_id}/propose").status_code == 200


def test_nothing_is_proposed_while_somebody_may_still_write(house, browsers):
    exam = make_sealed_exam(house, candidates=2, blueprint=fifty_items(), earliest_hand_in_minutes=0)
    sit(house, browsers(None), exam, exam.candidates[0], right=10)
    refused = browsers(make_staff(house, Role.EXAM_OFFICER)).api(f"/results/{exam.exam_id}/propose")
    assert (refused.status_code, refused.json()["code"]) == (409, "release.not_all_scored")


def test_a_candidate_reaches_no_result_before_or_after(house, browsers, sat):  # P14, P18
    client = browsers(sat.candidates[0].persona)
    assert client.api_get(f"/results/{sat.exam_id}").status_code == 403


def test_the_page_shows_the_distribution(house, browsers, sat):
    page = browsers(make_staff(house, Role.EXAM_OFFICER)).get(f"/results/{sat.exam_id}")
    assert page.status_code == 200
    assert "提请公布成绩" in page.text


def test_scoring_again_is_a_new_run(house, sat):
    with house.database.transaction(reading=True) as db:
        attempt_id = db.scalars(select(ScoringRun.attempt_id)).first()
    with acting_as(house, "test") as op:
        assert score(op, attempt_id).number == 2


def test_what_led_to_a_release_is_anchored_outside_before_anybody_sees_it(house, browsers, sat):  # P36
    proposing, releasing = (
        browsers(make_staff(house, Role.EXAM_OFFICER)),
        browsers(make_staff(house, Role.EXAM_APPROVER)),
    )
    assert proposing.api(f"/results/{sat.exam_id}/propose").status_code == 200
    anchors = house.settings.anchor_folder / ANCHORS
    assert not anchors.exists()
    assert releasing.api(f"/results/{sat.exam_id}/release").status_code == 200
    with house.database.transaction(reading=True) as db:
        proposal = db.scalars(select(AuditRecord.id).where(AuditRecord.action == "result:propose_release")).one()
        sealed = db.scalars(select(AuditLeaf.record_id)).all()
    assert proposal in sealed
    assert anchors.read_text(encoding="utf-8").strip()


@pytest.mark.parametrize(("minimum", "passed"), [(1000, True), (1001, False)])
def test_who_misses_the_minimum_of_a_section_does_not_pass(house, browsers, minimum, passed):  # P25
    blueprint = fifty_items()
    *others, last = blueprint.sections  # five of its ten items are answered rightly
    blueprint = replace(blueprint, sections=(*others, replace(last, minimum_hundredths=minimum)))
    exam = make_sealed_exam(house, candidates=1, blueprint=blueprint, earliest_hand_in_minutes=0)
    sit(house, browsers(None), exam, exam.candidates[0], right=45)
    assert results(house)[exam.candidates[0].registration_id] == (9000, passed, False)
