"""指派审题: never to who made the item, left alone by the others, taken over by a word; spread evenly."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.authoring.queries.assignments import loads_of, reviewers_of
from app.authoring.queries.reviews import queue_size
from app.authoring.review_models import ReviewAssignment
from app.authoring.rules import OwnItem
from app.authoring.rules.assigning import (
    ASSIGNMENT_TRANSITIONS,
    AssignedElsewhere,
    AssignmentAction,
    AssignmentMoveRefused,
    AssignmentState,
    DuePast,
    NotAssigned,
    NotWaiting,
    ReviewerRefused,
    Whose,
    distribute,
    move_assignment,
)
from app.authoring.service import waiting
from app.authoring.service.assigning import assign_item, take_back, take_over
from app.authoring.service.items import submit_item, write_item
from app.authoring.service.reviews import review_versions
from app.errors import AppError, NotFound
from app.operation import acting_as
from app.outbox.models import OutboxMessage
from app.people.calendar import local_date
from app.security.permissions import Role
from tests.support.bank import single
from tests.support.personas import make_staff, make_unit


@pytest.mark.parametrize("state", [None, *AssignmentState])
@pytest.mark.parametrize("action", AssignmentAction)
def test_an_assignment_moves_by_the_table_and_no_other_way(state, action):
    if (state, action) in ASSIGNMENT_TRANSITIONS:
        assert move_assignment(state, action) is ASSIGNMENT_TRANSITIONS[state, action]
    else:
        with pytest.raises(AssignmentMoveRefused):
            move_assignment(state, action)


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.integers(1, 40), st.sets(st.integers(1, 5)), max_size=25),
    st.dictionaries(st.integers(1, 5), st.integers(0, 9)),
)
def test_items_are_spread_over_those_who_may_review_them(items, loads):
    plan = distribute(items, loads)
    assert plan == distribute(dict(reversed(items.items())), dict(reversed(loads.items())))
    assert plan.keys() == {item for item, able in items.items() if able}
    assert all(taker in items[item] for item, taker in plan.items())


def test_where_all_may_review_all_nobody_gets_two_more_than_another():
    plan = distribute(dict.fromkeys(range(1, 102), (3, 1, 2)), {1: 4})
    came = Counter(plan.values())
    assert sorted([came[1] + 4, came[2], came[3]]) == [35, 35, 35]


@pytest.fixture
def lead(group):
    return make_staff(group.house, Role.BANK_LEAD, unit=group.unit, name="负责丁")


def submitted(group, *, by=None):
    with group.acting(by or group.author) as op:
        item_id = write_item(op, bank_id=group.bank_id, item=single())
        submit_item(op, item_id=item_id)
    return item_id


def assign(group, lead, item_id, persona, due_on=None):
    with group.acting(lead) as op:
        assign_item(op, item_id=item_id, reviewer_id=persona.account_id, due_on=due_on)


def approve(group, persona, item_id):
    with group.acting(persona) as op:
        review_versions(op, version_ids=[group.versions(item_id)[-1].id], approve=True, comment="")


def states(group, item_id):
    with group.house.database.transaction(reading=True) as db:
        rows = db.query(ReviewAssignment).filter_by(item_id=item_id).order_by(ReviewAssignment.id)
        return [(row.reviewer_id, row.state) for row in rows]


def told(group):
    with group.house.database.transaction(reading=True) as db:
        rows = db.query(OutboxMessage).filter(OutboxMessage.template.like("review_%")).order_by(OutboxMessage.id)
        return [(row.person_id, row.template) for row in rows]


def sizes(group, persona):
    with group.acting(persona) as op:
        return {whose: queue_size(op.db, op.actor, whose) for whose in Whose}


def test_an_assigned_item_is_reviewed_by_its_reviewer_and_left_alone_by_others(group, lead):  # P29, P35
    item_id = submitted(group)
    today = local_date(group.house.clock.now())
    assign(group, lead, item_id, group.reviewer, today)
    assert sizes(group, group.reviewer) == {Whose.ALL: 1, Whose.MINE: 1, Whose.FREE: 0, Whose.OTHERS: 0}
    assert sizes(group, group.colleague) == {Whose.ALL: 0, Whose.MINE: 0, Whose.FREE: 0, Whose.OTHERS: 1}
    with group.acting(group.reviewer) as op:
        (task,) = [one for one in waiting(op) if one.href == "/reviews?assigned=mine"]
        assert (task.count, task.urgent, local_date(task.due - timedelta(seconds=1))) == (1, False, today)
    with pytest.raises(AssignedElsewhere):
        approve(group, group.colleague, item_id)
    with group.acting(group.colleague) as op:
        take_over(op, item_id=item_id, reason="原审题员出差")
    with pytest.raises(AssignedElsewhere):
        approve(group, group.reviewer, item_id)
    approve(group, group.colleague, item_id)
    reviewer, colleague = group.reviewer.account_id, group.colleague.account_id
    assert states(group, item_id) == [(reviewer, AssignmentState.TAKEN_OVER), (colleague, AssignmentState.DONE)]
    assert told(group) == [(group.reviewer.person_id, "review_assigned"), (group.reviewer.person_id, "review_moved")]
    (act,) = group.acts("item:take_over")
    assert (act.actor_account_id, act.reason) == (colleague, "原审题员出差")
    assert len(group.acts("item:assign")) == 1


def test_an_assignment_moves_to_another_and_is_taken_back(group, lead):
    item_id = submitted(group)
    assign(group, lead, item_id, group.reviewer)
    assign(group, lead, item_id, group.reviewer)  # the same again changes nothing
    assign(group, lead, item_id, group.colleague)
    with group.acting(lead) as op:
        assert loads_of(op.db, reviewers_of(op.db, group.bank_id)) == {group.colleague.account_id: 1}
        take_back(op, item_id=item_id)
    with group.acting(lead) as op, pytest.raises(NotAssigned):
        take_back(op, item_id=item_id)
    assert [state for _, state in states(group, item_id)] == [AssignmentState.REPLACED, AssignmentState.TAKEN_BACK]
    assert [act.action for act in group.acts("item:assign", "item:unassign")] == ["item:assign"] * 2 + ["item:unassign"]
    approve(group, group.reviewer, item_id)  # anybody may again


def test_who_made_it_who_may_not_review_and_what_does_not_wait_is_refused(group, lead):  # P24, P29
    own = submitted(group, by=group.colleague)  # who is a reviewer, too
    for item_id, persona in ((own, group.colleague), (own, group.author), (own, lead)):
        with pytest.raises(ReviewerRefused):
            assign(group, lead, item_id, persona)
    with pytest.raises(DuePast):
        assign(group, lead, own, group.reviewer, local_date(group.house.clock.now()) - timedelta(days=1))
    with group.acting(group.author) as op:
        draft = write_item(op, bank_id=group.bank_id, item=single("草稿"))
    with pytest.raises(NotWaiting):
        assign(group, lead, draft, group.reviewer)
    assign(group, lead, own, group.reviewer)
    with group.acting(group.colleague) as op, pytest.raises(OwnItem):
        take_over(op, item_id=own, reason="自己审")
    with group.acting(group.reviewer) as op, pytest.raises(NotAssigned):  # it is theirs already
        take_over(op, item_id=own, reason="接手")
    with acting_as(group.house, "test") as op:
        elsewhere = make_unit(op)
    stranger = make_staff(group.house, Role.BANK_LEAD, Role.ITEM_REVIEWER, unit=elsewhere)
    with pytest.raises(NotFound):  # P21
        assign(group, stranger, own, group.reviewer)
    with pytest.raises(ReviewerRefused):
        assign(group, lead, own, stranger)
    with group.acting(stranger) as op, pytest.raises(NotFound):
        take_over(op, item_id=own, reason="接手")


def test_two_who_take_over_at_once_are_one(group, lead):
    item_id = submitted(group)
    assign(group, lead, item_id, group.reviewer)
    third = make_staff(group.house, Role.ITEM_REVIEWER, unit=group.unit)
    outcomes, barrier = [], threading.Barrier(2)

    def take(persona):
        barrier.wait()
        try:
            with group.acting(persona) as op:
                take_over(op, item_id=item_id, reason="代审")
            outcomes.append("taken")
        except AppError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=take, args=(one,)) for one in (group.colleague, third)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    # The second takes it from the first, by the same rule: one open assignment, each step on record.
    assert outcomes == ["taken", "taken"]
    assert [state for _, state in states(group, item_id)].count(AssignmentState.OPEN) == 1
    assert len(group.acts("item:take_over")) == 2


def test_the_pages_show_who_reviews_what(sqlite_group, sqlite_browsers):
    group = sqlite_group
    lead = make_staff(group.house, Role.BANK_LEAD, unit=group.unit, name="负责丁")
    item_id = submitted(group)
    head, reviewer, other = (sqlite_browsers(one) for one in (lead, group.reviewer, group.colleague))
    assert f"/banks/{group.bank_id}?state=submitted&amp;assigned=none" in head.get("/").text
    page = head.get(f"/items/{item_id}").text
    assert "审题丙（在审 0 道）" in page
    assert "命题甲（" not in page
    given = {"reviewer_id": str(group.reviewer.account_id), "due_on": "2020-01-01"}
    assert head.submit(f"/items/{item_id}/assign", given).status_code == 422
    assert head.submit(f"/items/{item_id}/assign", given | {"due_on": ""}).status_code == 303
    assert head.api_get(f"/banks/{group.bank_id}?assigned=none").json()["rows"] == []
    found = head.api_get(f"/banks/{group.bank_id}?assigned={group.reviewer.account_id}").json()["rows"]
    assert [row["id"] for row in found] == [item_id]
    assert "指派本人" in reviewer.get("/reviews?assigned=mine").text
    assert f"/items/{item_id}/approve" in reviewer.get(f"/items/{item_id}").text
    assert "没有等待审题的试题" in other.get("/reviews").text
    assert f'href="/items/{item_id}"' in other.get("/reviews?assigned=others").text
    assert f"/items/{item_id}/approve" not in other.get(f"/items/{item_id}").text
    assert other.submit(f"/items/{item_id}/take-over", {"take_over_reason": "代审"}).status_code == 303
    assert f"/items/{item_id}/approve" in other.get(f"/items/{item_id}").text
    assert other.get("/reviews?assigned=nobody").status_code == 422
    assert head.submit(f"/items/{item_id}/unassign").status_code == 303
