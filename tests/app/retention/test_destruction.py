"""What is due is listed by one, approved by two others, destroyed slice by slice; what is held stays; proofs remain."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.attempts.models import Attempt, JournalEntry, Response
from app.audit.models import AuditRecord
from app.clearance.models import ClearanceCase
from app.clearance.rules import CaseState
from app.exams.models import FormRow
from app.exams.registration_models import Consent
from app.exams.service.drawing import recompute_draw
from app.grading.models import Result
from app.grading.rechecks.models import Recheck
from app.grading.rechecks.rules import RecheckState
from app.operation import acting_as
from app.retention.service import carrying_out
from app.security.permissions import Role
from app.wiring import make_worker
from tests.support.personas import make_staff
from tests.support.sealed_exam import make_sealed_exam
from tests.support.sitting import sit


def lines(client):
    return {row["record_class"]: row for row in client.api_get("/retention").json()["classes"]}


def draw_up(client, record_class):
    return client.api("/retention/lists", {"record_class": record_class})


def holdings(house, *attempts):
    """How many rows of the journal, and of what stood last, each attempt has."""
    with house.database.transaction(reading=True) as db:
        return [
            [db.scalar(select(func.count()).where(table.attempt_id == one)) for table in (JournalEntry, Response)]
            for one in attempts
        ]


def ask_recheck(house, exam, registration_id):
    row = {"exam_id": exam.exam_id, "registration_id": registration_id, "total_before": 1800, "note": ""}
    with house.database.transaction() as db:
        db.add(Recheck(**row, state=RecheckState.ASKED, asked_at=house.clock.now()))


@pytest.fixture
def past(house, browsers):
    """An exam of three that was released, three years and a day ago; the code that each was shown at the end."""
    exam = make_sealed_exam(house, candidates=3, proctored=True, earliest_hand_in_minutes=0)
    codes = [sit(house, browsers(None), exam, one, right=9)["receipt_code"] for one in exam.candidates]
    house.clock.set(exam.ends_at + timedelta(minutes=1))
    officer, approver = (browsers(make_staff(house, role)) for role in (Role.EXAM_OFFICER, Role.EXAM_APPROVER))
    assert officer.api(f"/results/{exam.exam_id}/propose").status_code == 200
    assert approver.api(f"/results/{exam.exam_id}/release").status_code == 200
    make_worker(house).drain()
    house.clock.advance(timedelta(days=1096))
    return exam, codes


def test_a_list_from_its_drawing_up_to_its_record(house, browsers, past, monkeypatch):  # P6, P21, P24, P35, P37, P47
    exam, codes = past
    staff = [
        make_staff(house, role)
        for role in (Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR)
    ]
    system, security, audit = map(browsers, staff)
    first, second, third = (one.registration_id for one in exam.candidates)
    with house.database.transaction(reading=True) as db:
        attempts = {row.registration_id: row.id for row in db.scalars(select(Attempt))}
    found = lines(system)["responses"]
    assert (found["due"], {one["en"]: one["count"] for one in found["held"]}) == (0, {"an open clearance case": 3})
    assert draw_up(system, "responses").json()["code"] == "retention.nothing_due"
    with house.database.transaction() as db:
        db.execute(update(ClearanceCase).values(state=CaseState.REJECTED))
    ask_recheck(house, exam, third)
    found = lines(system)
    assert (found["responses"]["due"], found["responses"]["held"][0]["count"]) == (2, 1)
    assert (found["consents"]["due"], found["audit"]["days"]) == (0, None)  # their term is longer; the log has none
    assert draw_up(system, "audit").status_code == 422
    assert draw_up(security, "responses").status_code == 403
    here = f"/retention/lists/{draw_up(system, 'responses').json()['id']}"
    assert draw_up(system, "responses").json()["code"] == "retention.list_waits"
    assert system.api(f"{here}/approve").status_code == 403
    assert "批准销毁" in security.get(here).text
    assert security.api(f"{here}/approve").status_code == 200
    assert security.api(f"{here}/approve").json()["code"] == "retention.same_person"
    before = holdings(house, *attempts.values())
    assert make_worker(house).drain() == 0  # nothing goes with one approval
    assert audit.api(f"{here}/approve").status_code == 200
    assert audit.api(f"{here}/decline", {"reason": "晚了"}).json()["code"] == "retention.moved"
    ask_recheck(house, exam, second)  # opened after the second approval
    monkeypatch.setattr(carrying_out, "_AT_ONCE", 1)
    assert make_worker(house).drain() == 1
    after = dict(zip(attempts, holdings(house, *attempts.values()), strict=True))
    assert after[first] == [0, 0]
    assert [after[second], after[third]] == before[1:]
    shown = system.api_get(here).json()
    assert shown["state"] == "carried_out"
    assert {one["fate"]: one["subjects"] for one in shown["fates"]} == {"destroyed": 1, "held": 1}
    assert system.get(f"{here}/record.pdf").content.startswith(b"%PDF")
    assert {client.get(page).status_code for client in (system, audit) for page in (here, "/retention")} == {200}
    # What was told stays told: the code shown at the end, the result; and nobody scores what is not there.
    proctor = browsers(make_staff(house, Role.EXAM_OFFICER))
    vouched = proctor.api("/receipts/check", {"receipt": codes[0]}).json()["vouched"]
    assert (vouched["agrees"], bool(vouched["destroyed_at"])) == (True, True)
    with house.database.transaction(reading=True) as db:
        assert db.scalar(select(Result.total).where(Result.registration_id == first)) == 1800
        acts_told = select(AuditRecord.action, AuditRecord.after).where(AuditRecord.action.like("destruction:%"))
        told = db.execute(acts_told.order_by(AuditRecord.id)).all()
    acts = [action for action, _ in told]
    assert acts == ["destruction:draw_up", *["destruction:approve"] * 2, *["destruction:carry_out"] * 2, acts[-1]]
    ended = json.loads(told[-1][1])
    assert (acts[-1], ended["destroyed"], ended["held"], ended["changed"]) == ("destruction:finish", 1, 1, 0)
    refused = proctor.api(f"/results/{exam.exam_id}/similarity")
    assert refused.json()["code"] == "exam.records_destroyed"


def test_what_is_not_what_was_approved_stays_and_what_is_declined_too(house, browsers, past):
    roles = Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR
    system, security, audit = (browsers(make_staff(house, role)) for role in roles)
    with house.database.transaction() as db:
        db.execute(update(ClearanceCase).values(state=CaseState.REJECTED))
    here = f"/retention/lists/{draw_up(system, 'forms').json()['id']}"
    assert security.api(f"{here}/decline", {"reason": "另行研究"}).status_code == 200
    here = f"/retention/lists/{draw_up(system, 'forms').json()['id']}"
    for client in (audit, security):
        assert client.api(f"{here}/approve").status_code == 200
    with house.database.transaction() as db:
        changed = db.scalars(select(FormRow).order_by(FormRow.id)).first()
        changed.content += " "
    make_worker(house).drain()
    with acting_as(house, "test") as op:  # the draw is verified by the hashes that are kept; the change is found
        assert not recompute_draw(op, past[0].exam_id).agrees
        op.db.execute(update(FormRow).where(FormRow.id == changed.id).values(content=changed.content[:-1]))
        verdict = recompute_draw(op, past[0].exam_id)
        assert verdict.agrees, verdict
    with house.database.transaction(reading=True) as db:
        left = [(bool(row.content), bool(row.content_hash)) for row in db.scalars(select(FormRow).order_by(FormRow.id))]
    assert left[0] == (True, True)
    assert set(left[1:]) == {(False, True)}
    assert draw_up(system, "consents").json()["code"] == "retention.nothing_due"


def test_terms_are_set_by_two_and_count_at_once(house, browsers, past):  # P37
    roles = Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR
    system, security = (browsers(make_staff(house, role)) for role in roles)
    with house.database.transaction() as db:
        db.execute(update(ClearanceCase).values(state=CaseState.REJECTED))
        consents = db.scalar(select(func.count()).select_from(Consent))
    days = {name: row["days"] for name, row in lines(system).items() if row["days"]}
    wrong = system.api("/retention/terms", {"days": days | {"consents": 365}, "reason": "x"})
    assert {one["field"] for one in wrong.json()["errors"]} == {"days.consents"}
    form = {f"days.{name}": one for name, one in days.items()} | {
        "days.consents": 1095,
        "reason": "县档案局〔2026〕3 号",
    }
    assert system.submit("/retention/terms", form).status_code == 303
    here = f"/retention/terms/{system.api_get('/retention').json()['terms'][0]['id']}"
    assert lines(system)["consents"]["due"] == 0  # a proposal changes nothing
    assert system.api(f"{here}/approve").status_code == 403
    assert "缩短" in security.get(here).text
    assert security.api(f"{here}/approve").status_code == 200
    assert security.api(f"{here}/decline", {"reason": "x"}).json()["code"] == "retention.moved"
    assert lines(system)["consents"]["due"] == consents == 3
    assert system.get("/retention/terms/new").status_code == 200
