"""The counter stream "cz2": numbers in bulk, the same bit for bit on every Python, numpy and machine (P16). Parallel
forms of every version (`facts.DrawVersion`) take their numbers from it.

Chunk i of the stream of a label is the first 8,192 bytes of SHAKE256("chizheng cz2\\n" ‖ seed ‖ length of label ‖
label ‖ i), the length as 4 and i as 8 bytes, big-endian, the label in UTF-8. It is read as 2,048 unsigned 32-bit
words, little-endian; word w of the stream is word w mod 2,048 of chunk w div 2,048. Any change of this text is
another stream.

Orders are made by sorting: place by (word, index), so that equal words (one pair in four thousand million) cannot
make a difference between machines. A number below a bound is word × bound div 2³².
"""

import hashlib

import numpy as np

from question_bank.assembly.stream import check_seed

COUNTER_VERSION = "cz2"
CHUNK_WORDS = 2048

_CHUNK_BYTES = 4 * CHUNK_WORDS
_TAG = b"chizheng cz2\n"


def words(seed: bytes, label: str, start: int, count: int) -> np.ndarray:
    """Words start to start + count - 1 of a label's stream, as uint64 below 2³². Raises `InvalidSeed`."""
    check_seed(seed)
    name = label.encode()
    prefix = _TAG + seed + len(name).to_bytes(4, "big") + name
    first, past = start // CHUNK_WORDS, start + count
    parts = []
    for chunk in range(first, -(-past // CHUNK_WORDS)):
        # The output of SHAKE has one beginning however much of it is asked for.
        length = min(_CHUNK_BYTES, 4 * (past - chunk * CHUNK_WORDS))
        parts.append(hashlib.shake_256(prefix + chunk.to_bytes(8, "big")).digest(length))
    found = np.frombuffer(b"".join(parts), dtype="<u4")
    return found[start - first * CHUNK_WORDS :].astype(np.uint64)


def orders(drawn: np.ndarray) -> np.ndarray:
    """For each row of words the order of its columns: indices by ascending (word, index), as int64."""
    index = np.arange(drawn.shape[-1], dtype=np.uint64)
    ranked = np.sort(drawn << np.uint64(32) | index, axis=-1)
    return (ranked & np.uint64(0xFFFFFFFF)).astype(np.int64)
