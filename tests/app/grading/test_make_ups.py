"""Released failings entitle to a make-up exam where the policy of their exam says so (decision 0030)."""

from datetime import date, timedelta

from sqlalchemy import delete, select

from app.exams.make_ups.models import MakeUp, MakeUpEntitlement
from app.exams.make_ups.queries import granted_in
from app.exams.make_ups.rules import Cause
from app.exams.models import Exam
from app.exams.policies.rules import PolicyState
from app.exams.registration_models import EligibilityPolicy
from app.grading.events import PassLost
from app.grading.models import Result
from app.grading.rules import capped_total
from app.operation import acting_as
from app.security.permissions import Role
from question_bank.items import Level
from tests.support.personas import make_staff
from tests.support.sealed_exam import fifty_items, make_sealed_exam
from tests.support.sitting import sit


def test_a_release_entitles_who_sat_and_failed_and_a_pass_that_is_lost_does_later(house, browsers):  # P18, P27
    exam = make_sealed_exam(house, candidates=3, blueprint=fifty_items(), earliest_hand_in_minutes=0)
    passed, failed, _ = (one.registration_id for one in exam.candidates)
    with acting_as(house, "test") as op:
        rules = [{"kind": "make_up", "parameters": {"after_failing": 1}}]
        given = {"level": Level.PRIMARY, "state": PolicyState.APPROVED, "number": 9, "reason": "文件"}
        policy = EligibilityPolicy(rules=rules, effective_from=date(2026, 1, 1), proposed_at=op.now, **given)
        op.db.add(policy)
        op.db.flush()
        op.db.get_one(Exam, exam.exam_id).policy_id = policy.id
    sit(house, browsers(None), exam, exam.candidates[0], right=45)
    sit(house, browsers(None), exam, exam.candidates[1], right=29)
    house.clock.set(exam.ends_at + timedelta(minutes=1))

    def entitled():
        with house.database.transaction(reading=True) as db:
            return granted_in(db, exam.exam_id, Cause.FAILED)

    assert browsers(make_staff(house, Role.EXAM_OFFICER)).api(f"/results/{exam.exam_id}/propose").status_code == 200
    assert entitled() == set()
    approver = browsers(make_staff(house, Role.EXAM_APPROVER))
    assert approver.api(f"/results/{exam.exam_id}/release").status_code == 200
    assert entitled() == {failed}
    own = browsers(exam.candidates[1].persona).api_get("/way").json()["ways"][0]
    assert (own["due_zh"], own["made_up_in"]) == ("成绩不合格，按政策可补考", "")
    with acting_as(house, "test") as op:  # as if the one who passed had made up for the failing of the other
        op.db.get_one(Exam, exam.exam_id).makes_up_for = exam.exam_id
        due = op.db.scalars(select(MakeUpEntitlement)).one()
        op.db.add(MakeUp(registration_id=passed, original_id=failed, entitlement_id=due.id))

    def counts(capped, cause):
        with acting_as(house, "test") as op:
            rules[0]["parameters"] |= {"capped": capped}
            op.db.get_one(EligibilityPolicy, policy.id).rules = [*rules]
            op.db.scalars(select(MakeUpEntitlement)).one().cause = cause
        station = browsers(exam.candidates[0].persona).api_get("/way").json()["ways"][0]["stations"][2]
        line = next(one for one in approver.api_get(f"/results/{exam.exam_id}").json()["results"] if one["passed"])
        assert line["counted"] == station["counted"]
        assert line["total"] == station["total"] == 9000
        return line["counted"]

    assert counts(0, Cause.FAILED) is None
    assert counts(1, Cause.TECHNICAL) is None, "what the house owed counts in full"
    assert counts(1, Cause.FAILED) == 6000
    assert "按合格线计 60 分，实得 90 分" in browsers(exam.candidates[0].persona).get("/way").text
    assert "按合格线计 60 分" in approver.get(f"/results/{exam.exam_id}").text
    assert capped_total(9000, cut_score=6000, maximum=9000, full=10000) == 5400
    with acting_as(house, "test") as op:
        op.db.execute(delete(MakeUp))
        op.db.query(Result).filter_by(registration_id=passed).one().passed = False
        op.db.flush()
        op.publish(PassLost(passed))
    assert entitled() == {failed, passed}
