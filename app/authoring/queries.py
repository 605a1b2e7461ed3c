"""Everything that is read from the tables of authoring."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, false, select
from sqlalchemy.orm import Session

from app.authoring.models import Bank, ItemInvolvement, ItemRow, ItemVersion
from app.authoring.rules import ItemState
from app.people.queries import units_within
from app.security.actor import Actor
from app.security.permissions import Capability
from question_bank.items import Level


def visible(actor: Actor) -> Select[ItemRow]:
    """The items this actor may see: none but for those who may read banks; see `banks` for which banks."""
    return select(ItemRow) if actor.may(Capability.BANK_READ) else select(ItemRow).where(false())


def banks(db: Session, actor: Actor) -> Sequence[Bank]:
    """The banks this actor may name: those owned within the scopes of "read banks" (P19), and all of them for who
    writes or reads blueprints, who sees no item by that."""
    query = select(Bank).order_by(Bank.name)
    if not actor.may(Capability.BLUEPRINT_READ):
        owners = [unit.id for unit in units_within(db, actor.scopes(Capability.BANK_READ))]
        query = query.where(Bank.owner_unit_id.in_(owners))
    return db.scalars(query).all()


@dataclass(frozen=True)
class PoolVersion:
    """A version that may be drawn: `content` is its canonical JSON."""

    item_version_id: int
    item_id: int
    content: str


def pool_candidates(db: Session, bank_id: int, level: Level) -> list[PoolVersion]:
    """The newest version of each approved item of a bank at a level, by id."""
    rows = db.execute(
        select(ItemVersion.id, ItemVersion.item_id, ItemVersion.content)
        .join(ItemRow, and_(ItemRow.id == ItemVersion.item_id, ItemRow.version == ItemVersion.number))
        .where(ItemRow.bank_id == bank_id, ItemRow.level == level, ItemRow.state == ItemState.APPROVED)
        .order_by(ItemVersion.id)
    )
    return [PoolVersion(*row) for row in rows]


def versions_by_id(db: Session, version_ids: Collection[int]) -> list[PoolVersion]:
    """These versions, whatever has become of their items since, by id."""
    rows = db.execute(
        select(ItemVersion.id, ItemVersion.item_id, ItemVersion.content)
        .where(ItemVersion.id.in_(version_ids))
        .order_by(ItemVersion.id)
    )
    return [PoolVersion(*row) for row in rows]


def involved_persons(db: Session, item_ids: Collection[int]) -> set[int]:
    """The persons who wrote, reviewed, imported or exported any of these items."""
    involved = select(ItemInvolvement.person_id).where(ItemInvolvement.item_id.in_(item_ids)).distinct()
    return set(db.scalars(involved))
