"""The one module that speaks to python-jose, and the holes of that library that it closes (F16, P40).

The library takes the algorithm from the header unless told, takes DER for an HMAC secret, accepts tokens without
`exp` or `aud`, believes any `iat`, asks its own clock, and decodes Base64 that has foreign characters in it. Here:

- one algorithm per class of token, a constant of the class; the key must be one of that algorithm;
- keys are `PublicKey` and `PrivateKey`, checked on construction, handed to the library as PEM;
- `kid` is looked up among our own keys before anything is verified; every other header parameter is refused;
- only the signature is the library's; claims are judged here, against `now`, all of them required;
- a token is bounded in size, canonical in Base64, strict in JSON.

Sessions are not tokens (they are opaque, on the server). Whoever accepts a token for something that must happen once
keeps its `token_id`.
"""

import base64
import binascii
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from jose import jwk, jws
from jose.backends.base import Key
from jose.exceptions import JOSEError

from app.errors import Unauthenticated
from app.security.key_pairs import Algorithm, PrivateKey, PublicKey

TOKEN_LIMIT = 4096
"""Longest token read by `read`, in characters; a signed document has a limit of its own."""
SKEW = timedelta(seconds=5)
"""By how much two instances' clocks may differ; they are measured against one authority."""

FindKey = Callable[[str], PublicKey | None]
"""From a `kid` to the key of ours that it names, or None."""

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_HEADER = frozenset({"alg", "kid", "typ"})
_CLAIMS = frozenset({"iss", "sub", "aud", "purpose", "jti", "iat", "exp"})
_LATEST = 253402300799  # the last second of year 9999: later moments have no datetime


class Reason(StrEnum):
    """Why a token was refused: for logs and tests, never for the one who sent it."""

    TOO_LONG = "too_long"
    MALFORMED = "malformed"
    HEADER = "header"
    ALGORITHM = "algorithm"
    UNKNOWN_KEY = "unknown_key"
    SIGNATURE = "signature"
    CLAIM_MISSING = "claim_missing"
    CLAIM_UNKNOWN = "claim_unknown"
    CLAIM_MALFORMED = "claim_malformed"
    WRONG_ISSUER = "wrong_issuer"
    WRONG_AUDIENCE = "wrong_audience"
    WRONG_PURPOSE = "wrong_purpose"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    LIVES_TOO_LONG = "lives_too_long"


class TokenRefused(Unauthenticated):
    """The token is not one that this service made for this use, or its time is over. The sentence does not say why."""

    code = "token.refused"
    zh = "凭据无效或已过期，请重新获取。"
    en = "The token is not valid, or no longer; please obtain a new one."

    def __init__(self, reason: Reason) -> None:
        super().__init__()
        self.reason = reason


@dataclass(frozen=True)
class TokenClass:
    """One kind of token: what it is for, for whom, signed how, and how long it may live at most."""

    purpose: str
    audience: str
    algorithm: Algorithm
    lifetime: timedelta


ACCESS = TokenClass(
    purpose="access", audience="chizheng-api", algorithm=Algorithm.ES256, lifetime=timedelta(minutes=10)
)
"""Between services: a program speaks to the API for an account."""


@dataclass(frozen=True)
class Claims:
    """What a token of ours says, after everything about it was found right."""

    subject: str
    token_id: str
    issued_at: datetime
    expires_at: datetime


def issue(kind: TokenClass, key: PrivateKey, *, issuer: str, subject: str, now: datetime) -> str:
    """A new token of `kind` for `subject`, with an id of 128 random bits, valid from `now` for the kind's lifetime.

    Raises ValueError where `key` is not of the kind's algorithm, or `subject` is empty.
    """
    if key.algorithm is not kind.algorithm or not subject:
        raise ValueError("a token needs a key of its own algorithm and a subject")
    issued = int(now.timestamp())
    claims = {
        "iss": issuer,
        "sub": subject,
        "aud": kind.audience,
        "purpose": kind.purpose,
        "jti": secrets.token_urlsafe(16),
        "iat": issued,
        "exp": issued + int(kind.lifetime.total_seconds()),
    }
    return sign_document(claims, key, kid=key.kid)


