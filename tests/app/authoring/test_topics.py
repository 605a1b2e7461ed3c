"""The tree of topics: nodes added, renamed, moved and merged; items follow, versions stay, and blueprints are told."""

import json
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.authoring.events import SupplyShrinks
from app.authoring.filing import file_under, joined, merged, moved, reading_order
from app.authoring.queries.listing import ItemFilter, list_items
from app.authoring.queries.topics import filed_paths
from app.authoring.rules import ItemState, TopicRefused
from app.authoring.service.entering import enter_items
from app.authoring.service.topics import add_topic, merge_topic, move_topic, rename_topic
from app.errors import NotFound
from app.security.actor import service
from tests.support.author_group import make_group
from tests.support.bank import single
from tests.support.waiting import come_second

PATHS = ("党章/党员/义务/基本", "党章/党员/权利", "党章/组织", "条例/党员/权利/表决", "条例")


def test_topics_stand_as_in_a_book():
    book = [
        "",
        "三会一课",
        "第一章",
        "第二章",
        "第二章/第三节",
        "第二章/第十二节",
        "第3讲",
        "第十章",
        "第12讲",
        "第二十条",
        "第一百零三条",
    ]
    assert sorted(sorted(book), key=reading_order) == book
    assert reading_order("二〇二六/第一百二十条") == (("", 2026, ""), ("第", 120, "条"))


@pytest.fixture
def filed(group):
    """The group, and its items by the path that each was written with."""
    items = [single(f"第{n}题", topic=tuple(path.split("/"))) for n, path in enumerate(PATHS)]
    with group.acting(group.author) as op:
        ids = enter_items(op, bank_id=group.bank_id, items=items, state=ItemState.DRAFT)
    return group, dict(zip(PATHS, ids, strict=True))


def tree(group):
    with group.house.database.transaction(reading=True) as db:
        return filed_paths(db, group.bank_id)


def at(group, path):
    return next(one for one, known in tree(group).items() if known == path)


def where(group):
    """The path under which each item is filed."""
    paths = tree(group)
    return {row.id: paths.get(row.topic_id) for row in group.items()}


def test_items_follow_a_topic_and_their_versions_stay(filed):  # P17
    group, ids = filed
    told = []
    group.house.listen(SupplyShrinks, lambda _op, event: told.append(event))
    hashes = {item_id: group.versions(item_id)[0].content_hash for item_id in ids.values()}
    with group.acting(group.reviewer) as op:
        new = add_topic(op, bank_id=group.bank_id, name="党内法规", parent_id=None)
        rename_topic(op, topic_id=at(group, "党章/党员"), name="党的成员")
    with group.acting(group.reviewer) as op:
        move_topic(op, topic_id=at(group, "党章"), parent_id=new)
    assert where(group)[ids["党章/党员/义务/基本"]] == "党内法规/党章/党的成员/义务/基本"
    with group.acting(group.reviewer) as op:
        move_topic(op, topic_id=at(group, "党内法规/党章/党的成员/义务"), parent_id=None)
        rename_topic(op, topic_id=at(group, "条例"), name="条例")  # as it is: nothing happens
    assert where(group)[ids["党章/党员/义务/基本"]] == "义务/基本"
    with group.house.database.transaction(reading=True) as db:
        found = list_items(db, service("test"), group.bank_id, ItemFilter(topic_id=new), limit=9)
    assert {row[0] for row in found} == {ids["党章/党员/权利"], ids["党章/组织"]}
    assert {i: group.versions(i)[0].content_hash for i in ids.values()} == hashes
    assert [act.action for act in group.acts("topic:create", "topic:rename", "topic:move")] == [
        "topic:create",
        "topic:rename",
        "topic:move",
        "topic:move",
    ]
    assert [event.bank_ids for event in told] == [{group.bank_id}] * 3


def test_two_topics_become_one_with_all_below_them(filed, browsers):
    group, ids = filed
    author = browsers(group.author)
    gone = at(group, "条例/党员")
    author.api(f"/banks/{group.bank_id}/filters", {"name": "条例里的党员", "topic": str(gone)})
    with group.acting(group.reviewer) as op:
        merge_topic(op, topic_id=gone, into_id=at(group, "党章/党员"), reason="重复")
    paths = set(tree(group).values())
    assert "条例" in paths
    assert not any(path.startswith("条例/") for path in paths)
    assert where(group)[ids["条例/党员/权利/表决"]] == "党章/党员/权利/表决"
    (kept,) = [one for one in author.api_get(f"/banks/{group.bank_id}").json()["choices"] if one["kind"] == "saved"]
    narrowed = author.api_get(f"/banks/{group.bank_id}?saved={kept['id']}").json()["rows"]
    assert {row["id"] for row in narrowed} == {i for path, i in ids.items() if "党员" in path}
    with group.acting(group.reviewer) as op:  # upwards: what is below comes up
        merge_topic(op, topic_id=at(group, "党章/党员"), into_id=at(group, "党章"), reason="合并")
    assert where(group)[ids["党章/党员/权利"]] == "党章/权利"
    (first, second) = group.acts("topic:merge")
    assert (json.loads(first.after)["items"], second.reason) == (0, "合并")


