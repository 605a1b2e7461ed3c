"""Sealing: all or nothing, by two people, and what can be recomputed afterwards."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from app.audit.models import AuditRecord
from app.authoring.models import ItemRow, ItemUsage, ItemVersion
from app.authoring.rules import ItemState
from app.clock import ManualClock
from app.errors import Conflict
from app.exams.events import ExamSealed
from app.exams.models import BlueprintRow, Exam, FormRow, PoolItem, Registration, Room
from app.exams.rules import (
    AlreadyRegistered,
    ExamMoveRefused,
    ExamState,
    NoReserveForm,
    NotEligible,
    NotOverYet,
    NotReady,
    OtherName,
    RegistrationShut,
    RegistrationState,
    SameOfficer,
    SeatsTooFew,
)
from app.exams.service import exams, registrations, rooms, sealing
from app.exams.service.drawing import disclose_seed, items_of_pool, open_seed, recompute_draw
from app.exams.service.late import add_late
from app.operation import acting_as
from app.people.models import Person
from app.security.permissions import Role
from question_bank.assembly import commit
from question_bank.canonical import read_json
from question_bank.form import form_from_json, forms_hash
from tests.support.personas import make_staff


def exam_row(world, exam_id):
    with world.house.database.transaction(reading=True) as db:
        return db.get_one(Exam, exam_id)


def forms(world, exam_id):
    with world.house.database.transaction(reading=True) as db:
        return list(db.scalars(select(FormRow).where(FormRow.exam_id == exam_id).order_by(FormRow.number)))


def candidates(world, exam_id):
    with world.house.database.transaction(reading=True) as db:
        rows = select(Registration).where(Registration.exam_id == exam_id).order_by(Registration.ticket_number)
        return list(db.scalars(rows))


def seal(world, exam_id, persona=None):
    with world.as_(persona or world.approver) as op:
        return sealing.seal(op, exam_id=exam_id)


def verdict(world, exam_id):
    with acting_as(world.house, "test") as op:
        return recompute_draw(op, exam_id)


def test_sealing_freezes_pool_forms_seats_and_tickets(world):  # P14, P16, P17
    told = []
    world.house.listen(ExamSealed, lambda _op, event: told.append(event.exam_id))
    exam_id = world.sealed_exam(5)
    exam, papers, people = exam_row(world, exam_id), forms(world, exam_id), candidates(world, exam_id)
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
    assert verdict(world, exam_id).agrees


def test_the_candidates_view_holds_no_key(world):  # P14
    exam_id = world.sealed_exam(1)
    view = json.loads(forms(world, exam_id)[0].view)
    seen = set()

    def walk(value):
        if isinstance(value, dict):
            seen.update(value)
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(view)
    assert seen == {
        "item_count",
        "maximum_hundredths",
        "sections",
        "title",
        "items",
        "position",
        "item_type",
        "type_name",
        "zh",
        "en",
        "stem",
        "options",
        "letter",
        "text",
        "points_hundredths",
        "scoring",
    }


def test_the_page_of_a_sealed_exam_shows_the_commitment_and_no_seed(world, browsers):  # P15, P16
    exam_id = world.sealed_exam(2)
    exam = exam_row(world, exam_id)
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
    exam = exam_row(world, exam_id)
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
    assert exam_row(world, exam_id).state is ExamState.SEAL_PROPOSED


def test_declining_gives_the_exam_back_with_the_reason(world):
    exam_id = world.proposed_exam(1)
    with world.as_(world.approver) as op:
        sealing.decline_seal(op, exam_id=exam_id, reason="监考员须调整")
    exam = exam_row(world, exam_id)
    assert (exam.state, exam.remark) == (ExamState.PUBLISHED, "监考员须调整")


def test_sealing_asks_for_a_fresh_second_factor(world, browsers):  # P30
    exam_id = world.proposed_exam(1)
    approver = browsers(world.approver)
    world.clock.advance(timedelta(minutes=10))
    refused = approver.api(f"/exams/{exam_id}/seal")
    assert (refused.status_code, exam_row(world, exam_id).state) == (403, ExamState.SEAL_PROPOSED)


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
        seal(world, exam_id)
    assert "单选题" in refused.value.sentence("zh")
    assert refused.value.sentence("zh").count("还差 1 题") == 2  # of any topic, and of the first chapter
    assert exam_row(world, exam_id).state is ExamState.SEAL_PROPOSED
    assert forms(world, exam_id) == []


def test_who_lost_eligibility_stops_the_sealing_by_name(world):
    exam_id = world.proposed_exam(2)
    lost = candidates(world, exam_id)[0].person_id
    with acting_as(world.house, "test") as op:
        person = op.db.get_one(Person, lost)
        person.in_post = False
        name = person.name
    with pytest.raises(NotEligible) as refused:
        seal(world, exam_id)
    assert name in refused.value.sentence("zh")
    assert exam_row(world, exam_id).state is ExamState.SEAL_PROPOSED


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
        seal(world, exam_id, sitter)


def test_two_seals_at_once_are_one(world):  # P13
    exam_id = world.proposed_exam(3)
    other = make_staff(world.house, Role.EXAM_APPROVER)

    def attempt(persona):
        try:
            seal(world, exam_id, persona)
        except Conflict:
            return "refused"
        return "sealed"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, [world.approver, other])) == ["refused", "sealed"]
    assert len(forms(world, exam_id)) == 5
    assert verdict(world, exam_id).agrees


def test_no_route_changes_a_sealed_exam(world, browsers):
    exam_id = world.sealed_exam(2)
    row = candidates(world, exam_id)[0]
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


def test_a_later_version_of_an_item_changes_no_form(world):  # P17
    exam_id = world.sealed_exam(1)
    before = [(f.content, f.view) for f in forms(world, exam_id)]
    with acting_as(world.house, "test") as op:
        op.db.execute(update(ItemRow).values(state=ItemState.RETIRED))
    assert [(f.content, f.view) for f in forms(world, exam_id)] == before
    assert verdict(world, exam_id).agrees


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE form SET content = content || ' ' WHERE number = 2",
            "第 2 份",
        ),
        ("UPDATE form SET view = view || ' ' WHERE number = 3", "第 3 份"),
        ("UPDATE form SET content_hash = '" + "0" * 64 + "' WHERE number = 1", "第 1 份"),
        ("UPDATE exam SET forms_hash = '" + "0" * 64 + "'", "哈希"),
        ("UPDATE exam SET pool_hash = '" + "0" * 64 + "'", "备选题集"),
        ("UPDATE exam SET seed_commitment = '" + "0" * 64 + "'", "承诺值"),
        ("DELETE FROM form WHERE number = 4", "哈希"),
        ("DELETE FROM pool_item WHERE item_version_id = (SELECT min(item_version_id) FROM pool_item)", "备选题集"),
    ],
)
def test_recomputing_the_draw_finds_one_changed_byte(world, statement, words):  # P16
    exam_id = world.sealed_exam(2)
    with acting_as(world.house, "test") as op:
        op.db.execute(text(statement))
    found = verdict(world, exam_id)
    assert not found.agrees
    assert words in found.zh


def test_a_changed_item_version_is_found_too(world):
    exam_id = world.sealed_exam(1)
    with acting_as(world.house, "test") as op:
        row = op.db.scalars(select(ItemVersion)).first()
        row.content = row.content.replace("选项0", "选项X")
    assert "备选题集" in verdict(world, exam_id).zh


def late(world, exam_id, found, *, persona=None, name=None):
    with world.as_(persona or world.approver) as op:
        return add_late(op, exam_id=exam_id, name=name or found[0].name, id_number=found[1], reason="单位漏报")


def test_who_joins_after_sealing_gets_a_reserve_form_and_nothing_else_moves(world):  # P16
    exam_id = world.sealed_exam(2)
    before = {row.id: (row.room_id, row.seat, row.ticket_number) for row in candidates(world, exam_id)}
    joined = late(world, exam_id, world.person())
    third = forms(world, exam_id)[2]
    assert (third.number, third.registration_id) == (3, joined.id)
    after = {row.id: (row.room_id, row.seat, row.ticket_number) for row in candidates(world, exam_id)}
    assert {key: after[key] for key in before} == before
    assert after[joined.id][2] == f"2026{exam_id:04d}0003"
    assert after[joined.id][:2] not in {place[:2] for place in before.values()}
    assert joined.state is RegistrationState.CONFIRMED
    assert verdict(world, exam_id).agrees
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


def test_the_seed_is_disclosed_only_when_every_sitting_is_over(world, browsers):  # P16
    exam_id = world.sealed_exam(1)
    with world.as_(world.approver) as op, pytest.raises(NotOverYet):
        disclose_seed(op, exam_id=exam_id)
    world.clock.advance(timedelta(days=1, hours=2))
    with world.as_(world.approver) as op:
        disclose_seed(op, exam_id=exam_id)
    exam = exam_row(world, exam_id)
    assert commit(bytes.fromhex(exam.seed_disclosed)) == exam.seed_commitment
    assert exam.seed_disclosed in browsers(world.liaison).get(f"/exams/{exam_id}").text


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
    seal(world, exam_id)
    assert {row.room_id for row in candidates(world, exam_id)} == {second.id}


def test_the_command_says_whether_the_forms_agree(world, monkeypatch, capsys):
    import typer

    from app.commands import exam as command

    exam_id = world.sealed_exam(1)

    class Opened:
        def __enter__(self):
            return world.house

        def __exit__(self, *_):
            return None

    monkeypatch.setattr(command, "opened", Opened)
    command.verify_draw(exam_id)
    assert "3 份试卷" in capsys.readouterr().out
    with acting_as(world.house, "test") as op:
        op.db.execute(text("UPDATE form SET view = view || ' ' WHERE number = 1"))
    with pytest.raises(typer.Exit) as ended:
        command.verify_draw(exam_id)
    assert ended.value.exit_code == 1
    assert isinstance(world.house.clock, ManualClock)