def read(kind: TokenClass, token: str, *, issuer: str, find_key: FindKey, now: datetime) -> Claims:
    """What `token` says. Raises TokenRefused for anything that `issue` would not have made for `kind`, or is over."""
    claims = read_document(token, algorithm=kind.algorithm, find_key=find_key, limit=TOKEN_LIMIT)
    if _CLAIMS - claims.keys():
        raise TokenRefused(Reason.CLAIM_MISSING)
    if claims.keys() - _CLAIMS:
        raise TokenRefused(Reason.CLAIM_UNKNOWN)
    for name, expected, reason in (
        ("iss", issuer, Reason.WRONG_ISSUER),
        ("aud", kind.audience, Reason.WRONG_AUDIENCE),
        ("purpose", kind.purpose, Reason.WRONG_PURPOSE),
    ):
        if claims[name] != expected:
            raise TokenRefused(reason)
    issued_at, expires_at = _moment(claims["iat"]), _moment(claims["exp"])
    if issued_at > now + SKEW:
        raise TokenRefused(Reason.NOT_YET)
    if expires_at <= now:
        raise TokenRefused(Reason.EXPIRED)
    if expires_at - issued_at > kind.lifetime:
        raise TokenRefused(Reason.LIVES_TOO_LONG)
    return Claims(_word(claims["sub"]), _word(claims["jti"]), issued_at, expires_at)


def sign_document(document: Mapping[str, Any], key: PrivateKey, *, kid: str) -> str:
    """`document` as a compact JWS: header `alg`, `kid`, `typ`; the payload is the document itself, in its own order.

    `kid` is the key's name as the reader will look it up: the bare thumbprint, or a URI that leads to the key.
    Raises ValueError where the document has a number that JSON does not know.
    """
    payload = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    signed: str = jws.sign(payload, _signer(key), headers={"kid": kid}, algorithm=key.algorithm.value)
    return signed


def read_document(token: str, *, algorithm: Algorithm, find_key: FindKey, limit: int) -> dict[str, Any]:
    """The payload of `token`, whose signature by a key of ours was verified; its claims are not judged here.

    `limit` is the longest accepted token in characters. Raises TokenRefused.
    """
    if len(token) > limit:
        raise TokenRefused(Reason.TOO_LONG)
    if not _COMPACT.fullmatch(token):
        raise TokenRefused(Reason.MALFORMED)
    header, payload, _ = (_bytes(part) for part in token.split("."))
    key = _key_named(_object(header), algorithm, find_key)
    try:
        jws.verify(token, _verifier(key), algorithms=[algorithm.value])
    except JOSEError:
        raise TokenRefused(Reason.SIGNATURE) from None
    return _object(payload)


def _key_named(header: dict[str, Any], algorithm: Algorithm, find_key: FindKey) -> PublicKey:
    if header.keys() != _HEADER or header["typ"] != "JWT" or not isinstance(header["kid"], str):
        raise TokenRefused(Reason.HEADER)
    if header["alg"] != algorithm.value:
        raise TokenRefused(Reason.ALGORITHM)
    key = find_key(header["kid"])
    if key is None:
        raise TokenRefused(Reason.UNKNOWN_KEY)
    if key.algorithm is not algorithm:
        raise TokenRefused(Reason.ALGORITHM)
    return key


@lru_cache(maxsize=64)
def _verifier(key: PublicKey) -> Key:
    return jwk.construct(key.pem, key.algorithm.value)


@lru_cache(maxsize=16)
def _signer(key: PrivateKey) -> Key:
    # The key itself and not its PEM, which takes a tenth of a second to read where it is an RSA key.
    return jwk.construct(key.material, key.algorithm.value)  # type: ignore[arg-type]  # it is taken, if not declared


def _bytes(part: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        raise TokenRefused(Reason.MALFORMED) from None
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        raise TokenRefused(Reason.MALFORMED)  # spare bits set: the same token in another spelling
    return raw


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw.decode(), object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise TokenRefused(Reason.MALFORMED) from None
    if not isinstance(value, dict):
        raise TokenRefused(Reason.MALFORMED)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name occurs twice")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _moment(value: object) -> datetime:
    if type(value) is not int or not 0 <= value <= _LATEST:
        raise TokenRefused(Reason.CLAIM_MALFORMED)
    return datetime.fromtimestamp(value, UTC)


def _word(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 255:
        raise TokenRefused(Reason.CLAIM_MALFORMED)
    return value
