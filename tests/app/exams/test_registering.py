"""Registering by the person: the ways into an exam, the unit's endorsement, the consent behind every registration."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.exams.registering import service
from app.exams.registering.rules import (
    CURRENT,
    ConsentChanged,
    EndorsementOver,
    Enterer,
    OwnApplication,
    RegistrationWay,
    WayClosed,
    check_endorsement,
    check_way,
)
from app.exams.rules import (
    REGISTRATION_TRANSITIONS,
    AlreadyRegistered,
    ExamMoveRefused,
    RegistrationAction,
    RegistrationShut,
    RegistrationState,
    move_registration,
)
from app.exams.service import exams, registrations, sealing
from app.people.models import Person
from app.security.permissions import Role
from tests.support.personas import Persona, make_candidate, make_staff


def candidate(world, unit=None, **more) -> tuple[Person, Persona]:
    person, _ = world.person(unit, **more)
    return person, make_candidate(world.house, person)


def apply(world, exam_id, persona, version=CURRENT):
    with world.as_(persona) as op:
        return service.apply(op, exam_id=exam_id, version=version).id


@pytest.mark.parametrize(("state", "action"), [*product(RegistrationState, RegistrationAction)])
def test_moves_are_those_of_the_table(state, action):  # P13
    if (state, action) in REGISTRATION_TRANSITIONS:
        assert move_registration(state, action) is REGISTRATION_TRANSITIONS[state, action]
    else:
        with pytest.raises(ExamMoveRefused):
            move_registration(state, action)


def test_ways_admit_whom_they_name_and_nobody_endorses_their_own(world):
    for way, enterer in product(RegistrationWay, Enterer):
        if way is RegistrationWay.BOTH or way.value == enterer.value:
            check_way(way, enterer)
        else:
            with pytest.raises(WayClosed):
                check_way(way, enterer)
    now = world.clock.now()
    check_endorsement(now + timedelta(seconds=1), endorser=1, applicant=2, now=now)
    with pytest.raises(EndorsementOver):
        check_endorsement(now, endorser=1, applicant=2, now=now)
    with pytest.raises(OwnApplication):
        check_endorsement(None, endorser=2, applicant=2, now=now)


def test_a_person_applies_the_unit_endorses_the_department_confirms(world):  # P29, P35
    now = world.clock.now()
    exam_id = world.published_exam(way=RegistrationWay.BOTH, endorsement_closes_at=now + timedelta(days=6))
    person, persona = candidate(world)
    other, rival = candidate(world)
    with pytest.raises(ConsentChanged):
        apply(world, exam_id, persona, CURRENT + 1)
    first, second = apply(world, exam_id, persona), apply(world, exam_id, rival)
    with pytest.raises(AlreadyRegistered):
        apply(world, exam_id, persona)
    liaison_too = make_staff(world.house, Role.UNIT_LIAISON, unit=world.west)
    with world.as_(world.officer) as op, pytest.raises(ExamMoveRefused):
        registrations.confirm(op, exam_id=exam_id, registration_ids=[first])
    with world.as_(liaison_too) as op, pytest.raises(service.NotFound):
        service.endorse(op, exam_id=exam_id, registration_ids=[first])
    with world.as_(world.liaison) as op:
        service.endorse(op, exam_id=exam_id, registration_ids=[first])
        service.decline(op, exam_id=exam_id, registration_id=second, reason="名额已满")
    with world.as_(world.officer) as op:
        registrations.confirm(op, exam_id=exam_id, registration_ids=[first])
    assert world.registration(first).state is RegistrationState.CONFIRMED
    assert world.registration(second).remark == "名额已满"
    third = apply(world, exam_id, rival)  # who was declined may try again while it is open
    world.staffed(exam_id)
    world.close_registration()
    with world.as_(world.liaison) as op, pytest.raises(EndorsementOver):
        service.endorse(op, exam_id=exam_id, registration_ids=[third])
    with world.as_(world.officer) as op, pytest.raises(sealing.NotReady):
        sealing.propose_seal(op, exam_id=exam_id)
    with world.as_(world.officer) as op:
        registrations.refuse(op, exam_id=exam_id, registration_id=third, reason="单位未推荐")
        sealing.propose_seal(op, exam_id=exam_id)
    with world.house.database.transaction(reading=True) as db:
        acts = db.execute(
            select(AuditRecord.action, AuditRecord.subject_id).where(AuditRecord.subject_kind == "registration")
        ).all()
    assert [act for act, subject in acts if subject == str(first)] == [
        "registration:create",
        "consent:accept",
        "registration:endorse",
        "registration:accept",
    ]
    assert ("registration:decline", str(second)) in {(act, subject) for act, subject in acts}
    assert {other.id, person.id} == {row.person_id for row in world.candidates(exam_id)}


def test_where_persons_enter_alone_units_do_not_and_each_may_take_it_back(world):
    exam_id = world.published_exam(way=RegistrationWay.PERSON)
    person, number = world.person()
    with pytest.raises(WayClosed):
        world.register(exam_id, person, number)
    persona = make_candidate(world.house, person)
    found = apply(world, exam_id, persona)
    assert world.registration(found).state is RegistrationState.REGISTERED
    with world.as_(persona) as op:
        service.take_back(op, exam_id=exam_id)
    assert world.registration(found).state is RegistrationState.WITHDRAWN
    with world.as_(persona) as op, pytest.raises(service.NotFound):
        service.take_back(op, exam_id=exam_id)
    by_unit = world.published_exam()
    with pytest.raises(WayClosed):
        apply(world, by_unit, persona)
    again = apply(world, exam_id, persona)
    world.close_registration()
    with world.as_(persona) as op, pytest.raises(RegistrationShut):
        service.take_back(op, exam_id=exam_id)
    with pytest.raises(service.NotFound):
        apply(world, world.draft_exam(way=RegistrationWay.PERSON), persona)
    assert world.registration(again).state is RegistrationState.REGISTERED
    with world.as_(world.officer) as op, pytest.raises(exams.Invalid):
        exams.create_exam(op, world.plan(1, way=RegistrationWay.BOTH, endorsement_closes_at=world.clock.now()))


def test_the_portal_tells_why_not_and_who_was_entered_consents_before_the_door(world, browsers):  # P20, P22
    exam_id = world.published_exam(way=RegistrationWay.BOTH)
    person, persona = candidate(world)
    _, outsider = candidate(world, in_post=False)
    mine, theirs, liaison = browsers(persona), browsers(outsider), browsers(world.liaison)
    shown = theirs.api_get("/registrations").json()["exams"]
    assert [(line["exam_id"], line["eligible"], line["may_apply"]) for line in shown] == [(exam_id, False, False)]
    assert "不在党务工作岗位" in theirs.get("/registrations").text
    assert theirs.api(f"/exams/{exam_id}/apply", {"consent": CURRENT}).status_code == 409
    homes = [client.get("/").text for client in (theirs, mine)]
    assert ["场考试可以报名" in home for home in homes] == [False, True]  # nobody is asked to what they may not enter
    assert mine.submit(f"/exams/{exam_id}/apply", {"consent": str(CURRENT)}).status_code == 303
    assert "待单位推荐" in mine.get("/registrations").text
    assert "场考试可以报名" not in mine.get("/").text
    assert "份报名待推荐" in liaison.get("/").text
    rows = liaison.api_get(f"/exams/{exam_id}/registrations").json()["rows"]
    assert [(row["state"], row["person_name"]) for row in rows] == [("applied", person.name)]
    here = f"/exams/{exam_id}/registrations"
    assert "不予推荐" in liaison.get(f"{here}/{rows[0]['id']}").text
    assert liaison.api(f"{here}/{rows[0]['id']}/decline", {"reason": "材料不全"}).status_code == 200
    assert "材料不全" in mine.get("/registrations").text
    assert mine.api(f"/exams/{exam_id}/apply", {"consent": CURRENT}).status_code == 200
    again = liaison.api_get(f"{here}?state=applied").json()["rows"][0]["id"]
    assert liaison.submit(f"{here}/endorse", {"registration_ids": str(again)}).status_code == 303
    by_unit, number = world.person()
    entered = make_candidate(world.house, by_unit)
    second = world.register(exam_id, by_unit, number)
    with world.as_(world.officer) as op:
        registrations.confirm(op, exam_id=exam_id, registration_ids=[again, second])
    officer = browsers(world.officer)
    assert officer.get(f"/exams/{exam_id}/joint-list.pdf").content.startswith(b"%PDF")
    world.staffed(exam_id)
    world.close_registration()
    with world.as_(world.officer) as op:
        sealing.propose_seal(op, exam_id=exam_id)
    world.seal(exam_id)
    assert browsers(persona).get(f"/exams/{exam_id}/sit").status_code == 200
    assert "告知书待同意" not in browsers(persona).get("/").text
    door = browsers(entered)
    assert "1</b> 场考试的报名与个人信息告知书待同意" in door.get("/").text
    led = door.get(f"/exams/{exam_id}/sit")
    assert (led.status_code, led.headers["location"]) == (303, f"/consent?next=%2Fexams%2F{exam_id}%2Fsit")
    assert "加密保存" in door.get(led.headers["location"]).text
    assert door.api("/consent", {"version": CURRENT + 1}).status_code == 409
    back = door.submit("/consent", {"version": str(CURRENT), "next": f"/exams/{exam_id}/sit"})
    assert back.headers["location"] == f"/exams/{exam_id}/sit"
    assert door.get(back.headers["location"]).status_code == 200
    assert "告知书待同意" not in door.get("/").text
    again = door.api("/consent", {"version": CURRENT, "next": "https://elsewhere.test/"}).json()
    assert again == {"next": "/registrations", "registrations": 0}
    assert door.api_get("/registrations").json()["exams"][0]["mine"]["consent_version"] == CURRENT
