"""What was noticed of candidates, and what they say to it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.attempts.signals.rules import SignalKind
from app.database import Base, closed_set


class Signal(Base):
    """过程记录: appended by `app.attempts.signals.gathering`, a few rows for a candidate, never more than `MOST` of a
    kind. For people's eyes only: no rule depends on it."""

    __tablename__ = "signal"

    registration_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """No foreign key: what is gathered must not wait for who holds the registration."""
    kind: Mapped[SignalKind] = mapped_column(closed_set(SignalKind), primary_key=True)
    source: Mapped[str] = mapped_column(String(32), primary_key=True)
    """The epoch for what a page claims; else the session, or the digest of its token or of an address."""
    count: Mapped[int] = mapped_column(Integer, primary_key=True)
    """How often this source had noticed it: a running total, so that what is told again is the same row."""
    seconds: Mapped[int] = mapped_column(Integer)
    """For how long in all, as the device says; 0 where nothing lasts."""
    at: Mapped[datetime]
    """When the server heard of it first."""


class SignalAnswer(Base):
    """说明: what the candidate says to the signals of one kind, once; under their own key (P46)."""

    __tablename__ = "signal_answer"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), primary_key=True, autoincrement=False)
    kind: Mapped[SignalKind] = mapped_column(closed_set(SignalKind), primary_key=True)
    words_cipher: Mapped[str] = mapped_column(Text)
    answered_at: Mapped[datetime]
