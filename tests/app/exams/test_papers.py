"""备用纸质卷: only of a sealed exam, only by two people, marked for the one who takes it (P14, P15, P19)."""

import pytest

from app.audit.models import AuditRecord
from app.exams.models import Exam
from app.exams.queries.papers import find_order
from app.exams.rules import ExamState
from app.exams.service.papers import _paper, propose_paper
from app.operation import acting_as
from app.security.actor import Actor, ActorKind, Grant
from app.security.permissions import Role
from tests.support.personas import make_staff
from tests.support.sealed_exam import make_sealed_exam


@pytest.fixture
def exam(house):
    return make_sealed_exam(house, candidates=3, rooms=2)


def test_paper_takes_two_people_and_names_its_taker(house, browsers, exam):  # P19
    officer, approver = make_staff(house, Role.EXAM_OFFICER, name="考务甲"), make_staff(house, Role.EXAM_APPROVER)
    both = make_staff(house, Role.EXAM_OFFICER, Role.EXAM_APPROVER)
    asking, granting, other = browsers(officer), browsers(approver), browsers(both)
    here = f"/exams/{exam.exam_id}/paper"
    order = other.api(f"{here}/propose", {"reason": "断网备用"}).json()["id"]
    assert other.api(f"{here}/{order}/grant").json()["code"] == "exam.same_person"
    order = asking.api(f"{here}/propose", {"reason": "断网备用"}).json()["id"]
    file = f"{here}/{order}/file?room={exam.room_ids[0]}"
    assert asking.get(file).status_code == 404  # nothing before it is granted
    assert asking.api(f"{here}/{order}/grant").status_code == 403
    assert granting.api(f"{here}/{order}/grant").status_code == 200
    assert granting.api(f"{here}/{order}/grant").json()["code"] == "exam.paper_granted"
    assert other.get(file).status_code == 404  # a third person gets none of it
    assert asking.get(f"{here}/{order}/file?room=999999").status_code == 404
    assert asking.get(f"{file}&what=everything").status_code == 422
    for what in ("forms", "answers", "keys"):
        made = asking.get(f"{file}&what={what}")
        assert (made.status_code, made.headers["content-type"]) == (200, "application/pdf"), made.text
        assert made.content.startswith(b"%PDF")
    assert asking.get(f"{file}&what=word").content.startswith(b"PK")
    assert asking.get(f"{here}/{order}/file?room=0").status_code == 200  # the reserve forms
    page = asking.get(here)
    assert page.status_code == 200
    assert "断网备用" in page.text
    with house.database.transaction(reading=True) as db:
        acts = [row.action for row in db.query(AuditRecord).filter(AuditRecord.action.like("exam:%paper"))]
    assert acts == ["exam:propose_paper", "exam:propose_paper", "exam:grant_paper"]


def test_a_copy_is_the_sealed_form_of_its_candidate(house, exam):
    officer = make_staff(house, Role.EXAM_OFFICER, name="考务甲")
    actor = Actor(
        ActorKind.PERSON,
        account_id=officer.account_id,
        person_id=officer.person_id,
        grants=(Grant(Role.EXAM_OFFICER), Grant(Role.EXAM_APPROVER)),
    )
    with acting_as(house, "test", actor=actor) as op:
        order = propose_paper(op, exam_id=exam.exam_id, reason="断网备用")
        row = op.db.get(Exam, exam.exam_id)
        paper = _paper(op, row, find_order(op.db, actor, exam.exam_id, order.id), room_id=exam.room_ids[0])
        spare = _paper(op, row, order, room_id=0)
    seated = [c for c in exam.candidates if c.room_id == exam.room_ids[0]]
    assert [copy.form for copy in paper.copies] == [candidate.form for candidate in seated]
    assert [copy.candidate.ticket_number for copy in paper.copies] == [c.ticket_number for c in seated]
    assert all(copy.mark.startswith("考务甲 ") for copy in paper.copies)
    assert len({copy.mark for copy in paper.copies}) == len(paper.copies)
    assert [copy.candidate.name for copy in spare.copies] == [""]


def test_nothing_is_printed_before_sealing(house, browsers, exam):  # P15
    with house.database.transaction() as db:
        db.get(Exam, exam.exam_id).state = ExamState.PUBLISHED
    officer = browsers(make_staff(house, Role.EXAM_OFFICER))
    refused = officer.api(f"/exams/{exam.exam_id}/paper/propose", {"reason": "断网备用"})
    assert (refused.status_code, refused.json()["code"]) == (409, "exam.not_sealed")
    assert "尚未封卷" in officer.get(f"/exams/{exam.exam_id}/paper").text
    liaison = browsers(make_staff(house, Role.UNIT_LIAISON))
    assert liaison.get(f"/exams/{exam.exam_id}/paper").status_code == 403
