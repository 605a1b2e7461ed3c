"""The pages: who sees them (P19), what they show (P42), in both languages; and uploads that are refused (P43)."""

import io
import re
import zipfile

import pytest

from app.authoring.models import BankImport
from app.authoring.service.items import submit_item, write_item
from app.operation import acting_as
from app.security.permissions import ADMINISTRATORS, Role
from question_bank.items import Item, ItemType
from question_bank.kinds.choice import ChoiceBody, Option
from tests.support.personas import make_candidate, make_person, make_staff, make_unit

NASTY = '<b>粗</b><script>alert(1)</script>{{7*7}}=HYPERLINK("x")\'👩‍👩‍👧𠮷'
STRANGERS = [*sorted(ADMINISTRATORS), Role.UNIT_LIAISON, Role.LEADER, Role.EXAM_OFFICER, Role.PANEL_MEMBER]
SENSELESS = ["state=x", "level=%00", "after=-1", "topic=99999999999999999999", "search=%ED%A0%80"]


def nasty_item() -> Item:
    return Item(
        ItemType.SINGLE_CHOICE,
        NASTY,
        ChoiceBody((Option(NASTY + "A"), Option("乙")), frozenset({0})),
        explanation=NASTY,
        topic=(NASTY,),
    )


def upload(client, group, content: bytes, name="题库.docx", **kwargs):
    files = {"file": (name, content, "application/octet-stream")}
    return client.submit(f"/banks/{group.bank_id}/imports", files=files, **kwargs)


@pytest.mark.parametrize("role", STRANGERS)
def test_nobody_else_on_staff_sees_anything_of_a_bank(sqlite_group, sqlite_browsers, role):  # P19
    refuse_all(sqlite_group, sqlite_browsers(make_staff(sqlite_group.house, role)), 403)


def test_a_candidate_and_the_public_see_nothing_of_a_bank(sqlite_group, sqlite_browsers):  # P19
    with acting_as(sqlite_group.house, "test") as op:
        person = make_person(op, sqlite_group.unit)
    refuse_all(sqlite_group, sqlite_browsers(make_candidate(sqlite_group.house, person)), 403)
    refuse_all(sqlite_group, sqlite_browsers(None), 401)


def test_another_author_group_finds_no_such_bank(sqlite_group, sqlite_browsers):  # P19, P21
    with acting_as(sqlite_group.house, "test") as op:
        elsewhere = make_unit(op)
    persona = make_staff(sqlite_group.house, Role.ITEM_AUTHOR, Role.ITEM_REVIEWER, unit=elsewhere)
    client = sqlite_browsers(persona)
    refuse_all(sqlite_group, client, 404)
    assert client.api_get("/banks").json()["banks"] == []
    assert client.api_get("/reviews").json()["items"] == []


def refuse_all(group, client, status):
    with group.acting(group.author) as op:
        item_id = write_item(op, bank_id=group.bank_id, item=nasty_item())
        submit_item(op, item_id=item_id)
    version = group.versions(item_id)[0].id
    import_id = group.start(b"1\xe3\x80\x81" + "题\nA、甲\nB、乙\n答案：A\n".encode(), "a.txt")
    bank = group.bank_id
    for path in (
        f"/banks/{bank}",
        f"/banks/{bank}/write",
        f"/banks/{bank}/imports",
        f"/items/{item_id}",
        f"/items/{item_id}/revise",
        f"/imports/{import_id}",
        f"/imports/{import_id}/items/1",
    ):
        answer = client.api_get(path)
        assert answer.status_code == status, path
        assert "粗" not in answer.text
    content = {"item_type": "single_choice", "stem": "题", "options": ["甲", "乙"], "key": "A"}
    for path, body in (
        (f"/banks/{bank}/write", content),
        (f"/items/{item_id}/revise", {**content, "base_version": 1, "reason": "x"}),
        (f"/items/{item_id}/submit", {}),
        (f"/items/{item_id}/retire", {"reason": "x"}),
        (f"/items/{item_id}/approve", {"version_id": version}),
        (f"/items/{item_id}/return", {"version_id": version, "comment": "x"}),
        ("/reviews/approve", {"version_ids": [version]}),
        (f"/imports/{import_id}/commit", {"seen": 1}),
        (f"/imports/{import_id}/discard", {}),
        (f"/imports/{import_id}/undo", {}),
        (f"/imports/{import_id}/items/1/decide", {"decision": "leave"}),
    ):
        assert client.api(path, body).status_code == status, path
    assert {i.state for i in group.items()} == {"submitted"}


