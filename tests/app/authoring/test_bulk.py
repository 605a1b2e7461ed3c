"""批量处理: each item that allows it is done and audited; many are left to the worker; what stays is named."""

import pytest

from app.authoring.queries.items import tags_of
from app.authoring.review_models import BulkAct, ReviewAssignment
from app.authoring.rules import Confidentiality, Involvement, ItemState
from app.authoring.rules.together import (
    BULK_TRANSITIONS,
    DONE_AT_ONCE,
    BulkAction,
    BulkOver,
    BulkState,
    NothingChosen,
    TogetherAct,
    WordMissing,
    move_bulk,
)
from app.authoring.service.entering import enter_items, involve
from app.authoring.service.together import Wanted, cancel_together, start_together
from app.authoring.service.topics import add_topic
from app.errors import Forbidden, NotFound
from app.operation import acting_as
from app.security.permissions import Role
from app.wiring import make_worker
from tests.support.author_group import make_group
from tests.support.bank import single
from tests.support.personas import make_staff


@pytest.mark.parametrize("state", [None, *BulkState])
@pytest.mark.parametrize("action", BulkAction)
def test_an_act_on_many_moves_by_the_table_and_no_other_way(state, action):
    if (state, action) in BULK_TRANSITIONS:
        assert move_bulk(state, action) is BULK_TRANSITIONS[state, action]
    else:
        with pytest.raises(BulkOver):
            move_bulk(state, action)


def stocked(group, count, *, by=None, state=ItemState.SUBMITTED):
    by = by or group.author
    with group.acting(by) as op:
        items = [single(f"{by.account_id}号第{n}题") for n in range(count)]
        ids = enter_items(op, bank_id=group.bank_id, items=items, state=state)
        involve(op, ids, Involvement.WROTE)
    return ids


def act(group, persona, item_ids, act, **more):
    with group.acting(persona) as op:
        wanted = Wanted(act, **more)
        return start_together(op, bank_id=group.bank_id, item_ids=item_ids, wanted=wanted).id


def outcome(group, bulk_id):
    with group.house.database.transaction(reading=True) as db:
        bulk = db.get_one(BulkAct, bulk_id)
        return bulk.state, bulk.done, [one[0] for one in bulk.stayed]


def filed_with(group, ids):
    with group.house.database.transaction(reading=True) as db:
        return {tuple(tags) for tags in tags_of(db, ids).values()}


def test_what_is_filed_changes_without_a_version_and_what_cannot_is_named(group):  # P17, P35
    ids = stocked(group, 3)
    foreign = stocked(make_group(group.house), 1)
    tag = act(group, group.author, [*ids, *foreign, 999], TogetherAct.TAG, tag="年度")
    assert outcome(group, tag) == (BulkState.DONE, 3, sorted([*foreign, 999]))  # P21: another's is like none
    assert outcome(group, act(group, group.author, ids[:1], TogetherAct.UNTAG, tag="年度")) == (BulkState.DONE, 1, [])
    again = act(group, group.author, ids, TogetherAct.TAG, tag="年度")
    assert outcome(group, again) == (BulkState.DONE, 1, ids[1:])
    assert outcome(group, act(group, group.author, ids, TogetherAct.UNTAG, tag="没有")) == (BulkState.DONE, 0, ids)
    assert filed_with(group, ids) == {("年度",)}
    with group.acting(group.reviewer) as op:
        topic = add_topic(op, bank_id=group.bank_id, name="新章", parent_id=None)
    filed = act(group, group.reviewer, ids, TogetherAct.FILE, topic_id=topic)
    assert outcome(group, filed) == (BulkState.DONE, 3, [])
    assert {row.topic_id for row in group.items()} == {topic}
    secret = Confidentiality.SECRET
    assert outcome(group, act(group, group.author, ids, TogetherAct.CLASSIFY, confidentiality=secret))[1] == 3
    retired = act(group, group.author, ids, TogetherAct.RETIRE, reason="旧")
    assert outcome(group, retired) == (BulkState.DONE, 0, ids)  # submitted items are returned or approved first
    assert {row.version for row in group.items()} == {1}
    words = ("item:tag", "item:untag", "item:file", "item:classify", "bulk:start")
    assert [len(group.acts(word)) for word in words] == [4, 1, 3, 3, 7]


