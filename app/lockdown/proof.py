"""How a browser proves that it is Safe Exam Browser with the settings of an exam: hashes of an address and a key.

Windows and older versions send them as headers, each of the very address that it asks for. The newer engine of macOS
and iOS sends none: there the page reads the hashes of its own address from the program, and sends them along.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

HEADERS = (b"x-safeexambrowser-", b"x-exam-page-")
"""What the names of all headers that are read here begin with: the program's, and those of our own pages."""
_CONFIG, _EXAM = b"x-safeexambrowser-configkeyhash", b"x-safeexambrowser-requesthash"
_PAGE_CONFIG, _PAGE_EXAM = b"x-exam-page-config", b"x-exam-page-key"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a request shows: hashes of `address`, which is the address as the browser asked for it, and those that its
    page has read of its own address. Hex as it came, empty where there is none."""

    address: str
    config_hash: str = ""
    exam_hash: str = ""
    page_config_hash: str = ""
    page_exam_hash: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """What an exam asks for: its Config Key, and, where any are listed, one of these Browser Exam Keys. All are 64 hex
    digits."""

    config_key: str
    exam_keys: tuple[str, ...] = ()


def read_proof(headers: Iterable[tuple[bytes, bytes]], *, base_url: str, raw_path: bytes, query: bytes) -> Proof | None:
    """What a request shows, None where it shows nothing. `base_url` is the public address of the service, for behind a
    proxy no request knows which host and scheme the browser has seen."""
    shown = {name: value.decode("latin-1") for name, value in headers if name.startswith(HEADERS)}
    if not shown:
        return None
    target = (raw_path + b"?" + query if query else raw_path).decode("latin-1")
    return Proof(
        address=base_url.rstrip("/") + target,
        config_hash=shown.get(_CONFIG, ""),
        exam_hash=shown.get(_EXAM, ""),
        page_config_hash=shown.get(_PAGE_CONFIG, ""),
        page_exam_hash=shown.get(_PAGE_EXAM, ""),
    )


def address_hash(address: str, key: str) -> str:
    """What the program shows of `key` (64 hex digits) at `address`: SHA-256, in hex, of the address without its
    fragment followed by the key."""
    return hashlib.sha256((address.partition("#")[0] + key.lower()).encode()).hexdigest()


def shows(key: str, shown: str, *, address: str) -> bool:
    """Whether `shown` is what the program shows of `key` at `address`; takes as long whatever was sent."""
    return hmac.compare_digest(address_hash(address, key).encode(), shown.strip().lower().encode())


def fits(keys: Keys, *, address: str, config_hash: str, exam_hash: str) -> bool:
    """Whether these two hashes of `address` are those of an exam's keys."""
    configured = shows(keys.config_key, config_hash, address=address)
    listed = [shows(key, exam_hash, address=address) for key in keys.exam_keys]
    return configured and (not listed or any(listed))


def is_proved(keys: Keys, proof: Proof | None, *, page: str) -> bool:
    """Whether a request comes from the browser that the exam asks for: by the hashes of its own address, or by those of
    `page`, the address of the page that it was sent from."""
    if proof is None:
        return False
    own = fits(keys, address=proof.address, config_hash=proof.config_hash, exam_hash=proof.exam_hash)
    return own or fits(keys, address=page, config_hash=proof.page_config_hash, exam_hash=proof.page_exam_hash)


def session_nonce(secret: bytes, *, session_id: int, exam_id: int) -> str:
    """What stands in the address of an exam's page for one log-in session, and for no other: 32 hex digits. A hash that
    was taken of another session's page proves nothing in this one; it ends with the session."""
    return hmac.new(secret, f"{session_id}:{exam_id}".encode(), hashlib.sha256).hexdigest()[:32]


def page_address(base_url: str, *, exam_id: int, nonce: str) -> str:
    """The address of an exam's page in one log-in session."""
    return f"{base_url.rstrip('/')}/exams/{exam_id}/sit?nonce={nonce}"


def ticket_address(base_url: str) -> str:
    """The address of the page where candidates sign in with ticket and code."""
    return f"{base_url.rstrip('/')}/ticket"
