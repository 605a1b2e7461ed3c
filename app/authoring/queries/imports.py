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
from app.authoring.queries import visible_ids
from app.authoring.queries.sight import hidden
from app.authoring.rules import ImportState, ItemState
from app.database import find_one, locked
from app.security.actor import Actor
from app.security.permissions import Capability


def find_import(db: Session, actor: Actor, import_id: int, *, lock: bool = False) -> BankImport:
    """One import into a bank where the actor may import; with `lock`, for the transaction. Raises NotFound."""
    allowed = visible_ids(actor, Capability.BANK_IMPORT)
    # The file is content, too: who may not see an item that came from it does not see the file.
    out_of_sight = exists().where(ItemRow.import_id == BankImport.id, *hidden(actor))
    whole = or_(BankImport.uploaded_by == actor.account_id, ~out_of_sight)
    query = select(BankImport).where(BankImport.id == import_id, BankImport.bank_id.in_(allowed), whole)
    return find_one(db, locked(query) if lock else query)


def find_checked(db: Session, import_id: int) -> BankImport | None:
    """The import, locked, if it is still looked at; for the worker."""
    query = select(BankImport).where(BankImport.id == import_id, BankImport.state == ImportState.CHECKED)
    return db.scalars(locked(query)).one_or_none()


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


def lock_items_of_import(db: Session, import_id: int) -> Sequence[int]:
    """Lock the items that an import brought in; their ids, in order."""
    query = select(ItemRow.id).where(ItemRow.import_id == import_id).order_by(ItemRow.id)
    return db.scalars(locked(query)).all()


def gone_far_of_import(db: Session, import_id: int, possible: Collection[ItemState]) -> int:
    """How many items of an import were ever approved or drawn for an exam, or are in none of the `possible` states."""
    approved = select(ItemReview.id).where(ItemReview.item_id == ItemRow.id, ItemReview.approved.is_(True))
    drawn = (
        select(ItemUsage.id)
        .join(ItemVersion, ItemUsage.item_version_id == ItemVersion.id)
        .where(ItemVersion.item_id == ItemRow.id)
    )
    far = or_(ItemRow.state.not_in(possible), approved.exists(), drawn.exists())
    query = select(func.count()).select_from(ItemRow).where(ItemRow.import_id == import_id, far)
    return db.scalar(query) or 0


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
