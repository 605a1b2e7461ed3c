"""Imports, and what they brought in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from app.authoring.models import (
    BankImport,
    ItemReview,
    ItemRow,
    ItemUsage,
    ItemVersion,
)
from app.authoring.queries import chunks, locked, visible_ids
from app.authoring.queries.sight import hidden
from app.authoring.rules import ImportState, ItemState
from app.errors import NotFound
from app.security.actor import Actor
from app.security.permissions import Capability


def find_import(db: Session, actor: Actor, import_id: int, *, lock: bool = False) -> BankImport:
    """One import into a bank where the actor may import; with `lock`, for the transaction. Raises NotFound."""
    allowed = visible_ids(actor, Capability.BANK_IMPORT)
    # The file is content, too: who may not see an item that came from it does not see the file.
    out_of_sight = exists().where(ItemRow.import_id == BankImport.id, *hidden(actor))
    whole = or_(BankImport.uploaded_by == actor.account_id, ~out_of_sight)
    query = select(BankImport).where(BankImport.id == import_id, BankImport.bank_id.in_(allowed), whole)
    found = db.scalars(locked(query) if lock else query).one_or_none()
    if found is None:
        raise NotFound
    return found


def import_by_id(db: Session, import_id: int) -> BankImport:
    """One import, for the worker; what an actor may see starts from `find_import`."""
    return db.get_one(BankImport, import_id)


def list_imports(db: Session, bank_id: int, *, limit: int) -> list[Any]:
    """Imports into a bank that the caller has found, newest first, without what was read."""
    columns = (
        BankImport.id,
        BankImport.file_name,
        BankImport.state,
        BankImport.figures,
        BankImport.uploaded_by,
        BankImport.uploaded_at,
    )
    return list(
        db.execute(select(*columns).where(BankImport.bank_id == bank_id).order_by(BankImport.id.desc()).limit(limit))
    )


def items_of_import(db: Session, import_id: int) -> Sequence[ItemRow]:
    """The items that an import brought in, locked in the order of their ids."""
    return db.scalars(locked(select(ItemRow).where(ItemRow.import_id == import_id).order_by(ItemRow.id))).all()


def approved_once(db: Session, item_ids: Collection[int]) -> set[int]:
    """Those of the items that were ever approved or drawn for an exam."""
    found: set[int] = set()
    for chunk in chunks(item_ids):
        found |= set(
            db.scalars(select(ItemReview.item_id).where(ItemReview.item_id.in_(chunk), ItemReview.approved.is_(True)))
        )
        found |= set(
            db.scalars(
                select(ItemVersion.item_id)
                .join(ItemUsage, ItemUsage.item_version_id == ItemVersion.id)
                .where(ItemVersion.item_id.in_(chunk))
            )
        )
    return found


@dataclass(frozen=True)
class Waiting:
    """What waits for an author: how many, and the oldest unfinished import (a list of none or one)."""

    drafts: int
    returned: int
    imports: int
    first_import: list[int]


def waiting_counts(db: Session, actor: Actor) -> Waiting:
    """For the home page: the author's own drafts, returned items and unfinished imports."""
    rows = db.execute(
        select(ItemRow.state, func.count())
        .where(ItemRow.created_by == actor.account_id, ItemRow.state.in_([ItemState.DRAFT, ItemState.RETURNED]))
        .group_by(ItemRow.state)
    )
    by_state: dict[ItemState, int] = {row[0]: row[1] for row in rows}
    count, first = db.execute(
        select(func.count(), func.min(BankImport.id)).where(
            BankImport.uploaded_by == actor.account_id, BankImport.state == ImportState.CHECKED
        )
    ).one()
    drafts, returned = by_state.get(ItemState.DRAFT, 0), by_state.get(ItemState.RETURNED, 0)
    return Waiting(drafts, returned, count, [first] if count else [])
