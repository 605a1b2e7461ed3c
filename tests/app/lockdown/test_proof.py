"""What a request must show: the right hash of the right address, by headers or by its page (P53)."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lockdown.proof import (
    Keys,
    address_hash,
    fits,
    is_proved,
    page_address,
    read_proof,
    session_nonce,
    shows,
)

CONFIG, WINDOWS, MAC = "a" * 64, "b" * 64, "c" * 64
BASE = "https://exam.test"
PAGE = page_address(BASE, exam_id=7, nonce="n")


def shown_at(address, config=CONFIG, exam=WINDOWS):
    return {
        "address": address,
        "config_hash": hashlib.sha256((address + config).encode()).hexdigest(),
        "exam_hash": hashlib.sha256((address + exam).encode()).hexdigest(),
    }


HEX = st.text("0123456789abcdef", min_size=64, max_size=64)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=40), HEX, HEX, st.text("#abc?", max_size=6))
def test_a_hash_shows_one_key_at_one_address(address, key, other, fragment):
    told = address_hash(address, key)
    assert told == hashlib.sha256((address.partition("#")[0] + key).encode()).hexdigest()
    assert shows(key, told, address=address)
    assert shows(key.upper(), f" {told.upper()} ", address=address)
    assert shows(key, told, address=f"{address.partition('#')[0]}#{fragment}")
    assert shows(other, told, address=address) is (key == other)
    assert not shows(key, told, address=f"x{address}")
    assert not shows(key, told[:-1], address=address)
    assert not shows(key, "ø", address=address)


def test_both_keys_are_asked_for_where_browsers_are_listed():
    listed = Keys(CONFIG, (WINDOWS, MAC))
    for keys, config, exam, right in (
        (Keys(CONFIG), CONFIG, "f" * 64, True),
        (Keys(CONFIG), WINDOWS, CONFIG, False),
        (listed, CONFIG, WINDOWS, True),
        (listed, CONFIG, MAC, True),
        (listed, CONFIG, "f" * 64, False),
        (listed, "f" * 64, WINDOWS, False),
    ):
        assert fits(keys, **shown_at(PAGE, config, exam)) is right
    assert not fits(listed, address=PAGE, config_hash="", exam_hash="")


def test_the_address_counts_as_the_browser_saw_it():
    headers = [(b"host", b"10.0.0.5:8000"), (b"user-agent", b"SEB/3.9")]
    asked = {"base_url": f"{BASE}/", "raw_path": b"/exams/7/%E8%80%83", "query": b"a=1&b=%20"}
    assert read_proof(headers, **asked) is None  # a user agent is nothing (P53)
    told = shown_at(f"{BASE}/exams/7/%E8%80%83?a=1&b=%20")
    headers += [
        (b"x-safeexambrowser-configkeyhash", told["config_hash"].encode()),
        (b"x-safeexambrowser-requesthash", told["exam_hash"].encode()),
    ]
    proof = read_proof(headers, **asked)
    assert proof is not None
    assert proof.address == told["address"]
    keys = Keys(CONFIG, (WINDOWS,))
    assert is_proved(keys, proof, page=PAGE)
    other = read_proof(headers, **(asked | {"query": b""}))
    assert other is not None
    assert not is_proved(keys, other, page=PAGE)


def test_the_page_proves_itself_and_no_other_session():
    keys, told = Keys(CONFIG, (WINDOWS,)), shown_at(PAGE)
    headers = [(b"x-exam-page-config", told["config_hash"].encode()), (b"x-exam-page-key", told["exam_hash"].encode())]
    proof = read_proof(headers, base_url=BASE, raw_path=b"/api/v1/attempts/1/saves", query=b"")
    assert proof is not None
    assert is_proved(keys, proof, page=PAGE)
    assert not is_proved(keys, proof, page=page_address(BASE, exam_id=7, nonce="m"))
    assert not is_proved(keys, replace(proof, page_exam_hash=""), page=PAGE)
    assert not is_proved(keys, None, page=PAGE)
    marks = {
        session_nonce(secret, session_id=s, exam_id=e) for secret in (b"1", b"2") for s in (1, 11) for e in (1, 11)
    }
    assert len(marks) == 8
    assert all(len(mark) == 32 for mark in marks)


@pytest.mark.parametrize("bad", [b"\xff\xfe", b"", b"0" * 10000])
def test_nothing_that_is_sent_fails(bad):
    proof = read_proof([(b"x-safeexambrowser-requesthash", bad)], base_url=BASE, raw_path=b"/\xff", query=b"\xff")
    assert proof is not None
    assert not is_proved(Keys(CONFIG), proof, page=PAGE)
