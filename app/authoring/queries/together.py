"""批量处理: acts on many items, seen by who asked for them."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.authoring.queries import visible_ids
from app.authoring.review_models import BulkAct
from app.database import find_one, locked
from app.security.actor import Actor


def visible(actor: Actor) -> Select[BulkAct]:
    """The acts this actor may see: those that they asked for, on banks that they may look into still."""
    return select(BulkAct).where(BulkAct.asked_by == actor.account_id, BulkAct.bank_id.in_(visible_ids(actor)))


def find_bulk(db: Session, actor: Actor, bulk_id: int, *, lock: bool = False) -> BulkAct:
    """One act; with `lock`, for the transaction. Raises NotFound."""
    query = visible(actor).where(BulkAct.id == bulk_id)
    return find_one(db, locked(query) if lock else query)


def bulk_by_id(db: Session, bulk_id: int, *, lock: bool = False) -> BulkAct:
    """One act, for the worker."""
    query = select(BulkAct).where(BulkAct.id == bulk_id)
    return db.scalars(locked(query) if lock else query).one()
