"""秘密试题: out of sight on every page and route for who has no need, while the bank as a whole works with it."""

import json

import pytest

from app.authoring.models import BankPicture, PictureRow
from app.authoring.queries import pool_candidates
from app.authoring.rules import Confidentiality, ItemState
from app.authoring.service.assigning import assign_item, take_back
from app.authoring.service.items import classify_item, submit_item, write_item
from app.authoring.service.pairs import declare_enemy, look_through
from app.authoring.service.reviews import review_versions
from app.errors import NotFound
from app.operation import acting_as
from app.people.calendar import local_date
from app.security.permissions import Role
from question_bank.items import Level
from tests.support.bank import single
from tests.support.personas import make_staff, make_unit

HASH, SHARED = "ab" * 32, "cd" * 32
SECRET = "机密行动代号是什么并且由谁在什么时候下达到支部"
PUBLIC = "机密行动代号是什么并且由谁在什么时候下达到党委"
FILE = f"一、单选题\n1、{SECRET}\nA、甲\nB、乙\n正确答案：A\n".encode()


@pytest.fixture
def kept(group):
    """A submitted secret item of the author's, with a picture, an enemy and a near duplicate that all may see."""
    with group.acting(group.author) as op:
        for sha256 in (HASH, SHARED):
            op.db.add(PictureRow(sha256=sha256, content=b"x", media_type="image/png", width=1, height=1))
            op.db.flush()
            op.db.add(BankPicture(bank_id=group.bank_id, sha256=sha256, added_by=None, added_at=op.now))
        secret, public = (
            write_item(op, bank_id=group.bank_id, item=single(f"{stem}{pictures}"))
            for stem, pictures in (
                (SECRET, f"![图](picture:{HASH})![图](picture:{SHARED})"),
                (PUBLIC, f"![图](picture:{SHARED})"),
            )
        )
        for item_id in (secret, public):
            submit_item(op, item_id=item_id)
        declare_enemy(op, item_id=secret, other_id=public, reason="互相提示答案")
        classify_item(op, item_id=secret, confidentiality=Confidentiality.SECRET)
    look_through(group.house)
    return secret, public


def pages(group, secret, public):
    """Every page on which something of an item stands."""
    bank = f"/banks/{group.bank_id}"
    return (
        bank,
        f"{bank}?search=机密行动",
        f"{bank}?confidentiality=secret",
        f"{bank}?threads=open",
        f"{bank}/near",
        f"{bank}/together?item_ids={secret}",
        f"{bank}/exports?format=xlsx",
        f"{bank}/topics",
        f"/items/{public}",
        "/items?state=submitted",
        "/reviews",
        "/reviews?assigned=free",
        "/reviews?assigned=others",
        "/stale",
        "/documents",
        "/banks",
        "/",
    )


def test_a_secret_item_is_seen_nowhere_by_who_has_no_need(group, kept, browsers):  # P19, P20, P21
    secret, public = kept
    with acting_as(group.house, "test") as op:
        elsewhere = make_unit(op)
    stranger = browsers(make_staff(group.house, Role.BANK_LEAD, Role.ITEM_REVIEWER, unit=elsewhere))
    for client in (browsers(group.colleague), browsers(group.reviewer), stranger):
        for path in pages(group, secret, public):
            assert SECRET not in client.get(path).text, path
        bank = f"/banks/{group.bank_id}"
        assert client.get(f"/items/{secret}").status_code == client.get("/items/987654").status_code == 404
        assert client.get(f"{bank}/pictures/{HASH}").status_code == 404
        for path, given in (
            ("revise", {"item_type": "true_false", "stem": "甲", "key": "对", "base_version": 1, "reason": "改"}),
            ("retire", {"reason": "旧"}),
            ("threads", {"version": 1, "text": "看"}),
            ("approve", {"version_id": group.versions(secret)[0].id}),
            ("take-over", {"take_over_reason": "看"}),
            ("enemies", {"other_id": public, "enemy_reason": "再试"}),
            ("classify", {"confidentiality": "public"}),
            ("assign", {"reviewer_id": group.reviewer.account_id}),
        ):
            assert client.api(f"/items/{secret}/{path}", given).status_code in {403, 404}, path
        done = client.api(f"{bank}/together", {"act": "tag", "item_ids": [secret], "tag": "看"})
        if done.status_code == 200:
            told = client.api_get(f"/bulk-acts/{done.json()['id']}").json()["stayed"]
            assert [(one["id"], one["stem_start"]) for one in told] == [(secret, "")]
    colleague = browsers(group.colleague)
    assert "另有 1 道秘密试题未列出" in colleague.get(f"/banks/{group.bank_id}").text
    assert colleague.get(f"/banks/{group.bank_id}/pictures/{SHARED}").status_code == 200  # another item shows it
    import_id = group.start(FILE, "题.txt", by=group.colleague)
    shown = colleague.api_get(f"/imports/{import_id}?show=duplicates").json()
    assert all(not one["twins"] for one in shown["entries"])
    # What the bank as a whole does goes on with it.
    assert colleague.api_get("/banks").json()["banks"][0]["total"] == 2


