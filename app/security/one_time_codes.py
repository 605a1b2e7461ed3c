"""Codes on paper: the second factor where phones are not allowed, activation slips, check-in codes.

Eight characters of an alphabet without look-alikes (no 0 O 1 I L U) are 39 bits: enough where guessing is bounded.
Stored are keyed digests, bound to their owner: whoever reads the table can neither use nor test a code.
"""

import hashlib
import hmac
import json
import secrets
import unicodedata
from collections.abc import Sequence

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8
COUNT = 10


def draw() -> str:
    """A new code as it is printed: XXXX-XXXX, from the operating system's randomness."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{code[:4]}-{code[4:]}"


def draw_sheet(count: int = COUNT) -> tuple[str, ...]:
    """`count` different codes, for one sheet of paper."""
    codes: dict[str, None] = {}
    while len(codes) < count:
        codes[draw()] = None
    return tuple(codes)


def read(text: str) -> str | None:
    """What was typed as the eight characters of a code; None where it cannot be one.

    Lower case, full-width letters, blanks and any dash are taken as meant.
    """
    if len(text) > 64:
        return None
    folded = unicodedata.normalize("NFKC", text).upper()
    code = "".join(sign for sign in folded if not sign.isspace() and unicodedata.category(sign) != "Pd")
    return code if len(code) == LENGTH and all(sign in ALPHABET for sign in code) else None


def digest(code: str, *, key: bytes, owner: str) -> str:
    """The hex digest to store for `code` of `owner` (an account, a registration); key: `Purpose.ONE_TIME_CODE`
    or `Purpose.CHECK_IN_CODE`. Raises ValueError where `code` is not one that `draw` makes."""
    clean = read(code)
    if clean is None:
        raise ValueError("not a code")
    return _digest(clean, key, owner)


def match(text: str, digests: Sequence[str], *, key: bytes, owner: str) -> int | None:
    """Which of `digests` the typed text belongs to, or None; compares all of them whatever it finds.

    The caller strikes the code off in the same transaction: a code is good once.
    """
    typed = _digest(read(text) or "", key, owner)
    found = None
    for position, stored in enumerate(digests):
        if hmac.compare_digest(typed, stored):
            found = position
    return found


def check_in_owner(registration_id: int) -> str:
    """Whose check-in codes those of a registration are."""
    return f"registration:{registration_id}"


def _digest(clean: str, key: bytes, owner: str) -> str:
    return hmac.new(key, json.dumps([owner, clean]).encode(), hashlib.sha256).hexdigest()
