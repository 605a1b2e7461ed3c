"""One item: written, revised, submitted, retired. Versions never change (P17)."""

from collections.abc import Collection

from sqlalchemy import insert

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.models import ItemRow, ItemVersion
from app.authoring.queries import find_bank, lock_bank
from app.authoring.queries.items import find_item, newest_version
from app.authoring.rules import (
    Confidentiality,
    Involvement,
    ItemAction,
    ItemChanged,
    ItemMoveRefused,
    ItemRefused,
    ItemState,
    move,
    topic_names,
)
from app.authoring.service.entering import describe, ensure_topics, enter_items, involve, version_row
from app.authoring.service.indexing import index_items
from app.authoring.writing import problems_by_field
from app.errors import AppError, NotFound
from app.operation import Operation
from app.security.permissions import Capability
from question_bank.items import Item


def refuse_bad(item: Item) -> None:
    """Raise ItemRefused, naming the fields, where the bank could not hold this item."""
    problems = problems_by_field(item)
    if problems:
        raise ItemRefused(*problems)


def write_item(op: Operation, *, bank_id: int, item: Item) -> int:
    """Write a new item as a draft; returns its id. Raises NotFound, ItemRefused."""
    find_bank(op.db, op.actor, bank_id, Capability.ITEM_WRITE)
    refuse_bad(item)
    ids = enter_items(op, bank_id=bank_id, items=[item], state=ItemState.DRAFT)
    involve(op, ids, Involvement.WROTE)
    return ids[0]


def revise_item(op: Operation, *, item_id: int, item: Item, base_version: int, reason: str) -> int:
    """Add a version, which makes the item a draft again; returns the version's number.

    `base_version` is the number of the version that was looked at. Raises NotFound, ItemChanged, ItemMoveRefused,
    ItemRefused. The versions before it stay as they are, wherever they are used.
    """
    # The tree of topics before the item: whoever merges topics holds them in this order.
    lock_bank(op.db, find_item(op.db, op.actor, item_id, capability=Capability.ITEM_WRITE).bank_id)
    row = find_item(op.db, op.actor, item_id, capability=Capability.ITEM_WRITE, lock=True)
    if row.version != base_version:
        raise ItemChanged(count=1)
    before, after = row.state, move(row.state, ItemAction.REVISE)
    refuse_bad(item)
    topics = ensure_topics(op, row.bank_id, [item.topic])
    number = row.version + 1
    new = version_row(op, item_id=item_id, number=number, item=item, reason=reason)
    version_id = op.db.scalars(insert(ItemVersion).returning(ItemVersion.id), [new]).one()
    for column, value in describe(item, topics.get(topic_names(item.topic))).items():
        setattr(row, column, value)
    row.version, row.state = number, after
    op.db.flush()
    index_items(op, row.bank_id, {item_id: item}, anew=True)
    involve(op, [item_id], Involvement.WROTE)
    record(
        op,
        AuditAction.ITEM_CHANGE,
        subject=("item", item_id),
        before={"state": before},
        after={"version_id": version_id, "content_hash": new["content_hash"], "state": after},
        reason=reason,
    )
    return number


def submit_item(op: Operation, *, item_id: int) -> None:
    """Hand an item to review. Raises NotFound, ItemMoveRefused."""
    _move(op, item_id, ItemAction.SUBMIT, AuditAction.ITEM_SUBMIT)


def retire_item(op: Operation, *, item_id: int, reason: str) -> None:
    """Take an item out of use; forms that hold it stay as they are. Raises NotFound, ItemMoveRefused."""
    _move(op, item_id, ItemAction.RETIRE, AuditAction.ITEM_RETIRE, reason=reason)


def classify_item(op: Operation, *, item_id: int, confidentiality: Confidentiality) -> None:
    """Set an item's confidentiality (密级). Raises NotFound."""
    row = find_item(op.db, op.actor, item_id, capability=Capability.ITEM_WRITE, lock=True)
    before, row.confidentiality = row.confidentiality, confidentiality
    op.db.flush()
    record(
        op,
        AuditAction.ITEM_CLASSIFY,
        subject=("item", item_id),
        before={"confidentiality": before},
        after={"confidentiality": confidentiality},
    )


def move_together(
    op: Operation, *, item_ids: Collection[int], action: ItemAction, reason: str = ""
) -> tuple[list[int], list[tuple[int, AppError]]]:
    """Submit or retire each of these items that allows it; returns the ids of those that moved, and the others, each
    with why it stays as it is. Locked in the order of their ids."""
    moved: list[int] = []
    refused: list[tuple[int, AppError]] = []
    act = AuditAction.ITEM_SUBMIT if action is ItemAction.SUBMIT else AuditAction.ITEM_RETIRE
    for item_id in sorted(set(item_ids)):
        try:
            _move(op, item_id, action, act, reason=reason)
        except (NotFound, ItemMoveRefused) as error:  # both are raised before anything changes
            refused.append((item_id, error))
        else:
            moved.append(item_id)
    return moved, refused


def _move(op: Operation, item_id: int, action: ItemAction, act: AuditAction, *, reason: str = "") -> ItemRow:
    row = find_item(op.db, op.actor, item_id, capability=Capability.ITEM_WRITE, lock=True)
    before, row.state = row.state, move(row.state, action)
    op.db.flush()
    after = {"version_id": newest_version(op.db, row).id, "state": row.state}
    record(op, act, subject=("item", item_id), before={"state": before}, after=after, reason=reason)
    return row
