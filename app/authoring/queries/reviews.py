"""What waits for a reviewer: submitted items that others made."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.authoring.models import BankImport, ItemRow, ItemVersion
from app.authoring.queries import made_item
from app.authoring.queries.assignments import whose_turn
from app.authoring.queries.sight import in_sight
from app.authoring.rules import ItemState
from app.authoring.rules.assigning import Whose
from app.database import locked
from app.security.actor import Actor
from app.security.permissions import Capability


def queue(
    db: Session,
    actor: Actor,
    *,
    whose: Whose = Whose.ALL,
    after: int = 0,
    import_id: int | None = None,
    limit: int,
    lock: bool = False,
) -> list[tuple[ItemRow, ItemVersion]]:
    """Submitted items that others made, in the order of their versions; `after` is a version's id."""
    query = (
        select(ItemRow, ItemVersion)
        .join(ItemVersion, (ItemVersion.item_id == ItemRow.id) & (ItemVersion.number == ItemRow.version))
        .where(*_waiting_for(actor, whose), ItemVersion.id > after)
        .order_by(ItemVersion.id)
        .limit(limit)
    )
    if import_id is not None:
        query = query.where(ItemRow.import_id == import_id)
    rows = db.execute(locked(query, of=ItemRow) if lock else query)
    return [(row[0], row[1]) for row in rows]


def _waiting_for(actor: Actor, whose: Whose) -> tuple[Any, ...]:
    return (
        ItemRow.state == ItemState.SUBMITTED,
        *in_sight(actor, Capability.ITEM_REVIEW),
        ~made_item(actor.person_id),
        whose_turn(actor, whose),
    )


def queue_by_import(db: Session, actor: Actor, whose: Whose = Whose.ALL) -> list[tuple[int | None, str, int, int]]:
    """What waits for this reviewer: (import or None, its file's name, how many, the newest version's id)."""
    rows = db.execute(
        select(ItemRow.import_id, func.max(BankImport.file_name), func.count(), func.max(ItemVersion.id))
        .join(ItemVersion, (ItemVersion.item_id == ItemRow.id) & (ItemVersion.number == ItemRow.version))
        .outerjoin(BankImport, BankImport.id == ItemRow.import_id)
        .where(*_waiting_for(actor, whose))
        .group_by(ItemRow.import_id)
        .order_by(ItemRow.import_id)
    )
    return [(row[0], row[1] or "", row[2], row[3]) for row in rows]


def items_of_versions(
    db: Session, actor: Actor, version_ids: Collection[int], *, capability: Capability
) -> list[tuple[ItemRow, ItemVersion]]:
    """The items of these versions, within the banks where the capability is held, locked in the order of their ids.

    The row of the item is what review, revision and undoing share: it is locked before its state is judged.
    """
    query = (
        select(ItemRow, ItemVersion)
        .join(ItemVersion, ItemVersion.item_id == ItemRow.id)
        .where(ItemVersion.id.in_(version_ids), *in_sight(actor, capability))
        .order_by(ItemRow.id)
    )
    rows = db.execute(locked(query, of=ItemRow))
    return [(row[0], row[1]) for row in rows]


def queue_size(db: Session, actor: Actor, whose: Whose = Whose.ALL) -> int:
    """How many submitted items wait for this reviewer."""
    return db.execute(select(func.count()).select_from(ItemRow).where(*_waiting_for(actor, whose))).scalar_one()
