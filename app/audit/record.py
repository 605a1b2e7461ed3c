"""Writing one record of an act, in the act's own transaction: it stands or falls with it (P35)."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from typing import Any, Protocol, cast

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from app.audit.actions import AuditAction
from app.audit.canonical import canonical, moment_text
from app.audit.models import AuditRecord
from app.errors import FieldProblem, Invalid
from app.security.actor import Actor
from app.security.derivation import Purpose, derive
from app.settings import Settings

REASON_LENGTH = 4000
_WORD_LENGTH = 64
_LARGEST = 2**63 - 1
# Values of these never stand in the log, in clear or by another's mistake: it cannot forget them (P47).
_PERSONAL = frozenset(
    {
        "name",
        "full_name",
        "person_name",
        "id_number",
        "id_card",
        "phone",
        "mobile",
        "email",
        "address",
        "birth_date",
        "birthday",
        "photo",
        "finding",
        "findings",
        "password",
        "secret",
        "seed",
    }
)
_WRITE = insert(cast("Table", AuditRecord.__table__))
"""To the table itself: the way of the mapped class costs three times as much, at nearly every act (measured)."""
# An identity number (18 places) or a mobile number standing by itself; digests have letters around their digits.
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])(?:[1-9]\d{16}[\dXx]|1[3-9]\d{9})(?![0-9A-Za-z])")


class NamesAct(Protocol):
    """What a record says of an act besides the act itself: who acts, when, from where."""

    @property
    def actor(self) -> Actor:
        """Who acts."""
        ...

    @property
    def now(self) -> datetime:
        """The one moment that counts as now."""
        ...

    @property
    def request_id(self) -> str:
        """The request, or the process of the service."""
        ...

    @property
    def address(self) -> str:
        """From where; empty where there is no such thing."""
        ...

    @property
    def settings(self) -> Settings:
        """The settings: the digest of the address is keyed."""
        ...


class RecordsAct(NamesAct, Protocol):
    """What is needed of an operation to write its record: the same, and its transaction."""

    @property
    def db(self) -> Session:
        """The session of the act's transaction."""
        ...


@dataclass(frozen=True, slots=True)
class KnownAct:
    """An act outside of an operation, for those who compose many records at once."""

    actor: Actor
    now: datetime
    request_id: str
    address: str
    settings: Settings


class ReasonRefused(Invalid):
    """A reason that the log cannot keep."""

    code = "audit.reason_refused"


def record(
    op: RecordsAct,
    action: AuditAction,
    *,
    subject: tuple[str, int | str],
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Write the record of one act, within `op`'s transaction.

    `subject` is (kind, id). `before` and `after` hold ids, states, numbers, moments and commitments (hex of a hash);
    ValueError, at once, where a key that the action requires is missing, where a value is of another kind (a float,
    bytes), or where a key names something personal: these are mistakes of whoever writes the call. Raises
    ReasonRefused where the reason (typed by a person) is over 4,000 characters, has control characters, or contains
    an identity or mobile number.
    """
    written = compose(op, action, subject=subject, before=before, after=after, reason=reason)
    op.db.flush()  # the act is written before its record
    op.db.connection().execute(_WRITE, written)


def compose(
    op: NamesAct,
    action: AuditAction,
    *,
    subject: tuple[str, int | str],
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> dict[str, Any]:
    """The columns of the record that `record` would write, for those who write many at once; raises as it does."""
    missing = [key for key in action.required if key not in (after or {})]
    if missing:
        raise ValueError(f"a record of {action} says {', '.join(missing)}")
    _check_reason(reason)
    kind, subject_id = subject[0], str(subject[1])
    if len(kind) > _WORD_LENGTH or len(subject_id) > _WORD_LENGTH:
        raise ValueError(f"a subject is named by a kind and an id of at most {_WORD_LENGTH} characters")
    return {
        "at": op.now,
        "actor_account_id": op.actor.account_id,
        "actor_kind": op.actor.kind,
        "action": action.value,
        "subject_kind": kind,
        "subject_id": subject_id,
        "before": None if before is None else canonical(_plain(before)),
        "after": None if after is None else canonical(_plain(after)),
        "reason": reason,
        "request_id": op.request_id[:_WORD_LENGTH],
        "address_digest": digest_address(op.settings.secret_key.get_secret_value(), op.address) if op.address else "",
    }


def digest_address(secret: str, address: str) -> str:
    """A keyed digest (32 hex digits): the same address can be recognised, and not be guessed from the log."""
    return hmac.new(_address_key(secret), address.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]


@lru_cache(maxsize=4)
def _address_key(secret: str) -> bytes:
    return derive(secret, Purpose.AUDIT_ADDRESS)


def _check_reason(reason: str) -> None:
    if len(reason) > REASON_LENGTH or any(not (c.isprintable() or c in "\n\r\t\u3000\u00a0") for c in reason):
        raise ReasonRefused(
            FieldProblem(
                "reason",
                f"理由不得超过 {REASON_LENGTH} 字，且不得含有不可显示的字符。",
                f"A reason has at most {REASON_LENGTH} characters, all of them printable.",
            )
        )
    if _IDENTITY.search(reason):
        raise ReasonRefused(
            FieldProblem(
                "reason",
                "理由会永久保存，请勿填写身份证号或手机号。",
                "A reason is kept for good; please leave out identity and phone numbers.",
            )
        )


def _plain(value: Any) -> Any:
    """The value as JSON may hold it; ValueError for what the log does not keep."""
    if isinstance(value, Enum):
        value = value.value
    plain: Any
    match value:
        case None | bool():
            plain = value
        case int() if abs(value) <= _LARGEST:
            plain = value
        case str() if not _IDENTITY.search(value):
            value.encode()  # a lone surrogate is a ValueError too
            plain = value
        case datetime() if value.tzinfo:
            plain = moment_text(value)
        case date() if not isinstance(value, datetime):
            plain = value.isoformat()
        case Mapping():
            plain = {_key(key): _plain(inner) for key, inner in value.items()}
        case list() | tuple():
            plain = [_plain(inner) for inner in value]
        case frozenset() | set():
            plain = sorted(_plain(inner) for inner in value)
        case _:
            raise ValueError(f"the log keeps ids, states, numbers and commitments, not {type(value).__name__}")
    return plain


def _key(key: Any) -> str:
    if not isinstance(key, str) or key.lower() in _PERSONAL:
        raise ValueError(f"the log does not keep {key!r}: an id or a commitment in its place")
    return key
