"""Admission tickets: within their window, counted, for those who may; photographs; what hangs on doors."""

import io
import json
import random
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.demo.portraits import draw_portrait
from app.errors import Invalid, NotFound
from app.exams.models import Registration
from app.exams.printed.papers import RoomPaper
from app.exams.rules import NotSealed
from app.exams.service import printing, rooms, seating, tickets
from app.exams.ticketing import TicketsShut
from app.people.photographs import SIZE, PhotographRefused, accept_photograph
from app.people.queries import photo_of
from app.security.permissions import Role
from question_bank.content import accept_picture
from tests.support.personas import make_staff


def picture(width, height, kind="PNG"):
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#dfe9f2").save(out, kind)
    return out.getvalue()


def test_a_photograph_keeps_its_pixels_and_nothing_else():  # P42, P43
    kept = Image.open(io.BytesIO(accept_photograph(accept_picture(picture(600, 840)))))
    assert (kept.size, kept.format, "exif" in kept.info) == (SIZE, "JPEG", False)
    for width, height in ((413, 295), (500, 500), (250, 350)):
        with pytest.raises(PhotographRefused) as refused:
            accept_photograph(accept_picture(picture(width, height)))
        assert f"{width} × {height}" in refused.value.fields[0].zh


def test_every_print_is_counted_within_the_window(world):
    exam_id = world.proposed_exam(3)
    with world.as_(world.liaison) as op:
        unit_id = world.east.id
        with pytest.raises(NotSealed):
            tickets.print_unit(op, exam_id=exam_id, unit_id=unit_id)
    world.seal(exam_id)
    now = world.clock.now()
    with world.as_(world.officer) as op:
        with pytest.raises(Invalid):
            tickets.set_window(op, exam_id=exam_id, begins=now, ends=now)
        tickets.set_window(op, exam_id=exam_id, begins=now + timedelta(hours=1), ends=now + timedelta(hours=2))
    with world.as_(world.liaison) as op, pytest.raises(TicketsShut):
        tickets.print_unit(op, exam_id=exam_id, unit_id=unit_id)
    with world.as_(world.officer) as op:
        made = tickets.print_unit(op, exam_id=exam_id, unit_id=unit_id)
    assert made.startswith(b"%PDF")
    world.clock.set(now + timedelta(hours=1))
    with world.as_(world.liaison) as op:
        tickets.print_unit(op, exam_id=exam_id, unit_id=unit_id)
        with pytest.raises(NotFound):
            tickets.print_unit(op, exam_id=exam_id, unit_id=world.west.id)
    with world.house.database.transaction(reading=True) as db:
        assert set(db.scalars(select(Registration.ticket_prints).where(Registration.exam_id == exam_id))) == {2}
        told = db.scalars(
            select(AuditRecord).where(AuditRecord.action == "ticket:print").order_by(AuditRecord.id)
        ).all()
        assert [json.loads(row.after)["prints"] for row in told] == [1, 1, 1, 2, 2, 2]


def test_units_send_photographs_and_pages_say_who_lacks_one(world, browsers):
    exam_id = world.sealed_exam(2)
    liaison, here = browsers(world.liaison), f"/exams/{exam_id}"
    (unit,) = liaison.api_get(f"{here}/tickets").json()["units"]
    assert (unit["candidates"], unit["printed"], len(unit["bare"])) == (2, 0, 2)
    row = f"{here}/registrations/{unit['bare'][0]['registration_id']}/photograph"
    for content, said in ((b"x", "图片"), (picture(300, 300), "5 : 7")):
        refused = liaison.upload(row, "a.png", content, field="file")
        assert (refused.status_code, said in refused.text) == (422, True)
    face = draw_portrait(random.Random(1), long_hair=False)
    assert liaison.upload(row, "a.jpg", face, field="file").status_code == 200
    other = make_staff(world.house, Role.UNIT_LIAISON, unit=world.west)
    assert browsers(other).upload(row, "a.jpg", face, field="file").status_code == 404
    printed = liaison.submit(f"{here}/tickets", {"unit_id": str(unit["unit_id"])})
    assert (printed.status_code, printed.headers["content-type"]) == (200, "application/pdf")
    (unit,) = liaison.api_get(f"{here}/tickets").json()["units"]
    assert (unit["printed"], unit["reprinted"], len(unit["bare"])) == (2, 0, 1)
    assert "重复打印" in liaison.get(f"{here}/tickets").text
    with world.house.database.transaction(reading=True) as db:
        people = db.scalars(select(Registration.person_id).where(Registration.exam_id == exam_id)).all()
        assert sum(photo_of(db, person) is not None for person in people) == 1


def test_rooms_are_papered_and_the_joint_list_names_everybody(world, browsers):
    exam_id = world.published_exam(rooms=(rooms.RoomPlan("一考场", 30), rooms.RoomPlan("二考场", 1)))
    world.confirmed(exam_id, 4)
    world.close_registration()
    with world.as_(world.officer) as op:
        with pytest.raises(NotFound):
            printing.print_room_papers(op, exam_id=exam_id, paper=RoomPaper.DOOR, room_id=0)
        seating.draw_seats(op, exam_id=exam_id, reason="")
        for paper in RoomPaper:
            made = printing.print_room_papers(op, exam_id=exam_id, paper=paper, room_id=0)
            assert made == printing.print_room_papers(op, exam_id=exam_id, paper=paper, room_id=0)
            assert made.startswith(b"%PDF")
    officer, here = browsers(world.officer), f"/exams/{exam_id}"
    assert officer.get(f"{here}/joint-list.pdf").headers["content-type"] == "application/pdf"
    assert officer.get(f"{here}/rooms.pdf?what=labels").status_code == 200
    assert officer.get(f"{here}/rooms.pdf?what=other").status_code == 422
    assert browsers(world.liaison).get(f"{here}/joint-list.pdf").status_code == 403
