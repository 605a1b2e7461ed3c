"""One root secret, one key per purpose.

A key that serves two purposes lets a value made for one be shown for the other; so each use has a purpose of its own
and receives 32 bytes that tell nothing about the root or about the others (HKDF-SHA256, RFC 5869).
"""

from enum import StrEnum

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_SALT = b"chizheng/derivation/1"


class Purpose(StrEnum):
    """What a derived key is for. A value is part of the derivation: changing one changes its key."""

    RECEIPT = "receipt"
    """MACs of the acknowledgement of a response (P6)."""
    BLIND_INDEX = "blind-index"
    """Keyed digests by which an ID number is found (P46)."""
    CHECK_IN_CODE = "check-in-code"
    ONE_TIME_CODE = "one-time-code"
    THROTTLE = "throttle"
    AUDIT_ADDRESS = "audit-address"
    """Digests of the address from which an audited act came (P47)."""
    RESPONSE_FILE = "response-file"
    """Opening the files in which a page hands over what it could not send, and the passes that stand in them (P5)."""
    SEALED_FORM = "sealed-form"
    """Keys of the forms that are delivered before the start (P15)."""
    LOCKDOWN = "lockdown"
    """What stands in the address of an exam's page for one log-in session (P53)."""
    DEVICE = "device"
    """Marks of a browser from which an account has signed in before (P38)."""
    DESTRUCTION = "destruction"
    """Digests of records that were destroyed: they name what was there and tell nothing of it (P47)."""


def derive(secret: str, purpose: Purpose) -> bytes:
    """The 32-byte key of `purpose` under the root `secret` (settings.secret_key); the same for the same arguments."""
    return HKDF(algorithm=SHA256(), length=32, salt=_SALT, info=purpose.value.encode()).derive(secret.encode())
