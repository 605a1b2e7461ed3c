"""The credential: a certificate as a signed document that any reader of Open Badges 3.0 can check. Pure.

Form: the JWT of Open Badges 3.0 (a "VC-JWT"). The payload *is* the credential at top level, with `iss`, `jti`, `nbf`,
`sub` and `exp` repeating its own values; the header has `alg`, `typ` and a `kid` that leads into our JWK Set.

What it does not contain: the ID number, in clear or hashed. A hash of it, salt beside it as the standard wants, gives
the number away to whoever tries the few million that are possible for a county. The hashed identity is the holder's
name: enough for someone who has the holder before them and wants to know whether the credential is theirs.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.errors import Invalid
from app.security.key_pairs import Algorithm, PrivateKey
from app.security.tokens import FindKey, TokenRefused, read_document, sign_document
from question_bank.items import Level

CONTEXT = ("https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json")
"""In this order; the second is the version that the document keeps to."""
LIMIT = 16_384
"""Longest credential read, in characters; ours have about 3,000."""


_NAMES = {
    Level.PRIMARY: ("初级党务工作者资格", "Party-affairs worker, primary level"),
    Level.INTERMEDIATE: ("中级党务工作者资格", "Party-affairs worker, intermediate level"),
    Level.ADVANCED: ("高级党务工作者资格", "Party-affairs worker, advanced level"),
}


class StatusPurpose(StrEnum):
    """What a set bit says. Revocation is for good; suspension may be lifted."""

    REVOCATION = "revocation"
    SUSPENSION = "suspension"


@dataclass(frozen=True)
class Issuer:
    """The issuing authority: its name, and the public address of the service without a slash at its end."""

    name: str
    base_url: str

    @property
    def id(self) -> str:
        """The issuer's URI: where its Profile is served."""
        return f"{self.base_url}/credentials/issuer"

    def kid(self, thumbprint: str) -> str:
        """The `kid` of a key: a URI that leads to it in the published JWK Set."""
        return f"{self.base_url}/.well-known/jwks.json#{thumbprint}"

    def thumbprint(self, kid: str) -> str | None:
        """The key's own name in a `kid` of this issuer, None for any other's."""
        start = self.kid("")
        return kid.removeprefix(start) if kid.startswith(start) else None

    def achievement_id(self, level: Level) -> str:
        """The URI of what a certificate of `level` attests."""
        return f"{self.base_url}/credentials/achievements/{level.value}"

    def profile(self) -> dict[str, Any]:
        """The issuer as a Profile object, as it is served and as it stands in each credential."""
        return {"id": self.id, "type": ["Profile"], "name": self.name, "url": self.base_url}


@dataclass(frozen=True)
class StatusEntry:
    """One bit of one status list, for one purpose; `list_url` is where the list is served."""

    purpose: StatusPurpose
    list_url: str
    index: int


@dataclass(frozen=True)
class Attested:
    """What one credential attests.

    `credential_id` and `holder_id` are random and belong to this certificate; `salt` is random text. `valid_from`
    and `valid_until` count in whole seconds, for that is what a JWT can say.
    """

    credential_id: UUID
    holder_id: UUID
    holder_name: str
    salt: str
    certificate_number: str
    level: Level
    awarded_at: datetime
    valid_from: datetime
    valid_until: datetime
    status: tuple[StatusEntry, ...]


class Flaw(StrEnum):
    """Why a credential was refused."""

    SIGNATURE = "signature"
    CLAIMS = "claims"
    NOT_YET = "not_yet"
    EXPIRED = "expired"


_FLAWS = {
    Flaw.SIGNATURE: ("不是本机关签发的凭证，或内容已被改动", "it is not signed by this authority, or was altered"),
    Flaw.CLAIMS: ("内容与其签名声明不一致", "its content and its signed claims differ"),
    Flaw.NOT_YET: ("尚未生效", "it is not valid yet"),
    Flaw.EXPIRED: ("已过有效期", "its validity has ended"),
}


class CredentialRefused(Invalid):
    """The document is not a credential that this authority stands by now; `flaw` says why, and so do the sentences."""

    code = "credential.refused"
    zh = "此电子凭证无效：{why_zh}。"
    en = "This credential is not valid: {why_en}."

    def __init__(self, flaw: Flaw) -> None:
        why_zh, why_en = _FLAWS[flaw]
        super().__init__(why_zh=why_zh, why_en=why_en)
        self.flaw = flaw


@dataclass(frozen=True)
class Credential:
    """What a verified credential says."""

    id: str
    certificate_number: str
    level: Level
    valid_from: datetime
    valid_until: datetime
    status: tuple[StatusEntry, ...]
    identity_hash: str
    salt: str

    def belongs_to(self, holder_name: str) -> bool:
        """Whether the hashed identity is that of `holder_name`."""
        return hmac.compare_digest(identity_hash(holder_name, salt=self.salt), self.identity_hash)


def compose(attested: Attested, *, issuer: Issuer) -> dict[str, Any]:
    """The payload of the JWT: the credential, and the registered claims that repeat it."""
    zh, en = _NAMES[attested.level]
    holder = attested.holder_id.urn
    return {
        "@context": list(CONTEXT),
        "id": attested.credential_id.urn,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": f"{zh}证书 / {en}",
        "issuer": issuer.profile(),
        "validFrom": stamp(attested.valid_from),
        "validUntil": stamp(attested.valid_until),
        "awardedDate": stamp(attested.awarded_at),
        "credentialSubject": {
            "id": holder,
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": True,
                    "identityHash": identity_hash(attested.holder_name, salt=attested.salt),
                    "identityType": "name",
                    "salt": attested.salt,
                }
            ],
            "licenseNumber": attested.certificate_number,
            "achievement": achievement(attested.level, issuer=issuer),
        },
        "credentialStatus": [_status(entry) for entry in attested.status],
        "iss": issuer.id,
        "jti": attested.credential_id.urn,
        "sub": holder,
        "nbf": int(attested.valid_from.timestamp()),
        "exp": int(attested.valid_until.timestamp()),
    }


