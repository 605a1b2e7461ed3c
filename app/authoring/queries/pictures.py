"""Pictures, seen by who may look into a bank that holds them; an exam's pictures are found for its features by hash."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.authoring.models import BankPicture, PictureRow
from app.authoring.queries import chunks, find_bank
from app.authoring.queries.sight import hides_picture
from app.errors import NotFound
from app.security.actor import Actor
from question_bank.content import Picture


def find_picture(db: Session, actor: Actor, bank_id: int, sha256: str) -> Picture:
    """A picture of a bank that the actor may look into, unless only items that they may not see hold it. Raises
    NotFound."""
    find_bank(db, actor, bank_id)
    held = select(BankPicture.sha256).where(BankPicture.bank_id == bank_id, BankPicture.sha256 == sha256)
    if db.scalars(held).one_or_none() is None or hides_picture(db, actor, bank_id, sha256):
        raise NotFound
    return picture_by_hash(db, sha256)


def picture_by_hash(db: Session, sha256: str) -> Picture:
    """A picture, for a caller who has judged that it may be shown. Raises NotFound."""
    found = pictures_by_hash(db, [sha256])
    if not found:
        raise NotFound
    return found[sha256]


def pictures_by_hash(db: Session, hashes: Collection[str]) -> dict[str, Picture]:
    """These pictures by hash, as far as there are such."""
    found: dict[str, Picture] = {}
    for chunk in chunks(hashes):
        for row in db.scalars(select(PictureRow).where(PictureRow.sha256.in_(chunk))):
            found[row.sha256] = Picture(row.sha256, row.content, row.media_type, row.width, row.height)
    return found


def held_hashes(db: Session, bank_id: int, hashes: Collection[str]) -> set[str]:
    """Which of these pictures the bank holds."""
    found: set[str] = set()
    for chunk in chunks(hashes):
        held = select(BankPicture.sha256).where(BankPicture.bank_id == bank_id, BankPicture.sha256.in_(chunk))
        found |= set(db.scalars(held))
    return found