def test_who_made_it_who_is_asked_and_who_leads_see_it(group, kept, browsers):
    secret, public = kept
    lead = make_staff(group.house, Role.BANK_LEAD, unit=group.unit)
    for persona in (group.author, lead):
        client = browsers(persona)
        assert SECRET in client.get(f"/items/{secret}").text
        assert SECRET in client.get(f"/banks/{group.bank_id}").text
        assert SECRET[:10] in client.get(f"/items/{public}").text  # as an enemy
        assert client.get(f"/banks/{group.bank_id}/near").text.count("plain-list") == 1
        assert client.get(f"/banks/{group.bank_id}/pictures/{HASH}").status_code == 200
    with group.acting(lead) as op:
        assign_item(op, item_id=secret, reviewer_id=group.reviewer.account_id, due_on=None)
    reviewer = browsers(group.reviewer)
    assert SECRET in reviewer.get("/reviews?assigned=mine").text
    with group.acting(lead) as op:
        take_back(op, item_id=secret)
    assert SECRET not in reviewer.get("/reviews").text  # at once
    with group.acting(lead) as op:
        assign_item(op, item_id=secret, reviewer_id=group.reviewer.account_id, due_on=None)
    version_id = group.versions(secret)[0].id
    with group.acting(group.colleague) as op, pytest.raises(NotFound):
        review_versions(op, version_ids=[version_id], approve=True, comment="")
    with group.acting(group.reviewer) as op:
        review_versions(op, version_ids=[version_id], approve=True, comment="")
    with group.house.database.transaction(reading=True) as db:
        drawn = pool_candidates(db, group.bank_id, Level.PRIMARY, on=local_date(group.house.clock.now()))
    assert [one.item_id for one in drawn] == [secret]  # the draw counts it
    assert reviewer.get(f"/items/{secret}").status_code == 404  # reviewed: no need any more
    assert {row.state for row in group.items()} == {ItemState.APPROVED, ItemState.SUBMITTED}


def test_the_file_that_a_secret_item_came_from_is_out_of_sight_with_it(sqlite_group, sqlite_browsers):
    group = sqlite_group
    author, colleague = sqlite_browsers(group.author), sqlite_browsers(group.colleague)
    import_id = group.start(FILE, "题.txt")
    assert colleague.get(f"/imports/{import_id}").status_code == 200
    assert author.api(f"/imports/{import_id}/commit", {"seen": 1, "submit": False}).status_code == 200
    (item,) = group.items()
    assert author.api(f"/items/{item.id}/classify", {"confidentiality": "secret"}).status_code == 200
    for path in ("", "/marked", "/items/1"):
        assert colleague.get(f"/imports/{import_id}{path}").status_code == 404
    assert author.get(f"/imports/{import_id}").status_code == 200
    assert json.loads(group.acts("item:classify")[0].after) == {"confidentiality": "secret"}
