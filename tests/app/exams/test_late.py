"""Late additions: a reserve form of the same draw, and nothing else moves."""

from datetime import timedelta

import pytest

from app.exams.rules import (
    AlreadyRegistered,
    ExamMoveRefused,
    NoReserveForm,
    NotEligible,
    OtherName,
    RegistrationShut,
    RegistrationState,
    SameOfficer,
    SeatsTooFew,
)
from app.exams.service import exams
from app.exams.service.late import add_late


def late(world, exam_id, found, *, persona=None, name=None):
    with world.as_(persona or world.approver) as op:
        return add_late(op, exam_id=exam_id, name=name or found[0].name, id_number=found[1], reason="单位漏报")


def test_who_joins_after_sealing_gets_a_reserve_form_and_nothing_else_moves(world):  # P16
    exam_id = world.sealed_exam(2)
    before = {row.id: (row.room_id, row.seat, row.ticket_number) for row in world.candidates(exam_id)}
    joined = late(world, exam_id, world.person())
    third = world.forms(exam_id)[2]
    assert (third.number, third.registration_id) == (3, joined.id)
    after = {row.id: (row.room_id, row.seat, row.ticket_number) for row in world.candidates(exam_id)}
    assert {key: after[key] for key in before} == before
    assert after[joined.id][2] == f"2026{exam_id:04d}0003"
    assert after[joined.id][:2] not in {place[:2] for place in before.values()}
    assert joined.state is RegistrationState.CONFIRMED
    assert world.verdict(exam_id).agrees
    late(world, exam_id, world.person())
    with pytest.raises(NoReserveForm):
        late(world, exam_id, world.person())


def test_late_additions_are_refused_for_every_reason_that_there_is(world):
    exam_id = world.sealed_exam(1)
    found = world.person()
    with pytest.raises(OtherName):
        late(world, exam_id, found, name="另一人")
    with pytest.raises(NotEligible):
        late(world, exam_id, world.person(in_post=False))
    with pytest.raises(SameOfficer):
        late(world, exam_id, found, persona=world.officer)
    late(world, exam_id, found)
    with pytest.raises(AlreadyRegistered):
        late(world, exam_id, found)
    world.clock.advance(timedelta(days=1, minutes=30))
    with pytest.raises(RegistrationShut):
        late(world, exam_id, world.person())


def test_a_late_comer_needs_a_free_seat(world):
    exam_id = world.sealed_exam(1, rooms=(exams.RoomPlan("小", 1),))
    with pytest.raises(SeatsTooFew):
        late(world, exam_id, world.person())


def test_nobody_is_added_before_sealing(world):
    exam_id = world.published_exam()
    with pytest.raises(ExamMoveRefused):
        late(world, exam_id, world.person())
