"""Draws of seats: in time, once without and again with a cause, kept with their seeds; proctors kept from their own."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.errors import Invalid
from app.exams.models import Registration
from app.exams.queries.seating import draws_of, newest_draw
from app.exams.rules import NotReady, ProctorSeesOwnUnit, SameOfficer, SeatsNotYet
from app.exams.service import registrations, rooms, sealing, seating
from app.outbox.models import OutboxMessage
from app.security.permissions import Role
from tests.support.personas import make_staff


def places(world, exam_id):
    with world.house.database.transaction(reading=True) as db:
        rows = db.scalars(select(Registration).where(Registration.exam_id == exam_id))
        return {row.id: (row.room_id, row.seat) for row in rows}


def draw(world, exam_id, reason=""):
    with world.as_(world.officer) as op:
        return seating.draw_seats(op, exam_id=exam_id, reason=reason).number


def test_seats_are_drawn_after_registration_and_again_only_with_a_cause(world):
    exam_id = world.published_exam(rooms=(rooms.RoomPlan("一考场", 12, columns=4),))
    ids = world.confirmed(exam_id, 4)
    with pytest.raises(SeatsNotYet):
        draw(world, exam_id)
    world.close_registration()
    assert draw(world, exam_id) == 1
    first = places(world, exam_id)
    assert all(seat for _, seat in first.values())
    with world.as_(world.officer) as op, pytest.raises(Invalid):
        seating.draw_seats(op, exam_id=exam_id, reason=" ")
    # Who withdraws keeps no seat that somebody else needs.
    with world.as_(world.liaison) as op:
        registrations.withdraw(op, exam_id=exam_id, registration_id=ids[0])
    assert draw(world, exam_id, "有人退出") == 2
    assert places(world, exam_id)[ids[0]] == (None, None)
    with world.house.database.transaction(reading=True) as db:
        newest, oldest = draws_of(db, exam_id)
        verdicts = [seating.recompute_seats(one) for one in (newest, oldest)]
        assert all(verdict.agrees and verdict.sound for verdict in verdicts)
        forged = seating.recompute_seats(type(newest)(**_columns(newest) | {"places_hash": oldest.places_hash}))
        assert not forged.agrees
        told = db.scalars(select(AuditRecord).where(AuditRecord.action == "exam:draw_seats").order_by(AuditRecord.id))
        last = list(told)[-1]
        assert (json.loads(last.before)["draw_seed"], json.loads(last.after)["draw_seed"]) == (oldest.seed, newest.seed)
        assert last.reason == "有人退出"


def _columns(row):
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


def test_sealing_keeps_the_draw_and_another_person_redraws_until_an_hour_before(world):
    exam_id = world.published_exam()
    world.confirmed(exam_id, 3)
    world.staffed(exam_id)
    world.close_registration()
    draw(world, exam_id)
    drawn = places(world, exam_id)
    with world.as_(world.officer) as op:
        sealing.propose_seal(op, exam_id=exam_id)
    world.seal(exam_id)
    assert places(world, exam_id) == drawn
    with world.as_(world.officer) as op, pytest.raises(SameOfficer):
        seating.redraw_sealed(op, exam_id=exam_id, reason="教室漏水")
    with world.as_(world.approver) as op:
        with pytest.raises(Invalid):
            seating.redraw_sealed(op, exam_id=exam_id, reason="")
        seating.redraw_sealed(op, exam_id=exam_id, reason="教室漏水")
        assert newest_draw(op.db, exam_id).number == 2
    with world.house.database.transaction(reading=True) as db:
        told = db.scalars(select(OutboxMessage.person_id).where(OutboxMessage.template == "seats_changed"))
        drawn_again = places(world, exam_id)
        moved = [row for row in world.candidates(exam_id) if drawn_again[row.id] != drawn[row.id]]
        assert set(told) == {row.person_id for row in moved}
    world.clock.set(world.clock.now() + timedelta(hours=23, minutes=30))
    with world.as_(world.approver) as op, pytest.raises(SeatsNotYet):
        seating.redraw_sealed(op, exam_id=exam_id, reason="又漏水")


def test_a_room_that_goes_voids_the_seats_and_sealing_draws_them(world):
    exam_id = world.published_exam()
    world.confirmed(exam_id, 3)
    world.close_registration()
    draw(world, exam_id)
    with world.as_(world.officer) as op:
        here = next(row.room_id for row in rooms.queries.live_registrations(op.db, exam_id))
        rooms.remove_room(op, exam_id=exam_id, room_id=here)
    assert set(places(world, exam_id).values()) == {(None, None)}
    world.staffed(exam_id)
    with world.as_(world.officer) as op:
        sealing.propose_seal(op, exam_id=exam_id)
    world.seal(exam_id)
    assert all(seat for _, seat in places(world, exam_id).values())


def test_a_proctor_never_runs_the_room_of_the_own_unit_and_the_service_finds_another(world):
    exam_id = world.published_exam(rooms=(rooms.RoomPlan("一考场", 30), rooms.RoomPlan("远程", 5, remote=True)))
    world.confirmed(exam_id, 3)
    world.close_registration()
    draw(world, exam_id)
    own = make_staff(world.house, Role.PROCTOR, unit=world.east)
    room_id = next(room_id for room_id, _ in places(world, exam_id).values())
    with world.as_(world.officer) as op, pytest.raises(ProctorSeesOwnUnit):
        rooms.assign_proctor(op, exam_id=exam_id, room_id=room_id, account_id=own.account_id)
    with world.as_(world.officer) as op:
        room = rooms.queries.rooms_of(op.db, rooms.queries.sittings_of(op.db, exam_id)[0].id)[0]
        assert room.id == room_id
        suggested = rooms.suggest_proctors(op, exam_id)[room.id]
        assert own.account_id not in suggested
        assert rooms.assign_suggested(op, exam_id=exam_id) == 1
        assert rooms.queries.proctors_by_room(op.db, [room.id])[room.id] == suggested[:1]
        assert rooms.assign_suggested(op, exam_id=exam_id) == 0


def test_nobody_to_seat_is_said(world):
    exam_id = world.published_exam()
    world.close_registration()
    with world.as_(world.officer) as op, pytest.raises(NotReady):
        seating.draw_seats(op, exam_id=exam_id, reason="")


def test_the_page_shows_the_plan_the_seeds_and_whether_they_agree(world, browsers):
    exam_id = world.published_exam(rooms=(rooms.RoomPlan("一考场", 4, columns=2),))
    world.confirmed(exam_id, 3)
    world.close_registration()
    officer, here = browsers(world.officer), f"/exams/{exam_id}/seating"
    assert officer.api(here, {}).status_code == 200
    assert officer.api(here, {}).status_code == 422
    shown = officer.api_get(f"{here}?verify=true").json()
    assert (shown["candidates"], shown["seated"], shown["agrees"], len(shown["draws"])) == (3, 3, True, 1)
    assert [len(row) for row in shown["plan"]] == [2, 2]
    assert len(shown["clashes"]) == shown["draws"][0]["clashes"] == 2  # three of one unit on four seats
    page = officer.get(f"{here}?verify=true").text
    assert shown["draws"][0]["seed"] in page
    assert "重算一致" in page
    assert browsers(world.liaison).api_get(here).status_code == 403
