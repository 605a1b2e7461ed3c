"""The register of documents, who cites what, and what is stale."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.authoring.models import ItemRow
from app.authoring.queries import chunks, made_item
from app.authoring.queries.sight import in_sight
from app.authoring.register_models import Citation, Document, DocumentClause, DocumentName
from app.authoring.rules import ItemState
from app.database import find_one, locked
from app.security.actor import Actor
from app.security.permissions import Capability


def list_documents(db: Session) -> Sequence[Document]:
    """The whole register, by title."""
    return db.scalars(select(Document).order_by(Document.title, Document.id)).all()


def titles_with_clauses(db: Session) -> list[tuple[str, list[str]]]:
    """Every document that is not superseded, by title, with the labels of its clauses in the order of their entry."""
    found: dict[str, list[str]] = {}
    rows = db.execute(
        select(Document.title, DocumentClause.label)
        .join(DocumentClause, DocumentClause.document_id == Document.id, isouter=True)
        .where(Document.superseded_on.is_(None))
        .order_by(Document.title, DocumentClause.id)
    )
    for title, label in rows:
        clauses = found.setdefault(title, [])
        if label is not None:
            clauses.append(label)
    return [*found.items()]


def find_document(db: Session, document_id: int, *, lock: bool = False) -> Document:
    """One document of the register. Raises NotFound."""
    query = select(Document).where(Document.id == document_id)
    return find_one(db, locked(query) if lock else query)


def clauses_of(db: Session, document_id: int) -> Sequence[DocumentClause]:
    """The clauses of a document in the order of their entry."""
    return db.scalars(
        select(DocumentClause).where(DocumentClause.document_id == document_id).order_by(DocumentClause.id)
    ).all()


def documents_by_fold(db: Session, folds: Collection[str]) -> dict[str, int]:
    """The documents that these folded names name."""
    found: dict[str, int] = {}
    for chunk in chunks(folds):
        rows = db.execute(select(DocumentName.fold, DocumentName.document_id).where(DocumentName.fold.in_(chunk)))
        found |= {row[0]: row[1] for row in rows}
    return found


def superseded_days(db: Session, item_ids: Collection[int]) -> dict[int, list[date | None]]:
    """For each item the days on which the documents that it cites are superseded (None: one that holds)."""
    found: dict[int, list[date | None]] = {}
    rows = db.execute(
        select(Citation.item_id, Document.superseded_on)
        .join(Document, Document.id == Citation.document_id)
        .where(Citation.item_id.in_(item_ids))
    )
    for item_id, day in rows:
        found.setdefault(item_id, []).append(day)
    return found


def citing(db: Session, document_id: int) -> list[int]:
    """The items that rest on a document, locked in the order of their ids."""
    return list(
        db.scalars(
            select(ItemRow.id)
            .where(ItemRow.id.in_(select(Citation.item_id).where(Citation.document_id == document_id)))
            .order_by(ItemRow.id)
            .with_for_update()
        )
    )


def banks_of(db: Session, item_ids: Collection[int]) -> set[int]:
    """The banks in which these items stand."""
    found: set[int] = set()
    for chunk in chunks(item_ids):
        found |= set(db.scalars(select(ItemRow.bank_id).where(ItemRow.id.in_(chunk)).distinct()))
    return found


def citation_counts(db: Session) -> dict[int, int]:
    """How many items that are not retired rest on each document."""
    rows = db.execute(
        select(Citation.document_id, func.count(Citation.item_id.distinct()))
        .join(ItemRow, ItemRow.id == Citation.item_id)
        .where(Citation.document_id.is_not(None), ItemRow.state != ItemState.RETIRED)
        .group_by(Citation.document_id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


def unmatched(db: Session, actor: Actor, *, limit: int) -> list[tuple[str, str, int]]:
    """Names that items of the actor's banks cite and the register does not know: (fold, as written, how many items)."""
    rows = db.execute(
        select(Citation.fold, func.min(Citation.document_words), func.count(Citation.item_id.distinct()))
        .join(ItemRow, ItemRow.id == Citation.item_id)
        .where(
            Citation.document_id.is_(None),
            *in_sight(actor),
            ItemRow.state != ItemState.RETIRED,
        )
        .group_by(Citation.fold)
        .order_by(func.count(Citation.item_id.distinct()).desc(), Citation.fold)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def items_with_fold(db: Session, fold: str) -> list[int]:
    """The items that cite an unmatched name, locked in the order of their ids."""
    cited = select(Citation.item_id).where(Citation.fold == fold, Citation.document_id.is_(None))
    return list(db.scalars(select(ItemRow.id).where(ItemRow.id.in_(cited)).order_by(ItemRow.id).with_for_update()))


def citations_of(db: Session, item_ids: Collection[int]) -> list[tuple[Citation, Document | None]]:
    """What these items cite, with the document where the register knows it."""
    rows = db.execute(
        select(Citation, Document)
        .outerjoin(Document, Document.id == Citation.document_id)
        .where(Citation.item_id.in_(item_ids))
        .order_by(Citation.item_id, Citation.position)
    )
    return [(row[0], row[1]) for row in rows]


def _stale(actor: Actor, capability: Capability) -> tuple[Any, ...]:
    made = made_item(actor.person_id)
    whose = ~made if capability is Capability.ITEM_REVIEW else made
    return (
        ItemRow.stale_from.is_not(None),
        ItemRow.state != ItemState.RETIRED,
        *in_sight(actor, capability),
        whose,
    )


def stale_items(db: Session, actor: Actor, capability: Capability, *, after: int, limit: int) -> Sequence[ItemRow]:
    """Stale items by id: those that others made for who reviews, their own for who writes."""
    query = select(ItemRow).where(*_stale(actor, capability), ItemRow.id > after)
    return db.scalars(query.order_by(ItemRow.id).limit(limit)).all()


def stale_count(db: Session, actor: Actor, capability: Capability) -> int:
    """How many `stale_items` there are."""
    return db.execute(select(func.count()).select_from(ItemRow).where(*_stale(actor, capability))).scalar_one()
