"""Technical faults as they were reported and decided. Words about a person's attempt are under that person's own key
(P46)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.attempts.technical_faults.rules import FaultCause, FaultState
from app.database import Base, closed_set


class TechnicalFault(Base):
    """技术故障 that an attempt was lost to, as a proctor says; one of each registration."""

    __tablename__ = "technical_fault"

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), unique=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), index=True)
    state: Mapped[FaultState] = mapped_column(closed_set(FaultState))
    cause: Mapped[FaultCause] = mapped_column(closed_set(FaultCause))
    happened_at: Mapped[datetime]
    facts_cipher: Mapped[str] = mapped_column(Text)
    """What broke, and what was tried."""
    reported_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reported_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
