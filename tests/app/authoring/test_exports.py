"""A bank is asked for by one person, granted by another with a fresh factor, taken by the first, marked (P19)."""

from dataclasses import replace

import pytest
from sqlalchemy import event

from app.accounts.service import grant_role
from app.authoring.models import ItemTag
from app.authoring.rules import ExportGranted, ItemState, SameExporter
from app.authoring.service import export_requests
from app.authoring.service.entering import enter_items
from app.authoring.service.exports import ExportFormat, export_bank
from app.authoring.service.imports import commit_import
from app.authoring.service.outlooks import would_lose
from app.errors import NotFound
from app.operation import acting_as
from app.security.actor import Actor, ActorKind, Grant
from app.security.permissions import Role
from question_bank.formats import read_bank
from question_bank.kinds.choice import ChoiceBody, Option
from tests.support.bank import single
from tests.support.every_kind import EVERY
from tests.support.personas import make_staff, make_unit

FILE = "一、单选题\n1、党的基层组织任期多少年？\nA、二年\nB、三至五年\n正确答案：B\n解析：见党章。\n".encode()


@pytest.fixture
def approver(group):
    return make_staff(group.house, Role.EXAM_APPROVER, unit=group.unit, name="审批丁")


def stock(group):
    import_id = group.start(FILE, "题.txt")
    with group.acting(group.author) as op:
        commit_import(op, import_id=import_id, seen=1, submit=False)


def propose(group, file_format=ExportFormat.XLSX):
    with group.acting(group.author) as op:
        reason = "移交存档"
        return export_requests.propose_export(op, bank_id=group.bank_id, file_format=file_format, reason=reason).id


def test_two_people_and_then_the_first_takes_it(group, approver):  # P19
    stock(group)
    export_id = propose(group)
    with group.acting(group.author) as op, pytest.raises(NotFound):  # not granted yet
        export_requests.take_export(op, export_id=export_id)
    with acting_as(group.house, "test") as op:
        elsewhere = make_unit(op).id
    for unit_id, refusal in ((elsewhere, NotFound), (group.unit.id, SameExporter)):  # P20
        with acting_as(group.house, "test") as op:
            grant_role(op, account_id=group.author.account_id, role=Role.EXAM_APPROVER, unit_id=unit_id)
        with group.acting(group.author) as op, pytest.raises(refusal):
            export_requests.grant_export(op, export_id=export_id)
    with group.acting(approver) as op:
        export_requests.grant_export(op, export_id=export_id)
    with group.acting(approver) as op:
        with pytest.raises(ExportGranted):
            export_requests.grant_export(op, export_id=export_id)
        with pytest.raises(NotFound):  # it is for the one who asked
            export_requests.take_export(op, export_id=export_id)
    with group.acting(group.author) as op:
        _, made = export_requests.take_export(op, export_id=export_id)
    assert [read.item.stem for read in read_bank("x", made.content).items] == ["党的基层组织任期多少年？"]
    (item,) = group.items()
    assert (group.author.person_id, "exported") in group.involved(item.id)
    acts = group.acts("bank:propose_export", "bank:grant_export", "bank:export")
    assert [act.action for act in acts] == ["bank:propose_export", "bank:grant_export", "bank:export"]
    assert made.digest in acts[2].after


def test_the_pages_say_what_is_lost_and_lead_from_one_person_to_the_other(sqlite_group, sqlite_browsers):
    group = sqlite_group
    stock(group)
    here = f"/banks/{group.bank_id}/exports"
    author = sqlite_browsers(group.author)
    page = author.get(f"{here}?format=gift").text
    assert "将写入 1 道试题" in page
    assert author.get(f"{here}?format=pdf").status_code == 422
    assert author.submit(f"{here}/propose", {"format": "json", "reason": "移交"}).status_code == 303
    approver = sqlite_browsers(make_staff(group.house, Role.EXAM_APPROVER, unit=group.unit))
    assert "移交" in approver.get("/exports").text
    assert "批准" in approver.get("/").text
    assert approver.submit("/exports/1/grant").status_code == 303
    taken = author.submit("/exports/1/take")
    assert (taken.status_code, taken.headers["content-type"]) == (200, "application/json")
    assert '"exported_by"' in taken.text
    colleague = sqlite_browsers(group.colleague)
    assert colleague.submit("/exports/1/take").status_code == 404


def test_what_an_export_would_lose_is_what_it_loses(sqlite_group):
    group = sqlite_group
    marked = replace(single("**粗**体的$x^2$，<b>何者</b>为真？"), tags=("标" * 60,), topic=("一", "二", "三", "四"))
    shown = single(f"图中![图](picture:{'ab' * 32})是什么？")  # a picture that is not there
    with group.acting(group.author) as op:
        keyless = replace(single("无键"), body=ChoiceBody((Option("甲"),), frozenset()))
        every = [*EVERY.values(), marked, shown, keyless]
        ids = enter_items(op, bank_id=group.bank_id, items=every, state=ItemState.DRAFT)
        op.db.add(ItemTag(item_id=ids[0], bank_id=group.bank_id, tag="后来归入的标签" * 10))
    approver = Actor(ActorKind.PERSON, account_id=99, person_id=99, grants=(Grant(Role.EXAM_APPROVER),))
    for file_format in ExportFormat:
        with group.acting(group.author) as op:
            foreseen = would_lose(op, bank_id=group.bank_id, file_format=file_format)
            made = export_bank(op, bank_id=group.bank_id, approver=approver, file_format=file_format)
        assert (foreseen.items, foreseen.lost) == (made.items, made.lost), file_format
        assert bool(foreseen.lost) is (file_format is not ExportFormat.JSON)
    asked = []
    event.listen(group.house.database.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    with group.acting(group.author) as op:
        assert would_lose(op, bank_id=group.bank_id, file_format=ExportFormat.GIFT).lost
    contents = [one for one in asked if "item_version.content" in one]
    assert len(contents) == 1  # of the one item alone that lacks its picture
