"""A drill is asked for, waits, is cancelled, abandoned, reported; only for who may, and never near an exam."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.audit.models import AuditRecord
from app.drill import queries
from app.drill.models import Drill
from app.drill.rules import DrillAction, DrillState
from app.drill.service import tidy
from app.drill.service.asking import end
from app.drill.service.digests import GROWING, LIVING, changed, digest_all
from app.drill.service.namespace import leftovers, own_place
from app.exams.models import Exam
from app.jobs.models import Job
from app.jobs.rules import JobState
from app.operation import acting_as
from app.security.actor import service
from app.security.permissions import Role
from app.settings import Settings
from app.tables import METADATA
from tests.support.drill_figures import GOOD
from tests.support.personas import make_staff
from tests.support.sealed_exam import make_sealed_exam


def find(house, drill_id):
    with house.database.transaction(reading=True) as db:
        return queries.find_drill(db, service("test"), drill_id)


def test_a_drill_waits_is_alone_and_is_cancelled(house, browsers):
    exam = make_sealed_exam(house, candidates=2, starts_in=timedelta(hours=4, seconds=1))
    officer, proctor = browsers(make_staff(house, Role.EXAM_OFFICER)), browsers(make_staff(house, Role.CHIEF_PROCTOR))
    assert proctor.api("/drills", {"exam_id": exam.exam_id}).status_code == 403
    drill_id = officer.api("/drills", {"exam_id": exam.exam_id, "minutes": 2}).json()["id"]
    drill = find(house, drill_id)
    assert (drill.state, drill.candidates, drill.minutes) == (DrillState.UNDER_WAY, 2, 2)
    refused = officer.api("/drills", {"exam_id": exam.exam_id})
    assert (refused.status_code, refused.json()["code"]) == (409, "drill.under_way")
    assert "正在排队" in proctor.get(f"/drills/{drill_id}").text
    told = proctor.api_get("/control-room").json()["happenings"]
    assert [(one["href"], one["done"]) for one in told] == [(f"/drills/{drill_id}", 0)]
    assert officer.api(f"/drills/{drill_id}/cancel").status_code == 200
    assert find(house, drill_id).state is DrillState.CANCELLED
    assert proctor.api_get("/control-room").json()["happenings"] == []
    assert officer.api(f"/drills/{drill_id}/cancel").json()["code"] == "drill.over"
    assert officer.api("/drills", {"exam_id": exam.exam_id, "candidates": 0}).status_code == 422
    house.clock.advance(timedelta(seconds=1))
    near = officer.api("/drills", {"exam_id": exam.exam_id})
    assert (near.status_code, near.json()["code"]) == (409, "drill.exam_near")
    assert "四小时内" in officer.submit("/drills", {"exam_id": str(exam.exam_id), "minutes": "3"}).text
    with house.database.transaction(reading=True) as db:
        acts = [row.action for row in db.query(AuditRecord).filter(AuditRecord.subject_kind == "drill")]
    assert acts == ["drill:start", "drill:end"]


def test_what_a_crash_left_is_found_and_removed(house, browsers):
    exam = make_sealed_exam(house, candidates=1, starts_in=timedelta(days=1))
    officer = browsers(make_staff(house, Role.EXAM_OFFICER))
    drill_id = officer.api("/drills", {"exam_id": exam.exam_id}).json()["id"]
    place = own_place(house.settings)
    own = place.__enter__()  # the worker is killed in the middle: nobody leaves
    assert own.database_url != house.settings.database_url
    assert own.secret_key != house.settings.secret_key
    assert own.field_key != house.settings.field_key
    assert Settings.from_environ(own.environ()) == own
    tidy(house)
    assert leftovers(house.settings), "the place of a drill under way is nobody's to remove"
    with house.database.transaction() as db:
        db.execute(update(Job).values(state=JobState.DEAD, finished_at=house.clock.now()))
    tidy(house)
    assert not leftovers(house.settings)
    assert find(house, drill_id).state is DrillState.BROKEN
    assert "意外终止" in officer.get(f"/drills/{drill_id}").text


def test_a_changed_table_is_named_and_a_growing_one_may_grow(house):
    make_sealed_exam(house, candidates=1, starts_in=timedelta(days=1))
    assert set(LIVING) | set(GROWING) <= set(METADATA.tables)
    with house.database.transaction(reading=True) as db:
        before = digest_all(db)
        assert set(before) == set(METADATA.tables) - set(LIVING)
        assert changed(before, digest_all(db, before)) == ()
    make_staff(house, Role.PROCTOR)  # audited: records are added, and none is changed
    with house.database.transaction() as db:
        db.execute(update(Exam).values(remark="x"))
    with house.database.transaction(reading=True) as db:
        now = changed(before, digest_all(db, before))
    assert "audit_record" not in now
    assert {"exam", "account", "person"} <= set(now)


@pytest.mark.parametrize("go", [True, False])
def test_the_report_is_a_page_in_both_languages_and_a_paper(sqlite_house, sqlite_browsers, go):
    exam = make_sealed_exam(sqlite_house, candidates=1, starts_in=timedelta(days=1))
    chief = sqlite_browsers(make_staff(sqlite_house, Role.CHIEF_PROCTOR))
    with acting_as(sqlite_house, "test") as op:
        told = {"candidates": 100, "minutes": 3, "asked_at": op.now}
        drill = Drill(exam_id=exam.exam_id, state=DrillState.UNDER_WAY, **told)
        op.db.add(drill)
        op.db.flush()
        tables = [["attempt", 3, "ab" * 32, "ab" * 32], ["exam", 1, "cd" * 32, "ef" * 32]]
        end(op, drill, DrillAction.PASS if go else DrillAction.FAIL, figures=GOOD, findings=[], tables=tables)
    shown = chief.api_get(f"/drills/{drill.id}").json()
    assert (shown["state"], shown["report"]["capacity"]) == ("go" if go else "no_go", 100)
    page = chief.get(f"/drills/{drill.id}").text
    assert ("可以开考" if go else "不可开考") in page
    assert "1 张表一致，1 张不一致" in page
    paper = chief.request("GET", f"/drills/{drill.id}/report.pdf")
    assert paper.content.startswith(b"%PDF")


def test_every_page_of_an_instance_of_a_drill_says_so(sqlite_house, sqlite_browsers):
    public = sqlite_browsers(None)
    assert "都不是真的" not in public.get("/sign-in").text
    object.__setattr__(sqlite_house, "settings", sqlite_house.settings.model_copy(update={"drill": True}))
    assert "都不是真的" in public.get("/sign-in").text
