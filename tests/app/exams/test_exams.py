"""Exams: planned, submitted, published by another person, cancelled; rooms and proctors until sealing."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.exams.models import Exam
from app.exams.rules import (
    EXAM_TRANSITIONS,
    ExamAction,
    ExamMoveRefused,
    ExamState,
    NameTaken,
    NotReady,
    ProctorOfOwnUnit,
    SameOfficer,
)
from app.exams.service import exams, registrations, rooms, sealing
from app.exams.service.drawing import disclose_seed
from app.exams.service.late import add_late
from app.exams.service.waiting import waiting
from app.operation import acting_as
from app.security.permissions import Role
from tests.support.personas import make_staff


def state(world, exam_id):
    with world.house.database.transaction(reading=True) as db:
        return db.get_one(Exam, exam_id).state


def audited(world, subject, subject_id):
    with world.house.database.transaction(reading=True) as db:
        rows = select(AuditRecord.action).where(
            AuditRecord.subject_kind == subject, AuditRecord.subject_id == str(subject_id)
        )
        return list(db.scalars(rows.order_by(AuditRecord.id)))


def test_an_exam_is_planned_returned_mended_published_and_each_step_is_audited(world, browsers):  # P35
    officer, approver = browsers(world.officer), browsers(world.approver)
    given = {
        "name": "春季初级",
        "blueprint_id": world.approved_blueprint(),
        "registration_opens_at": "2026-11-24T09:00",
        "registration_closes_at": "2026-11-28T17:00",
        "starts_at": "2026-12-01T09:00",
        "ends_at": "2026-12-01T11:00",
        "duration_minutes": 90,
        "rooms": [{"name": "一考场", "capacity": 30}, {"name": "远程", "capacity": 50, "remote": True}],
    }
    made = officer.api("/exams", given)
    assert made.status_code == 200, made.text
    exam_id = made.json()["id"]
    here = f"/exams/{exam_id}"
    shown = officer.api_get(here).json()
    assert shown["starts_at"] == "2026-12-01T01:00:00Z"  # typed in Beijing time
    assert (shown["late_entry_minutes"], shown["earliest_hand_in_minutes"]) == (30, 30)
    assert [n["met"] for n in shown["checklist"]] == [True] * 5
    assert officer.api(f"{here}/submit").status_code == 200
    assert approver.api(f"{here}/return", {"reason": "考场不够"}).status_code == 200
    assert officer.api(here, given | {"duration_minutes": 120}).status_code == 200
    assert officer.api(f"{here}/submit").status_code == 200
    assert approver.api(f"{here}/publish").status_code == 200
    assert officer.api(here, given).status_code == 409
    assert audited(world, "exam", exam_id) == [
        "exam:create",
        "exam:submit",
        "exam:return",
        "exam:change",
        "exam:submit",
        "exam:publish",
    ]


def test_the_form_of_a_page_does_the_same(world, browsers):
    officer = browsers(world.officer)
    fields = {
        "name": "表单考试",
        "blueprint_id": world.approved_blueprint(),
        "registration_opens_at": "2026-11-24T09:00",
        "registration_closes_at": "2026-11-28T17:00",
        "starts_at": "2026-12-01T09:00",
        "ends_at": "2026-12-01T11:00",
        "duration_minutes": "90",
        "late_entry_minutes": "20",
        "earliest_hand_in_minutes": "30",
        "reserve_forms": "5",
        "rooms.0.name": "一考场",
        "rooms.0.capacity": "30",
        "rooms.1.name": "",
    }
    sent = officer.submit("/exams", fields)
    assert sent.status_code == 303, sent.text
    assert "表单考试" in officer.get(sent.headers["location"]).text
    wrong = officer.submit("/exams", fields | {"name": "另一考试", "ends_at": "2026-12-01T09:30"})
    assert wrong.status_code == 422
    assert "结束时间不早于开考加考试时长" in wrong.text
    assert "2026-12-01T09:30" in wrong.text


def test_only_an_approved_blueprint_can_be_used(world, browsers):
    refused = browsers(world.officer).api(
        "/exams",
        {
            "name": "无方案",
            "blueprint_id": 99999,
            "registration_opens_at": "2026-11-24T09:00",
            "registration_closes_at": "2026-11-28T17:00",
            "starts_at": "2026-12-01T09:00",
            "ends_at": "2026-12-01T11:00",
            "duration_minutes": 90,
        },
    )
    assert refused.status_code == 422
    assert "blueprint_id" in refused.text


def test_names_are_unique(world):
    blueprint_id = world.approved_blueprint()
    world.draft_exam(blueprint_id=blueprint_id, name="同名")
    with world.as_(world.officer) as op, pytest.raises(NameTaken):
        exams.create_exam(op, world.plan(blueprint_id, name="同名"))


def test_what_is_missing_is_said_before_anything_is_published(world):
    exam_id = world.draft_exam(rooms=(), reserve_forms=0)
    with world.as_(world.officer) as op, pytest.raises(NotReady) as refused:
        exams.submit_exam(op, exam_id=exam_id)
    assert "考场" in refused.value.sentence("zh")
    assert "备用卷" in refused.value.sentence("zh")


def test_time_may_overtake_a_plan(world):
    exam_id = world.draft_exam()
    with world.as_(world.officer) as op:
        exams.submit_exam(op, exam_id=exam_id)
    world.clock.advance(timedelta(days=6))
    with world.as_(world.approver) as op, pytest.raises(NotReady):
        exams.publish_exam(op, exam_id=exam_id)


def both_roles(world):
    return make_staff(world.house, Role.EXAM_OFFICER, Role.EXAM_APPROVER)


def test_who_planned_it_neither_publishes_nor_returns_nor_cancels_it(world):  # P29
    both = both_roles(world)
    blueprint_id = world.approved_blueprint()
    with world.as_(both) as op:
        exam_id = exams.create_exam(op, world.plan(blueprint_id)).id
        exams.submit_exam(op, exam_id=exam_id)
    for act in (
        lambda op: exams.publish_exam(op, exam_id=exam_id),
        lambda op: exams.return_exam(op, exam_id=exam_id, reason="改"),
        lambda op: exams.cancel_exam(op, exam_id=exam_id, reason="不办了"),
    ):
        with world.as_(both) as op, pytest.raises(SameOfficer):
            act(op)


ACTS = {
    ExamAction.REVISE: lambda w, op, i: exams.revise_exam(
        op, exam_id=i, plan=w.plan(exams.queries.exam_by_id(op.db, i).blueprint_id)
    ),
    ExamAction.SUBMIT: lambda _w, op, i: exams.submit_exam(op, exam_id=i),
    ExamAction.RETURN: lambda _w, op, i: exams.return_exam(op, exam_id=i, reason="改"),
    ExamAction.PUBLISH: lambda _w, op, i: exams.publish_exam(op, exam_id=i),
    ExamAction.ARRANGE: lambda _w, op, i: rooms.add_room(op, exam_id=i, plan=rooms.RoomPlan("加", 5, remote=True)),
    ExamAction.REGISTER: lambda w, op, i: registrations.register(
        op, exam_id=i, name=w.somebody[0].name, id_number=w.somebody[1]
    ),
    ExamAction.PROPOSE_SEAL: lambda _w, op, i: sealing.propose_seal(op, exam_id=i),
    ExamAction.DECLINE_SEAL: lambda _w, op, i: sealing.decline_seal(op, exam_id=i, reason="再查"),
    ExamAction.SEAL: lambda _w, op, i: sealing.seal(op, exam_id=i),
    ExamAction.CANCEL: lambda _w, op, i: exams.cancel_exam(op, exam_id=i, reason="不办了"),
    ExamAction.ADD_LATE: lambda w, op, i: add_late(
        op, exam_id=i, name=w.somebody[0].name, id_number=w.somebody[1], reason="漏报"
    ),
    ExamAction.DISCLOSE_SEED: lambda _w, op, i: disclose_seed(op, exam_id=i),
}


def reach(world, wanted):
    match wanted:
        case ExamState.DRAFT:
            return world.draft_exam()
        case ExamState.SUBMITTED:
            exam_id = world.draft_exam()
            with world.as_(world.officer) as op:
                exams.submit_exam(op, exam_id=exam_id)
            return exam_id
        case ExamState.PUBLISHED:
            return world.published_exam()
        case ExamState.SEAL_PROPOSED:
            return world.proposed_exam(1)
        case ExamState.SEALED:
            return world.sealed_exam(1)
    exam_id = world.draft_exam()
    with world.as_(world.approver) as op:
        exams.cancel_exam(op, exam_id=exam_id, reason="不办了")
    return exam_id


@pytest.mark.parametrize("wanted", ExamState)
def test_every_act_that_the_table_does_not_have_is_refused_and_changes_nothing(world, wanted):  # P13
    exam_id = reach(world, wanted)
    world.somebody = world.person()
    before = audited(world, "exam", exam_id)
    for action, act in ACTS.items():
        if (wanted, action) in EXAM_TRANSITIONS:
            continue
        with world.as_(world.officer) as op, pytest.raises(ExamMoveRefused):
            act(world, op, exam_id)
    assert state(world, exam_id) is wanted
    assert audited(world, "exam", exam_id) == before


def test_rooms_and_proctors_are_arranged_until_sealing(world, browsers):
    exam_id = world.published_exam()
    officer = browsers(world.officer)
    here = f"/exams/{exam_id}"
    room_id = officer.api(f"{here}/rooms", {"name": "三考场", "capacity": 10}).json()["id"]
    assert officer.api(f"{here}/rooms", {"name": "三考场", "capacity": 10}).status_code == 422
    given = {"account_id": world.proctor.account_id}
    assert officer.api(f"{here}/rooms/{room_id}/proctors", given).status_code == 200
    assert officer.api(f"{here}/rooms/{room_id}/proctors", given).status_code == 200  # twice is once
    (room,) = [r for r in officer.api_get(here).json()["rooms"] if r["id"] == room_id]
    assert [p["account_id"] for p in room["proctors"]] == [world.proctor.account_id]
    assert officer.api(f"{here}/rooms/{room_id}/proctors/release", given).status_code == 200
    assert officer.api(f"{here}/rooms/{room_id}/proctors/release", given).status_code == 404
    assert officer.api(f"{here}/rooms/{room_id}/remove").status_code == 200
    assert officer.api(f"{here}/rooms/{room_id}/remove").status_code == 404
    stranger = {"account_id": world.liaison.account_id}
    other = officer.api_get(here).json()["rooms"][0]["id"]
    assert officer.api(f"{here}/rooms/{other}/proctors", stranger).status_code == 422
    assert audited(world, "room", room_id) == [
        "room:create",
        "room:assign_proctor",
        "room:release_proctor",
        "room:remove",
    ]


def test_a_proctor_whose_unit_cannot_sit_elsewhere_is_refused_by_name(world):
    exam_id = world.published_exam(rooms=(exams.RoomPlan("一考场", 30),))
    world.confirmed(exam_id, 2)
    own = make_staff(world.house, Role.PROCTOR, unit=world.east, name="东监考")
    with world.as_(world.officer) as op:
        room = rooms.queries.rooms_of(op.db, rooms.queries.sittings_of(op.db, exam_id)[0].id)[0]
    with world.as_(world.officer) as op, pytest.raises(ProctorOfOwnUnit) as refused:
        rooms.assign_proctor(op, exam_id=exam_id, room_id=room.id, account_id=own.account_id)
    assert "东监考" in refused.value.sentence("zh")
    assert world.east.name in refused.value.sentence("zh")
    with world.as_(world.officer) as op:
        rooms.add_room(op, exam_id=exam_id, plan=rooms.RoomPlan("二考场", 2))
        rooms.assign_proctor(op, exam_id=exam_id, room_id=room.id, account_id=own.account_id)


def test_units_see_published_exams_only_and_nothing_of_the_office(world, browsers):  # P21, P22
    draft, published = world.draft_exam(), world.published_exam()
    liaison = browsers(world.liaison)
    missing, hidden = liaison.api_get("/exams/999999"), liaison.api_get(f"/exams/{draft}")
    assert missing.status_code == hidden.status_code == 404
    assert {k: v for k, v in missing.json().items() if k not in {"instance", "request_id"}} == {
        k: v for k, v in hidden.json().items() if k not in {"instance", "request_id"}
    }
    assert [e["id"] for e in liaison.api_get("/exams").json()["exams"]] == [published]
    shown = liaison.api_get(f"/exams/{published}").json()
    assert shown["checklist"] == shown["proctors"] == shown["can"] == []
    assert shown["blueprint_id"] is None
    assert all(room["proctors"] == [] for room in shown["rooms"])


def test_everybody_is_told_what_waits_for_them(world):
    exam_id = world.published_exam()
    submitted = world.draft_exam()
    with world.as_(world.officer) as op:
        exams.submit_exam(op, exam_id=submitted)
    world.register(exam_id, *world.person())

    def tasks(persona):
        with world.as_(persona) as op:
            return {task.zh.split("：")[0]: task.count for task in waiting(op) if task.count}

    assert tasks(world.liaison) == {"场考试正在报名": 1}
    assert tasks(world.officer) == {"份报名待确认": 1}
    assert tasks(world.approver) == {"场考试待发布": 1}
    with acting_as(world.house, "test") as op:
        assert waiting(op) == []
