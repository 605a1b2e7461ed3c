"""审题: a second person, all or none, never one's own."""

import threading
from dataclasses import replace

import pytest

from app.accounts.service import create_account, grant_role
from app.authoring.queries import involved_persons, pool_candidates
from app.authoring.queries.reviews import queue, queue_by_import, queue_size
from app.authoring.rules import MOST_AT_ONCE, ItemChanged, ItemState, OwnItem, TooManyItems
from app.authoring.service import imports, waiting
from app.authoring.service.items import revise_item, submit_item, write_item
from app.authoring.service.reviews import approve_import, review_versions
from app.errors import AppError, NotFound
from app.operation import acting_as
from app.people.calendar import local_date
from app.security.permissions import Role
from question_bank.items import Level
from tests.support.author_group import make_group
from tests.support.bank_files import party_bank_docx
from tests.support.personas import Persona, make_staff, make_unit


def submitted(group, item, *, by=None) -> int:
    """A submitted item; returns the id of its version."""
    with group.acting(by or group.author) as op:
        item_id = write_item(op, bank_id=group.bank_id, item=item)
        submit_item(op, item_id=item_id)
    return group.versions(item_id)[0].id


def imported(group, data, *, by=None) -> int:
    import_id = group.start(data, by=by)
    with group.acting(by or group.author) as op:
        imports.commit_import(op, import_id=import_id, seen=120, submit=True)
    return import_id


def states(group):
    return {i.state for i in group.items()}


def test_a_second_person_approves_and_the_pool_has_the_item(group, sample):
    version_id = submitted(group, sample[0])
    with group.acting(group.reviewer) as op:
        assert not pool_candidates(op.db, group.bank_id, Level.PRIMARY, on=local_date(op.now))
        assert review_versions(op, version_ids=[version_id], approve=True, comment="") == 1
    with group.acting(group.reviewer) as op:
        (candidate,) = pool_candidates(op.db, group.bank_id, Level.PRIMARY, on=local_date(op.now))
        assert candidate.item_version_id == version_id
        assert not pool_candidates(op.db, group.bank_id, Level.ADVANCED, on=local_date(op.now))
        assert involved_persons(op.db, [candidate.item_id]) == {group.author.person_id, group.reviewer.person_id}
    (act,) = group.acts("item:approve")
    assert act.actor_account_id == group.reviewer.account_id


@pytest.mark.parametrize("approve", [True, False])
def test_one_does_not_review_what_one_wrote(group, sample, approve):  # P24
    version_id = submitted(group, sample[0], by=group.colleague)  # who is a reviewer too
    with group.acting(group.colleague) as op, pytest.raises(OwnItem):
        review_versions(op, version_ids=[version_id], approve=approve, comment="好")
    assert states(group) == {ItemState.SUBMITTED}
    assert not group.acts("item:approve", "item:return")


def test_one_does_not_review_what_one_imported_and_is_told_how_many(group, sample):
    others = submitted(group, sample[0])
    file = party_bank_docx([*sample[1:], replace(sample[0], stem="另外一道题（　）。")])
    imported(group, file, by=group.colleague)
    own = [group.versions(i.id)[0].id for i in group.items()[1:4]]
    with group.acting(group.colleague) as op, pytest.raises(OwnItem) as refused:
        review_versions(op, version_ids=[others, *own], approve=True, comment="")
    assert refused.value.params == {"count": 3}
    assert "3" in refused.value.sentence("zh")
    assert states(group) == {ItemState.SUBMITTED}  # all or none
    assert not group.acts("item:approve")


def test_the_same_person_under_another_account_is_the_same_person(group, sample):  # P29
    version_id = submitted(group, sample[0])
    with acting_as(group.house, "test") as op:
        second = create_account(op, person_id=group.author.person_id, login="another_account")
        grant_role(op, account_id=second.id, role=Role.ITEM_REVIEWER, unit_id=group.unit.id)
        second_id = second.id
    twin = Persona(second_id, group.author.person_id, "another_account", "")
    with group.acting(twin) as op, pytest.raises(OwnItem):
        review_versions(op, version_ids=[version_id], approve=True, comment="")


def test_who_revised_an_item_does_not_review_it_either(group, sample):
    version_id = submitted(group, sample[0])
    with group.acting(group.reviewer) as op:
        review_versions(op, version_ids=[version_id], approve=False, comment="改题干")
    item_id = group.items()[0].id
    with group.acting(group.colleague) as op:
        revise_item(op, item_id=item_id, item=sample[1], base_version=1, reason="按意见改")
        submit_item(op, item_id=item_id)
    second = group.versions(item_id)[1].id
    with group.acting(group.colleague) as op, pytest.raises(OwnItem):
        review_versions(op, version_ids=[second], approve=True, comment="")


