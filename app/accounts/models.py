"""Accounts, what they are allowed, and their log-in sessions."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, closed_set
from app.security.permissions import Role


class Account(Base):
    """A way for one person to sign in. `login` is a staff login name or a candidate's registration number."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    """Empty until the activation slip is used: no password fits it."""
    totp_cipher: Mapped[str | None] = mapped_column(Text)
    totp_last_step: Mapped[int] = mapped_column(Integer, default=0)
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class RoleGrant(Base):
    """A role given to an account within a part of the unit tree. Taken away by a date, never deleted."""

    __tablename__ = "role_grant"
    __table_args__ = (Index("ix_role_grant_account_id_revoked_at", "account_id", "revoked_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    role: Mapped[Role] = mapped_column(closed_set(Role))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    """The root of the scope; None for the whole tree."""
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    granted_at: Mapped[datetime]
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    revoked_at: Mapped[datetime | None]


class LoginSession(Base):
    """A log-in session. Only the digest of its token is stored; ending it works on the next request (P23, P39)."""

    __tablename__ = "session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    factor_at: Mapped[datetime | None]
    """When the second factor was last given in this session."""
    address: Mapped[str] = mapped_column(String(64))


class PrintedCode(Base):
    """One printed one-time code (for staff where phones are not allowed), or a candidate's activation code."""

    __tablename__ = "printed_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(32))
    """"factor" or "activation"."""
    code_digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class FactorReset(Base):
    """A lost second factor, reset by two people: proposed by one, approved by another."""

    __tablename__ = "factor_reset"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime | None]
