"""The lifecycle of an item, as a full product of states and actions, each move audited (P35) on both databases."""

import pytest

from app.authoring.models import ItemRow
from app.authoring.rules import (
    IMPORT_TRANSITIONS,
    TRANSITIONS,
    ImportAction,
    ImportMoveRefused,
    ImportState,
    ItemAction,
    ItemMoveRefused,
    ItemState,
    move,
    move_import,
)
from app.authoring.service.items import retire_item, revise_item, submit_item, write_item
from app.authoring.service.reviews import review_versions
from app.errors import Conflict

WORDS = {
    ItemAction.SUBMIT: "item:submit",
    ItemAction.APPROVE: "item:approve",
    ItemAction.RETURN: "item:return",
    ItemAction.REVISE: "item:change",
    ItemAction.RETIRE: "item:retire",
}


@pytest.mark.parametrize("state", ItemState)
@pytest.mark.parametrize("action", ItemAction)
def test_an_item_moves_by_the_table_and_no_other_way(state, action):
    if (state, action) in TRANSITIONS:
        assert move(state, action) is TRANSITIONS[state, action]
    else:
        with pytest.raises(ItemMoveRefused):
            move(state, action)


@pytest.mark.parametrize("state", ImportState)
@pytest.mark.parametrize("action", ImportAction)
def test_an_import_moves_by_the_table_and_no_other_way(state, action):
    if (state, action) in IMPORT_TRANSITIONS:
        assert move_import(state, action) is IMPORT_TRANSITIONS[state, action]
    else:
        with pytest.raises(ImportMoveRefused):
            move_import(state, action)


def act(group, item_id, action, item):
    version = group.versions(item_id)[-1]
    by = group.reviewer if action in {ItemAction.APPROVE, ItemAction.RETURN} else group.author
    with group.acting(by) as op:
        match action:
            case ItemAction.SUBMIT:
                submit_item(op, item_id=item_id)
            case ItemAction.RETIRE:
                retire_item(op, item_id=item_id, reason="过时")
            case ItemAction.REVISE:
                revise_item(op, item_id=item_id, item=item, base_version=version.number, reason="订正")
            case _:
                approve = action is ItemAction.APPROVE
                review_versions(op, version_ids=[version.id], approve=approve, comment="意见")


def test_every_cell_of_the_table_through_the_service(group, sample):
    """Each state is set by hand, each action tried: the possible happens and is audited, the rest leaves nothing."""
    with group.acting(group.author) as op:
        ids = [write_item(op, bank_id=group.bank_id, item=sample[0]) for _ in ItemState for _ in WORDS]
    for item_id, (state, action) in zip(ids, [(s, a) for s in ItemState for a in WORDS], strict=True):
        with group.acting(group.author) as op:
            op.db.get_one(ItemRow, item_id).state = state
        before = len(group.acts(WORDS[action]))
        wanted = TRANSITIONS.get((state, action))
        if wanted is None:
            with pytest.raises(Conflict):
                act(group, item_id, action, sample[1])
        else:
            act(group, item_id, action, sample[1])
        now = next(row for row in group.items() if row.id == item_id)
        assert now.state is (wanted or state), (state, action)
        records = group.acts(WORDS[action])[before:]
        assert len(records) == (1 if wanted else 0), (state, action)
        if wanted:
            assert records[0].subject_id == str(item_id)
            assert f'"state":"{wanted}"' in records[0].after
            assert f'"state":"{state}"' in records[0].before
            assert records[0].actor_account_id
