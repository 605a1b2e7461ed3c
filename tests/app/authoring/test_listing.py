"""Lists of a bank: what a search finds, alike on both databases; filters; pages that lack nothing; what is saved."""

import json
import re
from dataclasses import replace

import pytest
from sqlalchemy import event

from app.authoring.listing_schemas import ItemsShown
from app.authoring.queries.listing import ItemFilter, list_items
from app.authoring.rules import ItemState
from app.authoring.searching import look_for, spell
from app.authoring.service import note_usage
from app.authoring.service.entering import enter_items
from app.authoring.service.indexing import index_pending
from app.authoring.service.items import revise_item, write_item
from app.database import downgrade, upgrade
from app.security.actor import service
from app.web.express import ExpressLane
from question_bank.canonical import stem_fold
from question_bank.items import Difficulty, Level
from tests.support.bank import multiple, single, true_false

STEMS = (
    "党章规定，预备党员的预备期为几年？",
    "支部委员会由谁选举产生？",
    "发展党员的ＷＴＯ问题+1.5%",
    "总揽全局、协调各方指的是谁？",
    "预备金的使用须经谁批准",
    "关于企业安全" * 9 + "灯具检查2%㐀",
)
FOUND = {
    "预备": {0, 4},
    "党员": {0, 2},
    "党员的": {0, 2},
    "备党": {0},
    "预备党员": {0},
    "党": {0, 2},
    "，": set(),
    "dangzhang": {0},
    "dangzh": {0},
    "yubei": {0, 4},
    "ybdy": {0},
    "zbwyh": {1},
    "wto": {2},
    "ＷＴＯ": {2},
    "1.5%": {2},
    "15": set(),
    "协调  各方": {3},
    "angzh": set(),
    "灯具检": {5},
    "查2%": {5},
    "%㐀": {5},
    "dengju": set(),  # stands too far from the beginning
    "gyqy": {5},
    "没有这样": set(),
}


def found(group, narrowed, limit=50):
    with group.house.database.transaction(reading=True) as db:
        return [row[0] for row in list_items(db, service("test"), group.bank_id, narrowed, limit=limit)]


@pytest.fixture
def stocked(group):
    with group.acting(group.author) as op:
        ids = enter_items(op, bank_id=group.bank_id, items=[single(stem) for stem in STEMS], state=ItemState.DRAFT)
    return group, ids


def test_a_search_finds_characters_pinyin_and_initials(stocked):  # P51
    group, ids = stocked
    for query, wanted in FOUND.items():
        assert {ids.index(one) for one in found(group, ItemFilter(search=query))} == wanted or query == "，", query
    assert spell(stem_fold("ABC党章1")).pinyin == ".abc.dang.zhang.1"
    assert look_for("　") == ()


def test_a_new_version_is_found_and_the_old_one_is_not(stocked):
    group, ids = stocked
    with group.acting(group.author) as op:
        revise_item(op, item_id=ids[0], item=single("民主评议党员"), base_version=1, reason="改")
    assert found(group, ItemFilter(search="预备")) == [ids[4]]
    assert found(group, ItemFilter(search="minzhu")) == [ids[0]]


def test_what_was_there_before_the_index_is_indexed_by_the_worker(stocked):
    group, ids = stocked
    with group.acting(group.author) as op:
        op.db.connection().exec_driver_sql("UPDATE item SET pinyin = NULL, initials = NULL")
        op.db.connection().exec_driver_sql("DELETE FROM item_search")
    assert found(group, ItemFilter(search="预备")) == []
    assert index_pending(group.house) == len(ids)
    assert index_pending(group.house) == 0
    assert found(group, ItemFilter(search="预备")) == [ids[4], ids[0]]
    assert found(group, ItemFilter(search="ybdy")) == [ids[0]]
    url = group.house.database.url.render_as_string(hide_password=False)
    group.house.database.dispose()
    downgrade(url, "technical_faults")
    assert index_pending(group.house) == len(ids)  # the older release's worker has all of them to do
    group.house.database.dispose()
    upgrade(url)
    assert index_pending(group.house) == 0
    for query, wanted in FOUND.items():
        assert {ids.index(one) for one in found(group, ItemFilter(search=query))} == wanted or query == "，", query


