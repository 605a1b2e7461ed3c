"""Personal values at rest: ID numbers and findings, readable only with a key that is not in the database (P46, P47).

    field key (settings)  --wraps-->  data key of one person  --encrypts-->  that person's values

Every person has a random data key of their own, stored wrapped. Erasing a person is destroying that one wrapped key:
all their values, in every table and every backup made before, become noise at once, and nothing else changes. Every
value is bound to the place that it was written for, so that a ciphertext moved to another row, column or person is
refused instead of read. Lengths are rounded up, so that 同意 and 不同意 look alike.

Who owns the person's row stores the wrapped key; this module holds no table.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import unicodedata
from dataclasses import dataclass
from enum import Enum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import AppError, Conflict

KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_PAD_TO = 64
_WRAP_VERSION = "k1"
_VALUE_VERSION = "v1"


class Unreadable(AppError):
    """Something encrypted cannot be opened: another field key, another place, or a changed byte. Not a matter of
    what the caller sent, hence status 500; the sentence says who can help."""

    code = "field.unreadable"
    status = 500
    zh = "加密保存的内容无法打开，请联系系统管理员核对字段密钥。"
    en = "Something stored encrypted cannot be opened; please ask the system administrator to check the field key."


class PersonErased(Conflict):
    """A value was to be written for a person whose key has been destroyed."""

    code = "person.erased"
    zh = "该人员的个人信息已按规定清除，不能再写入。"
    en = "This person's data have been erased by rule; nothing more can be written for them."


class Erased(Enum):
    """What reading gives where the person's key has been destroyed; distinct from every string."""

    ERASED = "erased"


ERASED = Erased.ERASED


@dataclass(frozen=True)
class Place:
    """Where an encrypted value stands; it opens there and nowhere else."""

    table: str
    column: str
    row: int | str
    person: int

    def binding(self) -> bytes:
        """The place as associated data, unambiguous whatever the names contain."""
        return json.dumps([_VALUE_VERSION, self.table, self.column, str(self.row), self.person]).encode()


class MasterKey:
    """The field key and, while it is being replaced, those before it. Wraps small secrets, never values.

    A wrapped secret names the key that wrapped it (by a digest that tells nothing of it), so that rotation is: set
    the new key, keep the old as previous, `rewrap` everything where `is_current` is false, drop the old.
    """

    def __init__(self, current: bytes, *, previous: tuple[bytes, ...] = ()) -> None:
        """Raises ValueError for a key that is not 32 bytes."""
        if any(len(key) != KEY_BYTES for key in (current, *previous)):
            raise ValueError("a field key has 32 bytes")
        self.name = _key_name(current)
        """What the current key is called in whatever it wraps; tells nothing of it."""
        self.mark = f"{_WRAP_VERSION}.{self.name}."
        """How everything begins that the current key has wrapped."""
        self._ciphers = {_key_name(key): AESGCM(key) for key in (current, *previous)}

    def wrap(self, secret: bytes, *, context: str) -> str:
        """`secret` encrypted under the current key, openable only with the same `context` (what it is, whose)."""
        nonce = os.urandom(_NONCE_BYTES)
        body = self._ciphers[self.name].encrypt(nonce, secret, _wrap_binding(self.name, context))
        return f"{self.mark}{_b64(nonce + body)}"

    def unwrap(self, wrapped: str, *, context: str) -> bytes:
        """The secret again. Raises Unreadable for another key, another context or a changed byte."""
        name, body = _parts(wrapped)
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise Unreadable
        return _open(cipher, body, _wrap_binding(name, context))

    def rewrap(self, wrapped: str, *, context: str) -> str:
        """The same secret under the current key; unchanged where it is already. Raises Unreadable as `unwrap`."""
        if self.is_current(wrapped):
            return wrapped
        return self.wrap(self.unwrap(wrapped, context=context), context=context)

    def is_current(self, wrapped: str) -> bool:
        """Whether `wrapped` was made with the current key."""
        return _parts(wrapped)[0] == self.name


