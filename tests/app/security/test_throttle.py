"""P38: bounded guessing per account and per source, and no stranger locks anyone out."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.errors import TooMany
from app.security import throttle
from app.security.throttle import Limit, SignInGuard, Throttle, Try

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HALL, HOME, FAR = "10.1.1.1", "10.2.2.2", "203.0.113.9"
KEY = b"k" * 32


@pytest.fixture
def door(database):
    return Door(database)


class Door:
    """Tries to sign in, the way the sign-in does: count first, in a transaction of its own; forgive on success."""

    def __init__(self, database):
        self.database = database
        self.guard = SignInGuard(KEY)
        self.now = NOW

    def fails(self, account="li", address=HALL, *, device=None, issue=1):
        with self.database.transaction() as session:
            self.guard.admit(session, Try(account, issue, address, device), now=self.now)

    def enters(self, account="li", address=HALL, *, device=None, issue=1):
        self.fails(account, address, device=device, issue=issue)
        with self.database.transaction() as session:
            self.guard.forgive(session, Try(account, issue, address, device), now=self.now)

    def is_closed(self, account="li", address=HALL, *, device=None, issue=1):
        try:
            with self.database.transaction() as session:
                self.guard.admit(session, Try(account, issue, address, device), now=self.now)
                session.rollback()
        except TooMany as refusal:
            return refusal.params["seconds"]
        return False

    def waits(self, **duration):
        self.now += timedelta(**duration)


def test_five_failures_close_the_door_for_five_minutes_then_ten_then_fifteen(door):
    for minutes in (5, 10, 15, 15):
        for _ in range(5):
            assert not door.is_closed()
            door.fails()
        assert door.is_closed() == minutes * 60
        door.waits(minutes=minutes, seconds=-1)
        assert door.is_closed() == 1
        door.waits(seconds=1)
    assert not door.is_closed()


def test_trying_while_closed_does_not_keep_it_closed(door):
    for _ in range(5):
        door.fails()
    for _ in range(4):
        door.waits(minutes=1)
        assert door.is_closed()
    door.waits(minutes=1)
    door.enters()


def test_a_quiet_hour_forgets_the_strikes(door):
    for minutes in (5, 10):
        for _ in range(5):
            door.fails()
        door.waits(minutes=minutes)
    door.waits(hours=1)
    for _ in range(5):
        door.fails()
    assert door.is_closed() == 5 * 60


def test_four_failures_in_each_window_do_not_close(door):
    for _ in range(3):
        for _ in range(4):
            door.fails()
        door.waits(minutes=5)
    assert not door.is_closed()


def test_success_takes_the_failures_back(door):
    for _ in range(10):
        for _ in range(4):
            door.fails()
        door.enters()
    with door.database.transaction(reading=True) as session:
        assert session.scalar(select(func.max(Throttle.count))) == 40  # the shared counters keep failures alone


def test_a_stranger_elsewhere_locks_nobody_out(door):
    for _ in range(12):
        while not door.is_closed(address=FAR):
            door.fails(address=FAR)
        door.waits(minutes=5)
        door.enters(address=HOME)


def test_a_neighbour_behind_the_same_address_does_not_lock_a_known_browser_out(door):
    for _ in range(5):
        door.fails(address=HALL)
    assert door.is_closed(address=HALL)
    door.enters(address=HALL, device="mine")


def test_a_new_check_in_code_starts_at_zero(door):
    for _ in range(5):
        door.fails(issue=1)
    assert door.is_closed(issue=1)
    door.enters(issue=2)


def test_many_sources_together_do_not_guess_without_end_and_the_own_browser_stays_welcome(door):
    admitted = 0
    for source in range(60):
        for _ in range(5):
            if not door.is_closed(address=f"198.51.100.{source}"):
                door.fails(address=f"198.51.100.{source}")
                admitted += 1
    assert admitted == 100
    door.enters(device="mine")
    door.waits(hours=1)
    door.enters(address=HOME)


def test_a_whole_hall_signs_in_behind_one_address_with_its_typing_mistakes(door):
    for candidate in range(120):
        for _ in range(candidate % 3):
            door.fails(account=f"candidate {candidate}")
        door.enters(account=f"candidate {candidate}")


def test_an_address_over_its_limit_is_narrowed_and_never_closed(door, monkeypatch):
    monkeypatch.setattr(throttle, "SOURCE", Limit(count=20, window=timedelta(minutes=5)))
    for victim in range(4):
        for _ in range(5):
            door.fails(account=f"victim {victim}")
    door.enters(account="li")  # a right password gets in
    door.fails(account="wang")
    assert door.is_closed(account="wang")  # a second guess from there does not
    door.enters(account="wang", address=HOME)
    door.waits(minutes=5)
    door.enters(account="wang")


def test_a_device_mark_is_good_for_its_account_alone():
    mark = throttle.device_mark(KEY, account="Li", device="d1")
    assert throttle.read_device_mark(KEY, mark, account="ｌｉ") == "d1"
    assert throttle.read_device_mark(KEY, mark, account="wang") is None
    assert throttle.read_device_mark(b"x" * 32, mark, account="li") is None
    for forged in ("", "d1", "d1.", "d2" + mark[2:], mark + "0", ".", "\ud800.\ud800", "令.牌"):
        assert throttle.read_device_mark(KEY, forged, account="li") is None


def test_one_account_is_one_however_it_is_typed(door):
    for typed in ("Li", " li", "ＬＩ", "lI ", "li"):
        door.fails(account=typed)
    assert door.is_closed(account="LI")


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("10.1.1.1", "10.1.1.1"),
        ("::ffff:10.1.1.1", "10.1.1.1"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_source_is_one_subscriber(address, source):
    assert throttle.source_of(address) == source


def test_a_plain_limit_counts_in_fixed_windows(database):
    limit = Limit(count=3, window=timedelta(minutes=1))

    def use(seconds):
        with database.transaction() as session:
            throttle.admit(session, "export 7", now=NOW + timedelta(seconds=seconds), limit=limit)

    for seconds in (0, 1, 2):
        use(seconds)
    with pytest.raises(TooMany) as refusal:
        use(20)
    assert refusal.value.params["seconds"] == 40
    use(60)


def test_tries_sent_at_once_do_not_slip_under_the_limit(door):
    outcomes = []
    together = threading.Barrier(12)

    def guess():
        together.wait(timeout=10)
        try:
            door.fails()
            outcomes.append("admitted")
        except TooMany:
            outcomes.append("refused")

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["admitted"] * 5 + ["refused"] * 7


def test_different_accounts_behind_one_address_never_deadlock(door):
    failures = []

    def candidate(number):
        try:
            for _ in range(5):
                door.enters(account=f"candidate {number}")
        except Exception as failure:  # noqa: BLE001 - reported below, whatever it is
            failures.append(failure)

    threads = [threading.Thread(target=candidate, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_rows_tell_neither_who_nor_from_where_and_are_swept(door):
    door.fails(account="zhangwei", address=FAR)
    with door.database.transaction(reading=True) as session:
        stored = repr([(row.key, row.count) for row in session.scalars(select(Throttle))])
    assert "zhangwei" not in stored
    assert FAR not in stored
    with door.database.transaction() as session:
        assert throttle.sweep(session, now=NOW + timedelta(hours=23)) == 0
        assert throttle.sweep(session, now=NOW + timedelta(hours=25)) == 3


@pytest.mark.parametrize(
    ("seconds", "zh", "en"), [(1, "1 秒", "1 seconds"), (121, "3 分钟", "3 minutes"), (3600, "60 分钟", "60 minutes")]
)
def test_a_long_wait_is_said_in_minutes(seconds, zh, en):
    refusal = TooMany(seconds=seconds)
    assert f"请在 {zh}后再试" in refusal.sentence("zh")
    assert f"again in {en}." in refusal.sentence("en")
    assert refusal.params["seconds"] == seconds  # what Retry-After says
