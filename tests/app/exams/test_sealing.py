"""Sealing: all or nothing, by two people; afterwards nothing changes."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.audit.models import AuditRecord
from app.authoring.models import ItemRow, ItemUsage
from app.authoring.rules import ItemState
from app.errors import Conflict
from app.exams.events import ExamSealed
from app.exams.models import BlueprintRow, PoolItem, Room
from app.exams.rules import (
    ExamState,
    NotEligible,
    NotReady,
    SameOfficer,
)
from app.exams.service import exams, registrations, rooms, sealing
from app.exams.service.drawing import items_of_pool, open_seed
from app.operation import acting_as
from app.people.models import Person
from app.security.permissions import Role
from question_bank.assembly import commit
from question_bank.canonical import read_json
from question_bank.form_json import form_from_json, forms_hash
from tests.support.personas import make_staff


def test_sealing_freezes_pool_forms_seats_and_tickets(world):  # P14, P16, P17
    told = []
    world.house.listen(ExamSealed, lambda _op, event: told.append(event.exam_id))
    exam_id = world.sealed_exam(5)
    exam, papers, people = world.exam(exam_id), world.forms(exam_id), world.candidates(exam_id)
    assert exam.state is ExamState.SEALED
    assert told == [exam_id]
    assert len(papers) == 7  # five candidates, two in reserve
    assert [p.registration_id for p in papers] == [row.id for row in people] + [None, None]
    assert [row.ticket_number for row in people] == [f"2026{exam_id:04d}{n:04d}" for n in range(1, 6)]
    assert len({(row.room_id, row.seat) for row in people}) == 5
    drawn = [form_from_json(read_json(p.content)) for p in papers]
    assert exam.forms_hash == forms_hash(drawn)
    assert all(len(form.entries) == 14 for form in drawn)
    assert len({p.content_hash for p in papers}) == 7
    with world.house.database.transaction(reading=True) as db:
        pool = set(db.scalars(select(PoolItem.item_version_id).where(PoolItem.exam_id == exam_id)))
        usage = db.execute(select(func.sum(ItemUsage.forms)).where(ItemUsage.exam_id == exam_id)).scalar_one()
    assert {int(entry.item_key) for form in drawn for entry in form.entries} <= pool
    assert usage == 7 * 14
    with acting_as(world.house, "test") as op:
        assert set(items_of_pool(op, exam_id)) == {str(version) for version in pool}
        assert commit(open_seed(op, exam)) == exam.seed_commitment
    assert world.verdict(exam_id).agrees


def test_the_page_of_a_sealed_exam_shows_the_commitment_and_no_seed(world, browsers):  # P15, P16
    exam_id = world.sealed_exam(2)
    exam = world.exam(exam_id)
    with acting_as(world.house, "test") as op:
        seed = open_seed(op, exam).hex()
    for persona in (world.liaison, world.officer, world.approver):
        page = browsers(persona).get(f"/exams/{exam_id}").text
        assert exam.seed_commitment in page
        assert seed not in page
        assert "单选1" not in page  # no stem
    assert seed not in (exam.seed_cipher or "")


def test_every_act_of_sealing_is_audited_with_commitments_only(world):  # P35
    exam_id = world.sealed_exam(2)
    exam = world.exam(exam_id)
    with world.house.database.transaction(reading=True) as db:
        (sealed,) = db.scalars(select(AuditRecord).where(AuditRecord.action == "exam:seal"))
        seats = db.execute(
            select(func.count()).select_from(AuditRecord).where(AuditRecord.action == "registration:seat")
        ).scalar_one()
    after = json.loads(sealed.after)
    assert (after["seed_commitment"], after["forms_hash"], after["forms"]) == (
        exam.seed_commitment,
        exam.forms_hash,
        4,
    )
    assert seats == 2


def test_who_proposed_it_neither_seals_nor_declines(world):  # P29
    both = make_staff(world.house, Role.EXAM_OFFICER, Role.EXAM_APPROVER)
    exam_id = world.published_exam()
    world.confirmed(exam_id, 1)
    world.staffed(exam_id)
    world.close_registration()
    with world.as_(both) as op:
        sealing.propose_seal(op, exam_id=exam_id)
    for act in (
        lambda op: sealing.seal(op, exam_id=exam_id),
        lambda op: sealing.decline_seal(op, exam_id=exam_id, reason="不行"),
    ):
        with world.as_(both) as op, pytest.raises(SameOfficer):
            act(op)
    assert world.exam(exam_id).state is ExamState.SEAL_PROPOSED


def test_declining_gives_the_exam_back_with_the_reason(world):
    exam_id = world.proposed_exam(1)
    with world.as_(world.approver) as op:
        sealing.decline_seal(op, exam_id=exam_id, reason="监考员须调整")
    exam = world.exam(exam_id)
    assert (exam.state, exam.remark) == (ExamState.PUBLISHED, "监考员须调整")


def test_sealing_asks_for_a_fresh_second_factor(world, browsers):  # P30
    exam_id = world.proposed_exam(1)
    approver = browsers(world.approver)
    world.clock.advance(timedelta(minutes=10))
    refused = approver.api(f"/exams/{exam_id}/seal")
    assert (refused.status_code, world.exam(exam_id).state) == (403, ExamState.SEAL_PROPOSED)


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda _w, _e: None, "报名已截止"),
        (lambda w, e: (w.register(e, *w.person()), w.close_registration()), "没有待确认的报名（现有 1 人）"),
        (lambda w, _e: w.close_registration(), "每个线下考场都有监考员（缺：一考场、二考场）"),
        (lambda w, _e: w.clock.advance(timedelta(days=7)), "报名已截止，考试尚未开始"),
    ],
)
def test_what_is_missing_is_named_before_sealing(world, prepare, words):
    exam_id = world.published_exam()
    prepare(world, exam_id)
    with world.as_(world.officer) as op, pytest.raises(NotReady) as refused:
        sealing.propose_seal(op, exam_id=exam_id)
    assert words in refused.value.sentence("zh")


def test_too_few_seats_are_named(world):
    exam_id = world.published_exam(rooms=(exams.RoomPlan("小", 1),))
    world.confirmed(exam_id, 2)
    world.staffed(exam_id)
    world.close_registration()
    with world.as_(world.officer) as op, pytest.raises(NotReady) as refused:
        sealing.propose_seal(op, exam_id=exam_id)
    assert "1 座，2 人" in refused.value.sentence("zh")


def test_a_pool_that_shrank_stops_the_sealing_and_names_the_cells(world):
    exam_id = world.proposed_exam(1)
    with acting_as(world.house, "test") as op:
        op.db.execute(update(ItemRow).where(ItemRow.id.in_(world.item_ids[:16])).values(state=ItemState.RETIRED))
    with pytest.raises(NotReady) as refused:
        world.seal(exam_id)
    assert "单选题" in refused.value.sentence("zh")
    assert refused.value.sentence("zh").count("还差 1 题") == 2  # of any topic, and of the first chapter
    assert world.exam(exam_id).state is ExamState.SEAL_PROPOSED
    assert world.forms(exam_id) == []


def test_who_lost_eligibility_stops_the_sealing_by_name(world):
    exam_id = world.proposed_exam(2)
    lost = world.candidates(exam_id)[0].person_id
    with acting_as(world.house, "test") as op:
        person = op.db.get_one(Person, lost)
        person.in_post = False
        name = person.name
    with pytest.raises(NotEligible) as refused:
        world.seal(exam_id)
    assert name in refused.value.sentence("zh")
    assert world.exam(exam_id).state is ExamState.SEAL_PROPOSED


def test_who_seals_has_a_part_in_the_exam(world):  # P29
    sitter = make_staff(world.house, Role.EXAM_APPROVER, unit=world.east)
    exam_id = world.published_exam()
    with acting_as(world.house, "test") as op:
        person = op.db.get_one(Person, sitter.person_id)
    with world.as_(world.liaison) as op:
        exam = registrations.queries.exam_by_id(op.db, exam_id)
        row = registrations.enter(op, exam, person, registrations.answers_for(op, exam, [person])[person.id])
    with world.as_(world.officer) as op:
        registrations.confirm(op, exam_id=exam_id, registration_ids=[row.id])
    world.staffed(exam_id)
    world.close_registration()
    with world.as_(world.officer) as op:
        sealing.propose_seal(op, exam_id=exam_id)
    with pytest.raises(NotEligible):
        world.seal(exam_id, sitter)


def test_two_seals_at_once_are_one(world):  # P13
    exam_id = world.proposed_exam(3)
    other = make_staff(world.house, Role.EXAM_APPROVER)

    def attempt(persona):
        try:
            world.seal(exam_id, persona)
        except Conflict:
            return "refused"
        return "sealed"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, [world.approver, other])) == ["refused", "sealed"]
    assert len(world.forms(exam_id)) == 5
    assert world.verdict(exam_id).agrees


def test_no_route_changes_a_sealed_exam(world, browsers):
    exam_id = world.sealed_exam(2)
    row = world.candidates(exam_id)[0]
    here, entry = f"/exams/{exam_id}", f"/exams/{exam_id}/registrations"
    with world.house.database.transaction(reading=True) as db:
        room_id = db.scalars(select(Room.id)).first()
        blueprint_id = db.scalars(select(BlueprintRow.id)).first()
    officer, approver, liaison = browsers(world.officer), browsers(world.approver), browsers(world.liaison)
    plan = {
        "name": "改名",
        "blueprint_id": blueprint_id,
        "registration_opens_at": "2026-12-24T09:00",
        "registration_closes_at": "2026-12-28T17:00",
        "starts_at": "2026-12-29T09:00",
        "ends_at": "2026-12-29T11:00",
        "duration_minutes": 90,
    }
    person, number = world.person()
    refused = [
        officer.api(here, plan),
        officer.api(f"{here}/submit"),
        approver.api(f"{here}/return", {"reason": "改"}),
        approver.api(f"{here}/publish"),
        approver.api(f"{here}/cancel", {"reason": "改"}),
        officer.api(f"{here}/seal/propose"),
        approver.api(f"{here}/seal/decline", {"reason": "改"}),
        approver.api(f"{here}/seal"),
        officer.api(f"{here}/rooms", {"name": "加", "capacity": 3}),
        officer.api(f"{here}/rooms/{room_id}/remove"),
        officer.api(f"{here}/rooms/{room_id}/proctors", {"account_id": world.proctor.account_id}),
        officer.api(f"{here}/rooms/{room_id}/proctors/release", {"account_id": world.proctor.account_id}),
        liaison.api(entry, {"name": person.name, "id_number": number}),
        officer.api(f"{entry}/confirm", {"registration_ids": [row.id]}),
        officer.api(f"{entry}/{row.id}/refuse", {"reason": "改"}),
        liaison.api(f"{entry}/{row.id}/withdraw"),
    ]
    assert [answer.status_code for answer in refused] == [409] * len(refused)
    assert {answer.json()["code"] for answer in refused} == {"exam.sealed"}


def test_rooms_run_by_a_proctor_of_the_own_unit_take_no_candidate_of_it(world):
    exam_id = world.published_exam()
    world.confirmed(exam_id, 4)
    own = make_staff(world.house, Role.PROCTOR, unit=world.east)
    with world.as_(world.officer) as op:
        first, second = rooms.queries.rooms_of(op.db, rooms.queries.sittings_of(op.db, exam_id)[0].id)
        rooms.assign_proctor(op, exam_id=exam_id, room_id=first.id, account_id=own.account_id)
        rooms.assign_proctor(op, exam_id=exam_id, room_id=second.id, account_id=world.proctor.account_id)
    world.close_registration()
    with world.as_(world.officer) as op:
        sealing.propose_seal(op, exam_id=exam_id)
    world.seal(exam_id)
    assert {row.room_id for row in world.candidates(exam_id)} == {second.id}
