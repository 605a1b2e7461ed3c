"""A result recounted for its candidate: asked for in time and once, recounted by one, answered by another."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select, update

from app.clearance.models import ClearanceCase
from app.grading.models import Result
from app.grading.rechecks.rules import (
    RECHECK_TRANSITIONS,
    RecheckAction,
    RecheckMoved,
    RecheckState,
    SameRechecker,
    check_people,
    move_recheck,
)
from app.outbox.models import OutboxMessage
from app.outbox.templates import Kind
from app.security.permissions import Role
from tests.support.personas import make_staff
from tests.support.sealed_exam import make_sealed_exam
from tests.support.sitting import sit


@pytest.mark.parametrize(("state", "action"), list(product(RecheckState, RecheckAction)))
def test_every_move_is_in_the_table_or_refused(state, action):  # P13
    if (state, action) in RECHECK_TRANSITIONS:
        assert move_recheck(state, action) is RECHECK_TRANSITIONS[state, action]
    else:
        with pytest.raises(RecheckMoved):
            move_recheck(state, action)


@pytest.mark.parametrize("people", [{"candidate": 1}, {"candidate": 2, "recounted_by": 1}])
def test_nobody_rechecks_their_own_result_or_answers_what_they_recounted(people):  # P29
    check_people(decider=3, **people)
    with pytest.raises(SameRechecker):
        check_people(decider=1, **people)


def test_a_recheck_finds_the_result_right_or_changes_it_with_two_people(house, browsers):  # P18, P21, P27, P29
    exam = make_sealed_exam(house, candidates=3, earliest_hand_in_minutes=0)
    for candidate, right in zip(exam.candidates, (9, 8, 9), strict=True):
        sit(house, browsers(None), exam, candidate, right=right)
    house.clock.set(exam.ends_at + timedelta(minutes=1))
    officer, approver = (browsers(make_staff(house, role)) for role in (Role.EXAM_OFFICER, Role.EXAM_APPROVER))
    first, second = (browsers(candidate.persona) for candidate in exam.candidates[:2])
    mine, others, late = (candidate.registration_id for candidate in exam.candidates)
    assert first.api(f"/own-rechecks/{mine}").status_code == 404  # not released
    assert officer.api(f"/results/{exam.exam_id}/propose").status_code == 200
    # What is given out is wrong by a defect that only a recount finds.
    with house.database.transaction() as db:
        db.execute(update(Result).where(Result.registration_id == others).values(total=1800, passed=True))
    assert approver.api(f"/results/{exam.exam_id}/release").status_code == 200
    assert first.api_get("/own-rechecks").json()["results"][0]["may_ask"]
    assert first.api(f"/own-rechecks/{others}").status_code == 404
    asked = [client.api(f"/own-rechecks/{at}").json()["id"] for client, at in ((first, mine), (second, others))]
    assert first.api(f"/own-rechecks/{mine}").json()["code"] == "recheck.repeated"
    assert approver.api(f"/rechecks/{asked[0]}/recount", {"note": "x"}).status_code == 403
    assert approver.api(f"/rechecks/{asked[0]}/settle", {"agreed": True}).json()["code"] == "recheck.moved"
    for recheck_id in asked:
        assert officer.api(f"/rechecks/{recheck_id}/recount", {"note": "逐题核对"}).status_code == 200
        assert officer.api(f"/rechecks/{recheck_id}/settle", {"agreed": True}).status_code == 403
    assert {row["recounted"] for row in approver.api_get("/rechecks").json()["rechecks"]} == {1800, 1600}
    assert approver.api(f"/rechecks/{asked[0]}/settle", {"agreed": False, "reason": "请再核一次"}).status_code == 200
    assert officer.api(f"/rechecks/{asked[0]}/recount", {"note": "再次核对"}).status_code == 200
    assert "同意并答复考生" in approver.get("/rechecks").text
    for recheck_id in asked:
        assert approver.api(f"/rechecks/{recheck_id}/settle", {"agreed": True}).status_code == 200
    with house.database.transaction(reading=True) as db:
        found = {r.registration_id: (r.total, r.passed) for r in db.scalars(select(Result))}
        states = {case.registration_id: case.state for case in db.scalars(select(ClearanceCase))}
        messages = db.scalars(select(OutboxMessage.template).order_by(OutboxMessage.id)).all()
    assert (found[mine], found[others]) == ((1800, True), (1600, False))
    assert (states[mine].value, states[others].value) == ("checking", "withdrawn")
    assert messages.count(Kind.RECHECK_ANSWERED) == 2
    assert "成绩无误" in first.get("/own-rechecks").text
    assert "成绩已更正" in second.get("/own-rechecks").text
    house.clock.advance(timedelta(days=10))
    again = browsers(exam.candidates[2].persona)
    assert again.api(f"/own-rechecks/{late}").json()["code"] == "recheck.too_late"
