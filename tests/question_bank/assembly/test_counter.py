import hashlib

import numpy as np
import pytest

from question_bank.assembly.counter import CHUNK_WORDS, orders, words
from question_bank.errors import InvalidSeed
from tests.support.bank import SEED


def slow(label: str, start: int, count: int) -> list[int]:
    """The text of the module, written out once more in plain integers."""
    found = []
    for at in range(start, start + count):
        chunk, word = divmod(at, 2048)
        name = label.encode()
        message = b"chizheng cz2\n" + SEED + len(name).to_bytes(4, "big") + name + chunk.to_bytes(8, "big")
        block = hashlib.shake_256(message).digest(8192)
        found.append(int.from_bytes(block[4 * word : 4 * word + 4], "little"))
    return found


def test_the_first_words_never_change() -> None:  # P16
    assert words(SEED, "golden", 0, 5).tolist() == [2619861901, 3645203318, 840204664, 2605048533, 1308674678]
    assert words(SEED, "考试/题", CHUNK_WORDS - 1, 2).tolist() == [1575620963, 4243196669]


@pytest.mark.parametrize(("start", "count"), [(0, 3), (2040, 20), (4096, 1), (5000, 0)])
def test_words_in_bulk_are_those_of_the_text(start: int, count: int) -> None:  # P16
    drawn = words(SEED, "考试/form", start, count)
    assert drawn.tolist() == slow("考试/form", start, count)
    assert drawn.dtype == np.uint64


def test_an_order_places_by_word_and_then_by_index() -> None:
    drawn = np.array([[5, 1, 5, 0], [7, 7, 7, 7]], dtype=np.uint64)
    assert orders(drawn).tolist() == [[3, 1, 0, 2], [0, 1, 2, 3]]


def test_a_weak_seed_gives_no_words() -> None:
    with pytest.raises(InvalidSeed):
        words(b"exam", "x", 0, 1)