def test_what_is_written_anew_is_written_as_it_is_filed(filed, browsers):
    group, ids = filed
    item_id = ids["党章/组织"]
    with group.acting(group.reviewer) as op:
        rename_topic(op, topic_id=at(group, "党章/组织"), name="组织制度")
    author = browsers(group.author)
    assert author.api_get(f"/items/{item_id}").json()["content"]["topic"] == "党章 / 组织制度"
    shown = author.api_get(f"/items/{item_id}/revise").json()["values"]
    assert shown["topic"] == "党章/组织制度"


def test_the_tree_is_refused_what_would_be_none(filed, browsers):
    group, _ = filed
    reviewer = browsers(group.reviewer)
    top, below, other = at(group, "党章"), at(group, "党章/党员"), at(group, "条例/党员")
    for act, body in (
        (f"/topics/{top}/move", {"parent_id": below}),
        (f"/topics/{top}/move", {"parent_id": 10**6}),
        (f"/topics/{top}/merge", {"into_id": below, "reason": "误"}),
        (f"/topics/{top}/merge", {"into_id": top, "reason": "误"}),
        (f"/topics/{top}/merge", {"into_id": 10**6, "reason": "误"}),
        (f"/topics/{top}/rename", {"name": "条例"}),
        (f"/topics/{top}/rename", {"name": "党／章"}),
        (f"/topics/{other}/move", {"parent_id": top}),
        (f"/banks/{group.bank_id}/topics", {"name": "党员", "parent_id": top}),
    ):
        answer = reviewer.api(act, body)
        assert answer.status_code == 422, (act, body, answer.text)
    assert set(tree(group).values()) == {
        "/".join(path.split("/")[:n]) for path in PATHS for n in range(1, path.count("/") + 2)
    }
    author = browsers(group.author)
    assert author.api(f"/topics/{top}/rename", {"name": "总纲"}).status_code == 403
    assert "新增知识点" not in author.get(f"/banks/{group.bank_id}/topics").text
    page = reviewer.get(f"/banks/{group.bank_id}/topics").text
    assert "新增知识点" in page
    assert 'class="node depth-3"' in page
    assert reviewer.submit(f"/topics/{top}/rename", {"name": "条例"}).status_code == 422
    assert reviewer.submit(f"/topics/{top}/rename", {"name": "总纲"}).status_code == 303
    assert [
        n["items"] for n in reviewer.api_get(f"/banks/{group.bank_id}/topics").json()["nodes"] if not n["depth"]
    ] == [
        3,
        2,
    ]


def test_nobody_outside_the_group_sees_or_moves_a_topic(filed, house):  # P19
    group, _ = filed
    stranger = make_group(house)
    with group.acting(stranger.reviewer) as op, pytest.raises(NotFound):
        rename_topic(op, topic_id=at(group, "党章"), name="总纲")
    with group.acting(stranger.reviewer) as op, pytest.raises(NotFound):
        add_topic(op, bank_id=group.bank_id, name="总纲", parent_id=None)


def test_a_topic_that_somebody_merges_meanwhile_is_found_no_more(filed):
    group, _ = filed
    gone, into = at(group, "条例/党员"), at(group, "党章/党员")

    @contextmanager
    def merging():
        with group.acting(group.reviewer) as op:
            merge_topic(op, topic_id=gone, into_id=into, reason="重复")
            yield

    def move():
        with group.acting(group.reviewer) as op:
            move_topic(op, topic_id=gone, parent_id=None)

    with pytest.raises(NotFound):
        come_second(group.house, merging(), move)
    assert "条例" in tree(group).values()


def test_paths_have_a_depth_and_a_length():
    with pytest.raises(TopicRefused):
        joined("/".join("12345678"), "9", field="name")
    with pytest.raises(TopicRefused):
        joined("长" * 390, "名" * 10, field="name")
    with pytest.raises(TopicRefused):
        moved({1: "甲", 2: "甲/乙", 3: "/".join("1234567")}, top="甲", to="1/2/3/4/5/6/7/甲", field="parent_id")
    with pytest.raises(TopicRefused):
        merged({1: "甲", 2: "甲/乙", 3: "/".join("12345678")}, top="甲", into="1/2/3/4/5/6/7/8", field="into_id")
    item = single("题", topic=("甲",))
    assert file_under(item, None) is item
    assert file_under(item, "甲/乙") == replace(item, topic=("甲", "乙"))


names = st.lists(st.sampled_from("甲乙丙"), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(leaves=st.lists(names, min_size=2, max_size=8), which=st.data())
def test_a_merged_tree_is_a_tree_that_lacks_nothing(leaves, which):
    every = sorted({"/".join(leaf[:n]) for leaf in leaves for n in range(1, len(leaf) + 1)})
    paths = dict(enumerate(every))
    top, into = which.draw(st.sampled_from(every)), which.draw(st.sampled_from(every))
    try:
        done = merged(paths, top=top, into=into, field="into_id")
    except TopicRefused:
        assert into == top or into.startswith(f"{top}/")
        return
    after = {one: done.paths.get(one, path) for one, path in paths.items() if one not in done.into}
    assert len(set(after.values())) == len(after)
    assert all("/" not in path or path.rpartition("/")[0] in after.values() for path in after.values())
    assert set(done.into.values()) <= after.keys()
    for gone, taker in done.into.items():
        assert after[taker] == into + paths[gone][len(top) :]
