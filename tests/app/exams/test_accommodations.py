"""Accommodations: proposed by one, approved by another, applied to seats by themselves."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.errors import Invalid
from app.exams.accommodations import (
    ACCOMMODATION_TRANSITIONS,
    AccommodationAction,
    AccommodationMoveRefused,
    AccommodationStands,
    AccommodationState,
    Grant,
    check_grant,
    extra_minutes,
    move_accommodation,
)
from app.exams.models import Accommodation
from app.exams.rules import OtherName, PersonNotFound, SameOfficer, SeatsTooFew
from app.exams.service import accommodations, registrations, rooms, sealing, seating
from app.security.permissions import Role
from tests.support.personas import make_staff

DAY = date(2026, 11, 1)


def propose(world, person, number, grant, last_day=None):
    proposal = accommodations.Proposal(person.name, number, grant, DAY, last_day, "医院证明：视力障碍")
    with world.as_(world.officer) as op:
        return accommodations.propose(op, proposal).id


def approve(world, accommodation_id):
    with world.as_(world.approver) as op:
        accommodations.approve(op, accommodation_id=accommodation_id)


@pytest.mark.parametrize("state", AccommodationState)
def test_moves_are_those_of_the_table(state):  # P13
    for action in AccommodationAction:
        if (state, action) in ACCOMMODATION_TRANSITIONS:
            assert move_accommodation(state, action) is ACCOMMODATION_TRANSITIONS[state, action]
        else:
            with pytest.raises(AccommodationMoveRefused):
                move_accommodation(state, action)


def test_extra_time_is_whole_minutes_and_of_one_kind():
    assert [extra_minutes(p, m, duration_minutes=90) for p, m in ((25, 0), (0, 15), (0, 0), (None, None), (50, 0))] == [
        23,
        15,
        0,
        0,
        45,
    ]
    for grant, last in ((Grant(10, 10), None), (Grant(), None), (Grant(10), DAY - timedelta(days=1))):
        with pytest.raises(Invalid):
            check_grant(grant, first_day=DAY, last_day=last)


def test_two_people_grant_and_the_basis_is_kept_from_the_log(world):  # P46, P47
    person, number = world.person()
    with pytest.raises(OtherName):
        propose(world, type("P", (), {"name": "别人"}), number, Grant(25))
    with pytest.raises(PersonNotFound):
        propose(world, person, "11", Grant(25))
    first = propose(world, person, number, Grant(25, large_print=True))
    both = make_staff(world.house, Role.EXAM_OFFICER, Role.EXAM_APPROVER)
    with world.as_(both) as op:
        own = accommodations.Proposal(person.name, number, Grant(0, 15), DAY, None, "同上")
        second = accommodations.propose(op, own).id
    with world.as_(both) as op, pytest.raises(SameOfficer):
        accommodations.approve(op, accommodation_id=second)
    approve(world, first)
    with world.as_(world.approver) as op, pytest.raises(AccommodationStands):
        accommodations.approve(op, accommodation_id=second)
    with world.as_(world.approver) as op:
        accommodations.withdraw(op, accommodation_id=first, reason="已痊愈")
        accommodations.approve(op, accommodation_id=second)
    with world.house.database.transaction(reading=True) as db:
        assert "视力" not in "".join(row.basis_cipher for row in db.scalars(select(Accommodation)))
        records = db.scalars(select(AuditRecord).where(AuditRecord.subject_kind == "accommodation")).all()
        assert "视力" not in "".join((row.after or "") + row.reason for row in records)
        assert [row.action.split(":")[1] for row in records] == ["propose", "propose", "approve", "withdraw", "approve"]


def test_a_room_apart_and_the_seat_by_the_door_are_given_by_the_draw(world):
    exam_id = world.published_exam(rooms=(rooms.RoomPlan("一考场", 30),))
    people = [world.person() for _ in range(3)]
    ids = [world.register(exam_id, *one) for one in people]
    with world.as_(world.officer) as op:
        registrations.confirm(op, exam_id=exam_id, registration_ids=ids)
    world.close_registration()
    approve(world, propose(world, *people[2], Grant(near_door=True)))
    with world.as_(world.officer) as op:
        seating.draw_seats(op, exam_id=exam_id, reason="")
    assert {row.id: row.seat for row in world.candidates(exam_id)}[ids[2]] == 1
    approve(world, propose(world, *people[0], Grant(separate_room=True)))
    with world.as_(world.officer) as op:
        assert not seating.seats_stand(op, sealing.queries.exam_by_id(op.db, exam_id))
        with pytest.raises(SeatsTooFew):
            seating.draw_seats(op, exam_id=exam_id, reason="有人获准单独考场")
    with world.as_(world.officer) as op:
        apart = rooms.add_room(op, exam_id=exam_id, plan=rooms.RoomPlan("单独考场", 2, separate=True)).id
    world.staffed(exam_id)
    with world.as_(world.officer) as op:
        sealing.propose_seal(op, exam_id=exam_id)
    world.seal(exam_id)  # the draw does not fit what was granted since: sealing draws again
    placed = {row.id: row.room_id for row in world.candidates(exam_id)}
    assert [placed[one] == apart for one in ids] == [True, False, False]


def test_the_page_serves_officer_and_approver_and_nobody_else(world, browsers):
    person, number = world.person()
    officer, approver = browsers(world.officer), browsers(world.approver)
    given = {"name": person.name, "id_number": number, "first_day": "2026-11-01", "basis": "证明"}
    assert officer.api("/accommodations", given).status_code == 422
    form = officer.submit("/accommodations", given | {"extra_percent": "", "last_day": "", "near_door": "true"})
    assert form.status_code == 303, form.text
    done = officer.api("/accommodations", given | {"extra_percent": 30, "last_day": "2027-10-31"})
    assert done.status_code == 200, done.text
    here = f"/accommodations/{done.json()['id']}"
    assert officer.api(f"{here}/approve").status_code == 403
    assert approver.api(f"{here}/approve").status_code == 200
    shown, _ = approver.api_get("/accommodations").json()["accommodations"]
    assert (shown["state"], shown["first_day"], shown["last_day"], shown["can"]) == (
        "approved",
        "2026-11-01",
        "2027-10-31",
        ["withdraw"],
    )
    assert "加时 30%" in officer.get("/accommodations").text
    assert browsers(world.liaison).api_get("/accommodations").status_code == 403