class FieldCipher:
    """Encrypts, opens and indexes the values of persons.

    `index_key` is `derive(settings.secret_key, Purpose.BLIND_INDEX)`: whoever holds the database without it cannot
    test a guessed ID number, though there are few enough of them to try all.
    """

    def __init__(self, master: MasterKey, *, index_key: bytes) -> None:
        self.master = master
        self._index_key = index_key

    def new_key(self, person: int) -> str:
        """A fresh random data key for `person`, wrapped, to be stored with the person."""
        return self.master.wrap(os.urandom(KEY_BYTES), context=person_context(person))

    def encrypt(self, wrapped: str | None, place: Place, value: str) -> str:
        """`value` as text to store at `place`; `wrapped` is the person's data key as stored, None once erased.

        Raises PersonErased where the key is gone, Unreadable where it does not open for `place.person`.
        """
        if wrapped is None:
            raise PersonErased
        cipher = AESGCM(self.master.unwrap(wrapped, context=person_context(place.person)))
        nonce = os.urandom(_NONCE_BYTES)
        return f"{_VALUE_VERSION}.{_b64(nonce + cipher.encrypt(nonce, _pad(value), place.binding()))}"

    def decrypt(self, wrapped: str | None, place: Place, stored: str) -> str | Erased:
        """The value stored at `place`, or ERASED where the person's key has been destroyed (`wrapped` is None).

        Raises Unreadable where the text was changed, moved from another place, or made with another key.
        """
        if wrapped is None:
            return ERASED
        cipher = AESGCM(self.master.unwrap(wrapped, context=person_context(place.person)))
        version, _, body = stored.partition(".")
        if version != _VALUE_VERSION:
            raise Unreadable
        return _unpad(_open(cipher, body, place.binding()))

    def blind_index(self, value: str, *, index: str) -> str:
        """32 hex digits by which equal values are found; `index` names the column (`person.id_number`).

        Values that differ only in letter case, full-width digits or blanks have the same index; the same value in
        two indexes has two, so that tables cannot be joined by it.
        """
        message = json.dumps([index, normalise(value)]).encode()
        return hmac.new(self._index_key, message, hashlib.sha256).hexdigest()[:32]


def normalise(value: str) -> str:
    """`value` in the form in which it is indexed: NFKC, upper case, without blanks."""
    return "".join(unicodedata.normalize("NFKC", value).upper().split())


def person_context(person: int) -> str:
    """What a person's wrapped data key is bound to."""
    return f"data key of person {person}"


def _key_name(key: bytes) -> str:
    return hmac.new(key, b"chizheng/field-key-name/1", hashlib.sha256).hexdigest()[:12]


def _wrap_binding(name: str, context: str) -> bytes:
    return json.dumps([_WRAP_VERSION, name, context]).encode()


def _parts(wrapped: str) -> tuple[str, str]:
    match wrapped.split("."):
        case [version, name, body] if version == _WRAP_VERSION:
            return name, body
        case _:
            raise Unreadable


def _open(cipher: AESGCM, body: str, binding: bytes) -> bytes:
    try:
        raw = base64.b64decode(body, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable from None
    if len(raw) < _NONCE_BYTES + _TAG_BYTES:
        raise Unreadable
    try:
        return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], binding)
    except InvalidTag:
        raise Unreadable from None


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


def _pad(value: str) -> bytes:
    # surrogatepass: a lone surrogate that slipped in is kept as it is; it must not become a 500 here (F14)
    raw = value.encode("utf-8", "surrogatepass")
    body = len(raw).to_bytes(4, "big") + raw
    return body + bytes(-len(body) % _PAD_TO)


def _unpad(body: bytes) -> str:
    length = int.from_bytes(body[:4], "big")
    return body[4 : 4 + length].decode("utf-8", "surrogatepass")
