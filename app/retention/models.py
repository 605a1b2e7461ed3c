"""The tables of retention: terms with their versions, destruction lists with what stands in them."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, closed_set
from app.retention.rules import Fate, ListState, TermsState
from app.retention.rules.classes import RecordClass


class RetentionTerms(Base):
    """保存期限: how many days each class is kept. An approved one is a version, and the newest counts."""

    __tablename__ = "retention_terms"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[TermsState] = mapped_column(closed_set(TermsState))
    number: Mapped[int | None] = mapped_column(Integer, unique=True)
    days: Mapped[dict[str, int]] = mapped_column(JSON)
    """Whole days by class."""
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """Empty for what was delivered."""
    proposed_at: Mapped[datetime]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    settled_at: Mapped[datetime | None]
    remark: Mapped[str] = mapped_column(Text)


_WAITS = text("state IN ('drawn_up', 'approved_once', 'approved')")


class DestructionList(Base):
    """销毁清单: what is due of one class as of a moment, approved by two people, carried out by the worker. Once it is
    carried out it is the record of the destruction (销毁记录), and stays."""

    __tablename__ = "destruction_list"
    __table_args__ = (
        Index("uq_destruction_list_waits", "record_class", unique=True, postgresql_where=_WAITS, sqlite_where=_WAITS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_class: Mapped[RecordClass] = mapped_column(closed_set(RecordClass))
    state: Mapped[ListState] = mapped_column(closed_set(ListState))
    terms_id: Mapped[int] = mapped_column(ForeignKey("retention_terms.id"))
    counted_until: Mapped[datetime]
    """What is counted from then or earlier is due."""
    subjects: Mapped[int] = mapped_column(Integer)
    rows: Mapped[int]
    list_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 over all entries: those who approve approve these and no others."""
    drawn_up_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    drawn_up_at: Mapped[datetime]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime | None]
    approved_again_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    approved_again_at: Mapped[datetime | None]
    declined_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    declined_at: Mapped[datetime | None]
    remark: Mapped[str] = mapped_column(Text)
    job_id: Mapped[int | None]
    """No foreign key: jobs are cleared away sooner than this."""
    finished_at: Mapped[datetime | None]


class DestructionEntry(Base):
    """The records of one subject on a list: how many rows, their keyed digest, and what became of them."""

    __tablename__ = "destruction_entry"
    __table_args__ = (Index("ix_destruction_entry_list_id_fate", "list_id", "fate"),)

    list_id: Mapped[int] = mapped_column(ForeignKey("destruction_list.id"), primary_key=True, autoincrement=False)
    holding: Mapped[str] = mapped_column(String(32), primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """No foreign key: what it names may be gone."""
    rows: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
    fate: Mapped[Fate] = mapped_column(closed_set(Fate))
