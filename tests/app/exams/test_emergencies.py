"""Postponing and calling off: by two people, before the start, told to every candidate."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.errors import Invalid
from app.exams.emergencies import (
    CHANGE_TRANSITIONS,
    BegunAlready,
    ChangeAction,
    ChangeKind,
    ChangeSettled,
    ChangeState,
    ChangeWaits,
    move_change,
)
from app.exams.models import Exam, Sitting
from app.exams.queries.seats import seats_of_person
from app.exams.rules import ExamMoveRefused, ExamState, SameOfficer
from app.exams.service import emergencies
from app.outbox.models import OutboxMessage
from app.security.permissions import Role
from tests.support.personas import make_staff

POSTPONE, CALL_OFF = ChangeKind.POSTPONE, ChangeKind.CALL_OFF


def times(world, exam_id):
    with world.house.database.transaction(reading=True) as db:
        sitting = db.scalars(select(Sitting).where(Sitting.exam_id == exam_id)).one()
        return sitting.starts_at, sitting.ends_at


def propose(world, exam_id, kind, by=None, later=timedelta(days=1)):
    starts, ends = times(world, exam_id)
    moved = {"starts_at": starts + later, "ends_at": ends + later} if kind is POSTPONE else {}
    with world.as_(by or world.officer) as op:
        return emergencies.propose_change(op, exam_id=exam_id, kind=kind, reason="台风", **moved).id


def told(world, template):
    with world.house.database.transaction(reading=True) as db:
        return len(set(db.scalars(select(OutboxMessage.person_id).where(OutboxMessage.template == template))))


@pytest.mark.parametrize("state", ChangeState)
def test_moves_are_those_of_the_table(state):  # P13
    for action in ChangeAction:
        if (state, action) in CHANGE_TRANSITIONS:
            assert move_change(state, action) is CHANGE_TRANSITIONS[state, action]
        else:
            with pytest.raises(ChangeSettled):
                move_change(state, action)


def test_a_sealed_exam_is_postponed_by_two_and_everybody_is_told(world):
    exam_id = world.sealed_exam(3)
    starts, ends = times(world, exam_id)
    both = make_staff(world.house, Role.EXAM_OFFICER, Role.EXAM_APPROVER)
    for later in (timedelta(), timedelta(days=-1)):
        with pytest.raises(Invalid):
            propose(world, exam_id, POSTPONE, later=later)
    change = propose(world, exam_id, POSTPONE, by=both)
    with pytest.raises(ChangeWaits):
        propose(world, exam_id, CALL_OFF)
    with world.as_(both) as op, pytest.raises(SameOfficer):
        emergencies.approve_change(op, exam_id=exam_id, change_id=change)
    with world.as_(world.approver) as op:
        emergencies.approve_change(op, exam_id=exam_id, change_id=change)
        with pytest.raises(ChangeSettled):
            emergencies.approve_change(op, exam_id=exam_id, change_id=change)
    assert times(world, exam_id) == (starts + timedelta(days=1), ends + timedelta(days=1))
    assert told(world, "exam_postponed") == 3
    with world.house.database.transaction(reading=True) as db:
        acts = db.scalars(select(AuditRecord.action).where(AuditRecord.subject_kind == "exam").order_by(AuditRecord.id))
        assert list(acts)[-2:] == ["exam:propose_change", "exam:postpone"]
        person = world.candidates(exam_id)[0].person_id
        assert seats_of_person(db, person)[0].starts_at == starts + timedelta(days=1)


def test_a_sealed_exam_is_called_off_and_nobody_can_sit_it(world):
    exam_id = world.sealed_exam(2)
    change = propose(world, exam_id, CALL_OFF)
    with world.as_(world.approver) as op:
        emergencies.decline_change(op, exam_id=exam_id, change_id=change, reason="能办")
    change = propose(world, exam_id, CALL_OFF)
    with world.as_(world.approver) as op:
        emergencies.approve_change(op, exam_id=exam_id, change_id=change)
    assert told(world, "exam_cancelled") == 2
    with world.house.database.transaction(reading=True) as db:
        assert db.get_one(Exam, exam_id).state is ExamState.CANCELLED
        assert seats_of_person(db, world.candidates(exam_id)[0].person_id) == []
    with pytest.raises(ExamMoveRefused):
        propose(world, exam_id, CALL_OFF)


def test_once_begun_and_before_publishing_nothing_is_moved(world):
    draft = world.draft_exam()
    for kind in ChangeKind:
        with pytest.raises(ExamMoveRefused):
            propose(world, draft, kind)
    exam_id = world.published_exam()
    with pytest.raises(ExamMoveRefused):
        propose(world, exam_id, CALL_OFF)  # not sealed: the approver cancels it
    world.clock.set(times(world, exam_id)[0])
    with pytest.raises(BegunAlready):
        propose(world, exam_id, POSTPONE)


def test_the_page_proposes_and_settles(world, browsers):
    exam_id = world.sealed_exam(1)
    officer, approver, here = browsers(world.officer), browsers(world.approver), f"/exams/{exam_id}/emergencies"
    assert officer.api_get(here).json()["kinds"] == ["postpone", "call_off"]
    assert officer.api(here, {"kind": "postpone", "reason": "台风"}).status_code == 422
    done = officer.api(here, {"kind": "call_off", "reason": "台风"}).json()["id"]
    assert officer.api(f"{here}/{done}/approve").status_code == 403
    assert approver.api_get(here).json()["changes"][0]["may_settle"] is True
    assert "台风" in approver.get(here).text
    assert approver.api(f"{here}/{done}/approve").status_code == 200
    assert officer.api_get(here).json()["kinds"] == []
