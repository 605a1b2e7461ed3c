"""The status list: one bit for each credential, so that nobody who asks says which one they ask about. Pure.

W3C Bitstring Status List: 131,072 bits at least, compressed, in a credential of its own that is signed like the
others and ends soon, so that yesterday's list cannot be shown for today's. Places are given out at random: their
order would tell when a certificate was issued and how many there are.
"""

import base64
import binascii
import gzip
import zlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.certificates.credential import (
    CredentialRefused,
    Flaw,
    Issuer,
    StatusEntry,
    StatusPurpose,
    read_signed,
    read_stamp,
    stamp,
)
from app.errors import Conflict
from app.security.key_pairs import Algorithm
from app.security.tokens import FindKey

SIZE = 131_072
"""Places in one list: the least that the standard allows, for the crowd that each one hides in."""
VALIDITY = timedelta(hours=24)
"""How long a signed list may be shown; it is signed anew with each change, and before it ends."""
LIMIT = 65_536
_BYTES = SIZE // 8


class ListFull(Conflict):
    """Every place of the list is taken; open the next list."""

    code = "status_list.full"
    zh = "电子凭证状态列表已满，请启用下一个列表。"
    en = "The credential status list is full; please open the next one."


@dataclass(frozen=True)
class StatusList:
    """A verified list."""

    url: str
    purpose: StatusPurpose
    valid_until: datetime
    bits: bytes

    def says(self, entry: StatusEntry) -> bool:
        """Whether the bit of `entry` is set. Raises CredentialRefused where the entry belongs to another list."""
        if (entry.list_url, entry.purpose) != (self.url, self.purpose) or not 0 <= entry.index < SIZE:
            raise CredentialRefused(Flaw.CLAIMS)
        return bool(self.bits[entry.index // 8] & (0x80 >> entry.index % 8))


def place(taken: Collection[int], *, draw: Callable[[int], int]) -> int:
    """A free place, each as likely as any other; `draw(n)` gives an even random number below n (secrets.randbelow).

    Raises ListFull. The table's unique constraint on (list, place) decides between two that draw at once.
    """
    free = SIZE - len(taken)
    if free <= 0:
        raise ListFull
    if len(taken) < SIZE // 2:
        while (index := draw(SIZE)) in taken:
            pass
        return index
    return sorted(set(range(SIZE)).difference(taken))[draw(free)]


def encode(indexes: Iterable[int]) -> str:
    """`encodedList`: `u` and the unpadded base64url of the gzipped bits; place 0 is the leftmost bit of all.

    The same set gives the same text. Raises ValueError for a place outside the list.
    """
    bits = bytearray(_BYTES)
    for index in indexes:
        if not 0 <= index < SIZE:
            raise ValueError(f"place {index} is outside the list")
        bits[index // 8] |= 0x80 >> index % 8
    return "u" + base64.urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).rstrip(b"=").decode()


def decode(encoded: str) -> bytes:
    """The bits of `encoded`. Raises ValueError for another form or another size; never unpacks more than a list."""
    if not encoded.startswith("u"):
        raise ValueError("not multibase base64url")
    body = encoded[1:].encode("ascii")
    try:
        packed = base64.b64decode(body + b"=" * (-len(body) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj(wbits=31)
        bits = unpacker.decompress(packed, _BYTES + 1)
    except (binascii.Error, zlib.error):
        raise ValueError("not a packed list") from None
    if len(bits) != _BYTES or not unpacker.eof:
        raise ValueError("not a list of the right size")
    return bits


def compose(
    *, url: str, purpose: StatusPurpose, indexes: Iterable[int], issuer: Issuer, now: datetime
) -> dict[str, Any]:
    """The list as a credential, to be signed with `credential.sign` and served at `url`; valid for 24 hours."""
    until = now + VALIDITY
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer.id,
        "validFrom": stamp(now),
        "validUntil": stamp(until),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose.value,
            "encodedList": encode(indexes),
        },
        "iss": issuer.id,
        "jti": url,
        "sub": f"{url}#list",
        "nbf": int(now.timestamp()),
        "exp": int(until.timestamp()),
    }


def read(
    token: str, *, issuer: Issuer, find_key: FindKey, now: datetime, algorithm: Algorithm = Algorithm.RS256
) -> StatusList:
    """The signed list `token`, verified and in date. Raises CredentialRefused."""
    payload = read_signed(token, issuer=issuer, find_key=find_key, algorithm=algorithm, limit=LIMIT)
    try:
        subject = payload["credentialSubject"]
        starts, ends = read_stamp(payload["validFrom"]), read_stamp(payload["validUntil"])
        agreeing = (
            "BitstringStatusListCredential" in payload["type"],
            payload["iss"] == payload["issuer"] == issuer.id,
            payload["jti"] == payload["id"],
            payload["nbf"] == int(starts.timestamp()),
            payload["exp"] == int(ends.timestamp()),
            subject["type"] == "BitstringStatusList",
        )
        found = StatusList(
            url=payload["id"],
            purpose=StatusPurpose(subject["statusPurpose"]),
            valid_until=ends,
            bits=decode(subject["encodedList"]),
        )
    except (KeyError, ValueError, TypeError, AttributeError):
        raise CredentialRefused(Flaw.CLAIMS) from None
    if not all(agreeing):
        raise CredentialRefused(Flaw.CLAIMS)
    if now < starts:
        raise CredentialRefused(Flaw.NOT_YET)
    if now >= ends:
        raise CredentialRefused(Flaw.EXPIRED)
    return found
