"""Where versions are filed now, and which items may still be practised: what higher features ask by key."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.authoring.models import ItemRow, ItemVersion, Topic
from app.authoring.queries import PoolVersion, chunks
from app.authoring.rules import Confidentiality, ItemState


def filings_of(db: Session, version_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """The item of each version, and the path that it is filed under now ("" where it is not filed)."""
    found: dict[int, tuple[int, str]] = {}
    for chunk in chunks(version_ids):
        rows = db.execute(
            select(ItemVersion.id, ItemVersion.item_id, Topic.path)
            .join(ItemRow, ItemRow.id == ItemVersion.item_id)
            .outerjoin(Topic, Topic.id == ItemRow.topic_id)
            .where(ItemVersion.id.in_(chunk))
        )
        found |= {version_id: (item_id, path or "") for version_id, item_id, path in rows}
    return found


def standing_versions(db: Session, item_ids: Collection[int], *, on: date) -> list[PoolVersion]:
    """The newest version of those of the items that are approved, not secret, and rest on documents in force `on` that
    day; by id."""
    rows: list[Any] = []
    for chunk in chunks(item_ids):
        rows += db.execute(
            select(ItemVersion.id, ItemVersion.item_id, ItemVersion.content, Topic.path)
            .join(ItemRow, (ItemRow.id == ItemVersion.item_id) & (ItemRow.version == ItemVersion.number))
            .outerjoin(Topic, Topic.id == ItemRow.topic_id)
            .where(
                ItemRow.id.in_(chunk),
                ItemRow.state == ItemState.APPROVED,
                ItemRow.confidentiality != Confidentiality.SECRET,
                or_(ItemRow.stale_from.is_(None), ItemRow.stale_from > on),
            )
        )
    return [PoolVersion(*row) for row in sorted(rows)]
