"""The register of documents that items rest on, and which item cites which."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.authoring.rules import DocumentKind
from app.database import Base, closed_set


class Document(Base):
    """依据文件: one edition of a document. One register for the whole county."""

    __tablename__ = "document"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    issuer: Mapped[str] = mapped_column(String(200))
    kind: Mapped[DocumentKind] = mapped_column(closed_set(DocumentKind))
    number: Mapped[str] = mapped_column(String(200))
    """发文字号; empty where there is none."""
    effective_on: Mapped[date]
    superseded_on: Mapped[date | None]
    """The first day on which it does not hold any more."""
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    registered_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    registered_at: Mapped[datetime]


class DocumentName(Base):
    """A name under which files and authors cite a document, folded (`rules.name_fold`): its title among them."""

    __tablename__ = "document_name"

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    fold: Mapped[str] = mapped_column(String(200), unique=True)


class DocumentClause(Base):
    """条款: an article of a document, and what it says in short."""

    __tablename__ = "document_clause"
    __table_args__ = (UniqueConstraint("document_id", "fold"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    label: Mapped[str] = mapped_column(String(200))
    fold: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text)


class Citation(Base):
    """依据: what the newest version of an item cites, as written; the document where the register knows it.

    After a document was superseded a second person may confirm that the item is still right: then it rests on the
    document that they name.
    """

    __tablename__ = "citation"
    __table_args__ = (
        UniqueConstraint("item_id", "position"),
        Index("ix_citation_document_id_item_id", "document_id", "item_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    position: Mapped[int] = mapped_column(Integer)
    document_words: Mapped[str] = mapped_column(String(200))
    clause_words: Mapped[str] = mapped_column(String(200))
    fold: Mapped[str] = mapped_column(String(200), index=True)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    confirmed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
