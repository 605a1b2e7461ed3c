"""Entitlements to make-up exams, and the registrations that use them."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, closed_set
from app.exams.make_ups.rules import Cause, EntitlementState


class MakeUpEntitlement(Base):
    """补考资格 of one registration, the one that is made up for; one of each cause."""

    __tablename__ = "make_up_entitlement"
    __table_args__ = (UniqueConstraint("registration_id", "cause"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    cause: Mapped[Cause] = mapped_column(closed_set(Cause))
    source: Mapped[str] = mapped_column(String(40))
    """What has granted it, kind and id: `misconduct:12`, `technical_fault:7`, `change:4`, `exam:3`; absence and result
    by registration."""
    state: Mapped[EntitlementState] = mapped_column(closed_set(EntitlementState))
    granted_at: Mapped[datetime]
    lapsed_at: Mapped[datetime | None]


class MakeUp(Base):
    """补考: the live registration that uses an entitlement. A registration is made up once, by whichever of its causes:
    that is the database's word. Refused or withdrawn, it uses none any more and the row goes."""

    __tablename__ = "make_up"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), primary_key=True, autoincrement=False)
    original_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), unique=True)
    """The registration that is made up for."""
    entitlement_id: Mapped[int] = mapped_column(ForeignKey("make_up_entitlement.id"))
