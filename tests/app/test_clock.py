"""One time for all instances: the database's (P9)."""

from datetime import UTC, datetime, timedelta

import pytest

from app.clock import SystemClock
from app.main import make_house
from app.observability.health import CLOCK_OFFSET
from app.web.status import checks_of
from app.wiring import close_house, make_worker, measure_clock
from tests.support.broken_builds import SkewedClock

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("seconds", [-120, 120])
def test_a_machine_whose_clock_is_far_off_says_so_until_it_is_measured(house, seconds):
    own = make_house(house.settings, clock=SkewedClock(seconds))
    try:
        told = next(check for check in checks_of(own) if check.name == "clock")
        assert not told.ok
        assert "时间同步" in told.zh
        assert "time service" in told.en
        make_worker(own).tick_all()  # the worker keeps time by itself: else it would close attempts two minutes early
        assert abs(own.clock.now() - datetime.now(UTC)) < SECOND
        assert next(check for check in checks_of(own) if check.name == "clock").ok
    finally:
        close_house(own)


def test_a_clock_that_is_moved_by_hand_is_left_alone(house):
    before = house.clock.now()
    measure_clock(house)
    assert house.clock.now() == before


def test_a_slow_answer_moves_a_clock_only_where_it_proves_it_wrong(monkeypatch):
    clock = SystemClock()
    moment = [100.0]
    monkeypatch.setattr("app.clock.time.monotonic", lambda: moment[0])
    clock._set(datetime(2026, 11, 23, 1, 0, tzinfo=UTC))

    def ask_for(seconds: float, off: timedelta):
        def ask() -> datetime:
            moment[0] += seconds
            return clock.now() + off

        return ask

    start = clock.now()
    clock.measure(ask_for(8.0, timedelta(0)))  # answered at the end of eight seconds, taken for the middle
    assert clock.now() == start + 8 * SECOND
    assert clock.measure(ask_for(0.01, 3 * SECOND)) > CLOCK_OFFSET
    assert abs(clock.now() - start - 11 * SECOND) < SECOND / 10
