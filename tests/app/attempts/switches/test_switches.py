"""Rooms switched to reserve forms: by two people, for who has not begun, with what travels sealed (P15, P16)."""

from datetime import timedelta
from threading import Thread

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select

from app.attempts.envelopes import MARK_BYTES
from app.attempts.models import Attempt
from app.attempts.switches import service
from app.attempts.switches.rules import (
    SWITCH_TRANSITIONS,
    NobodyToSwitch,
    NoReserveSet,
    SwitchAction,
    SwitchCause,
    SwitchKind,
    SwitchSettled,
    SwitchState,
    SwitchWaits,
    move_switch,
)
from app.audit.models import AuditRecord
from app.errors import NotFound
from app.exams.models import FormRow, Sitting
from app.exams.rules import SameOfficer
from app.exams.service.exams import RoomPlan
from app.people.models import Person
from app.security.permissions import Role
from app.web.caller import cookie_name
from tests.app.attempts.test_early_delivery import unseal
from tests.app.exams.conftest import WORLD
from tests.support.personas import make_candidate, make_staff
from tests.support.sealed_exam import Candidate, open_session_for

ROOMS = (RoomPlan("一考场", 2), RoomPlan("二考场", 2))


@pytest.fixture
def ground():
    return WORLD


@pytest.fixture
def world(house):
    return WORLD.stand_on(house)


def sitting_of(world, exam_id):
    with world.house.database.transaction(reading=True) as db:
        return db.scalars(select(Sitting).where(Sitting.exam_id == exam_id)).one()


def numbers(world, exam_id):
    """The number of the form that each registration holds."""
    return {row.registration_id: row.number for row in world.forms(exam_id) if row.registration_id}


def seat(world, browsers, registration):
    """A browser in which a candidate has checked in."""
    with world.house.database.transaction(reading=True) as db:
        persona = make_candidate(world.house, db.get_one(Person, registration.person_id))
    who = Candidate(persona, registration.id, registration.ticket_number, registration.room_id, None)
    browser = browsers(None)
    browser.http.cookies.set(cookie_name(world.house.settings), open_session_for(world.house, who)[0])
    return browser


def propose(world, sitting, room_id=None, by=None):
    with world.as_(by or world.officer) as op:
        asked = {"kind": SwitchKind.RESERVE_FORMS, "cause": SwitchCause.LEAK, "note": "群内流传"}
        return service.propose(op, sitting_id=sitting.id, room_id=room_id, **asked).id


def approve(world, sitting, switch_id, by=None):
    with world.as_(by or world.approver) as op:
        return service.approve(op, sitting_id=sitting.id, switch_id=switch_id).switched


@pytest.mark.parametrize("state", SwitchState)
def test_moves_are_those_of_the_table(state):  # P13
    for action in SwitchAction:
        if (state, action) in SWITCH_TRANSITIONS:
            assert move_switch(state, action) is SWITCH_TRANSITIONS[state, action]
        else:
            with pytest.raises(SwitchSettled):
                move_switch(state, action)