def test_a_version_that_was_overtaken_is_not_approved_unseen(group, sample):
    first = submitted(group, sample[0])
    with group.acting(group.reviewer) as op:
        review_versions(op, version_ids=[first], approve=False, comment="改")
    item_id = group.items()[0].id
    with group.acting(group.author) as op:
        revise_item(op, item_id=item_id, item=sample[1], base_version=1, reason="改了")
        submit_item(op, item_id=item_id)
    with group.acting(group.reviewer) as op, pytest.raises(ItemChanged):
        review_versions(op, version_ids=[first], approve=True, comment="")
    assert states(group) == {ItemState.SUBMITTED}


def test_a_whole_import_is_approved_in_one_act(group, bank_docx):
    import_id = imported(group, bank_docx)
    with group.acting(group.reviewer) as op:
        ((source, name, count, newest),) = queue_by_import(op.db, op.actor)
        assert (source, name, count) == (import_id, "题库.docx", 120)
        assert approve_import(op, import_id=import_id, count=count, newest=newest, comment="") == 120
    assert states(group) == {ItemState.APPROVED}
    assert len(group.acts("item:approve")) == 120
    with group.acting(group.reviewer) as op:
        assert queue_size(op.db, op.actor) == 0
        assert waiting(op)[-1].count == 0


def test_an_import_that_changed_since_it_was_looked_at_is_refused(group, bank_docx):
    import_id = imported(group, bank_docx)
    with group.acting(group.reviewer) as op:
        ((_, _, count, newest),) = queue_by_import(op.db, op.actor)
        review_versions(op, version_ids=[newest], approve=False, comment="查")
    with group.acting(group.reviewer) as op, pytest.raises(ItemChanged):
        approve_import(op, import_id=import_id, count=count, newest=newest, comment="")
    with group.acting(group.author) as op, pytest.raises(NotFound):  # nothing of it waits for its importer
        approve_import(op, import_id=import_id, count=119, newest=newest - 1, comment="")


def test_more_than_a_thousand_at_once_are_refused(sqlite_group):
    with sqlite_group.acting(sqlite_group.reviewer) as op, pytest.raises(TooManyItems):
        review_versions(op, version_ids=range(1, MOST_AT_ONCE + 2), approve=True, comment="")


def test_two_reviewers_at_once_are_one_review(group, bank_docx):
    imported(group, bank_docx)
    versions = [group.versions(i.id)[0].id for i in group.items()[:20]]
    outcomes = []
    barrier = threading.Barrier(2)

    def review(persona, order):
        barrier.wait()
        try:
            with group.acting(persona) as op:
                outcomes.append(review_versions(op, version_ids=order, approve=True, comment=""))
        except AppError as error:
            outcomes.append(type(error))

    threads = [
        threading.Thread(target=review, args=(group.reviewer, versions)),
        threading.Thread(target=review, args=(group.colleague, versions[::-1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == sorted([20, ItemChanged], key=str)
    assert len(group.acts("item:approve")) == 20


def test_the_queue_holds_what_others_submitted_in_ones_own_banks(group, sample):
    submitted(group, sample[0])
    submitted(group, sample[1], by=group.colleague)
    stranger = make_staff(group.house, Role.ITEM_REVIEWER, unit=None)
    with acting_as(group.house, "test") as op:
        elsewhere = make_unit(op)
    outsider = make_staff(group.house, Role.ITEM_REVIEWER, unit=elsewhere)
    for persona, size in ((group.reviewer, 2), (group.colleague, 1), (stranger, 2), (outsider, 0)):
        with group.acting(persona) as op:
            assert len(queue(op.db, op.actor, limit=9)) == queue_size(op.db, op.actor) == size
    with group.acting(outsider) as op, pytest.raises(NotFound):
        review_versions(op, version_ids=[group.versions(group.items()[0].id)[0].id], approve=True, comment="")


def test_a_version_of_another_bank_among_ones_own_refuses_the_whole(sqlite_group, sample):  # P21
    group = sqlite_group
    other = make_group(group.house)
    versions = [submitted(group, sample[0]), submitted(other, sample[0])]
    with group.acting(group.reviewer) as op, pytest.raises(NotFound):
        review_versions(op, version_ids=versions, approve=True, comment="")
    assert states(group) == states(other) == {ItemState.SUBMITTED}
