import hashlib
import hmac
from collections import Counter

import pytest

from question_bank.assembly.stream import SeedStream, commit
from question_bank.errors import InvalidSeed

SEED = bytes(range(32))


def test_the_stream_is_hmac_sha_256_in_counter_mode_as_its_text_says() -> None:  # P16
    # Written out once more, so that the text and not the code is what holds.
    label = "考试/form/1".encode()
    expected = []
    for block in range(3):
        message = b"cz1" + len(label).to_bytes(4, "big") + label + block.to_bytes(8, "big")
        digest = hmac.new(SEED, message, hashlib.sha256).digest()
        expected += [int.from_bytes(digest[at : at + 4], "big") for at in range(0, 32, 4)]
    stream = SeedStream(SEED, "考试/form/1")
    assert [stream.below(2**32) for _ in range(24)] == expected


def test_the_first_numbers_never_change() -> None:  # P16
    stream = SeedStream(SEED, "golden")
    assert [stream.below(1000) for _ in range(10)] == [967, 342, 750, 53, 331, 837, 534, 639, 770, 642]
    members = list(range(10))
    stream.shuffle(members)
    assert members == [4, 5, 0, 2, 6, 9, 1, 3, 7, 8]


def test_labels_and_seeds_give_streams_of_their_own() -> None:
    streams = [SeedStream(SEED, "a"), SeedStream(SEED, "b"), SeedStream(SEED[::-1], "a"), SeedStream(SEED, "")]
    assert len({tuple(stream.below(2**32) for _ in range(4)) for stream in streams}) == 4


def test_words_from_the_uneven_rest_are_thrown_away() -> None:
    # With a bound just over half of all words nearly every second word is in the rest.
    bound = 2**31 + 1
    plain, bounded = SeedStream(SEED, "x"), SeedStream(SEED, "x")
    words = [plain.below(2**32) for _ in range(200)]
    kept = [word for word in words if word < bound]
    assert 60 < len(kept) < 140
    assert [bounded.below(bound) for _ in kept] == kept


def test_numbers_are_spread_evenly() -> None:
    stream = SeedStream(SEED, "even")
    counts = Counter(stream.below(6) for _ in range(6000))
    assert set(counts) == set(range(6))
    assert max(abs(count - 1000) for count in counts.values()) < 120  # four standard deviations


def test_every_order_of_three_comes_about_as_often() -> None:
    stream = SeedStream(SEED, "orders")
    counts: Counter[tuple[int, ...]] = Counter()
    for _ in range(6000):
        members = [0, 1, 2]
        stream.shuffle(members)
        counts[tuple(members)] += 1
    assert len(counts) == 6
    assert max(abs(count - 1000) for count in counts.values()) < 120


def test_a_bound_of_one_gives_nothing_to_choose() -> None:
    assert SeedStream(SEED, "one").below(1) == 0


def test_the_commitment_is_that_of_its_text_and_tells_seeds_apart() -> None:  # P16
    assert commit(SEED) == hashlib.sha256(b"chizheng seed commitment cz1\n" + SEED).hexdigest()
    assert commit(SEED) == "7c91490dbedfb37340f808de205c0c1d7cbb501f9d8ddbb0feac0f0b305cae48"
    assert commit(SEED) != commit(SEED[::-1])


@pytest.mark.parametrize("seed", [b"", b"x" * 31, b"x" * 33])
def test_a_seed_that_is_not_32_bytes_is_refused(seed: bytes) -> None:
    with pytest.raises(InvalidSeed):
        commit(seed)
    with pytest.raises(InvalidSeed):
        SeedStream(seed, "x")
