from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.people.calendar import (
    LAST_DAY,
    CalendarDay,
    DateOutOfCalendar,
    WorkCalendar,
    end_of_local_day,
    hours_text,
    local_date,
    statutory,
)

DAYS = statutory((2026, 2027))
CALENDAR = WorkCalendar({day.day: day.workday for day in DAYS})


@pytest.mark.parametrize(
    ("day", "workday"),
    [
        ("2026-01-01", False),  # New Year
        ("2026-01-04", True),  # Sunday, make-up
        ("2026-01-05", True),
        ("2026-02-14", True),  # Saturday, make-up for Spring Festival
        ("2026-02-16", False),
        ("2026-02-23", False),
        ("2026-02-24", True),
        ("2026-02-28", True),  # Saturday, make-up
        ("2026-04-06", False),
        ("2026-05-05", False),
        ("2026-05-09", True),  # Saturday, make-up for Labour Day
        ("2026-06-19", False),
        ("2026-09-20", True),  # Sunday, make-up for National Day
        ("2026-09-25", False),  # Mid-Autumn
        ("2026-09-30", True),
        ("2026-10-01", False),
        ("2026-10-04", False),
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-10-10", True),  # Saturday, make-up for National Day
        ("2026-10-11", False),
        ("2026-07-18", False),  # an ordinary Saturday
        ("2027-10-01", False),
        ("2027-10-09", False),  # no make-up workday is known for 2027
        ("2031-01-01", True),  # a year without a table: the days of the week, never a failure
    ],
)
def test_the_announced_days_of_2026(day, workday):
    assert CALENDAR.is_workday(date.fromisoformat(day)) is workday


def test_six_weekend_workdays_of_2026():
    made_up = [d.day.isoformat() for d in DAYS if d.workday]
    assert made_up == ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
    assert next(d for d in DAYS if d.day == date(2026, 10, 1)) == CalendarDay(date(2026, 10, 1), False, "国庆节")
    assert {d.day.year for d in DAYS} == {2026, 2027}
    assert list(DAYS) == sorted(DAYS, key=lambda d: d.day)


def test_year_across_new_year_keeps_the_days_that_the_next_announcement_moved():
    days = {d.day for d in statutory((2011,)) if d.workday}
    assert date(2011, 12, 31) in days


@pytest.mark.parametrize(
    ("day", "count", "last"),
    [
        ("2026-03-02", 1, "2026-03-03"),
        ("2026-03-06", 1, "2026-03-09"),  # Friday to Monday
        ("2026-03-07", 1, "2026-03-09"),  # from a Saturday
        ("2026-09-18", 5, "2026-09-24"),  # over the Sunday that is worked
        ("2026-09-28", 5, "2026-10-10"),  # over National Day, ending on the Saturday that is worked
        ("2026-09-21", 15, "2026-10-19"),  # the filing of a personnel change
        ("2026-02-11", 5, "2026-02-25"),
        ("2025-12-31", 1, "2026-01-04"),
        ("2026-12-31", 1, "2027-01-04"),
    ],
)
def test_term_ends_on_the_nth_working_day_after(day, count, last):
    begin, end = date.fromisoformat(day), date.fromisoformat(last)
    assert CALENDAR.add_workdays(begin, count) == end
    assert CALENDAR.workdays_between(begin, end) == count


@given(st.dates(date(2025, 6, 1), date(2027, 12, 31)), st.integers(1, 60))
def test_term_is_measured_as_it_was_set(day, count):
    end = CALENDAR.add_workdays(day, count)
    assert CALENDAR.is_workday(end)
    assert CALENDAR.workdays_between(day, end) == count
    assert CALENDAR.workdays_between(day, end - timedelta(days=1)) == count - 1
    assert CALENDAR.workdays_between(end, day) == 0


def test_year_without_weekend_workdays_is_provisional():
    assert not CALENDAR.is_provisional(2026)
    assert CALENDAR.is_provisional(2027)
    assert CALENDAR.is_provisional(2031)
    assert not WorkCalendar({date(2027, 2, 20): True}).is_provisional(2027)
    assert WorkCalendar({date(2027, 2, 22): True}).is_provisional(2027)  # a Monday says nothing


def test_dates_beyond_the_calendar_are_refused_kindly():
    for day in (date.max, LAST_DAY, date(1949, 12, 31), date.min):
        with pytest.raises(DateOutOfCalendar):
            CALENDAR.add_workdays(day, 1)
    with pytest.raises(DateOutOfCalendar):
        CALENDAR.workdays_between(date(2100, 12, 1), date.max)
    with pytest.raises(DateOutOfCalendar):
        end_of_local_day(date.max)
    with pytest.raises(DateOutOfCalendar):
        end_of_local_day(date.min)


@pytest.mark.parametrize("count", [0, -1])
def test_term_of_no_days_is_no_term(count):
    with pytest.raises(ValueError, match="at least one"):
        CALENDAR.add_workdays(date(2026, 3, 2), count)


def test_day_in_china_begins_at_sixteen_hours_utc():
    assert local_date(datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC)) == date(2026, 3, 1)
    assert local_date(datetime(2026, 3, 1, 16, 0, tzinfo=UTC)) == date(2026, 3, 2)
    assert local_date(datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=-8)))) == date(2026, 3, 2)
    with pytest.raises(ValueError, match="time zone"):
        local_date(datetime(2026, 3, 1))  # noqa: DTZ001 - the naive moment is what is refused


def test_day_ends_where_the_next_begins():
    end = end_of_local_day(date(2026, 3, 1))
    assert end == datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
    assert end.tzinfo is UTC
    assert local_date(end) == date(2026, 3, 2)
    assert local_date(end - timedelta(microseconds=1)) == date(2026, 3, 1)


def test_hours_past_midnight_name_the_day_on_which_they_end():
    begin = datetime(2026, 12, 31, 15, 30, tzinfo=UTC)  # 23:30 in China
    assert hours_text(begin - timedelta(hours=2), begin) == "21:30—23:30"
    assert hours_text(begin, begin + timedelta(hours=2)) == "23:30—1月1日 01:30"
