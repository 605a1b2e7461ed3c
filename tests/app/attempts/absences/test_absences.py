"""Absences closed by two people, opened again by two, and reasons recognised afterwards (decision 0026)."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from app.attempts.absences import queries
from app.attempts.absences.models import AbsenceExcuse
from app.attempts.absences.rules import (
    EXCUSE_TRANSITIONS,
    LIST_TRANSITIONS,
    AbsencesMoved,
    ExcuseAction,
    ExcuseState,
    ListAction,
    ListState,
    move_excuse,
    move_list,
)
from app.attempts.events import AbsenceExcused
from app.attempts.sitting_record.models import RecordWaiver
from app.exams.emergencies import ChangeKind, ChangeState
from app.exams.make_ups.queries import granted_in
from app.exams.make_ups.rules import Cause
from app.exams.models import ExamChange, Registration, RoomProctor
from app.grading.models import Release, Result
from app.grading.rules import ReleaseState
from app.grading.service import close_absences
from app.operation import acting_as
from app.people.models import Person
from app.security.permissions import Role
from tests.support.personas import make_staff


@pytest.mark.parametrize(
    ("table", "move", "states", "actions"),
    [
        (LIST_TRANSITIONS, move_list, ListState, ListAction),
        (EXCUSE_TRANSITIONS, move_excuse, ExcuseState, ExcuseAction),
    ],
)
def test_moves_are_those_of_the_tables(table, move, states, actions):  # P13
    for state in (None, *states):
        for action in actions:
            if (state, action) in table:
                assert move(state, action) is table[state, action]
            else:
                with pytest.raises(AbsencesMoved):
                    move(state, action)


def absent_results(house):
    with house.database.transaction(reading=True) as db:
        return set(db.scalars(select(Result.registration_id).where(Result.absent)))


def test_absences_are_closed_by_two_and_opened_again_by_two_until_the_results_are_out(
    house, exam, sit, browsers, clock
):
    room, late = exam.room_ids[0], [one.registration_id for one in exam.candidates[1:]]
    here, second = f"/rooms/{room}/absences", make_staff(house, Role.PROCTOR)
    both = make_staff(house, Role.PROCTOR, Role.EXAM_OFFICER)
    with acting_as(house, "test") as op:
        op.db.add_all(RoomProctor(room_id=room, account_id=who.account_id) for who in (second, both))
        # It had been postponed after they were confirmed: whoever is absent now may make up for it.
        by, at = op.db.get_one(Registration, late[0]).registered_by, op.now
        told = {"kind": ChangeKind.POSTPONE, "state": ChangeState.APPROVED, "reason": "台风", "exam_id": exam.exam_id}
        op.db.add(ExamChange(**told, proposed_by=by, proposed_at=at, settled_by=by, settled_at=at))
    sit(0)
    given = {"absent": [{"registration_id": one, "cause": "no_show"} for one in late]}
    assert browsers(both).api(f"{here}/state", given).json()["code"] == "absence.entry_not_over"
    clock.set(exam.starts_at + timedelta(minutes=30, seconds=1))
    first, other, officer = browsers(both), browsers(second), browsers(make_staff(house, Role.EXAM_OFFICER))
    half = {"absent": given["absent"][:1]}
    assert first.api(f"{here}/state", half).json()["code"] == "absence.differs"
    wrong = {"absent": [*given["absent"], {"registration_id": exam.candidates[0].registration_id, "cause": "other"}]}
    assert first.api(f"{here}/state", wrong).json()["code"] == "absence.differs"
    assert first.api(f"{here}/confirm").json()["code"] == "absence.moved"
    assert first.api(f"{here}/state", given).status_code == 200
    assert first.api(f"{here}/confirm").json()["code"] == "exam.same_person"
    assert absent_results(house) == set()
    with acting_as(house, "test") as op:
        assert queries.absent_among(op.db, late) == set()
    assert other.api(f"{here}/return", {"reason": "请再数一遍"}).status_code == 200
    form = {}
    for n, one in enumerate(late):
        form |= {f"absent.{n}.registration_id": str(one), f"absent.{n}.cause": "too_late"}
    assert first.submit(f"{here}/state", form).status_code == 303
    assert "迟到，已停止入场" in other.get(here).text
    assert "确认" in other.get("/").text
    assert officer.api(f"{here}/confirm").status_code == 200
    assert absent_results(house) == set(late)
    with acting_as(house, "test") as op:
        assert queries.absent_among(op.db, late) == granted_in(op.db, exam.exam_id, Cause.POSTPONED) == set(late)
        release = op.db.get_one(Release, exam.exam_id)
        release.state = ReleaseState.RELEASED
    assert other.api(f"{here}/ask-reopening", {"reason": "有误"}).status_code == 200
    assert other.api(f"{here}/settle-reopening", {"agreed": True}).json()["code"] == "exam.same_person"
    assert first.api(f"{here}/settle-reopening", {"agreed": True}).json()["code"] == "release.results_out"
    with acting_as(house, "test") as op:
        op.db.get_one(Release, exam.exam_id).state = ReleaseState.SCORED
    assert first.api(f"{here}/settle-reopening", {"agreed": True}).status_code == 200
    assert absent_results(house) == set()
    with acting_as(house, "test") as op:
        assert granted_in(op.db, exam.exam_id, Cause.POSTPONED) == set()
    for lang in ("zh", "en"):
        first.http.cookies.set("lang", lang)
        assert first.get(here).status_code == 200
    clock.set(exam.ends_at + timedelta(minutes=1))
    with acting_as(house, "test") as op:
        op.db.execute(delete(RecordWaiver))
        assert close_absences(op, exam.exam_id) == 0, "who is absent from a room is said by people, not by the machine"


def test_a_reason_is_recognised_by_another_person_and_erased_with_the_person(house, exam, browsers, clock):
    told = []
    house.listen(AbsenceExcused, lambda _op, event: told.append(event))
    clock.set(exam.starts_at + timedelta(minutes=31))
    here = f"/rooms/{exam.room_ids[0]}/absences"
    both = make_staff(house, Role.EXAM_OFFICER, Role.EXAM_APPROVER)
    proctor, officer, approver = (
        browsers(who) for who in (exam.proctors[0], both, make_staff(house, Role.EXAM_APPROVER))
    )
    who = exam.candidates[0]
    excuse = f"/exams/{exam.exam_id}/absences/{who.registration_id}"
    given = {"cause": "illness", "proof": "县医院诊断证明，2026年11月23日"}
    assert officer.api(f"{excuse}/excuse", given).status_code == 404
    absent = [{"registration_id": one.registration_id, "cause": "no_show"} for one in exam.candidates]
    assert proctor.api(f"{here}/state", {"absent": absent}).status_code == 200
    assert officer.api(f"{here}/confirm").status_code == 200
    assert officer.api(f"{excuse}/excuse", given).status_code == 200
    assert proctor.api(f"{here}/ask-reopening", {"reason": "有误"}).json()["code"] == "absence.reason_pending"
    assert officer.api(f"{excuse}/decide", {"agreed": True}).json()["code"] == "exam.same_person"
    assert "县医院" in approver.get(f"/exams/{exam.exam_id}/absences").text
    assert approver.api(f"{excuse}/decide", {"agreed": False}).status_code == 200
    assert officer.api(f"{excuse}/excuse", given).status_code == 200
    assert told == []
    assert approver.api(f"{excuse}/decide", {"agreed": True, "note": "属实"}).status_code == 200
    assert told == [AbsenceExcused(who.registration_id, exam.exam_id)]
    with acting_as(house, "test") as op:
        assert set(op.db.scalars(queries.excused())) == {who.registration_id}
        assert granted_in(op.db, exam.exam_id, Cause.EXCUSED) == {who.registration_id}
        assert "县医院" not in op.db.scalars(select(AbsenceExcuse.proof_cipher)).one()  # P46
        op.db.get_one(Person, who.persona.person_id).wrapped_key = None
    shown = approver.api_get(f"/exams/{exam.exam_id}/absences").json()["lines"]
    assert next(line for line in shown if line["registration_id"] == who.registration_id)["proof"] == ""  # P47
    approver.http.cookies.set("lang", "en")
    assert approver.get(f"/exams/{exam.exam_id}/absences").status_code == 200
