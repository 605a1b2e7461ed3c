"""Items: lists, one item with its versions, reviews and usage."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.authoring.filing import reading_order
from app.authoring.models import (
    ItemInvolvement,
    ItemReview,
    ItemRow,
    ItemTag,
    ItemUsage,
    ItemVersion,
    Topic,
)
from app.authoring.queries import chunks, importers_of, made_item
from app.authoring.queries.sight import in_sight
from app.authoring.rules import MADE, Confidentiality, ItemState
from app.database import find_one, locked
from app.errors import NotFound
from app.security.actor import Actor
from app.security.permissions import Capability


def state_counts(db: Session, bank_ids: Collection[int]) -> dict[int, dict[ItemState, int]]:
    """How many items of each state each bank holds."""
    rows = db.execute(
        select(ItemRow.bank_id, ItemRow.state, func.count())
        .where(ItemRow.bank_id.in_(bank_ids))
        .group_by(ItemRow.bank_id, ItemRow.state)
    )
    found: dict[int, dict[ItemState, int]] = {bank_id: {} for bank_id in bank_ids}
    for bank_id, state, count in rows:
        found[bank_id][state] = count
    return found


def topics_of(db: Session, bank_id: int) -> Sequence[Topic]:
    """The topics of a bank as they stand in a book."""
    found = db.scalars(select(Topic).where(Topic.bank_id == bank_id))
    return sorted(found, key=lambda topic: reading_order(topic.path))


def find_item(
    db: Session, actor: Actor, item_id: int, *, capability: Capability = Capability.BANK_READ, lock: bool = False
) -> ItemRow:
    """One item that the actor may see; with `lock`, for the transaction. Raises NotFound."""
    query = select(ItemRow).where(ItemRow.id == item_id, *in_sight(actor, capability))
    return find_one(db, locked(query) if lock else query)


def items_seen(
    db: Session, actor: Actor, bank_id: int, item_ids: Collection[int], capability: Capability
) -> dict[int, ItemRow]:
    """Those of these items that stand in the bank and in which the actor has the capability, by id."""
    found: dict[int, ItemRow] = {}
    for chunk in chunks(item_ids):
        within = ItemRow.id.in_(chunk), ItemRow.bank_id == bank_id, *in_sight(actor, capability)
        found |= {row.id: row for row in db.scalars(select(ItemRow).where(*within))}
    return found


def stems_of(db: Session, actor: Actor, item_ids: Collection[int]) -> dict[int, str]:
    """How the stems of these items begin, of those that the actor may see."""
    rows = db.execute(select(ItemRow.id, ItemRow.stem_start).where(ItemRow.id.in_(item_ids), *in_sight(actor)))
    return {row[0]: row[1] for row in rows}


def versions_of(db: Session, item_id: int) -> Sequence[ItemVersion]:
    """Every version of an item, newest first."""
    return db.scalars(
        select(ItemVersion).where(ItemVersion.item_id == item_id).order_by(ItemVersion.number.desc())
    ).all()


def newest_version(db: Session, item: ItemRow) -> ItemVersion:
    """The newest version of an item."""
    return db.scalars(
        select(ItemVersion).where(ItemVersion.item_id == item.id, ItemVersion.number == item.version)
    ).one()


def version_with_item(db: Session, version_id: int, *, lock: bool = False) -> tuple[ItemRow, ItemVersion]:
    """A version and its item, held with `lock`; for what an exam must know of its pool. Raises NotFound."""
    version = db.get(ItemVersion, version_id)
    if version is None:
        raise NotFound
    query = select(ItemRow).where(ItemRow.id == version.item_id)
    return db.scalars(locked(query) if lock else query).one(), version


def reviews_of(db: Session, item_id: int) -> Sequence[ItemReview]:
    """Every word of a second person on an item, newest first."""
    return db.scalars(select(ItemReview).where(ItemReview.item_id == item_id).order_by(ItemReview.id.desc())).all()


def usages_of(db: Session, item_id: int) -> Sequence[ItemUsage]:
    """In which exams versions of an item were drawn, newest first."""
    return db.scalars(
        select(ItemUsage)
        .join(ItemVersion, ItemVersion.id == ItemUsage.item_version_id)
        .where(ItemVersion.item_id == item_id)
        .order_by(ItemUsage.id.desc())
    ).all()


def made_by(db: Session, item_ids: Collection[int], person_id: int | None) -> set[int]:
    """Those of the items that this natural person wrote or imported."""
    found: set[int] = set()
    for chunk in chunks(item_ids):
        found |= set(db.scalars(select(ItemRow.id).where(ItemRow.id.in_(chunk), made_item(person_id))))
    return found


def makers_of(db: Session, item_id: int) -> set[int]:
    """The natural persons who wrote or imported an item."""
    made = ItemInvolvement.item_id == item_id, ItemInvolvement.involvement.in_(MADE)
    return set(db.scalars(select(ItemInvolvement.person_id).where(*made))) | importers_of(db, [item_id])


def tags_of(db: Session, item_ids: Collection[int]) -> dict[int, list[str]]:
    """The tags that these items are filed with, by item."""
    found: dict[int, list[str]] = {item_id: [] for item_id in item_ids}
    for chunk in chunks(item_ids):
        for item_id, tag in db.execute(select(ItemTag.item_id, ItemTag.tag).where(ItemTag.item_id.in_(chunk))):
            found[item_id].append(tag)
    return found


def tags_in(db: Session, bank_id: int) -> list[str]:
    """The tags that items of a bank are filed with, in the order of their characters."""
    return list(db.scalars(select(ItemTag.tag).where(ItemTag.bank_id == bank_id).distinct().order_by(ItemTag.tag)))


def items_with_mark(db: Session, bank_id: int, marks: Collection[str]) -> dict[str, list[ItemRow]]:
    """The items of a bank, retired ones aside, by duplicate mark."""
    found: dict[str, list[ItemRow]] = {}
    for chunk in chunks(set(marks)):
        rows = db.scalars(
            select(ItemRow)
            .where(ItemRow.bank_id == bank_id, ItemRow.duplicate_mark.in_(chunk), ItemRow.state != ItemState.RETIRED)
            .order_by(ItemRow.id)
        )
        for row in rows:
            found.setdefault(row.duplicate_mark, []).append(row)
    return found


def rows_by_id(db: Session, bank_id: int, item_ids: Collection[int]) -> Sequence[ItemRow]:
    """These items, of those of a bank, retired ones aside."""
    query = select(ItemRow).where(
        ItemRow.id.in_(item_ids), ItemRow.bank_id == bank_id, ItemRow.state != ItemState.RETIRED
    )
    return db.scalars(query.order_by(ItemRow.id)).all()


def newest_versions(db: Session, item_ids: Collection[int]) -> dict[int, ItemVersion]:
    """The newest version of each of these items, by item."""
    rows = db.scalars(
        select(ItemVersion)
        .join(ItemRow, (ItemRow.id == ItemVersion.item_id) & (ItemRow.version == ItemVersion.number))
        .where(ItemRow.id.in_(item_ids))
    )
    return {version.item_id: version for version in rows}


class FiledVersion(NamedTuple):
    """The newest version of an item and where the item is filed: an export is made of nothing else."""

    version_id: int
    topic: str | None
    tags: tuple[str, ...]


def newest_filed(db: Session, bank_id: int) -> list[tuple[FiledVersion, Confidentiality]]:
    """Every item of a bank, retired ones aside, in the order of their ids: as it is filed, without its content."""
    rows = db.execute(
        select(ItemRow.id, ItemVersion.id, Topic.path, ItemRow.confidentiality)
        .join(ItemVersion, (ItemVersion.item_id == ItemRow.id) & (ItemVersion.number == ItemRow.version))
        .outerjoin(Topic, Topic.id == ItemRow.topic_id)
        .where(ItemRow.bank_id == bank_id, ItemRow.state != ItemState.RETIRED)
        .order_by(ItemRow.id)
    ).all()
    tags = tags_of(db, [row[0] for row in rows])
    return [
        (FiledVersion(version_id, path, tuple(sorted(tags[item_id]))), confidentiality)
        for item_id, version_id, path, confidentiality in rows
    ]


def all_newest(db: Session, bank_id: int) -> list[tuple[ItemRow, ItemVersion]]:
    """Every item of a bank, retired ones aside, with its newest version, in the order of their ids."""
    rows = db.execute(
        select(ItemRow, ItemVersion)
        .join(ItemVersion, (ItemVersion.item_id == ItemRow.id) & (ItemVersion.number == ItemRow.version))
        .where(ItemRow.bank_id == bank_id, ItemRow.state != ItemState.RETIRED)
        .order_by(ItemRow.id)
    )
    return [(row[0], row[1]) for row in rows]