def test_reviews_are_spread_evenly_and_nobody_gets_their_own(group):  # P29
    lead = make_staff(group.house, Role.BANK_LEAD, unit=group.unit)
    third = make_staff(group.house, Role.ITEM_REVIEWER, unit=group.unit)
    ids, own = stocked(group, 6), stocked(group, 2, by=group.colleague)
    draft = stocked(group, 1, state=ItemState.DRAFT)
    three = tuple(one.account_id for one in (group.reviewer, group.colleague, third))
    bulk = act(group, lead, [*ids, *own, *draft], TogetherAct.DISTRIBUTE, reviewer_ids=three)
    assert outcome(group, bulk) == (BulkState.DONE, 8, draft)
    with group.house.database.transaction(reading=True) as db:
        given = [(row.item_id, row.reviewer_id) for row in db.query(ReviewAssignment)]
    loads = sorted([account for _, account in given].count(one) for one in three)
    assert loads == [2, 3, 3]
    assert not [item for item, account in given if item in own and account == group.colleague.account_id]
    only_own = act(group, lead, own, TogetherAct.DISTRIBUTE, reviewer_ids=(group.colleague.account_id,))
    assert outcome(group, only_own) == (BulkState.DONE, 0, own)


def test_what_as_a_whole_cannot_be_is_refused_before_anything_is_done(group):
    ids = stocked(group, 1)
    with group.acting(group.reviewer) as op:
        other = make_group(group.house)
    with other.acting(other.reviewer) as op:
        elsewhere = add_topic(op, bank_id=other.bank_id, name="别处", parent_id=None)
    for persona, chosen, wanted, refusal in (
        (group.author, ids, {"act": TogetherAct.ASSIGN, "reviewer_ids": (1,)}, Forbidden),
        (group.author, [], {"act": TogetherAct.SUBMIT}, NothingChosen),
        (group.author, ids, {"act": TogetherAct.RETIRE}, WordMissing),
        (group.author, ids, {"act": TogetherAct.TAG}, WordMissing),
        (group.reviewer, ids, {"act": TogetherAct.FILE, "topic_id": elsewhere}, NotFound),
        (other.author, ids, {"act": TogetherAct.SUBMIT}, NotFound),
    ):
        with pytest.raises(refusal):
            act(group, persona, chosen, **wanted)
    assert not group.acts("bulk:start")


def test_many_are_left_to_the_worker_which_goes_on_where_it_was(group):
    ids = stocked(group, DONE_AT_ONCE + 20, state=ItemState.DRAFT)
    bulk = act(group, group.author, ids, TogetherAct.SUBMIT)
    cancelled = act(group, group.author, ids, TogetherAct.TAG, tag="不要")
    assert outcome(group, bulk) == (BulkState.OPEN, 0, [])
    with group.acting(group.author) as op:
        cancel_together(op, bulk_id=cancelled)
    with group.acting(group.author) as op, pytest.raises(BulkOver):
        cancel_together(op, bulk_id=cancelled)
    with group.acting(group.colleague) as op, pytest.raises(NotFound):  # it is another's
        cancel_together(op, bulk_id=bulk)
    with acting_as(group.house, "test") as op:  # a worker that died after one part
        held = op.db.get_one(BulkAct, bulk)
        held.position, held.done = 30, 30
    make_worker(group.house).drain()
    assert outcome(group, bulk) == (BulkState.DONE, len(ids), [])
    assert {row.state for row in group.items()[30:]} == {ItemState.SUBMITTED}
    assert len(group.acts("item:submit")) == len(ids) - 30
    assert filed_with(group, ids) == {()}


def test_the_pages_lead_from_a_list_to_what_was_done(sqlite_group, sqlite_browsers):
    group = sqlite_group
    ids = stocked(group, 3)
    author = sqlite_browsers(group.author)
    here = f"/banks/{group.bank_id}"
    assert f'form="together" name="item_ids" value="{ids[0]}"' in author.get(f"{here}?state=submitted").text
    page = author.get(f"{here}/together?item_ids={ids[0]}&item_ids={ids[1]}")
    assert "已选 2 道试题" in page.text
    assert "指派给一名审题员" not in page.text
    assert "符合条件的全部 3 道试题" in author.get(f"{here}/together?query=state%3Dsubmitted").text
    given = {"act": "tag", "query": "state=submitted", "seen": "2", "tag": "年度"}
    assert author.submit(f"{here}/together", given).status_code == 409  # something else is found than was seen
    missing = author.submit(f"{here}/together", {"act": "tag", "item_ids": [str(one) for one in ids], "tag": ""})
    assert missing.status_code == 422
    assert missing.text.count(f'name="item_ids" value="{ids[2]}"') >= 1  # the choice is kept
    done = author.submit(f"{here}/together", given | {"seen": "3"})
    assert done.status_code == 303
    shown = author.get(done.headers["location"])
    assert "批量添加标签" in shown.text
    assert author.api_get("/bulk-acts/1").json()["done"] == 3
    assert "年度" in author.get(f"/items/{ids[0]}").text
    assert (
        'value="年度"' in author.get(f"/items/{ids[0]}/revise").text
    )  # whoever revises is shown what it is filed with
    assert sqlite_browsers(group.colleague).get("/bulk-acts/1").status_code == 404
