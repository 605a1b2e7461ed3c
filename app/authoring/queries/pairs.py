"""Items that may not stand in one form: enemies that people declared, and groups of near duplicates."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.authoring.models import Bank, EnemyPair, ItemRow, ItemVersion, NearCheck, NearGroup
from app.authoring.queries import chunks, read_content, visible_ids
from app.authoring.rules import ItemState
from app.database import find_one
from app.security.actor import Actor
from app.security.permissions import Capability
from question_bank.items import ItemType
from question_bank.kinds import item_fold


def enemy_pairs(db: Session, item_ids: Collection[int]) -> list[tuple[int, int]]:
    """The declared pairs of which both stand among these items: for a draw."""
    wanted, found = set(item_ids), []
    for chunk in chunks(wanted):
        rows = db.execute(select(EnemyPair.item_id, EnemyPair.other_id).where(EnemyPair.item_id.in_(chunk)))
        found += [(item_id, other_id) for item_id, other_id in rows if other_id in wanted]
    return sorted(found)


def enemies_of(db: Session, item_id: int) -> Sequence[EnemyPair]:
    """The pairs in which an item stands."""
    return db.scalars(
        select(EnemyPair).where(or_(EnemyPair.item_id == item_id, EnemyPair.other_id == item_id)).order_by(EnemyPair.id)
    ).all()


def find_pair(db: Session, actor: Actor, pair_id: int) -> EnemyPair:
    """A declared pair of a bank in which the actor writes. Raises NotFound."""
    return find_one(
        db,
        select(EnemyPair).where(
            EnemyPair.id == pair_id, EnemyPair.bank_id.in_(visible_ids(actor, Capability.ITEM_WRITE))
        ),
    )


def near_groups_of(db: Session, bank_id: int, *, after: int, limit: int) -> Sequence[NearGroup]:
    """Groups of near items of a bank, as last found, by id."""
    return db.scalars(
        select(NearGroup).where(NearGroup.bank_id == bank_id, NearGroup.id > after).order_by(NearGroup.id).limit(limit)
    ).all()


def near_check_of(db: Session, bank_id: int) -> NearCheck | None:
    """When a bank was last looked through."""
    return db.get(NearCheck, bank_id)


def bank_marks(db: Session) -> dict[int, str]:
    """For each bank a mark that changes with its items and their versions."""
    rows = db.execute(
        select(Bank.id, func.count(ItemRow.id), func.max(ItemRow.id), func.sum(ItemRow.version))
        .outerjoin(ItemRow, (ItemRow.bank_id == Bank.id) & (ItemRow.state != ItemState.RETIRED))
        .group_by(Bank.id)
        .order_by(Bank.id)
    )
    return {row[0]: f"{row[1]}/{row[2] or 0}/{row[3] or 0}" for row in rows}


def bank_mark(db: Session, bank_id: int) -> str:
    """That of one bank."""
    count, last, versions = db.execute(
        select(func.count(ItemRow.id), func.max(ItemRow.id), func.sum(ItemRow.version)).where(
            ItemRow.bank_id == bank_id, ItemRow.state != ItemState.RETIRED
        )
    ).one()
    return f"{count}/{last or 0}/{versions or 0}"


def stems_of(db: Session, bank_id: int, *, limit: int | None = None) -> list[tuple[int, str]]:
    """Every item of a bank, retired ones aside, with what tells it from others (`item_fold`), by id; or so many."""
    there = ItemRow.bank_id == bank_id, ItemRow.state != ItemState.RETIRED
    newest = (ItemVersion.item_id == ItemRow.id) & (ItemVersion.number == ItemRow.version)
    cases = db.execute(
        select(ItemRow.id, ItemVersion.content)
        .join(ItemVersion, newest)
        .where(*there, ItemRow.item_type == ItemType.CASE_ANALYSIS)
    )
    told = {row[0]: item_fold(read_content(row[1])) for row in cases}
    rows = db.execute(select(ItemRow.id, ItemRow.stem_fold).where(*there).order_by(ItemRow.id).limit(limit))
    return [(row[0], told.get(row[0], row[1])) for row in rows]
