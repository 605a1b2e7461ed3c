"""知识点: the tree of a bank, and how many items are filed where."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.authoring.models import ItemRow, SavedFilter, Topic
from app.authoring.queries import lock_bank, visible_ids
from app.authoring.rules import ItemState
from app.database import find_one, locked
from app.security.actor import Actor
from app.security.permissions import Capability


def find_topic(db: Session, actor: Actor, topic_id: int, capability: Capability = Capability.BANK_READ) -> Topic:
    """A topic of a bank in which the actor has the capability. Raises NotFound."""
    allowed = visible_ids(actor, capability)
    return find_one(db, select(Topic).where(Topic.id == topic_id, Topic.bank_id.in_(allowed)))


def hold_tree(db: Session, bank_id: int) -> dict[int, Topic]:
    """The topics of a bank by id, read once no other act can change the tree any more."""
    lock_bank(db, bank_id)
    query = select(Topic).where(Topic.bank_id == bank_id).execution_options(populate_existing=True)
    return {one.id: one for one in db.scalars(query)}


def topic_path(db: Session, topic_id: int | None) -> str | None:
    """The path of a topic; None for none."""
    return db.scalars(select(Topic.path).where(Topic.id == topic_id)).one_or_none()


def topic_paths(db: Session, topic_ids: Collection[int]) -> dict[int, str]:
    """The paths of these topics, of whichever bank, by id."""
    return {row[0]: row[1] for row in db.execute(select(Topic.id, Topic.path).where(Topic.id.in_(topic_ids)))}


def filed_paths(db: Session, bank_id: int) -> dict[int, str]:
    """The paths of a bank's topics, by id."""
    return {row[0]: row[1] for row in db.execute(select(Topic.id, Topic.path).where(Topic.bank_id == bank_id))}


def filed_counts(db: Session, bank_id: int) -> dict[int, int]:
    """How many items of a bank, retired ones aside, are filed under each topic itself."""
    rows = db.execute(
        select(ItemRow.topic_id, func.count())
        .where(ItemRow.bank_id == bank_id, ItemRow.topic_id.is_not(None), ItemRow.state != ItemState.RETIRED)
        .group_by(ItemRow.topic_id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


def hold_filed(db: Session, topic_ids: Collection[int]) -> int:
    """Lock the items that are filed under these topics, in the order of their ids; returns how many they are."""
    query = select(ItemRow.id).where(ItemRow.topic_id.in_(topic_ids)).order_by(ItemRow.id)
    return len(db.scalars(locked(query)).all())


def filters_by_topic(db: Session, bank_id: int, topic_ids: Collection[int]) -> list[SavedFilter]:
    """The saved filters of a bank that narrow to one of these topics, whosever they are."""
    wanted = {str(one) for one in topic_ids}
    kept = db.scalars(select(SavedFilter).where(SavedFilter.bank_id == bank_id))
    return [one for one in kept if one.query.get("topic") in wanted]
