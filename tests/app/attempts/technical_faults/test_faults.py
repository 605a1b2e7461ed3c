"""A technical fault reported by one person and recognised by another: the attempt counts for nothing, and is made up
(decision 0034)."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.attempts.events import MisconductSettled
from app.attempts.misconduct.rules import Ruling
from app.attempts.proctoring.rules import TimeCause
from app.attempts.service import sweep
from app.attempts.technical_faults.models import TechnicalFault
from app.attempts.technical_faults.rules import (
    FAULT_TRANSITIONS,
    FaultAction,
    FaultCause,
    FaultMoved,
    FaultState,
    OwnFault,
    check_apart,
    move_fault,
)
from app.attempts.technical_faults.service import decide, report
from app.audit.models import AuditRecord
from app.exams.make_ups.queries import granted_in
from app.exams.make_ups.rules import Cause
from app.exams.models import Room
from app.exams.queries.seats import find_room
from app.grading import queries as grading
from app.grading.calibrating import figures_of
from app.grading.models import Result
from app.operation import acting_as
from app.outbox.models import OutboxMessage
from app.security.permissions import Role
from tests.app.attempts.conftest import proctor_of
from tests.app.attempts.misconduct.test_cases import Desk
from tests.support.personas import make_staff
from tests.support.practice import as_person
from tests.support.waiting import come_second


def test_moves_are_those_of_the_table_and_nobody_acts_on_what_is_close():  # P13, P29
    for state in (None, *FaultState):
        for action in FaultAction:
            if (state, action) in FAULT_TRANSITIONS:
                assert move_fault(state, action) is FAULT_TRANSITIONS[state, action]
            else:
                with pytest.raises(FaultMoved):
                    move_fault(state, action)
    assert set(FaultCause) < set(TimeCause)
    check_apart(1, candidate=2, close_to={3})
    for actor in (2, 3):
        with pytest.raises(OwnFault):
            check_apart(actor, candidate=2, close_to={3})


def test_an_attempt_lost_to_a_fault_is_made_up_and_nothing_of_it_is_ever_told(
    house, exam, sit, browsers, clock
):  # P18, P24, P29, P35, P46
    desk = Desk(house, exam, browsers)
    room, (lost, done, late) = f"/rooms/{desk.room}", [one.registration_id for one in exam.candidates]
    given = {
        "cause": "power_failure",
        "happened_at": clock.now().isoformat(),
        "facts": "主机电源烧毁，换机后仍不能完成",
    }

    def report(registration_id, by="proctor", **more):
        answer = desk.at(by).api(f"{room}/faults", {**given, "registration_id": registration_id, **more})
        return answer.json().get("code", "ok")

    def decide(by, agreed=True):
        answer = desk.at(by).api(f"{room}/faults/{lost}/decide", {"agreed": agreed, "note": "已核实"})
        return answer.json().get("code", "ok")

    def way(number=0):
        shown = desk.at(f"candidate {number}").api_get("/way").json()["ways"][0]
        return shown["fault_zh"], [one["word"] for one in shown["stations"][1:3]], shown["stations"][2]["total"]

    def propose():
        return desk.at("officer").api(f"/results/{exam.exam_id}/propose").json().get("code", "ok")

    first, second = sit(0), sit(1)
    first.save(1, 1, [0])
    assert report(late) == "technical_fault.nothing_lost"  # never began
    sit(2)
    assert report(lost, happened_at=(clock.now() + timedelta(hours=1)).isoformat()) == "request.invalid"
    assert report(lost, by="stranger") == "object.not_found"
    assert [desk.at(who).api(f"{room}/faults", given).status_code for who in ("approver", "candidate 1")] == [403, 403]
    with acting_as(house, "test") as op:
        other = Room(sitting_id=find_room(op.db, op.actor, desk.room).sitting_id, name="他室", capacity=1, remote=False)
        op.db.add(other)
        op.db.flush()
    elsewhere = f"/rooms/{other.id}/faults"
    assert desk.at("chief").api_get(elsewhere).status_code == 200
    assert desk.at("chief").api(elsewhere, {**given, "registration_id": lost}).status_code == 404
    assert (report(lost, by="chief"), report(lost)) == ("ok", "technical_fault.moved")
    assert decide("officer") == "technical_fault.still_open"
    assert way()[0] == "待认定"
    clock.advance(timedelta(minutes=31))
    assert second.act("hand-in", {"epoch": second.epoch}).status_code == 200
    assert report(done) == "technical_fault.nothing_lost"  # its candidate finished it
    clock.set(exam.ends_at + timedelta(minutes=1))
    sweep(house, clock.now())
    assert (decide("chief"), decide("proctor"), propose()) == (
        "exam.same_person",
        "permission.denied",
        "release.faults_waiting",
    )
    assert "项技术故障待认定" in desk.at("officer").get("/").text
    assert decide("officer", agreed=False) == "ok"
    assert way() == ("不予认定", ["handed_in", "awaiting_release"], None)
    assert (decide("officer"), report(lost)) == ("technical_fault.moved", "ok")
    case = desk.record()["id"]
    assert decide("officer") == "technical_fault.misconduct"
    assert (desk.propose(case, "counts"), desk.settle(case)) == ("ok", "ok")
    with acting_as(house, "test") as op:
        op.db.query(Result).filter_by(registration_id=lost).one().passed = True
    assert decide("officer") == "ok"
    assert way() == ("已认定，答卷不计成绩", ["lost", "not_yet"], None)

    proctor, officer = desk.at("proctor"), desk.at("officer")
    day = proctor.api_get(f"{room}/day").json()
    proctor.api(f"{room}/day/close", {"sheets": day["expected_sheets"], "slips": 0})
    proctor.api(f"{room}/absences/state", {"absent": []})
    officer.api(f"{room}/absences/confirm")
    assert proctor.api(f"{room}/record/draw-up").status_code == 200
    (record,) = proctor.api_get(f"{room}/record").json()["records"]
    assert [(one["cause"], one["state"]) for one in record["content"]["facts"]["faults"]] == [
        ("power_failure", "recognised")
    ]
    assert desk.at("proctor").get(f"{room}/record/1.pdf").content.startswith(b"%PDF")
    assert proctor.api_get(room).json()["candidates"][0]["fault"] == "recognised"
    for path in (f"{room}/faults", room, f"{room}/record"):
        for lang in ("zh", "en"):
            officer.http.cookies.set("lang", lang)
            assert officer.get(path).status_code == 200
    assert propose() == "ok"
    assert report(late) == "release.too_late_for_fault"
    assert desk.at("approver").api(f"/results/{exam.exam_id}/release").status_code == 200
    assert report(late) == "release.too_late_for_fault"
    assert way() == ("已认定，答卷不计成绩", ["lost", "not_yet"], None)
    shown = desk.at("approver").api_get(f"/results/{exam.exam_id}").json()
    assert (shown["lost"], shown["scored"], shown["passed"], shown["faults_undecided"]) == (1, 2, 0, 0)
    assert sum(band["count"] for band in shown["bands"]) == 2
    assert "因技术故障不计成绩" in desk.at("approver").get(f"/results/{exam.exam_id}").text
    with acting_as(house, "test") as op:
        assert grading.released_result(op.db, lost) is None
        assert grading.released_result(op.db, done) is not None
        assert lost not in grading.passed_registrations(op.db, exam.exam_id)
        assert grading.failed_among(op.db, [lost, done]) == {done}
        assert granted_in(op.db, exam.exam_id, Cause.TECHNICAL) == {lost}
        assert "电源" not in op.db.scalars(select(TechnicalFault.facts_cipher)).one()
        told = op.db.scalars(select(OutboxMessage.template).where(OutboxMessage.template.like("%fault%"))).all()
        assert told == ["technical_fault_decided"] * 2
        acts = op.db.scalars(select(AuditRecord.action).where(AuditRecord.action.like("technical_fault:%"))).all()
        assert acts == [f"technical_fault:{act}" for act in ("report", "decide") * 2]
        op.publish(MisconductSettled(case, lost, exam.exam_id, Ruling.VOID))  # found against after all
        assert granted_in(op.db, exam.exam_id, Cause.TECHNICAL) == set()
    calibrated = sum(one.tally.responses for one in figures_of(house, exam.exam_id).values())
    assert calibrated == 2 * proctor.api_get(room).json()["items_in_form"], "of the two who were not lost"


def test_two_reports_and_two_decisions_come_one_after_the_other(house, exam, sit):  # P13
    sit(0)
    about = {"room_id": exam.room_ids[0], "registration_id": exam.candidates[0].registration_id}

    @contextmanager
    def acting(actor, act, **given):
        with acting_as(house, "test", actor=actor) as op:
            act(op, **about, **given)
            yield

    def run(actor, act, **given):
        with acting(actor, act, **given):
            pass

    officers = [as_person(make_staff(house, Role.EXAM_OFFICER), Role.EXAM_OFFICER) for _ in range(2)]
    proctor = proctor_of(exam)
    given = {"cause": FaultCause.POWER_FAILURE, "happened_at": house.clock.now(), "facts": "停电"}
    with pytest.raises(FaultMoved):
        come_second(house, acting(proctor, report, **given), lambda: run(proctor, report, **given))
    first = acting(officers[0], decide, agreed=False, note="未断电")
    with pytest.raises(FaultMoved):
        come_second(house, first, lambda: run(officers[1], decide, agreed=False, note="同上"))
