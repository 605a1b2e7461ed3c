"""审题: a second person approves or returns, one version or many, all or none."""

from collections.abc import Collection, Sequence

from sqlalchemy import insert, update

from app.audit.actions import AuditAction
from app.audit.record import compose
from app.authoring.events import SupplyRestored
from app.authoring.models import ItemReview, ItemRow, ItemVersion
from app.authoring.queries import chunks
from app.authoring.queries.assignments import assignments_of
from app.authoring.queries.items import made_by
from app.authoring.queries.reviews import items_of_versions, queue
from app.authoring.queries.threads import with_open_threads
from app.authoring.rules import (
    MOST_AT_ONCE,
    Involvement,
    ItemAction,
    ItemChanged,
    ItemState,
    TooManyItems,
    move,
    refuse_own,
)
from app.authoring.rules.assigning import AssignedElsewhere, AssignmentAction
from app.authoring.rules.threads import ThreadsOpen
from app.authoring.service.assigning import end_assignments
from app.authoring.service.entering import account_of, involve, keep_records
from app.errors import NotFound
from app.operation import Operation
from app.security.permissions import Capability

_ACTS = {ItemAction.APPROVE: AuditAction.ITEM_APPROVE, ItemAction.RETURN: AuditAction.ITEM_RETURN}


def review_versions(op: Operation, *, version_ids: Collection[int], approve: bool, comment: str) -> int:
    """Approve or return these versions, all or none, in the actor's name; returns how many.

    Raises NotFound where one is not in a bank that the actor reviews, OwnItem (naming how many) where the actor's
    person wrote or imported any, ItemChanged where one is not the newest of an item that waits, AssignedElsewhere where
    another was asked to review it, TooManyItems, and on approval ThreadsOpen where something said is not settled.
    """
    wanted = set(version_ids)
    if len(wanted) > MOST_AT_ONCE:
        raise TooManyItems(limit=MOST_AT_ONCE)
    rows = items_of_versions(op.db, op.actor, wanted, capability=Capability.ITEM_REVIEW)
    if len(rows) != len(wanted) or not rows:
        raise NotFound
    return _review(op, rows, ItemAction.APPROVE if approve else ItemAction.RETURN, comment)


def approve_import(op: Operation, *, import_id: int, count: int, newest: int, comment: str) -> int:
    """Approve everything of an import that waits for this reviewer, up to 1,000 at once; returns how many.

    `count` and `newest` (the highest version id) say what the reviewer has seen. Raises ItemChanged where it is
    something else now, TooManyItems, ThreadsOpen, NotFound where nothing waits.
    """
    rows = queue(op.db, op.actor, import_id=import_id, limit=MOST_AT_ONCE + 1, lock=True)
    if len(rows) > MOST_AT_ONCE:
        raise TooManyItems(limit=MOST_AT_ONCE)
    if not rows:
        raise NotFound
    if len(rows) != count or rows[-1][1].id != newest:
        raise ItemChanged(count=abs(len(rows) - count) or 1)
    return _review(op, rows, ItemAction.APPROVE, comment)


def _review(op: Operation, rows: Sequence[tuple[ItemRow, ItemVersion]], action: ItemAction, comment: str) -> int:
    reviewer = account_of(op)
    ids = [item.id for item, _ in rows]
    refuse_own(made_by(op.db, ids, op.actor.person_id))
    moved = sum(1 for item, version in rows if item.version != version.number or item.state is not ItemState.SUBMITTED)
    if moved:
        raise ItemChanged(count=moved)
    person_id = op.actor.person_id
    others = sum(1 for one in assignments_of(op.db, ids).values() if one.reviewer_person_id != person_id)
    if others:
        raise AssignedElsewhere(count=others)
    if action is ItemAction.APPROVE and (talked := with_open_threads(op.db, ids)):
        raise ThreadsOpen(count=len(talked))
    after = move(ItemState.SUBMITTED, action)
    for chunk in chunks(ids):
        op.db.execute(
            update(ItemRow).where(ItemRow.id.in_(chunk)).values(state=after),
            execution_options={"synchronize_session": "evaluate"},
        )
    op.db.execute(
        insert(ItemReview),
        [
            {
                "item_id": item.id,
                "version": version.number,
                "reviewer_id": reviewer,
                "approved": action is ItemAction.APPROVE,
                "comment": comment,
                "at": op.now,
            }
            for item, version in rows
        ],
    )
    end_assignments(op, ids, AssignmentAction.FINISH)
    involve(op, ids, Involvement.REVIEWED)
    keep_records(
        op,
        [
            compose(
                op,
                _ACTS[action],
                subject=("item", item.id),
                before={"state": ItemState.SUBMITTED},
                after={"version_id": version.id, "state": after},
                reason=comment,
            )
            for item, version in rows
        ],
    )
    if action is ItemAction.APPROVE:
        op.publish(SupplyRestored(frozenset(item.bank_id for item, _ in rows)))
    return len(rows)
