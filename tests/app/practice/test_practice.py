"""A mock exam sat through the API, its review, the book of wrong answers; and what practice never touches."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from app.audit.models import AuditRecord
from app.authoring.models import Bank, ItemRow, ItemUsage, ItemVersion
from app.authoring.queries import pool_candidates
from app.authoring.rules import ItemState
from app.authoring.service.entering import enter_items
from app.certificates.models import Certificate
from app.clearance.models import ClearanceCase
from app.exams.models import PoolItem
from app.exams.queries import blueprints_approved
from app.grading.models import Result, ScoringRun
from app.holdings import destroy
from app.operation import acting_as
from app.people.calendar import local_date
from app.practice import queries
from app.practice.holdings import PRACTICE
from app.practice.models import MockPoolItem, PracticeAttempt, PracticeResponse, TopicProgress, WrongItem
from app.practice.rules import MOST_KEPT, RIGHT_TIMES
from app.practice.service.attempts import close_due, form_of, label_of
from app.practice.service.mock_exams import draw_one, ready
from app.security.permissions import Role
from question_bank.items import Level
from tests.support.personas import make_candidate, make_person, make_staff, make_unit
from tests.support.practice import as_person, make_practice, practice_items, right_responses, wrong_responses
from tests.support.sealed_exam import make_sealed_exam


@pytest.fixture
def made(house):
    return make_practice(house)


@pytest.fixture
def candidate(house):
    with acting_as(house, "test") as op:
        person = make_person(op, make_unit(op))
    return make_candidate(house, person)


def begin(client, made):
    answer = client.api(f"/practice/mock-exams/{made.mock_exam_id}/start")
    assert answer.status_code == 200, answer.text
    return answer.json()["id"]


def save(client, attempt_id, changes):
    return client.api(f"/practice/attempts/{attempt_id}/saves", {"changes": changes})


def counts(house, *tables):
    with house.database.transaction(reading=True) as db:
        return [db.scalar(select(func.count()).select_from(table)) for table in tables]


def test_a_mock_exam_from_its_draw_to_its_review(house, browsers, candidate, made):
    client, other = browsers(candidate), browsers(make_staff(house, Role.EXAM_OFFICER))
    records = counts(house, AuditRecord, Result, ScoringRun, Certificate, ClearanceCase, ItemUsage)
    here = begin(client, made)
    assert begin(client, made) == here  # who is at it goes on
    path = f"/practice/attempts/{here}"
    page = client.api_get(path)
    assert "解析" not in page.text  # P14: no explanation, and below no key
    assert page.json()["review"] == []
    assert {"right", "key"}.isdisjoint(page.json()["paper"]["sections"][0]["items_shown"][0])
    sheet = client.get(path).text
    assert "模拟练习" in sheet
    assert "hand-open" not in sheet
    wrong = wrong_responses(house, here)
    assert {row["status"] for row in save(client, here, wrong).json()["results"]} == {"stored"}
    again = save(client, here, wrong[:1]).json()["results"][0]
    assert (again["status"], again["newest"]) == ("repeated", 1)
    changed = {**wrong[0], "response": []}
    assert save(client, here, [changed]).json()["code"] == "attempt.revision_conflict"  # P3
    assert save(client, here, [{**wrong[0], "position": 9}]).status_code == 422
    assert save(client, here, [{**wrong[0], "response": [9]}]).status_code == 422
    right = right_responses(house, here)
    assert save(client, here, [{"position": 1, "revision": 2, "response": right[1]}]).status_code == 200
    assert other.api_get(path).status_code == 403
    ended = client.api(f"{path}/hand-in", {"epoch": 1}).json()
    assert ended["state"] == "closed"
    assert client.api(f"{path}/hand-in", {"epoch": 1}).json() == ended  # P4
    assert save(client, here, wrong[:1]).json()["code"] == "practice.over"
    shown = client.api_get(path).json()
    first, second = shown["review"][0]["items_shown"][:2]
    assert (shown["run"]["total"], shown["right"], shown["cut_score_hundredths"]) == (200, 1, 600)
    assert (first["right"], second["right"], second["basis"]) == (True, False, ["《中国共产党章程》 第一条"])
    assert second["explanation"].startswith("解析")
    assert second["key"]["zh"] != second["response"]["zh"]
    assert "解析" in client.get(path).text
    # Nothing of it is a record of an exam: no result, no run, no certificate, no exposure; no line of the log a save.
    assert counts(house, AuditRecord, Result, ScoringRun, Certificate, ClearanceCase, ItemUsage) == records
    with acting_as(house, "test") as op:  # P16: the same form again from its seed
        row = op.db.get_one(PracticeAttempt, here)
        mock = queries.mock_exam_by_id(op.db, made.mock_exam_id)
        again = draw_one(ready(op, mock), seed=bytes.fromhex(row.seed), label=label_of(mock.id))
        assert again == form_of(row)


def test_the_book_of_wrong_answers(house, browsers, candidate, made):
    client = browsers(candidate)
    here = begin(client, made)
    save(client, here, wrong_responses(house, here)[:3])
    client.api(f"/practice/attempts/{here}/hand-in", {"epoch": 1})
    book = client.api_get("/practice/wrong").json()
    assert (book["total"], {row["wrong"] for row in book["rows"]}) == (3, {1})  # what was not responded says nothing
    assert client.get("/practice/wrong").status_code == 200
    for left in (3, 0):
        redo = client.api("/practice/wrong/redo").json()["id"]
        assert client.api("/practice/wrong/redo").json()["code"] == "practice.another_runs"
        right = right_responses(house, redo)
        save(client, redo, [{"position": at, "revision": 1, "response": said} for at, said in right.items()])
        assert client.api(f"/practice/attempts/{redo}/hand-in", {"epoch": 1}).status_code == 200
        assert client.api_get("/practice/wrong").json()["total"] == left
    assert client.api("/practice/wrong/redo").json()["code"] == "practice.book_empty"
    progress = client.api_get("/practice").json()["progress"]
    assert [sum(row[of] for row in progress) for of in ("responded", "right")] == [9, 6]
    here = begin(client, made)
    save(client, here, wrong_responses(house, here)[:1])
    client.api(f"/practice/attempts/{here}/hand-in", {"epoch": 1})
    (row,) = client.api_get("/practice/wrong").json()["rows"]
    assert client.api(f"/practice/wrong/{row['item_id']}/remove").status_code == 200
    assert client.api(f"/practice/wrong/{row['item_id']}/remove").status_code == 404
    assert client.get("/practice").status_code == 200


def test_of_one_content_one_is_done_again_and_the_other_the_next_time(house, browsers, candidate, made):
    """Two of one content do not stand in one form, in a book as in an exam."""
    client = browsers(candidate)
    first, twin = practice_items()[0], replace(practice_items()[0], explanation="另一种解析")
    with acting_as(house, "test", actor=as_person(made.officer)) as op:
        one = op.db.scalars(select(func.min(ItemRow.id)).where(ItemRow.bank_id == made.bank_id)).one()
        (other,) = enter_items(op, bank_id=made.bank_id, items=[twin], state=ItemState.APPROVED)
        versions = op.db.execute(
            select(ItemVersion.item_id, ItemVersion.id).where(ItemVersion.item_id.in_((one, other)))
        )
        for item_id, version_id in versions.all():
            book = {"topic": "", "wrong": 1, "right_running": RIGHT_TIMES - 1, "wrong_at": op.now}
            op.db.add(WrongItem(person_id=candidate.person_id, item_id=item_id, item_version_id=version_id, **book))
    for left in (1, 0):
        redo = client.api("/practice/wrong/redo").json()["id"]
        (said,) = right_responses(house, redo).items()
        assert first.stem in client.api_get(f"/practice/attempts/{redo}").text
        save(client, redo, [{"position": said[0], "revision": 1, "response": said[1]}])
        assert client.api(f"/practice/attempts/{redo}/hand-in", {"epoch": 1}).status_code == 200
        assert client.api_get("/practice/wrong").json()["total"] == left


def test_time_ends_it_and_the_oldest_are_forgotten(house, browsers, candidate, made):
    client = browsers(candidate)
    here = begin(client, made)
    save(client, here, wrong_responses(house, here)[:1])
    deadline = client.api_get(f"/practice/attempts/{here}/time").json()["deadline_at"]
    house.clock.advance(timedelta(minutes=30, seconds=6))
    late = [{"position": 2, "revision": 1, "response": [0]}]
    assert save(client, here, late).json()["code"] == "attempt.late"  # P9
    assert "正在评分" in client.get(f"/practice/attempts/{here}").text
    assert (close_due(house), close_due(house)) == (1, 0)  # P10
    assert client.api_get(f"/practice/attempts/{here}").json()["run"]["closed_at"] == deadline
    begin(client, made)
    house.clock.advance(timedelta(days=1))
    client = browsers(candidate)
    begin(client, made)  # the one before is over, and is ended by the start
    with house.database.transaction() as db:  # cost and size do not grow with what was practised before
        row = db.get_one(PracticeAttempt, here)
        kept = {c.name: getattr(row, c.name) for c in PracticeAttempt.__table__.columns if c.name != "id"}
        db.add_all(PracticeAttempt(**kept) for _ in range(MOST_KEPT + 3))
    house.clock.advance(timedelta(days=1))
    begin(browsers(candidate), made)
    assert counts(house, PracticeAttempt) == [MOST_KEPT + 1]
    house.clock.advance(timedelta(days=1))
    close_due(house)
    left = sum(counts(house, PracticeAttempt, PracticeResponse))
    with acting_as(house, "test") as op:  # what retention does to them at the end of their term
        destroy(op.db, PRACTICE, op.db.scalars(PRACTICE.due(op.now)).all(), until=op.now, rows=left)
    assert counts(house, PracticeAttempt, PracticeResponse) == [0, 0]
    assert counts(house, WrongItem, TopicProgress) == [1, 1]


def test_practice_and_exams_never_draw_from_each_other(house, browsers, made):
    exam = make_sealed_exam(house, candidates=1)
    officer = browsers(make_staff(house, Role.EXAM_OFFICER))
    with acting_as(house, "test") as op:
        exam_blueprint = blueprints_approved(op.db)[0]
        assert made.blueprint_id not in {row.id for row in blueprints_approved(op.db)}
        assert [row.id for row in blueprints_approved(op.db, practice=True)] == [made.blueprint_id]
        oldest = select(ItemRow.bank_id, func.min(ItemVersion.id)).join(ItemVersion, ItemVersion.item_id == ItemRow.id)
        versions = {row[0]: row[1] for row in op.db.execute(oldest.group_by(ItemRow.bank_id))}
        practised, examined = versions[made.bank_id], versions[exam_blueprint.bank_id]
        # What stands in both kinds of bank is drawn for neither.
        day = local_date(op.now)
        stock = len(pool_candidates(op.db, made.bank_id, Level.PRIMARY, on=day))
        mark = select(ItemRow.duplicate_mark).where(ItemRow.bank_id == made.bank_id).limit(1).scalar_subquery()
        one = select(func.min(ItemRow.id)).where(ItemRow.bank_id == exam_blueprint.bank_id).scalar_subquery()
        op.db.execute(update(ItemRow).where(ItemRow.id == one).values(duplicate_mark=mark))
        assert len(pool_candidates(op.db, made.bank_id, Level.PRIMARY, on=day)) == stock - 1
        assert len(pool_candidates(op.db, exam_blueprint.bank_id, Level.PRIMARY, on=day)) == 103
    mock = {"name": "用考试题库的模拟", "blueprint_id": exam_blueprint.id}
    assert officer.api("/mock-exams", mock).status_code == 422
    for refused in (
        PoolItem(exam_id=exam.exam_id, item_version_id=practised),
        MockPoolItem(mock_exam_id=made.mock_exam_id, item_version_id=examined),
    ):
        with pytest.raises(DBAPIError, match="practice"), house.database.transaction() as db:
            db.add(refused)
    for change in (
        update(Bank).where(Bank.id == made.bank_id).values(practice=False),
        update(ItemRow).where(ItemRow.bank_id == made.bank_id).values(bank_id=exam_blueprint.bank_id),
    ):
        with pytest.raises(DBAPIError, match="stays"), house.database.transaction() as db:
            db.execute(change)
    assert officer.get("/mock-exams").status_code == 200
    assert officer.api(f"/mock-exams/{made.mock_exam_id}/close").status_code == 200
    assert officer.api(f"/mock-exams/{made.mock_exam_id}/close").json()["code"] == "practice.mock_closed"