def test_every_filter_narrows_and_pages_lack_nothing(group):
    deep = ("党的建设", "组织建设", "党支部", "选举")
    items = [
        replace(
            single(f"预备题{n}", topic=deep[: 1 + n % 4]), tags=("旧" if n % 2 else "新",), difficulty=Difficulty.HARD
        )
        for n in range(12)
    ]
    items += [replace(multiple("多选", topic=("党的建设外",)), level=Level.ADVANCED), true_false("判断")]
    with group.acting(group.author) as op:
        ids = enter_items(op, bank_id=group.bank_id, items=items, state=ItemState.SUBMITTED)
        op.db.flush()
    with group.acting(group.author) as op:
        mine = write_item(op, bank_id=group.bank_id, item=single("我的"))
        note_usage(op, 7, {group.versions(ids[0])[0].id: 3})
    rows = {row.id: row for row in group.items()}
    assert (rows[ids[0]].forms_seen, rows[ids[0]].last_seen_at) == (3, group.house.clock.now())
    topic = rows[ids[1]].topic_id
    assert set(found(group, ItemFilter(topic_id=topic))) == {i for n, i in enumerate(ids[:12]) if n % 4 >= 1}
    assert set(found(group, ItemFilter(tag="旧"))) == set(ids[1:12:2])
    assert set(found(group, ItemFilter(difficulty=Difficulty.HARD, topic_id=topic, search="预备"))) <= set(ids[:12])
    assert found(group, ItemFilter(level=Level.ADVANCED)) == [ids[12]]
    assert found(group, ItemFilter(state=ItemState.DRAFT)) == [mine]
    assert ids[0] not in found(group, ItemFilter(unseen=True))
    assert found(group, ItemFilter(author=group.colleague.account_id)) == []
    assert found(group, ItemFilter(stale=True)) == []
    for narrowed in (ItemFilter(), ItemFilter(search="预备"), ItemFilter(topic_id=topic, tag="旧")):
        every, walked, after = found(group, narrowed), [], 0
        while page := found(group, replace(narrowed, after=after), limit=4):
            walked, after = walked + page, page[-1]
        assert walked == every == sorted(every, reverse=True)


ASKED = (
    "",
    "?item_type=single_choice&after=3&nothing=1",
    "?state=draft&state=approved",
    "?unseen=2026-01-01&topic=0",
    "?saved=99",
    "?item_type=x",
    "?after=-1",
    "?after=",
    "?topic=1.5",
    "?search=%0A",
    "?author=99999999999999999999",
)
CHANGING = re.compile(r"[\w-]{16,}", re.ASCII)  # ids of requests, nonces, keys of forms


def test_the_quick_way_answers_like_the_ordinary_one(stocked, browsers, monkeypatch):
    group, ids = stocked
    author = browsers(group.author)
    paths = [f"/banks/{group.bank_id}{query}" for query in ASKED] + ["/banks/0", "/banks/99", "/banks/x", "/banks/٣"]

    def answers():
        both = [face(path) for path in paths for face in (author.get, author.api_get)]
        return [(one.status_code, CHANGING.sub("", one.text), one.headers["content-type"]) for one in both]

    quick = answers()
    shown = author.api_get(f"/banks/{group.bank_id}").content
    assert ItemsShown.model_validate_json(shown).model_dump(mode="json") == json.loads(shown)
    assert [row["id"] for row in json.loads(shown)["rows"]] == ids[::-1]
    monkeypatch.setattr(ExpressLane, "takes", lambda _lane, _scope: False)
    assert answers() == quick


def test_the_page_takes_few_statements_and_keeps_filters_for_its_person(group, browsers):
    with group.acting(group.author) as op:
        enter_items(op, bank_id=group.bank_id, items=[single(stem) for stem in STEMS], state=ItemState.DRAFT)
    author, other = browsers(group.author), browsers(group.colleague)
    author.get(f"/banks/{group.bank_id}")  # that the promise was given is known from now on
    asked = []
    event.listen(group.house.database.engine, "before_cursor_execute", lambda *a: asked.append(a[2:4]))
    page = author.get(f"/banks/{group.bank_id}?search=yubei&state=draft")
    assert page.status_code == 200
    selects = [one for one in asked if one[0].lstrip().upper().startswith(("SELECT", "WITH"))]
    assert len(selects) <= 4, selects  # who asks, the bank, the items, the unread messages
    if group.house.database.dialect == "sqlite":  # the count of secret items must not walk the whole bank
        (counting,) = [one for one in selects if "'secret'" in one[0] and "saved_filter" in one[0]]
        with group.house.database.transaction(reading=True) as db:
            plan = db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {counting[0]}", counting[1]).all()
        assert "ix_item_secret" in str(plan)
    assert page.text.count('<tr><th scope="row"') == 2
    assert author.submit(f"/banks/{group.bank_id}/filters", {"name": "预备", "search": "yubei"}).status_code == 303
    kept = author.api_get(f"/banks/{group.bank_id}").json()["choices"]
    (saved,) = [one for one in kept if one["kind"] == "saved"]
    shown = author.api_get(f"/banks/{group.bank_id}?saved={saved['id']}").json()
    assert (len(shown["rows"]), shown["query"]) == (2, {"search": "yubei"})
    assert author.api(f"/banks/{group.bank_id}/filters", {"name": "预备"}).status_code == 422
    assert author.api(f"/banks/{group.bank_id}/filters", {"name": "坏", "state": "x"}).status_code == 422
    assert len(other.api_get(f"/banks/{group.bank_id}?saved={saved['id']}").json()["rows"]) == len(STEMS)
    assert other.api(f"/filters/{saved['id']}/forget").status_code == 404
    assert author.api(f"/filters/{saved['id']}/forget").status_code == 200
