"""A faulty item corrected by two people, before and after the release, and what follows for whom."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.audit.models import AuditRecord
from app.authoring.models import Calibration, ItemVersion
from app.authoring.queries import read_content
from app.authoring.queries.calibrations import calibrations_of
from app.clearance.models import ClearanceCase
from app.grading.models import Result, ScoringRun
from app.grading.queries import newest_runs
from app.grading.rescoring.applying import apply_rescoring, rescore
from app.grading.rescoring.models import RescoredResult
from app.grading.service import score
from app.operation import acting_as
from app.outbox.models import OutboxMessage
from app.outbox.templates import Kind
from app.security.permissions import Role
from app.wiring import make_worker
from tests.support.bank import mixed_pool
from tests.support.grounds import Ground
from tests.support.personas import make_staff, open_browsers
from tests.support.sealed_exam import make_sealed_exam
from tests.support.sitting import sit


def hold_exam(house):
    """three candidates with the same fourteen items of 2 points, cut at 16.80: right in 9, in 8 and in none."""
    stock = [entry.item for entry in mixed_pool(singles=6, multiples=4, judgements=4)]
    exam = make_sealed_exam(house, items=stock, reserve=0, earliest_hand_in_minutes=0)
    with open_browsers(house) as browsers:
        for candidate, right in zip(exam.candidates, (9, 8, 0), strict=True):
            sit(house, browsers(None), exam, candidate, right=right)
    house.clock.set(exam.ends_at + timedelta(minutes=1))
    return exam


SAT = Ground("rescoring", hold_exam)


@pytest.fixture
def ground(request):
    return SAT if "sat" in request.fixturenames else None


@pytest.fixture
def sat(house):
    return SAT.stand_on(house)


@pytest.fixture
def staff(house, browsers):
    """(officer, approver)."""
    return browsers(make_staff(house, Role.EXAM_OFFICER)), browsers(make_staff(house, Role.EXAM_APPROVER))


def results(house):
    with house.database.transaction(reading=True) as db:
        return [(r.total, r.maximum, r.passed) for r in db.scalars(select(Result).order_by(Result.registration_id))]


def acts(house, action):
    with house.database.transaction(reading=True) as db:
        found = db.scalars(select(AuditRecord).where(AuditRecord.action == action).order_by(AuditRecord.id)).all()
        return [json.loads(one.after) for one in found]


def told(house):
    with house.database.transaction(reading=True) as db:
        return db.scalars(select(OutboxMessage).where(OutboxMessage.template == Kind.RESULT_CORRECTED)).all()


def item_of(exam, candidate, position):
    """The item version that stands there in the candidate's form."""
    return int(exam.candidates[candidate].form.entry_at(position).item_key)


def correct(house, staff, exam, *, at, treatment, key="", policy="nobody_loses", approve=True):
    """Propose a correction of the first candidate's item at that position, approve it, and have it applied."""
    officer, approver = staff
    given = {"item_version_id": item_of(exam, 0, at), "treatment": treatment, "key": key, "policy": policy}
    here = f"/results/{exam.exam_id}/rescorings"
    proposed = officer.api(here, {**given, "reason": "题干有误"})
    assert proposed.status_code == 200, proposed.text
    here = f"{here}/{proposed.json()['id']}"
    if approve:
        assert approver.api(f"{here}/approve").status_code == 200
        make_worker(house).drain()
    return here


def release(house, staff, exam):
    officer, approver = staff
    assert officer.api(f"/results/{exam.exam_id}/propose").status_code == 200
    assert approver.api(f"/results/{exam.exam_id}/release").status_code == 200
    make_worker(house).drain()


def wrong_key(house, exam, at):
    """A letter that is not the key of the first candidate's item at that position."""
    with house.database.transaction(reading=True) as db:
        version = db.get_one(ItemVersion, item_of(exam, 0, at))
        return "B" if read_content(version.content).body.key == {0} else "A"


