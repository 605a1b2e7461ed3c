"""回执: the server's word that a response is on disk, and the short code shown at the end; both made by a MAC (P6).

A receipt is one line of text: attempt.position.revision.microseconds.hash.mac, the last two in base64url without
padding. Whoever holds it can show it; staff verify it against the key, and the hash against what is stored.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from app.security.derivation import Purpose, derive
from app.security.one_time_codes import ALPHABET

_MAC_BYTES = 16
_BLOCK_BYTES = 64
"""Of SHA-256; the key is shorter."""
_SHORT = 64
"""Characters of a response whose digest is remembered."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Receipt:
    """What a genuine receipt says; `response_hash` is the hex SHA-256 of the canonical response."""

    attempt_id: int
    position: int
    revision: int
    at: datetime
    response_hash: str


class ReceiptBook:
    """Writes and verifies receipts with the key derived from the service's secret."""

    def __init__(self, secret: str) -> None:
        self._key = derive(secret, Purpose.RECEIPT)
        block = self._key.ljust(_BLOCK_BYTES, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def write(self, attempt_id: int, position: int, revision: int, response: str, at: datetime) -> str:
        """The receipt of a stored response (canonical JSON text), acknowledged as of `at`; the same for the same."""
        digest = _known_digest(response) if len(response) <= _SHORT else _digest(response)
        said = f"{attempt_id}.{position}.{revision}.{_micros(at)}.{digest}"
        return f"{said}.{self._mac(said)}"

    def verify(self, text: str) -> Receipt | None:
        """What the receipt says, or None where it is not one of ours, or was altered."""
        said, _, mac = text.rpartition(".")
        if not text.isascii() or not hmac.compare_digest(mac.encode(), self._mac(said).encode()):
            return None
        attempt_id, position, revision, micros, digest = said.split(".")
        return Receipt(
            attempt_id=int(attempt_id),
            position=int(position),
            revision=int(revision),
            at=_EPOCH + timedelta(microseconds=int(micros)),
            response_hash=urlsafe_b64decode(digest + "=").hex(),
        )

    def closing_code(self, attempt_id: int, responses_hash: str, closed_at: datetime) -> str:
        """The short code shown when an attempt is closed: XXXX-XXXX-XXXX, the same for the same responses."""
        said = f"closing.{attempt_id}.{responses_hash}.{(closed_at - _EPOCH) // _MICROSECOND}"
        number = int.from_bytes(hmac.digest(self._key, said.encode(), "sha256"), "big")
        signs = []
        for _ in range(12):
            number, place = divmod(number, len(ALPHABET))
            signs.append(ALPHABET[place])
        code = "".join(signs)
        return f"{code[:4]}-{code[4:8]}-{code[8:]}"

    def _mac(self, said: str) -> str:
        # HMAC (RFC 2104) over copies of the keyed states. Not `hmac.digest`: that lets go of the interpreter each time,
        # and the journal's thread, which writes a receipt a save, would queue behind every request to get it back. Not
        # `hmac.new`: it costs more than the two digests (both measured).
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(said.encode())
        outer.update(inner.digest())
        return urlsafe_b64encode(outer.digest()[:_MAC_BYTES])[:-2].decode()


def _digest(response: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(response.encode()).digest())[:-1].decode()


_known_digest = lru_cache(maxsize=8192)(_digest)  # choices come back with every candidate; texts do not


@lru_cache(maxsize=512)  # all changes of a save arrived at one moment
def _micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND
