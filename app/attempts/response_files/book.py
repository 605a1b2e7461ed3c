"""The lock of response files: anyone's page can shut one, only the service can open it.

    {"kind": "chizheng responses 1", "exam": 7, "key": …, "iv": …, "sealed": …}        (all in base64url)

A page makes a key pair of P-256 for each file and agrees on a key with the exam's public one (ECDH, HKDF-SHA256); the
content is sealed with AES-256-GCM. The exam's private key is derived from the service's secret and is stored nowhere.
The public key is public, so that a file proves nothing by itself: the pass inside, a MAC over the attempt, is known to
that candidate's page alone, and says whose it is.
"""

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Meta

from app.attempts.messages import Change, Whole
from app.security.derivation import Purpose, derive

KIND = "chizheng responses 1"
_CURVE = ec.SECP256R1()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of P-256 (FIPS 186-5, SP 800-186): private keys are 1 to this, less one."""
_DRAWN = 48
"""Bytes reduced to a private key: 16 more than it has, so that the bias is nothing (FIPS 186-5, A.2.1)."""
_PASS_BYTES = 16


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    kind: str
    exam: Whole
    key: str
    iv: str
    sealed: str


class FileContent(msgspec.Struct, forbid_unknown_fields=True):
    """What is inside: the attempt, the pass that proves it, the page's idea of the server's time (ms since 1970), and
    the newest response to each position."""

    attempt_id: Whole
    file_pass: str
    made_at: Whole
    changes: Annotated[list[Change], Meta(min_length=1, max_length=1000)]


class FileBook:
    """Gives out what shuts a file, and opens it."""

    def __init__(self, secret: str) -> None:
        self._root = derive(secret, Purpose.RESPONSE_FILE)

    def public_key(self, exam_id: int) -> str:
        """The public key that the exam's pages shut files with: an uncompressed point, base64url."""
        point = _private(self._root, exam_id).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return urlsafe_b64encode(point).decode()

    def pass_of(self, attempt_id: int) -> str:
        """What the page of that attempt puts into its files."""
        mac = hmac.digest(self._root, f"pass|{attempt_id}".encode(), "sha256")
        return urlsafe_b64encode(mac[:_PASS_BYTES]).decode()

    def open(self, raw: bytes) -> FileContent | None:
        """What is inside; None where it is no file of ours, was altered, or names an attempt without its pass."""
        try:
            envelope = msgspec.json.decode(raw, type=_Envelope)
            inside = self._unseal(envelope)
            content = msgspec.json.decode(inside, type=FileContent)
        except (msgspec.MsgspecError, InvalidTag, ValueError, binascii.Error, RecursionError):
            return None
        proven = hmac.compare_digest(content.file_pass.encode(), self.pass_of(content.attempt_id).encode())
        return content if proven else None

    def _unseal(self, envelope: _Envelope) -> bytes:
        if envelope.kind != KIND:
            raise ValueError("another kind of file")
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, urlsafe_b64decode(envelope.key))
        shared = _private(self._root, envelope.exam).exchange(ec.ECDH(), theirs)
        key = HKDF(algorithm=SHA256(), length=32, salt=b"", info=KIND.encode()).derive(shared)
        said = f"{KIND}|{envelope.exam}|{envelope.key}".encode()
        return AESGCM(key).decrypt(urlsafe_b64decode(envelope.iv), urlsafe_b64decode(envelope.sealed), said)


@lru_cache(maxsize=64)
def _private(root: bytes, exam_id: int) -> ec.EllipticCurvePrivateKey:
    drawn = HKDFExpand(algorithm=SHA256(), length=_DRAWN, info=f"exam|{exam_id}".encode()).derive(root)
    return ec.derive_private_key(int.from_bytes(drawn, "big") % (_ORDER - 1) + 1, _CURVE)