def test_a_correction_before_the_release_is_seen_by_two_people_and_waited_for(house, sat, staff):  # P17, P18, P25, P29
    officer, approver = staff
    here, last = f"/results/{sat.exam_id}/rescorings", item_of(sat, 0, 14)
    tried = officer.api_get(f"{here}?item_version_id={last}&treatment=full_points").json()
    assert results(house) == [(1800, 2800, True), (1600, 2800, False), (0, 2800, False)]
    effect = tried["draft"]["effect"]
    assert {name: effect[name] for name in ("had", "changed", "won", "lost")} == {
        "had": 3,
        "changed": 3,
        "won": 1,
        "lost": 0,
    }
    assert officer.api_get(f"{here}?item_version_id={last}&treatment=second_key&key=Z").json()["draft"]["refused_zh"]
    assert officer.api_get(f"{here}?item_version_id=999999").status_code == 404
    assert approver.api_get(f"{here}?item_version_id={last}").json()["draft"] is None
    one = correct(house, staff, sat, at=14, treatment="full_points", approve=False)
    shown = approver.api_get(one).json()
    assert (shown["may_settle"], officer.api_get(one).json()["may_settle"]) == (True, False)
    assert shown["effect"] == effect
    again = {"item_version_id": last, "treatment": "dropped", "reason": "再来一次"}
    assert officer.api(here, again).json()["code"] == "rescoring.waits"
    assert officer.api(f"/results/{sat.exam_id}/propose").json()["code"] == "rescoring.waits"
    assert officer.api(f"{one}/approve").status_code == 403
    assert approver.api(f"{one}/approve").status_code == 200
    assert approver.api(f"{one}/approve").json()["code"] == "rescoring.settled"
    assert officer.api(f"/results/{sat.exam_id}/propose").json()["code"] == "rescoring.waits"
    # The worker dies after the first candidate; whoever goes on does the rest, and everyone once.
    rescoring_id = shown["id"]
    with acting_as(house, "test") as op:
        rescore(op, rescoring_id, sat.candidates[0].registration_id)
    for _ in range(2):
        make_worker(house).drain()
        apply_rescoring(house, rescoring_id)
    with acting_as(house, "test") as op:
        rescore(op, rescoring_id, sat.candidates[0].registration_id)
    assert results(house) == [(2000, 2800, True), (1800, 2800, True), (200, 2800, False)]
    with house.database.transaction(reading=True) as db:
        assert list(db.scalars(select(func.max(ScoringRun.number)).group_by(ScoringRun.attempt_id))) == [2, 2, 2]
        assert db.scalars(select(func.count()).select_from(RescoredResult)).one() == 3
    assert (approver.api_get(one).json()["state"], approver.api_get(one).json()["effect"]) == ("applied", effect)
    assert [one["points"] for one in acts(house, "result:change")] == [2000, 1800, 200]
    assert acts(house, "scoring:run")[0] | {"exam_id": 0} == {
        "exam_id": 0,
        "attempts": 3,
        "changed": 3,
        "won": 1,
        "lost": 0,
    }
    assert told(house) == []
    # Scored again for another reason (a late file), the correction holds.
    with house.database.transaction(reading=True) as db:
        attempt_id = db.scalars(select(ScoringRun.attempt_id).order_by(ScoringRun.id)).first()
    with acting_as(house, "test") as op:
        score(op, attempt_id)
    assert results(house)[0] == (2000, 2800, True)
    assert officer.api(f"/results/{sat.exam_id}/propose").status_code == 200
    assert officer.api(here, again).json()["code"] == "rescoring.release_waits"


def test_after_the_release_passes_are_won_and_lost_and_everyone_is_told(house, sat, staff):  # P27
    release(house, staff, sat)
    correct(house, staff, sat, at=14, treatment="full_points")
    won = sat.candidates[1].registration_id

    def case():
        with house.database.transaction(reading=True) as db:
            return db.scalars(select(ClearanceCase.state).where(ClearanceCase.registration_id == won)).one_or_none()

    assert (case().value, len(told(house))) == ("checking", 3)
    # A key that was wrong: by default nobody loses, though the score of the newest run is exact.
    correct(house, staff, sat, at=1, treatment="key_corrected", key=wrong_key(house, sat, 1))
    assert results(house)[:2] == [(2000, 2800, True), (1800, 2800, True)]
    assert len(told(house)) == 3
    with house.database.transaction(reading=True) as db:
        kept = db.scalars(select(RescoredResult).where(RescoredResult.kept)).all()
        newest = [sum(json.loads(points)) for _, points, _ in newest_runs(db, sat.exam_id)]
    assert (len(kept), newest) == (2, [1800, 1600, 200])
    # Where the officer says so, and the approver agrees, a pass may be lost: its case ends with it.
    key = wrong_key(house, sat, 2)
    correct(house, staff, sat, at=2, treatment="key_corrected", key=key, policy="as_scored")
    assert results(house)[:2] == [(1600, 2800, False), (1400, 2800, False)]
    assert case().value == "withdrawn"
    assert [one["passed"] for one in acts(house, "result:change")][-2:] == [False, False]
    assert len(told(house)) == 5


def test_what_is_dropped_lowers_the_cut_and_leaves_the_statistics(house, sat, staff):
    release(house, staff, sat)
    version = item_of(sat, 0, 1)
    with house.database.transaction(reading=True) as db:
        assert len(calibrations_of(db, version)) == 1
    house.clock.advance(timedelta(minutes=1))
    correct(house, staff, sat, at=14, treatment="dropped", policy="as_scored")
    assert results(house) == [(1800, 2600, True), (1600, 2600, True), (0, 2600, False)]  # 15.60 are asked for now
    dropped = item_of(sat, 0, 14)
    with house.database.transaction(reading=True) as db:
        assert calibrations_of(db, dropped) == []
        assert [one.number for one in calibrations_of(db, version)] == [2]
        assert db.scalars(select(Calibration).where(Calibration.item_version_id == dropped)).one().number == 1


def test_a_declined_correction_changes_nothing_and_the_pages_say_what_is_what(house, sat, staff, browsers):
    officer, approver = staff
    one = correct(house, staff, sat, at=1, treatment="redistributed", approve=False)
    assert "批准并重新评分" in approver.get(one).text
    assert approver.api(f"{one}/decline", {"reason": "试题无误"}).status_code == 200
    assert results(house) == [(1800, 2800, True), (1600, 2800, False), (0, 2800, False)]
    page = officer.get(f"/results/{sat.exam_id}/rescorings?item_version_id={item_of(sat, 0, 1)}").text
    for words in ("试算一项更正", "封卷时的标准答案", "提出，由另一人批准", "未批准"):
        assert words in page
    candidate = browsers(sat.candidates[0].persona)
    assert candidate.api_get(f"/results/{sat.exam_id}/rescorings").status_code == 403
    early = make_sealed_exam(house, candidates=2, earliest_hand_in_minutes=0)
    sit(house, browsers(None), early, early.candidates[0], right=1)
    given = {"item_version_id": item_of(early, 0, 1), "treatment": "dropped", "reason": "太早"}
    assert officer.api(f"/results/{early.exam_id}/rescorings", given).json()["code"] == "rescoring.too_early"
