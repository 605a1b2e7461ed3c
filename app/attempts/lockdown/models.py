"""考试浏览器: seats that may do without it, and sessions whose page has proved it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.attempts.lockdown.rules import WaiverCause
from app.database import Base, closed_set

_STANDS = text("withdrawn_at IS NULL")


class LockdownWaiver(Base):
    """豁免: one candidate sits the exam in another browser, by a proctor's decision, until it is withdrawn."""

    __tablename__ = "lockdown_waiver"
    __table_args__ = (
        Index(
            "uq_lockdown_waiver_standing",
            "registration_id",
            unique=True,
            postgresql_where=_STANDS,
            sqlite_where=_STANDS,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    cause: Mapped[WaiverCause] = mapped_column(closed_set(WaiverCause))
    note: Mapped[str] = mapped_column(Text)
    granted_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    granted_at: Mapped[datetime]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    withdrawn_at: Mapped[datetime | None]


class LockdownPass(Base):
    """That the page of a session has proved its browser, where the browser sends no headers: its next page opens."""

    __tablename__ = "lockdown_pass"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"), primary_key=True)
    proved_at: Mapped[datetime]
