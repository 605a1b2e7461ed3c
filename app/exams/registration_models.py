"""What registering rests on: the policies of eligibility with their versions, and the consent of the person."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, closed_set
from app.exams.policies.rules import PolicyState
from question_bank.items import Level


class EligibilityPolicy(Base):
    """报考资格政策: the rules that are asked at a level. An approved one is a version and never changes."""

    __tablename__ = "eligibility_policy"
    __table_args__ = (UniqueConstraint("level", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[Level] = mapped_column(closed_set(Level))
    state: Mapped[PolicyState] = mapped_column(closed_set(PolicyState))
    number: Mapped[int | None] = mapped_column(Integer)
    """Which version of its level it is, from 1; given when it is approved."""
    effective_from: Mapped[date] = mapped_column(Date)
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """One object a rule, see `app.exams.eligibility.Rule`."""
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """Empty for the version that the service is delivered with."""
    proposed_at: Mapped[datetime]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    settled_at: Mapped[datetime | None]
    remark: Mapped[str] = mapped_column(Text, default="")
    """Why it was declined; empty otherwise."""


class Consent(Base):
    """同意告知书: the privacy notice as a person accepted it for a registration; its words stand in
    `app.exams.registering.rules.NOTICES`."""

    __tablename__ = "consent"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer)
    accepted_at: Mapped[datetime]
