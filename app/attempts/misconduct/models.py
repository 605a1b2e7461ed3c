"""Misconduct cases, who witnessed them, what was proposed and decided. Words about a person are under that person's
own key (P46)."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.attempts.misconduct.rules import Category, MisconductState, Ruling
from app.attempts.signals.rules import SignalKind
from app.database import Base, closed_set


class MisconductCase(Base):
    """违纪违规情况记录, and how far it is. One for each record; a registration may have several."""

    __tablename__ = "misconduct_case"

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), index=True)
    seat: Mapped[int | None] = mapped_column(Integer)
    """The seat at that time; None in a remote room."""
    state: Mapped[MisconductState] = mapped_column(closed_set(MisconductState), index=True)
    category: Mapped[Category] = mapped_column(closed_set(Category))
    happened_at: Mapped[datetime]
    facts_cipher: Mapped[str] = mapped_column(Text)
    evidence_cipher: Mapped[str] = mapped_column(Text)
    ended: Mapped[bool]
    """Whether the attempt was ended with this record."""
    reported_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reported_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    """When the candidate signed it, with their own account."""
    notice_number: Mapped[str] = mapped_column(String(200), default="")
    notified_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    notified_at: Mapped[datetime | None]
    statement_due_at: Mapped[datetime | None]
    statement_cipher: Mapped[str | None] = mapped_column(Text)
    stated_at: Mapped[datetime | None]
    ruling: Mapped[Ruling | None] = mapped_column(closed_set(Ruling))
    """What was decided; None until then."""
    settled_at: Mapped[datetime | None]


class MisconductWitness(Base):
    """见证人: staff who confirmed a record with their own account."""

    __tablename__ = "misconduct_witness"
    __table_args__ = (UniqueConstraint("case_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("misconduct_case.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class MisconductCitation(Base):
    """引用的过程记录: a signal that the record cites as evidence, as it stood then. What came after changes nothing."""

    __tablename__ = "misconduct_citation"

    case_id: Mapped[int] = mapped_column(ForeignKey("misconduct_case.id"), primary_key=True, autoincrement=False)
    kind: Mapped[SignalKind] = mapped_column(closed_set(SignalKind), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    seconds: Mapped[int] = mapped_column(Integer)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    more: Mapped[bool]
    """Whether there may have been more than `count`."""


class MisconductProposal(Base):
    """拟办意见 on a case, and what the second person said to it. What was decided never changes (P30)."""

    __tablename__ = "misconduct_proposal"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("misconduct_case.id"), index=True)
    ruling: Mapped[Ruling] = mapped_column(closed_set(Ruling))
    document_number: Mapped[str] = mapped_column(String(200))
    reason_cipher: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    agreed: Mapped[bool | None]
    """None while it waits; False sent it back."""
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    bar_until: Mapped[date | None] = mapped_column(Date)
    """The last day of the bar, once decided."""
