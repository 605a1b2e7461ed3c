"""Lists of absences, who is on them, and reasons that were brought forward afterwards."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.attempts.absences.rules import AbsenceCause, ExcuseCause, ExcuseState, ListState
from app.database import Base, closed_set


class AbsenceList(Base):
    """缺考名单 of one room."""

    __tablename__ = "absence_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), unique=True)
    state: Mapped[ListState] = mapped_column(closed_set(ListState))
    stated_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    stated_at: Mapped[datetime]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    confirmed_at: Mapped[datetime | None]
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """Who asks that it be opened again."""
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it was returned, or should be opened again."""


class Absence(Base):
    """One candidate on a list; they count while the list is closed."""

    __tablename__ = "absence"

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("absence_list.id"), index=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), unique=True)
    cause: Mapped[AbsenceCause] = mapped_column(closed_set(AbsenceCause))


class AbsenceExcuse(Base):
    """缺考事由 of one absence, proposed with its proof by one person and recognised or declined by another."""

    __tablename__ = "absence_excuse"

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), unique=True)
    state: Mapped[ExcuseState] = mapped_column(closed_set(ExcuseState))
    cause: Mapped[ExcuseCause] = mapped_column(closed_set(ExcuseCause))
    proof_cipher: Mapped[str] = mapped_column(Text)
    """What proves it, under the person's own key: it may speak of their health (P46)."""
    proposed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