def test_every_page_shows_hostile_content_as_text(group, browsers):  # P42
    with group.acting(group.author) as op:
        item_id = write_item(op, bank_id=group.bank_id, item=nasty_item())
    with group.acting(group.author) as op:
        submit_item(op, item_id=write_item(op, bank_id=group.bank_id, item=nasty_item()))
    text = f"1、{NASTY}\nA、{NASTY}A\nB、乙\n答案：A\n\n2、没有答案\nA、甲\nB、乙\n"
    import_id = group.start(text.encode(), f"{NASTY}.txt".replace("/", ""))
    author, reviewer = browsers(group.author), browsers(group.reviewer)
    pages = [
        (author, f"/banks/{group.bank_id}"),
        (author, f"/items/{item_id}"),
        (author, f"/items/{item_id}/revise"),
        (author, f"/imports/{import_id}"),
        (author, f"/imports/{import_id}?show=duplicates"),
        (author, f"/imports/{import_id}/items/1"),
        (author, f"/banks/{group.bank_id}/imports"),
        (author, f"/banks/{group.bank_id}/write"),
        (author, "/items?state=draft"),
        (author, "/banks"),
        (author, "/"),
        (reviewer, "/reviews"),
        (reviewer, f"/items/{item_id + 1}"),
    ]
    for client, path in pages:
        page = client.get(path)
        assert page.status_code == 200, path
        assert "<script>alert" not in page.text, path
        assert "<b>粗" not in page.text, path
        assert ">49<" not in page.text, path
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}=HYPERLINK" in author.get(f"/items/{item_id}").text
    assert "👩‍👩‍👧𠮷" in author.get(f"/items/{item_id}").text


def test_in_english_no_chinese_is_left_outside_data(sqlite_group, sqlite_browsers):
    group = sqlite_group
    data = "1、Which?\nA、one\nB、two\n答案：A\n\n2、Why?\nA、one\nB、two\n".encode()
    import_id = group.start(data, "bank.txt")
    item = Item(ItemType.SINGLE_CHOICE, "Which one?", ChoiceBody((Option("a"), Option("b")), frozenset({0})))
    with group.acting(group.author) as op:
        item_id = write_item(op, bank_id=group.bank_id, item=item)
        submit_item(op, item_id=item_id)
    for persona, paths in (
        (
            group.author,
            [
                "/banks",
                f"/banks/{group.bank_id}",
                f"/banks/{group.bank_id}/write",
                f"/banks/{group.bank_id}/imports",
                f"/imports/{import_id}",
                f"/imports/{import_id}?show=duplicates",
                f"/imports/{import_id}/items/2",
                f"/items/{item_id}",
                "/items",
            ],
        ),
        (group.reviewer, ["/reviews", f"/items/{item_id}"]),
    ):
        client = sqlite_browsers(persona)
        client.http.cookies.set("lang", "en")
        for path in paths:
            text = client.get(path).text
            main = text[text.index("<main") : text.index("</main>")]
            main = re.sub(r"党务题库\d+|命题甲|第\d+镇", "", main)
            main = re.sub(
                r"（选填）|筛选|本页 \d+ 条(?:，共 \d+ 条)?|上一页|下一页|所在位置|待办", "", main
            )  # words of the shared components
            assert not re.findall(r"[\u4e00-\u9fff]+", main), path


def test_the_whole_way_through_the_pages(group, browsers, bank_docx):
    author = browsers(group.author)
    answer = upload(author, group, bank_docx, data={"_key": "one-upload"})
    assert answer.status_code == 303
    where = answer.headers["location"]
    page = author.get(where)
    assert "确认导入 120 道" in page.text
    assert upload(author, group, bank_docx, data={"_key": "one-upload"}).headers["location"] == where  # P4
    decided = author.submit(f"{where}/items/3/decide?show=all", {"decision": "leave"})
    assert decided.headers["location"] == f"{where}?after=0#item-3"
    refused = author.submit(f"{where}/commit", {"seen": "120", "submit": "true"})
    assert refused.status_code == 409
    assert "现在将导入 119 道" in refused.text
    done = author.submit(f"{where}/commit", {"seen": "119", "submit": "true"})
    assert done.status_code == 303
    assert "已入库 119 道" in author.get(where).text
    reviewer = browsers(group.reviewer)
    queue = reviewer.get("/reviews").text
    form = dict(re.findall(r'name="(count|newest)" value="(\d+)"', queue))
    assert reviewer.submit(f"{where.replace('/imports', '/reviews/imports')}/approve", form).status_code == 303
    assert {i.state for i in group.items()} == {"approved"}


