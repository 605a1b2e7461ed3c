"""讨论: said and answered beside an item, settled by whom it concerns, told to the others; approval waits for it."""

import pytest

from app.authoring.review_models import ItemComment
from app.authoring.rules import ItemState
from app.authoring.rules.threads import (
    THREAD_TRANSITIONS,
    CommentWithdrawn,
    NotOwnComment,
    ThreadAction,
    ThreadField,
    ThreadMoveRefused,
    ThreadNotYours,
    ThreadsOpen,
    ThreadState,
    move_thread,
    refuse_settling,
)
from app.authoring.service.items import submit_item, write_item
from app.authoring.service.reviews import review_versions
from app.authoring.service.threads import carry_on, open_thread, withdraw_comment
from app.errors import NotFound
from app.operation import acting_as
from app.outbox.models import OutboxMessage
from app.security.permissions import Role
from tests.support.bank import single
from tests.support.personas import make_staff, make_unit


@pytest.mark.parametrize("state", [None, *ThreadState])
@pytest.mark.parametrize("action", ThreadAction)
def test_a_thread_moves_by_the_table_and_no_other_way(state, action):
    if (state, action) in THREAD_TRANSITIONS:
        assert move_thread(state, action) is THREAD_TRANSITIONS[state, action]
    else:
        with pytest.raises(ThreadMoveRefused):
            move_thread(state, action)


def test_a_thread_is_settled_by_its_opener_or_by_a_reviewer_who_did_not_make_the_item():
    for opened, reviews, made in ((True, False, True), (False, True, False)):
        refuse_settling(opened_it=opened, reviews=reviews, made_it=made)
    for reviews, made in ((False, False), (False, True), (True, True)):
        with pytest.raises(ThreadNotYours):
            refuse_settling(opened_it=False, reviews=reviews, made_it=made)


def submitted(group):
    with group.acting(group.author) as op:
        item_id = write_item(op, bank_id=group.bank_id, item=single())
        submit_item(op, item_id=item_id)
    return item_id


def ask(group, persona, item_id, text="键是否应为 B？", version=1):
    with group.acting(persona) as op:
        return open_thread(op, item_id=item_id, version=version, field=ThreadField.BODY, text=text)


def say(group, persona, item_id, thread_id, action, text=""):
    with group.acting(persona) as op:
        carry_on(op, item_id=item_id, thread_id=thread_id, action=action, text=text)


def told(group):
    with group.house.database.transaction(reading=True) as db:
        rows = db.query(OutboxMessage).filter_by(template="item_discussed").order_by(OutboxMessage.id)
        return [(row.person_id, row.params) for row in rows]


def test_an_item_is_approved_once_nothing_stands_open_and_each_act_is_audited_and_told(group):  # P35
    item_id = submitted(group)
    thread = ask(group, group.reviewer, item_id)
    version_id = group.versions(item_id)[0].id
    with group.acting(group.reviewer) as op, pytest.raises(ThreadsOpen) as refused:
        review_versions(op, version_ids=[version_id], approve=True, comment="")
    assert refused.value.params == {"count": 1}
    assert [row.state for row in group.items()] == [ItemState.SUBMITTED]
    say(group, group.author, item_id, thread, ThreadAction.REPLY, "已核对，应为 A")
    with pytest.raises(ThreadNotYours):  # whoever must answer does not say that it is settled
        say(group, group.author, item_id, thread, ThreadAction.RESOLVE)
    with pytest.raises(ThreadMoveRefused):
        say(group, group.reviewer, item_id, thread, ThreadAction.REOPEN, "再议")
    say(group, group.reviewer, item_id, thread, ThreadAction.RESOLVE)
    with pytest.raises(ThreadMoveRefused):
        say(group, group.author, item_id, thread, ThreadAction.REPLY, "谢谢")
    say(group, group.colleague, item_id, thread, ThreadAction.REOPEN, "还有一问")  # who reviews and did not make it
    say(group, group.colleague, item_id, thread, ThreadAction.RESOLVE)
    with group.acting(group.reviewer) as op:
        assert review_versions(op, version_ids=[version_id], approve=True, comment="") == 1
    acts = group.acts("thread:open", "thread:reply", "thread:resolve", "thread:reopen")
    assert [act.action.partition(":")[2] for act in acts] == ["open", "reply", "resolve", "reopen", "resolve"]
    assert "应为" not in "".join(act.after for act in acts)  # ids and states, no words of people
    author, reviewer, colleague = (one.person_id for one in (group.author, group.reviewer, group.colleague))
    assert [person for person, _ in told(group)] == [author, reviewer, author, author, reviewer, author, reviewer]
    assert all(params == {"item": item_id} for _, params in told(group))
    assert colleague not in {person for person, _ in told(group)}  # nobody is told of their own words