def achievement(level: Level, *, issuer: Issuer) -> dict[str, Any]:
    """The Achievement of `level`, as it stands in each credential and is served under its own URI."""
    zh, en = _NAMES[level]
    return {
        "id": issuer.achievement_id(level),
        "type": ["Achievement"],
        "achievementType": "Certification",
        "name": f"{zh} / {en}",
        "description": f"经考试、联合审查、综合评审和公示，准予持证上岗。{en}: certified to hold the post.",
        "criteria": {
            "narrative": "考试成绩合格，各审查项结论为同意，综合评审通过，公示期满无未决异议；"
            "或由此种证书降级、更正、补发、转入。 / A passing result in the exam, every clearance check clear, joint "
            "review approved, public notice ended without an open objection; or downgraded, corrected, replaced or "
            "taken over from such a certificate."
        },
        "inLanguage": "zh",
    }


def sign(payload: Mapping[str, Any], key: PrivateKey, *, issuer: Issuer) -> str:
    """`payload` (a credential or a status list) as a compact JWT signed with `key`."""
    return sign_document(payload, key, kid=issuer.kid(key.kid))


def verify(
    token: str, *, issuer: Issuer, find_key: FindKey, now: datetime, algorithm: Algorithm = Algorithm.RS256
) -> Credential:
    """What the credential `token` says, if it is signed by `issuer`, unaltered, and valid at `now`.

    `find_key` finds a public key by its thumbprint: in the service's own table, or in a JWK Set on a machine without
    network. Status lists are looked at apart (`status_list.read`). Raises CredentialRefused.
    """
    payload = read_signed(token, issuer=issuer, find_key=find_key, algorithm=algorithm, limit=LIMIT)
    try:
        credential = _credential(payload, issuer)
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError):
        raise CredentialRefused(Flaw.CLAIMS) from None
    if now < credential.valid_from:
        raise CredentialRefused(Flaw.NOT_YET)
    if now >= credential.valid_until:
        raise CredentialRefused(Flaw.EXPIRED)
    return credential


def read_signed(token: str, *, issuer: Issuer, find_key: FindKey, algorithm: Algorithm, limit: int) -> dict[str, Any]:
    """The payload of a document signed by a key of `issuer`. Raises CredentialRefused for anything else."""

    def find(kid: str) -> Any:
        thumbprint = issuer.thumbprint(kid)
        return None if thumbprint is None else find_key(thumbprint)

    try:
        return read_document(token.strip(), algorithm=algorithm, find_key=find, limit=limit)
    except TokenRefused:
        raise CredentialRefused(Flaw.SIGNATURE) from None


def identity_hash(identity: str, *, salt: str) -> str:
    """`sha256$` and the hex digest of identity and salt, as an IdentityObject has it; the name in NFKC, no blanks."""
    name = "".join(unicodedata.normalize("NFKC", identity).split())
    return "sha256$" + hashlib.sha256((name + salt).encode("utf-8", "surrogatepass")).hexdigest()


def stamp(moment: datetime) -> str:
    """A moment as the credential writes it: UTC, whole seconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_stamp(text: str) -> datetime:
    """The moment that `stamp` wrote. Raises ValueError for any other form."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _status(entry: StatusEntry) -> dict[str, str]:
    return {
        "id": f"{entry.list_url}#{entry.index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": entry.purpose.value,
        "statusListIndex": str(entry.index),  # a string: the standard wants it so
        "statusListCredential": entry.list_url,
    }


def _credential(payload: dict[str, Any], issuer: Issuer) -> Credential:
    """Read what `compose` wrote; raises ValueError and its kind where anything is missing or does not agree."""
    subject = payload["credentialSubject"]
    valid_from, valid_until = read_stamp(payload["validFrom"]), read_stamp(payload["validUntil"])
    agreeing = (
        payload["@context"] == list(CONTEXT),
        payload["type"] == ["VerifiableCredential", "OpenBadgeCredential"],
        payload["iss"] == payload["issuer"]["id"] == issuer.id,
        payload["jti"] == payload["id"],
        payload["sub"] == subject["id"],
        payload["nbf"] == int(valid_from.timestamp()),
        payload["exp"] == int(valid_until.timestamp()),
    )
    level = Level(subject["achievement"]["id"].rsplit("/", 1)[-1])
    if not all(agreeing) or subject["achievement"]["id"] != issuer.achievement_id(level):
        raise ValueError("the credential does not agree with itself")
    (identifier,) = subject["identifier"]
    return Credential(
        id=payload["id"],
        certificate_number=subject["licenseNumber"],
        level=level,
        valid_from=valid_from,
        valid_until=valid_until,
        status=tuple(
            StatusEntry(
                StatusPurpose(entry["statusPurpose"]),
                entry["statusListCredential"],
                int(entry["statusListIndex"]),
            )
            for entry in payload["credentialStatus"]
        ),
        identity_hash=identifier["identityHash"],
        salt=identifier["salt"],
    )
