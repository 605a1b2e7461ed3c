"""The checklist before the day: each line says no until the thing is there, and then yes."""

from app.exams.registering import service as registering
from app.exams.registering.rules import CURRENT
from app.exams.service import rooms, seating
from app.exams.service.readiness import readiness
from app.people.models import Person
from app.security.permissions import Role
from tests.support.personas import make_candidate, make_staff

SIGNED = "Two proctors of each room can sign its record"


def lines(world, exam_id):
    with world.as_(world.officer) as op:
        exam = rooms.queries.find_exam(op.db, op.actor, exam_id)
        return {line.en: line for line in readiness(op, exam)}


def lacking(world, exam_id):
    return {en for en, line in lines(world, exam_id).items() if not line.met}


def test_each_line_turns_when_its_thing_is_done(world, browsers):
    exam_id = world.published_exam()
    of_people = {
        "Candidates are still eligible",
        "Every candidate has a photograph",
        "Every candidate has accepted the privacy notice",
        "Every admission ticket is printed",
    }
    of_rooms = {"Seats are drawn and stand", "Every room on site has its proctor", SIGNED}
    of_forms = {"The forms are sealed", "Forms for late additions are left"}
    at_first = {"Every registration is decided on", "There are seats enough", *of_people, *of_rooms, *of_forms}
    assert lacking(world, exam_id) == at_first
    ids = world.confirmed(exam_id, 2)
    still = at_first - {"Every registration is decided on", "There are seats enough", "Candidates are still eligible"}
    assert lacking(world, exam_id) == still
    world.staffed(exam_id)
    world.close_registration()
    with world.as_(world.officer) as op:
        seating.draw_seats(op, exam_id=exam_id, reason="")
    assert lacking(world, exam_id) == still - of_rooms | {SIGNED}  # one proctor a room: nobody could sign beside them
    other = make_staff(world.house, Role.PROCTOR)
    with world.as_(world.officer) as op:
        for room in rooms.queries.rooms_of(op.db, rooms.queries.sittings_of(op.db, exam_id)[0].id):
            rooms.assign_proctor(op, exam_id=exam_id, room_id=room.id, account_id=other.account_id)
    assert lacking(world, exam_id) == still - of_rooms
    people = [world.registration(one).person_id for one in ids]
    with world.house.database.transaction() as db:
        bare, named = (db.get_one(Person, person_id) for person_id in people)
        bare.in_post = False
        named.photo = b"jpeg"
        name = bare.name
    with world.as_(make_candidate(world.house, named)) as op:
        registering.consent(op, version=CURRENT)
    found = lines(world, exam_id)
    for en in of_people - {"Every admission ticket is printed"}:
        assert (found[en].done, found[en].of, found[en].lacking) == (1, 2, (name,)), en
    with world.house.database.transaction() as db:  # the proctor has moved to the candidates' unit since
        db.get_one(Person, world.proctor.person_id).unit_id = world.east.id
    assert len(lines(world, exam_id)["No proctor runs a room with candidates of the own unit"].lacking) >= 1
    officer, liaison = browsers(world.officer), browsers(world.liaison)
    page = officer.get(f"/exams/{exam_id}/readiness").text
    assert name in page
    assert "照片齐全" in page
    shown = officer.api_get(f"/exams/{exam_id}/readiness").json()
    assert shown["met"] == sum(line["met"] for line in shown["lines"])
    assert liaison.api_get(f"/exams/{exam_id}/readiness").status_code == 403


def test_a_sealed_exam_lacks_neither_forms_nor_reserve(sqlite_world):
    world = sqlite_world
    exam_id = world.sealed_exam(2, reserve_set=True)
    left = lacking(world, exam_id)
    assert left == {
        "Every candidate has a photograph",
        "Every candidate has accepted the privacy notice",
        "Every admission ticket is printed",
        SIGNED,
    }
    assert lines(world, exam_id)["The reserve set is ready"].of == 2