def test_typing_mistakes_are_shown_where_they_are_and_nothing_typed_is_lost(sqlite_group, sqlite_browsers):
    client = sqlite_browsers(sqlite_group.author)
    form = {
        "item_type": "single_choice",
        "stem": "写了很久的题干",
        "options": ["甲", "甲", ""],
        "key": "D",
        "topic": "章",
    }
    answer = client.submit(f"/banks/{sqlite_group.bank_id}/write", form)
    assert answer.status_code == 422
    assert "写了很久的题干" in answer.text
    assert "第 1 个与第 2 个选项相同" in answer.text
    assert "标准答案指向不存在的选项" in answer.text
    form |= {"options": ["甲", "乙", ""], "key": "B"}
    answer = client.submit(f"/banks/{sqlite_group.bank_id}/write", form)
    assert answer.status_code == 303
    assert client.get(answer.headers["location"]).status_code == 200


def test_a_quick_mend_that_does_not_do_opens_the_whole_form(sqlite_group, sqlite_browsers):
    group = sqlite_group
    import_id = group.start("1、没有答案的题\nA、甲\nB、乙\n".encode(), "a.txt")
    client = sqlite_browsers(group.author)
    path = f"/imports/{import_id}/items/1"
    answer = client.submit(f"{path}/quick?show=open", {"item_type": "single_choice", "key": "E", "topic": ""})
    assert answer.status_code == 422
    assert "没有答案的题" in answer.text
    assert "标准答案指向不存在的选项" in answer.text
    answer = client.submit(f"{path}/quick?show=open", {"item_type": "single_choice", "key": "a", "topic": "章/节"})
    assert answer.headers["location"] == f"/imports/{import_id}?show=open#list"
    assert "确认导入 1 道" in client.get(f"/imports/{import_id}").text


def bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b" " * 200_000_000)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("空.docx", lambda: b""),
        ("图片.docx", lambda: b"\x89PNG\r\n\x1a\n" + b"\x00" * 100),
        ("炸弹.docx", bomb),
        ("散文.txt", "从前有座山，山里有座庙。".encode),
        ("乱.bin", lambda: bytes(range(256)) * 40),
    ],
)
def test_a_file_that_is_no_bank_is_refused_with_one_sentence(sqlite_group, sqlite_browsers, name, make):  # P43
    group = sqlite_group
    answer = upload(sqlite_browsers(group.author), group, make(), name)
    assert answer.status_code == 422
    assert name in answer.text
    with group.house.database.transaction(reading=True) as db:
        assert db.query(BankImport).count() == 0
    (refusal,) = group.acts("import:refuse")
    assert refusal.subject_id == str(group.bank_id)
    assert '"file_hash":"' in refusal.after
    assert name not in refusal.after


def test_an_upload_without_a_file_is_asked_for_one(sqlite_group, sqlite_browsers):
    client = sqlite_browsers(sqlite_group.author)
    answer = client.submit(f"/banks/{sqlite_group.bank_id}/imports", files={"file": ("", b"")})
    assert answer.status_code == 422
    assert "请选择文件" in answer.text
    assert not sqlite_group.acts("import:refuse")


@pytest.mark.parametrize("query", SENSELESS)
def test_a_senseless_filter_is_a_refusal_and_no_fault(sqlite_group, sqlite_browsers, query):
    answer = sqlite_browsers(sqlite_group.author).get(f"/banks/{sqlite_group.bank_id}?{query}")
    assert answer.status_code in {200, 400, 422}


def test_a_bank_is_opened_for_a_unit_of_ones_own_scope_only(sqlite_group, sqlite_browsers):
    group = sqlite_group
    with acting_as(group.house, "test") as op:
        elsewhere = make_unit(op).id
    client = sqlite_browsers(group.author)
    assert client.api("/banks", {"name": "他人的题库", "owner_unit_id": elsewhere}).status_code == 404
    assert client.submit("/banks", {"name": "新题库", "owner_unit_id": str(group.unit.id)}).status_code == 303
    again = client.submit("/banks", {"name": "新题库", "owner_unit_id": str(group.unit.id)})
    assert again.status_code == 422
    assert "已有同名题库" in again.text
    assert {bank["name"] for bank in client.api_get("/banks").json()["banks"]} == {"新题库", f"党务题库{group.unit.id}"}


def test_the_version_reviewed_is_one_of_the_item_in_the_address(sqlite_group, sqlite_browsers):
    group = sqlite_group
    with group.acting(group.author) as op:
        ids = [write_item(op, bank_id=group.bank_id, item=nasty_item()) for _ in range(2)]
        for item_id in ids:
            submit_item(op, item_id=item_id)
    client = sqlite_browsers(group.reviewer)
    other = group.versions(ids[1])[0].id
    assert client.api(f"/items/{ids[0]}/approve", {"version_id": other}).status_code == 404
    assert client.api(f"/items/{ids[1]}/approve", {"version_id": other}).status_code == 200
    returned = client.submit(f"/items/{ids[0]}/return", {"version_id": str(group.versions(ids[0])[0].id)})
    assert returned.status_code == 422  # a return says why
    assert [i.state for i in group.items()] == ["submitted", "approved"]
