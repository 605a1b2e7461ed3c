"""Candidates are told once that tickets can be printed, and that a printed one is void."""

import json
from datetime import timedelta

from sqlalchemy import select

from app.audit.models import AuditRecord
from app.exams.emergencies import ChangeKind
from app.exams.service import emergencies, late, rooms, seating, ticket_news, tickets
from app.outbox.models import OutboxMessage
from app.people.models import Person
from tests.support.personas import make_candidate


def told(world, template):
    with world.house.database.transaction(reading=True) as db:
        rows = db.scalars(select(OutboxMessage).where(OutboxMessage.template == template).order_by(OutboxMessage.id))
        return [(row.person_id, row.params) for row in rows]


def announce(world):
    ticket_news.announce_tickets(world.house)
    return [person_id for person_id, _ in told(world, "ticket_ready")]


def counts(world, action, name):
    with world.house.database.transaction(reading=True) as db:
        acts = db.scalars(select(AuditRecord.after).where(AuditRecord.action == action).order_by(AuditRecord.id))
        return [json.loads(after)[name] for after in acts]


def add_late(world, exam_id):
    person, number = world.person()
    with world.as_(world.approver) as op:
        late.add_late(op, exam_id=exam_id, name=person.name, id_number=number, reason="漏报")
    return person.id


def print_all(world, exam_id):
    with world.as_(world.liaison) as op:
        tickets.print_unit(op, exam_id=exam_id, unit_id=world.east.id)


def candidate(world, person_id):
    with world.house.database.transaction(reading=True) as db:
        person = db.get_one(Person, person_id)
    return make_candidate(world.house, person)


def test_everybody_is_told_once_while_tickets_can_be_printed(world, browsers, monkeypatch):
    exam_id = world.proposed_exam(3)
    assert announce(world) == []
    world.seal(exam_id)
    now = world.clock.now()
    with world.as_(world.officer) as op:
        tickets.set_window(op, exam_id=exam_id, begins=now + timedelta(hours=1), ends=now + timedelta(hours=9))
    assert announce(world) == []
    people = {row.person_id for row in world.candidates(exam_id)}
    somebody = candidate(world, min(people))
    assert "准考证可以打印" not in browsers(somebody).get("/").text
    world.clock.set(now + timedelta(hours=1))
    monkeypatch.setattr(ticket_news, "AT_ONCE", 2)
    assert set(announce(world)) == people
    assert len(announce(world)) == 3
    (_, params), *_ = told(world, "ticket_ready")
    assert (params["exam_id"], len(params["until"])) == (exam_id, len("2026-11-21 18:00"))
    added = add_late(world, exam_id)  # who comes late is told, and nobody else again
    assert announce(world)[3:] == [added]
    mine = browsers(somebody)
    assert f"/exams/{exam_id}/ticket" in mine.get("/").text
    print_all(world, exam_id)
    assert "准考证可以打印" not in mine.get("/").text
    world.clock.set(now + timedelta(hours=9))
    add_late(world, exam_id)
    assert len(announce(world)) == 4
    assert sum(counts(world, "exam:announce_tickets", "candidates")) == 4


def test_a_redraw_voids_the_printed_tickets_of_whom_it_moves_and_another_day_all(world, browsers):
    exam_id = world.sealed_exam(4, rooms=(rooms.RoomPlan("一考场", 30),))
    print_all(world, exam_id)
    add_late(world, exam_id)
    before = {row.person_id: (row.seat, row.ticket_prints) for row in world.candidates(exam_id)}
    with world.as_(world.approver) as op:
        seating.redraw_sealed(op, exam_id=exam_id, reason="教室漏水")
    moved = {row.person_id for row in world.candidates(exam_id) if row.seat != before[row.person_id][0]}
    void = {person_id for person_id in moved if before[person_id][1]}
    assert {person_id for person_id, _ in told(world, "ticket_void")} == void
    assert {person_id for person_id, _ in told(world, "seats_changed")} == moved - void
    assert {row.person_id for row in world.candidates(exam_id) if row.ticket_voided_at} == void
    mine = browsers(candidate(world, min(before)))
    assert ("作废" in mine.get(f"/exams/{exam_id}/ticket").text) == (min(before) in void)
    print_all(world, exam_id)
    starts = world.clock.now() + timedelta(days=9)
    with world.as_(world.officer) as op:
        change = emergencies.propose_change(
            op,
            exam_id=exam_id,
            kind=ChangeKind.POSTPONE,
            reason="暴雨",
            starts_at=starts,
            ends_at=starts + timedelta(hours=2),
        )
    with world.as_(world.approver) as op:
        emergencies.approve_change(op, exam_id=exam_id, change_id=change.id)
    assert counts(world, "exam:void_tickets", "tickets") == [len(void), 5]
    (unit,) = browsers(world.liaison).api_get(f"/exams/{exam_id}/tickets").json()["units"]
    assert (unit["printed"], unit["void"]) == (0, 5)
    assert "此前打印的准考证作废" in mine.get(f"/exams/{exam_id}/ticket").text
    assert "准考证可以打印" in mine.get("/").text
