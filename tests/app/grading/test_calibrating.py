"""Released results calibrate the items that they are of."""

import json
from datetime import timedelta

from sqlalchemy import select, update

from app.audit.models import AuditRecord
from app.authoring.models import Calibration, ItemVersion
from app.exams.queries import forms_of
from app.exams.reading import read_form
from app.grading.calibrating import calibrate_exam, shares_of
from app.grading.models import ScoringRun
from app.operation import acting_as
from app.security.permissions import Role
from app.wiring import make_worker
from tests.support.personas import make_staff
from tests.support.sealed_exam import make_sealed_exam
from tests.support.sitting import sit


def stored(house):
    with house.database.transaction(reading=True) as db:
        return db.scalars(select(Calibration).order_by(Calibration.id)).all()


def test_a_release_calibrates_each_version_that_was_sat_once(house, browsers):
    exam = make_sealed_exam(house, candidates=2, earliest_hand_in_minutes=0)
    for candidate, right in zip(exam.candidates, (14, 5), strict=True):
        sit(house, browsers(None), exam, candidate, right=right)
    house.clock.set(exam.ends_at + timedelta(minutes=1))
    assert calibrate_exam(house, exam.exam_id) == 0  # not released: nothing is known of it yet (P18)
    proposing, releasing = (browsers(make_staff(house, role)) for role in (Role.EXAM_OFFICER, Role.EXAM_APPROVER))
    assert proposing.api(f"/results/{exam.exam_id}/propose").status_code == 200
    assert releasing.api(f"/results/{exam.exam_id}/release").status_code == 200
    make_worker(house).drain()
    rows = stored(house)
    sat = [int(entry.item_key) for candidate in exam.candidates for entry in candidate.form.entries]
    assert sum(row.responses for row in rows) == len(sat) == 28
    assert {row.item_version_id for row in rows} == set(sat)
    assert sum(row.shares for row in rows) == 1000 * (14 + 5)
    assert calibrate_exam(house, exam.exam_id) == 0  # told already
    # Scored again later, the exam has a second calibration of each, which counts alone.
    house.clock.advance(timedelta(days=1))
    with acting_as(house, "test") as op:
        op.db.execute(update(ScoringRun).values(at=house.clock.now()))
    assert calibrate_exam(house, exam.exam_id) == len(rows)
    assert {row.number for row in stored(house)[len(rows) :]} == {2}
    with house.database.transaction(reading=True) as db:
        acts = db.scalars(select(AuditRecord).where(AuditRecord.action == "item:calibrate")).all()
        item_id = db.get_one(ItemVersion, sat[0]).item_id
    assert [json.loads(act.after)["responses"] for act in acts] == [28, 28]
    page = browsers(make_staff(house, Role.ITEM_AUTHOR))
    shown = page.api_get(f"/items/{item_id}").json()["calibration"]
    assert (shown["suffices"], len(shown["exams"]), shown["exams"][0]["number"]) == (False, 1, 2)
    text = page.get(f"/items/{item_id}").text
    assert 'id="calibration"' in text
    assert "经典测量" in text


def test_a_case_counts_whole_and_what_waits_for_a_mark_is_left_out(house):
    exam = make_sealed_exam(house, candidates=1)
    with house.database.transaction(reading=True) as db:
        form = read_form(forms_of(db, exam.exam_id)[0].content)
    entries = form.entries
    points = [entry.points_hundredths for entry in entries]
    shares = shares_of(form, [points[0] // 2, -50, None, *points[3:]])
    keys = [entry.item_key for entry in entries]
    assert (shares[keys[0]], shares[keys[1]], shares[keys[3]]) == (500, 0, 1000)
    assert keys[2] not in shares
