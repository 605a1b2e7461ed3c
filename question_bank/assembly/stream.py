"""The counter stream that forms are expanded from: the same bit for bit on every Python and machine (P16).

Version "cz1". Block i of the stream of a label is HMAC-SHA256(seed, "cz1" ‖ length of label ‖ label ‖ i), the length
as 4 and i as 8 bytes, big-endian, the label in UTF-8. A block is read as eight unsigned 32-bit numbers, big-endian. Any
change of this text is another version: sealed exams must be recomputable for as long as their records are kept.
"""

import hashlib
import hmac
import struct
from typing import TypeVar

from question_bank.errors import InvalidSeed

STREAM_VERSION = "cz1"
SEED_BYTES = 32

_WORDS = struct.Struct(">8I")
_WORD_VALUES = 2**32
_COMMITMENT_TAG = b"chizheng seed commitment cz1\n"

T = TypeVar("T")


def commit(seed: bytes) -> str:
    """The commitment to a seed, published when the exam is sealed: SHA-256 (hex) of a tag and the seed.

    Raises `InvalidSeed` unless the seed has 32 bytes: a shorter one could be found by trying.
    """
    check_seed(seed)
    return hashlib.sha256(_COMMITMENT_TAG + seed).hexdigest()


class SeedStream:
    """Numbers that follow from seed and label alone. Streams of different labels are independent."""

    def __init__(self, seed: bytes, label: str) -> None:
        """Raise `InvalidSeed` unless the seed has 32 bytes."""
        check_seed(seed)
        name = label.encode()
        self._seed = seed
        self._prefix = STREAM_VERSION.encode() + len(name).to_bytes(4, "big") + name
        self._block = 0
        self._words: list[int] = []

    def below(self, bound: int) -> int:
        """A number from 0 to bound - 1, each equally likely; `bound` from 1 to 2³²."""
        # Words from the uneven rest at the top are thrown away: keeping them would favour small numbers.
        limit = _WORD_VALUES - _WORD_VALUES % bound
        while True:
            if not self._words:
                self._refill()
            word = self._words.pop()
            if word < limit:
                return word % bound

    def shuffle(self, members: list[T]) -> None:
        """Put the list in an order of which all are equally likely, in place (Fisher-Yates, from the end)."""
        below = self.below
        for last in range(len(members) - 1, 0, -1):
            other = below(last + 1)
            members[last], members[other] = members[other], members[last]

    def _refill(self) -> None:
        message = self._prefix + self._block.to_bytes(8, "big")
        self._block += 1
        # Reversed, because words are taken from the end of the list.
        self._words = [*reversed(_WORDS.unpack(hmac.digest(self._seed, message, "sha256")))]


def check_seed(seed: bytes) -> None:
    """Raise `InvalidSeed` unless the seed has 32 bytes."""
    if len(seed) != SEED_BYTES:
        raise InvalidSeed("seed.length", zh=f"随机种子应为 {SEED_BYTES} 字节。", en=f"A seed has {SEED_BYTES} bytes.")
