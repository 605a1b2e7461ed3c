import threading
import time
from concurrent.futures import wait

import pytest

from app.security import passwords
from app.security.passwords import HashingBusy, Passwords, Verdict, problems


@pytest.fixture(scope="module")
def hashing():
    hashing = Passwords(memory_kib=64, passes=1)
    yield hashing
    hashing.close()


def test_the_right_password_is_known_and_a_wrong_one_is_not(hashing):
    stored = hashing.hash("山高水长 2026")
    assert stored.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert hashing.verify(stored, "山高水长 2026") == Verdict(ok=True, needs_rehash=False)
    assert hashing.verify(stored, "山高水长 2027") == Verdict(ok=False, needs_rehash=False)


def test_the_same_password_hashes_differently_each_time(hashing):
    assert hashing.hash("山高水长 2026") != hashing.hash("山高水长 2026")


def test_a_password_is_the_same_from_a_full_width_keyboard(hashing):
    assert hashing.verify(hashing.hash("Tongzhi-2026"), "Ｔｏｎｇｚｈｉ－２０２６").ok


def test_a_hash_of_another_cost_asks_to_be_made_anew(hashing):
    costlier = Passwords(memory_kib=128, passes=1)
    assert costlier.verify(hashing.hash("correct horse"), "correct horse") == Verdict(ok=True, needs_rehash=True)
    costlier.close()


@pytest.fixture
def gate():
    """Work in the pool waits for it; opened at the end in any case, for Python joins the pool's threads."""
    gate = threading.Event()
    yield gate
    gate.set()


@pytest.mark.parametrize("password", ["", "x" * 257, "ﷺ" * 200, "\ud800", "\0", "x" * 100_000])
def test_no_password_is_too_strange_to_be_wrong(hashing, password):  # P41, F14, F17
    stored = hashing.hash("correct horse")
    assert hashing.verify(stored, password) == Verdict(ok=False, needs_rehash=False)
    assert hashing.verify(None, password) == Verdict(ok=False, needs_rehash=False)


@pytest.mark.parametrize("password", ["x" * 257, "ﷺ" * 200])
def test_a_password_past_the_bound_is_never_hashed(hashing, password):
    with pytest.raises(ValueError, match="256"):
        hashing.hash(password)


def test_more_than_72_bytes_all_count(hashing):  # F17
    stored = hashing.hash("长" * 80 + "a")
    assert hashing.verify(stored, "长" * 80 + "a").ok
    assert not hashing.verify(stored, "长" * 80 + "b").ok


def test_a_stored_text_that_is_no_hash_refuses(hashing):
    assert not hashing.verify("not a hash", "correct horse").ok


def test_an_unknown_account_costs_what_a_known_one_costs():  # P38
    slow = Passwords(memory_kib=8192, passes=2)
    stored = slow.hash("correct horse")

    def cost(stored, password):
        begin = time.perf_counter()
        slow.verify(stored, password)
        return time.perf_counter() - begin

    known = min(cost(stored, "wrong password") for _ in range(5))
    unknown = min(cost(None, "wrong password") for _ in range(5))
    too_long = min(cost(stored, "x" * 300) for _ in range(5))
    slow.close()
    assert unknown > known / 2
    assert too_long > known / 2


def test_a_full_queue_says_so_and_recovers(gate, monkeypatch):  # P45
    monkeypatch.setattr(passwords, "_QUEUE", 3)
    narrow = Passwords(memory_kib=64, passes=1)
    blockers = [narrow._submit(gate.wait) for _ in range(3)]
    with pytest.raises(HashingBusy) as refusal:
        narrow.verify_soon(None, "correct horse")
    assert (refusal.value.status, refusal.value.retry_after) == (503, 3)
    gate.set()
    wait(blockers)
    assert not narrow.verify(None, "correct horse").ok
    narrow.close()


def test_hashing_never_uses_more_than_two_threads(gate):
    pool = Passwords(memory_kib=64, passes=1)
    running = threading.Semaphore(0)

    def block():
        running.release()
        gate.wait()

    waiting = [pool._submit(block) for _ in range(5)]
    assert running.acquire(timeout=5)
    assert running.acquire(timeout=5)
    assert not running.acquire(timeout=0.05)
    gate.set()
    wait(waiting)
    pool.close()


@pytest.mark.parametrize(
    "password",
    ["明月几时有把酒问青天啊", "correct horse battery", "Xk3-vanish-89", "春眠不觉晓12345"],
)
def test_a_long_uncommon_password_is_taken(password):
    assert problems(password, login_name="zhangwei") == ()


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("short", "10"),
        ("九个汉字九个汉字九", "10"),
        ("x" * 257, "256"),
        ("ﷺ" * 200, "256"),
        ("1234567890", "common"),
        ("Password2026", "common"),
        ("Admin123456!", "common"),
        ("1111111111", "common"),
        ("1212121212121212", "common"),
        ("qwertyuiop", "common"),
        ("９８７６５４３２１０", "common"),
        ("my-ZhangWei-2026", "login name"),
    ],
)
def test_a_weak_password_is_named_in_both_languages_without_being_repeated(password, word):  # F12
    found = problems(password, login_name="zhangwei", field="new_password")
    assert any(word in problem.en for problem in found)
    for problem in found:
        assert problem.field == "new_password"
        assert password not in problem.zh + problem.en