def test_what_was_said_is_withdrawn_and_keeps_its_place(group):
    item_id = submitted(group)
    thread = ask(group, group.reviewer, item_id, "说错了")
    with group.house.database.transaction(reading=True) as db:
        comment = db.query(ItemComment).one().id
    with group.acting(group.author) as op, pytest.raises(NotOwnComment):
        withdraw_comment(op, item_id=item_id, comment_id=comment)
    with group.acting(group.reviewer) as op:
        withdraw_comment(op, item_id=item_id, comment_id=comment)
    with group.acting(group.reviewer) as op, pytest.raises(CommentWithdrawn):
        withdraw_comment(op, item_id=item_id, comment_id=comment)
    (act,) = group.acts("comment:withdraw")
    assert act.subject_id == str(thread)
    with group.house.database.transaction(reading=True) as db:
        assert db.query(ItemComment).one().text == "说错了"  # kept, shown no more


def test_nobody_speaks_of_what_they_may_not_see_or_of_a_version_that_is_not(sqlite_group):  # P21
    group = sqlite_group
    item_id, other = submitted(group), submitted(group)
    thread = ask(group, group.reviewer, item_id)
    with acting_as(group.house, "test") as op:
        elsewhere = make_unit(op)
    stranger = make_staff(group.house, Role.ITEM_REVIEWER, unit=elsewhere)
    for persona, item, version in ((stranger, item_id, 1), (group.reviewer, item_id, 2), (group.reviewer, 99, 1)):
        with pytest.raises(NotFound):
            ask(group, persona, item, version=version)
    with pytest.raises(NotFound):
        say(group, stranger, item_id, thread, ThreadAction.REPLY, "看得到吗")
    with pytest.raises(NotFound):  # it is a thread of another item
        say(group, group.reviewer, other, thread, ThreadAction.REPLY, "错位")


def test_the_page_shows_threads_and_lists_count_the_open_ones(sqlite_group, sqlite_browsers):
    group = sqlite_group
    item_id = submitted(group)
    reviewer, author = sqlite_browsers(group.reviewer), sqlite_browsers(group.author)
    given = {"version": "1", "field": "stem", "text": "题干请注明依据"}
    assert reviewer.submit(f"/items/{item_id}/threads", given).status_code == 303
    assert reviewer.submit(f"/items/{item_id}/threads", given | {"text": " "}).status_code == 422
    page = author.get(f"/items/{item_id}").text
    assert "题干请注明依据" in page
    assert f"/items/{item_id}/threads/1/reply" in page
    assert "/threads/1/resolve" not in page
    assert author.submit(f"/items/{item_id}/threads/1/reply", {"text": "<b>已补</b>"}).status_code == 303
    assert "&lt;b&gt;已补" in reviewer.get(f"/items/{item_id}").text  # P42
    for path in (f"/banks/{group.bank_id}", "/items?state=submitted"):
        assert [row["open_threads"] for row in author.api_get(path).json()["rows"]] == [1]
    assert f'href="/items/{item_id}#threads"' in author.get(f"/banks/{group.bank_id}?threads=open").text
    refused = reviewer.submit(f"/items/{item_id}/approve", {"version_id": str(group.versions(item_id)[0].id)})
    assert (refused.status_code, "未办结的讨论" in refused.text) == (409, True)
    assert reviewer.submit(f"/items/{item_id}/threads/1/resolve").status_code == 303
    assert author.api_get(f"/banks/{group.bank_id}?threads=open").json()["rows"] == []
    assert reviewer.submit(f"/items/{item_id}/comments/1/withdraw").status_code == 303
    shown = author.get(f"/items/{item_id}").text
    assert "（已撤回）" in shown
    assert "题干请注明依据" not in shown
