"""The envelope of a form that is delivered before the start: sealed for one registration, opened by a key that only the
start gives out (decision 0009).

    mark (32 bytes) | AES-256-GCM( length (4 bytes) | gzip | zeros )

Nothing of a key is stored. It is derived from the service's secret for one registration, one sealed form and one mark,
and the mark is a keyed digest of what is inside: so a key seals one content only, and needs no nonce beside it. A mark
says nothing of the content to whoever guesses at it. Zeros round the length up, so that it tells no form from another.
"""

import gzip
import hmac

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from app.security.derivation import Purpose, derive

MARK_BYTES = 32
_KEY_BYTES = 32
_LENGTH_BYTES = 4
_PAD_TO = 32 * 1024
_NONCE = bytes(12)
_PACKING = 1
"""The quickest: a form of fifty items has 14 kB, 12 at the level of 6 for five times the time, and 32 once padded."""


class FormSealer:
    """Seals forms, and gives the keys to them; any instance with the same secret gives the same."""

    def __init__(self, secret: str) -> None:
        self._root = derive(secret, Purpose.SEALED_FORM)

    def seal(self, content: bytes, *, registration_id: int, form_hash: str) -> bytes:
        """The envelope for that registration, to be opened with `key` for the mark that it begins with."""
        mark = hmac.digest(self._root, b"mark|" + content, "sha256")
        packed = gzip.compress(content, compresslevel=_PACKING, mtime=0)
        inside = len(packed).to_bytes(_LENGTH_BYTES, "big") + packed
        inside += bytes(-len(inside) % _PAD_TO)
        key = self.key(registration_id=registration_id, form_hash=form_hash, mark=mark.hex())
        return mark + AESGCM(key).encrypt(_NONCE, inside, mark)

    def key(self, *, registration_id: int, form_hash: str, mark: str) -> bytes:
        """The key of the envelope with that mark (hex). `form_hash` is that of the form which the registration has
        now: an envelope with another does not open."""
        info = f"key|{registration_id}|{form_hash}|{mark}".encode()
        return HKDFExpand(algorithm=SHA256(), length=_KEY_BYTES, info=info).derive(self._root)
