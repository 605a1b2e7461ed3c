import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.canonical import Json, canonical_json, read_json, sha256_hex, stem_fold
from question_bank.errors import Unrepresentable


def test_the_text_is_that_of_rfc_8785() -> None:
    value: Json = {"b": [1, True, None, '\u20ac$\u000f\nA\'B"\\"'], "a": {}, "A": -0}
    assert canonical_json(value) == b'{"A":0,"a":{},"b":[1,true,null,"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\""]}'


def test_keys_stand_in_the_order_of_utf_16_code_units() -> None:
    # The example of RFC 8785, section 3.2.3: by code points the emoji would come last.
    given = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    ordered = ["\\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    text = canonical_json(dict.fromkeys(given, 0)).decode()
    assert text == "{" + ",".join(f'"{key}":0' for key in ordered) + "}"


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (1.0, "$"),
        ({"a": [0, float("nan")]}, "$.a[1]"),
        ("\ud800", "$"),
        ({"\udfff": 1}, "$"),
        ({1: "a"}, "$"),
        ([2**53], "$[0]"),
        ((1, 2), "$"),
        (b"", "$"),
    ],
)
def test_what_has_no_canonical_form_is_refused_and_the_place_is_named(value: Any, place: str) -> None:
    with pytest.raises(Unrepresentable) as refused:
        canonical_json(value)
    assert f"at {place}:" in refused.value.en
    assert f"（{place}）" in refused.value.zh


def test_the_largest_integers_that_every_reader_keeps_are_allowed() -> None:
    assert canonical_json([2**53 - 1, -(2**53) + 1]) == b"[9007199254740991,-9007199254740991]"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"\xff",
        b"1.0",
        b"1e3",
        b"NaN",
        b"-Infinity",
        b'{"a":1,"a":1}',
        b'"\\ud800"',
        b"9007199254740992",
        b"9" * 5000,
        b"[" * 100_000,
        b"[" * 70 + b"]" * 70,
    ],
)
def test_hostile_json_is_refused_with_a_sentence(text: bytes) -> None:  # P41
    with pytest.raises(Unrepresentable) as refused:
        read_json(text)
    assert refused.value.zh
    assert refused.value.en


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_reading_and_writing_again_gives_the_same_bytes(value: Json) -> None:
    written = canonical_json(value)
    assert read_json(written) == value
    assert canonical_json(read_json(written)) == written


def test_the_hash_is_sha_256_of_the_text() -> None:
    assert sha256_hex({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("中国共产党的宗旨是（  ）。", "中国共产党的宗旨是( )"),
        ("党员的 权利？", "党员的权利"),
        ("ＡＢＣ", "abc"),
        ("“两个确立”是____", "两个确立是"),
        ("预备期\n为一年\u00a0", "预备期为一年"),
    ],
)
def test_stems_that_differ_in_width_space_or_punctuation_are_one(one: str, other: str) -> None:
    assert stem_fold(one) == stem_fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("占1.5%", "占15%"), ("占15%", "占15"), ("a<b", "a>b"), ("C++", "C"), ("甲", "乙")]
)
def test_stems_that_differ_in_meaning_are_two(one: str, other: str) -> None:
    assert stem_fold(one) != stem_fold(other)


@given(st.text(alphabet=st.sampled_from("甲乙1２.．,，_ 3\t、%‰+<（）Ａa①፩"), max_size=12))
def test_the_quick_fold_is_the_one_that_looks_at_every_character(stem):
    folded = unicodedata.normalize("NFKC", stem).casefold()
    kept = [
        character
        for at, character in enumerate(folded)
        if unicodedata.category(character)[0] not in "PZC"
        or character in "%‰"
        or (
            not character.isspace()
            and 0 < at < len(folded) - 1
            and folded[at - 1].isdigit()
            and folded[at + 1].isdigit()
        )
    ]
    assert stem_fold(stem) == "".join(kept)