def test_a_room_is_switched_by_two_and_what_travelled_sealed_opens_no_more(world, browsers):  # P15
    exam_id = world.sealed_exam(4, reserve_set=True, rooms=ROOMS)
    sitting, before = sitting_of(world, exam_id), numbers(world, exam_id)
    world.at(sitting.starts_at - timedelta(minutes=10))
    mine = world.candidates(exam_id)[0]
    moved = {row.id for row in world.candidates(exam_id) if row.room_id == mine.room_id}
    browser, here = seat(world, browsers, mine), f"/registrations/{mine.id}/sealed-form"
    old = browser.get(here).content
    both = make_staff(world.house, Role.EXAM_OFFICER, Role.EXAM_APPROVER)
    switch = propose(world, sitting, mine.room_id, by=both)
    with pytest.raises(SwitchWaits):
        propose(world, sitting)
    with pytest.raises(SameOfficer):
        approve(world, sitting, switch, by=both)
    with world.as_(world.approver) as op, pytest.raises(NotFound):
        service.approve(op, sitting_id=sitting.id + 1, switch_id=switch)
    officer, approver, page = browsers(world.officer), browsers(world.approver), f"/sittings/{sitting.id}/switches"
    assert approver.api_get(page).json()["switches"][0]["may_settle"] is True
    assert "群内流传" in approver.get(page).text
    assert officer.api(f"{page}/{switch}/approve").status_code == 403
    assert approver.api(f"{page}/{switch}/approve").json()["switched"] == 2
    with pytest.raises(SwitchSettled):
        approve(world, sitting, switch)
    after = numbers(world, exam_id)
    assert {one for one in after if after[one] != before[one]} == moved
    assert {after[one] - before[one] for one in moved} == {6}
    new = browser.get(here).content
    world.at(sitting.starts_at)
    asked = {"registration_id": mine.id, "sealed": old[:MARK_BYTES].hex()}
    shown = browser.api("/attempts/start", asked).json()
    with pytest.raises(InvalidTag):
        unseal(old, shown["form_key"])  # the page then loads the form anew, as after any change of key
    shown = browser.api("/attempts/start", asked | {"sealed": new[:MARK_BYTES].hex()}).json()
    assert unseal(new, shown["form_key"])["form_hash"] == shown["form_hash"]
    assert shown["form_hash"] == world.forms(exam_id)[after[mine.id] - 1].content_hash
    room = officer.api_get(f"/rooms/{mine.room_id}").json()
    assert [(one["kind"], one["switched"]) for one in room["switches"]] == [("reserve_forms", 2)]
    assert "本考场已启用备用卷" in officer.get(f"/rooms/{mine.room_id}").text
    assert "已启用备用卷" in officer.get("/control-room").text
    with world.house.database.transaction(reading=True) as db:
        acts = db.scalars(select(AuditRecord.action).order_by(AuditRecord.id))
        told = [act for act in acts if "switch" in act]
    assert told == ["exam:propose_switch", "form:switch", "form:switch", "exam:switch"]


def test_a_sitting_is_switched_for_who_has_not_begun_even_while_they_begin(world, browsers):  # P8
    exam_id = world.sealed_exam(3, reserve_set=True, rooms=ROOMS)
    sitting, before = sitting_of(world, exam_id), numbers(world, exam_id)
    world.at(sitting.starts_at)
    begun, late, absent = world.candidates(exam_id)
    first = seat(world, browsers, begun).api("/attempts/start", {"registration_id": begun.id})
    assert first.status_code == 200
    officer, page = browsers(world.officer), f"/sittings/{sitting.id}/switches"
    assert officer.api_get(page).json()["kinds"] == ["reserve_forms", "on_paper"]
    done = officer.submit(page, {"kind": "reserve_forms", "cause": "leak", "room_id": ""})
    assert done.status_code == 303
    with world.as_(world.approver) as op:
        (waiting,) = service.waiting(op)
        switch = service.queries.waiting_switches(op.db, op.actor)[0].id
    assert waiting.href == page
    browser, said = seat(world, browsers, late), []
    thread = Thread(target=lambda: said.append(browser.api("/attempts/start", {"registration_id": late.id})))
    with world.as_(world.approver) as op:
        assert service.approve(op, sitting_id=sitting.id, switch_id=switch).switched == 2
        thread.start()  # this start has read nothing yet, or the old form: it waits for the switch either way
        thread.join(0.3)
    thread.join()
    assert said[0].status_code == 200
    after = numbers(world, exam_id)
    assert {one: after[one] - before[one] for one in after} == {begun.id: 0, late.id: 5, absent.id: 5}
    with world.house.database.transaction(reading=True) as db:
        held = select(Attempt.registration_id, FormRow.registration_id).join(FormRow, FormRow.id == Attempt.form_id)
        assert all(mine == form for mine, form in db.execute(held))
    with pytest.raises(NobodyToSwitch):
        propose(world, sitting)


def test_what_cannot_be_switched_is_refused_and_a_proposal_may_be_declined(world):
    bare = world.sealed_exam(1)
    with pytest.raises(NoReserveSet):
        propose(world, sitting_of(world, bare))
    exam_id = world.sealed_exam(1, reserve_set=True)
    sitting = sitting_of(world, exam_id)
    with pytest.raises(NotFound):
        propose(world, sitting, by=make_staff(world.house, Role.CHIEF_PROCTOR))  # of another sitting
    switch = propose(world, sitting)
    with world.as_(world.approver) as op:
        service.decline(op, sitting_id=sitting.id, switch_id=switch, reason="查无实据")
    switch = propose(world, sitting)
    world.at(sitting.ends_at)
    with pytest.raises(NobodyToSwitch):
        approve(world, sitting, switch)
    assert set(numbers(world, exam_id).values()) == {1}
