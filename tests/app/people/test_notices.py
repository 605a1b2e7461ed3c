"""Notices on paper: printed by the liaison of the unit, signed for, and what is private stays so."""

import pytest
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.errors import Invalid
from app.observability.metrics import Metrics
from app.operation import acting_as
from app.outbox.delivery import Delivery
from app.outbox.inbox import InboxChannel
from app.outbox.paper.rules import ON_PAPER, OnPaper, check_receipt, paper_of
from app.outbox.post import post
from app.outbox.templates import Kind
from app.people.calendar import local_date
from app.security.permissions import Role
from tests.support.personas import make_candidate, make_person, make_staff, make_unit

HERE = "/printed-notices"


def test_every_kind_says_how_much_of_it_is_printed():  # P46
    assert ON_PAPER.keys() == set(Kind)
    for kind in ("statement_invited", "misconduct_notified", "a_kind_of_a_later_release"):
        template, more = paper_of(kind, address="https://chizheng.test/x", authority="组织部")
        title, text = template.render("zh", {"exam": "初级考试", "until": "2026-12-01", **more})
        assert (title, "chizheng.test" in text, "申辩" in text, "初级" in text) == (
            "请本人查阅的通知", True, False, False,
        )  # fmt: skip
    assert all(ON_PAPER[kind] is OnPaper.NEVER for kind in Kind if kind.startswith(("item_", "review_")))


def test_a_receipt_is_signed_between_printing_and_today(house):
    today = local_date(house.clock.now())
    check_receipt(today, printed_on=today, today=today)
    for day in (today.replace(year=today.year - 1), today.replace(year=today.year + 1)):
        with pytest.raises(Invalid):
            check_receipt(day, printed_on=today, today=today)


def test_notices_are_printed_for_the_own_unit_and_signed_for_once(house, browsers):  # P20 P21 P46
    with acting_as(house, "test") as op:
        ours, theirs = make_unit(op, "通知镇"), make_unit(op)
        reader, other, stranger = make_person(op, ours, "欧阳静"), make_person(op, ours), make_person(op, theirs)
        for person, kind in (
            (reader, Kind.REGISTRATION_CONFIRMED),
            (reader, Kind.STATEMENT_INVITED),
            (reader, Kind.REVIEW_MOVED),
            (other, Kind.EXAM_CANCELLED),
            (stranger, Kind.EXAM_CANCELLED),
        ):
            post(op.db, person_id=person.id, template=kind, params={"exam": "初级考试", "until": "x"}, now=op.now)
    Delivery(house.database, [InboxChannel(house.database)], metrics=house.tool(Metrics)).run(house.clock.now())
    liaison = browsers(make_staff(house, Role.UNIT_LIAISON, unit=ours))
    assert browsers(make_staff(house, Role.LEADER)).get(HERE).status_code == 403

    def listed(state, **query):
        return liaison.api_get(HERE, params={"state": state, **query}).json()["notices"]

    waiting = listed("waiting")
    assert [(row["name"], row["title_zh"]) for row in waiting] == [
        (other.name, "考试取消"), ("欧阳静", "请本人查阅的通知"), ("欧阳静", "报名已确认"),
    ]  # fmt: skip
    assert len(listed("waiting", search="ouyang")) == 2
    page = liaison.get(HERE).text
    assert ("申辩" in page, "3 条未读且未打印" in page) == (False, True)

    their = browsers(make_staff(house, Role.UNIT_LIAISON, unit=theirs)).api_get(HERE).json()["notices"]
    ids = [row["id"] for row in waiting]
    today = local_date(house.clock.now()).isoformat()
    assert liaison.api(f"{HERE}/print", {"message_ids": [*ids, their[0]["id"]]}).status_code == 404
    assert liaison.api(f"{HERE}/print", {"message_ids": []}).status_code == 422
    assert liaison.api(f"{HERE}/receipts", {"message_ids": ids, "day": today}).json()["code"] == "notice.not_on_paper"
    printed = liaison.submit(f"{HERE}/print", {"message_ids": [str(id_) for id_ in ids]})
    assert (printed.status_code, printed.headers["content-type"]) == (200, "application/pdf")
    assert printed.content.startswith(b"%PDF")
    assert (listed("waiting"), len(listed("printed"))) == ([], 3)
    mine = browsers(make_candidate(house, reader))
    assert "已打印送达" in mine.get("/inbox").text
    assert liaison.api(f"{HERE}/receipts", {"message_ids": ids[1:], "day": "2027-01-01"}).status_code == 422
    assert liaison.api(f"{HERE}/receipts", {"message_ids": ids[1:], "day": today}).json()["id"] == 2
    assert liaison.api(f"{HERE}/receipts", {"message_ids": ids, "day": today}).status_code == 409
    assert ([row["receipt_on"] for row in listed("signed")], len(listed("printed"))) == ([today] * 2, 1)
    assert "登记签收" in liaison.get(f"{HERE}?state=printed").text
    assert "签收" in mine.get("/inbox").text
    with house.database.transaction(reading=True) as db:
        acts = db.scalars(select(AuditRecord.action).where(AuditRecord.subject_kind == "printed_notice"))
        assert sorted(acts) == ["printed_notice:print"] * 3 + ["printed_notice:receipt"] * 2
