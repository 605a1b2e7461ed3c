"""The service's own signing keys: made here, wrapped by the field key, rotated, and published without their secrets.

One current key per purpose; those before it are retired: they sign nothing more and verify what they signed for as
long as anyone may show it. So rotation is safe at any moment, and no key is ever deleted.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, Text, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, closed_set
from app.errors import Unavailable
from app.security.fields import MasterKey
from app.security.key_pairs import Algorithm, PrivateKey, PublicKey
from app.security.rewrapping import Wrapped


class KeyPurpose(StrEnum):
    """What a signing key is for. A signature for one purpose is never accepted for another."""

    CREDENTIAL = "credential"
    """Certificates in their machine-readable form, and the lists of their status."""
    ANCHOR = "anchor"
    """Heads of the audit log."""
    ACCESS = "access"
    """Access tokens between services."""


ALGORITHMS = {
    KeyPurpose.CREDENTIAL: Algorithm.RS256,  # the minimum that every reader of Open Badges 3.0 must know
    KeyPurpose.ANCHOR: Algorithm.ES256,
    KeyPurpose.ACCESS: Algorithm.ES256,
}


class SigningKey(Base):
    """A key pair; the private half wrapped, bound to this kid and purpose."""

    __tablename__ = "signing_key"
    __table_args__ = (
        Index(
            "uq_signing_key_current",
            "purpose",
            unique=True,
            sqlite_where=text("retired_at IS NULL"),
            postgresql_where=text("retired_at IS NULL"),
        ),
    )

    kid: Mapped[str] = mapped_column(String(43), primary_key=True)
    """RFC 7638 thumbprint of the public key."""
    purpose: Mapped[KeyPurpose] = mapped_column(closed_set(KeyPurpose))
    algorithm: Mapped[Algorithm] = mapped_column(closed_set(Algorithm))
    public_pem: Mapped[str] = mapped_column(Text)
    private_cipher: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    active_from: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class NoSigningKey(Unavailable):
    """There is no key for this purpose yet, and a transaction that only reads cannot make one."""

    code = "signing_key.missing"
    zh = "尚未生成签名密钥，请系统管理员运行 chizheng keys rotate。"
    en = "There is no signing key yet; the system administrator makes one with `chizheng keys rotate`."


class Keyring:
    """The signing keys as one process uses them. Give it the transaction in hand; it commits nothing itself.

    Unwrapped private keys and read public keys are kept in memory by `kid`, so that a batch of certificates pays for
    reading a key once. What is current is asked of the database each time: a rotation holds at once everywhere.
    """

    def __init__(self, master: MasterKey) -> None:
        self._master = master
        self._private: dict[str, PrivateKey] = {}
        self._public: dict[str, tuple[KeyPurpose, PublicKey]] = {}

    def current(self, session: Session, purpose: KeyPurpose, *, now: datetime) -> PrivateKey:
        """The key that signs for `purpose` now, made on first use.

        Raises NoSigningKey where there is none and the transaction only reads (a key made in it would not be kept,
        its signatures would be), Unreadable where the field key is another than when the key was made.
        """
        row = self._current_row(session, purpose)
        if row is None:
            if session.get_bind().get_execution_options().get("chizheng_reading", False):
                raise NoSigningKey
            row = self._make(session, purpose, now=now)
        key = self._private.get(row.kid)
        if key is None:
            pem = self._master.unwrap(row.private_cipher, context=key_context(row.kid, purpose)).decode()
            key = self._private[row.kid] = PrivateKey.from_pem(pem, row.algorithm)
        return key

    def sign(self, session: Session, purpose: KeyPurpose, payload: bytes, *, now: datetime) -> tuple[str, bytes]:
        """The kid and the signature of the current key over `payload`; raises as `current` does."""
        key = self.current(session, purpose, now=now)
        return key.kid, key.sign(payload)

    def verify(self, session: Session, purpose: KeyPurpose, kid: str, payload: bytes, signature: bytes) -> bool:
        """Whether `signature` over `payload` is by the key `kid`, current or retired, of this purpose."""
        key = self.find(session, purpose, kid)
        return key is not None and key.verify(payload, signature)

    def find(self, session: Session, purpose: KeyPurpose, kid: str) -> PublicKey | None:
        """The public key named `kid`, if it is one of ours for `purpose`, current or retired."""
        known = self._public.get(kid)
        if known is None:
            row = session.get(SigningKey, kid)
            if row is None:
                return None
            known = self._public[kid] = (row.purpose, PublicKey.from_pem(row.public_pem, row.algorithm))
        return known[1] if known[0] is purpose else None

    def finder(self, session: Session, purpose: KeyPurpose) -> Callable[[str], PublicKey | None]:
        """`find` for one purpose, in the form that `tokens.read` takes."""
        return lambda kid: self.find(session, purpose, kid)

    def rotate(self, session: Session, purpose: KeyPurpose, *, now: datetime) -> str:
        """Retire the current key, make a new one, and return its kid. Signatures of the old stay verifiable."""
        row = self._current_row(session, purpose)
        if row is not None:
            row.retired_at = now
            session.flush()
        return self._make(session, purpose, now=now).kid

    def public_jwks(self, session: Session) -> dict[str, list[dict[str, Any]]]:
        """The JWK Set of every key ever used, newest first, for `/.well-known/jwks.json`; public members only."""
        rows = session.scalars(select(SigningKey).order_by(SigningKey.created_at.desc(), SigningKey.kid))
        return {"keys": [PublicKey.from_pem(row.public_pem, row.algorithm).jwk() for row in rows]}

    def _current_row(self, session: Session, purpose: KeyPurpose) -> SigningKey | None:
        return session.scalars(
            select(SigningKey).where(SigningKey.purpose == purpose, SigningKey.retired_at.is_(None))
        ).one_or_none()

    def _make(self, session: Session, purpose: KeyPurpose, *, now: datetime) -> SigningKey:
        key = PrivateKey.generate(ALGORITHMS[purpose])
        row = SigningKey(
            kid=key.kid,
            purpose=purpose,
            algorithm=key.algorithm,
            public_pem=key.public.pem,
            private_cipher=self._master.wrap(key.pem().encode(), context=key_context(key.kid, purpose)),
            created_at=now,
            active_from=now,
        )
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:  # another instance made one in the same moment; theirs is the current one
            theirs = self._current_row(session, purpose)
            if theirs is None:
                raise
            return theirs
        return row


def key_context(kid: str, purpose: KeyPurpose) -> str:
    """What a wrapped private key is bound to."""
    return f"signing key {kid} for {purpose.value}"


PRIVATE_KEYS = Wrapped(SigningKey.kid, SigningKey.private_cipher, (SigningKey.kid, SigningKey.purpose), key_context)
