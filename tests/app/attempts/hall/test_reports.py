"""Faulty items reported from the page: told to the bank without a word of who, decided on by the officer."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.audit.actions import AuditAction as A
from app.authoring.models import ItemVersion
from app.authoring.review_models import ItemComment, ItemThread
from app.authoring.rules.threads import ThreadState
from app.operation import House, acting_as
from app.outbox.models import OutboxMessage
from app.outbox.templates import Kind
from app.people.models import Person
from app.security.permissions import Role
from tests.app.attempts.conftest import Sit
from tests.app.attempts.test_sitting import acts
from tests.support.bank import mixed_pool
from tests.support.client import Client
from tests.support.personas import Persona, make_staff
from tests.support.sealed_exam import SealedExam, make_sealed_exam

Browsers = Callable[[Persona | None], Client]


@pytest.fixture
def ground() -> None:
    """Nothing: the exam is another than that of the folder."""


@pytest.fixture
def exam(house: House) -> SealedExam:
    """Three candidates whose forms hold the same items, each in an order of its own."""
    stock = [entry.item for entry in mixed_pool(singles=6, multiples=4, judgements=4)]
    return make_sealed_exam(house, proctored=True, items=stock, reserve=0)


def test_a_faulty_item_reaches_its_author_and_the_officer_and_nobody_learns_who(
    house: House, exam: SealedExam, sit: Sit, browsers: Browsers
) -> None:  # P14, P19, P21, P35
    here = f"/exams/{exam.exam_id}/item-reports"
    first, second, early = sit(0), sit(1), sit(2, start=False)
    given = {"position": 1, "fault": "text", "words": "第二行有错别字"}
    assert early.client.api(here, given).json()["code"] == "hall.no_hand_now"
    assert first.client.api(here, {"position": 1, "fault": "other"}).status_code == 422
    assert first.client.api(here, {**given, "position": 900}).json()["code"] == "hall.no_such_item"
    assert first.client.api(here, given).status_code == 200
    assert first.client.api(here, given).json()["code"] == "hall.already_reported"
    key = {entry.position: entry.item_key for entry in exam.candidates[0].form.entries}[1]
    elsewhere = [
        next(entry.position for entry in candidate.form.entries if entry.item_key == key)
        for candidate in exam.candidates
    ]
    assert second.client.api(here, {"position": elsewhere[1], "fault": "picture"}).status_code == 200
    with house.database.transaction(reading=True) as db:
        version = db.get_one(ItemVersion, int(key))
        (thread,) = db.scalars(select(ItemThread).where(ItemThread.item_id == version.item_id))
        said = [row.text for row in db.scalars(select(ItemComment).order_by(ItemComment.id))]
        told = list(db.scalars(select(OutboxMessage).where(OutboxMessage.template == Kind.ITEM_DISCUSSED)))
        names = list(db.scalars(select(Person.name)))
    assert said[0] == "考试中考生报告：文字有误。原话：第二行有错别字"
    assert told, "nobody was told"
    assert not [name for name in names if any(name in words for words in said)]
    tickets = {candidate.ticket_number for candidate in exam.candidates}
    assert not [ticket for ticket in tickets if any(ticket in words for words in said)]
    assert (thread.version, thread.state) == (version.number, ThreadState.OPEN)
    officer, approver = (browsers(make_staff(house, role)) for role in (Role.EXAM_OFFICER, Role.EXAM_APPROVER))
    shown = officer.api_get(here).json()
    (item,) = shown["items_reported"]
    assert item["reports"] == len(said)
    assert (item["words"], item["decision"], item["settled"]) == (["第二行有错别字"], None, False)
    assert not any(name in str(shown) for name in tickets)
    assert f"{here}" in officer.get("/").text
    decide, why = f"{here}/{item['item_version_id']}/decide", {"decision": "withdraw", "reason": "题干有误"}
    assert approver.api(decide, why).status_code == 403
    assert officer.api(f"{here}/999999/decide", why).status_code == 404
    assert officer.api(decide, {"decision": "no_fault", "reason": "无误"}).status_code == 200
    assert officer.submit(decide, why).status_code == 303
    (item,) = approver.api_get(here).json()["items_reported"]
    assert (item["decision"], item["reason"]) == ("withdraw", "题干有误")
    assert "不计入评分" in officer.get(here).text
    assert acts(house, A.ITEM_REPORT, A.ITEM_DECIDE_FAULT)[-2:] == ["item:decide_fault"] * 2
    for stranger in (exam.proctors[0], make_staff(house, Role.ITEM_AUTHOR)):
        assert browsers(stranger).api_get(here).status_code == 403
    with acting_as(house, "test") as op:
        op.db.get_one(ItemThread, thread.id).state = ThreadState.RESOLVED
    early.start()
    assert early.client.api(here, {"position": elsewhere[2], "fault": "text"}).status_code == 200
    with house.database.transaction(reading=True) as db:
        threads = db.scalars(select(ItemThread).where(ItemThread.item_id == version.item_id)).all()
    assert len(threads) == 2  # what was settled stays settled
