"""Working days of the public holiday calendar, make-up workdays included, and local days in China.

The table of special days is edited by people: the State Council announces a year's make-up workdays in the November
before it. Until then a year knows its statutory days only and is provisional.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.errors import AppError

LOCAL = ZoneInfo("Asia/Shanghai")

FIRST_DAY = date(1950, 1, 1)
LAST_DAY = date(2100, 12, 31)


class DateOutOfCalendar(AppError):
    """A date before 1950 or after 2100: a slip of the pen, for no term of this service runs there."""

    code = "calendar.out_of_range"
    status = 422
    zh = "日期超出工作日历范围（1950 年至 2100 年），请核对。"
    en = "The date lies outside the calendar of working days (1950 to 2100); please check it."


@dataclass(frozen=True)
class CalendarDay:
    """A day that differs from the rule "Monday to Friday": `workday` says which way, `name` why (Chinese)."""

    day: date
    workday: bool
    name: str


class WorkCalendar:
    """Monday to Friday, but for the days in `overrides` (True: a workday, False: free)."""

    def __init__(self, overrides: Mapping[date, bool]) -> None:
        self._overrides = dict(overrides)
        self._announced = {day.year for day, workday in overrides.items() if workday and day.weekday() >= 5}

    def is_workday(self, day: date) -> bool:
        """Whether people work on `day`. Answers for every day, for those of a provisional year as far as known."""
        return self._overrides.get(day, day.weekday() < 5)

    def is_provisional(self, year: int) -> bool:
        """Whether the year's make-up workdays are not known yet: no weekend workday stands in the table."""
        return year not in self._announced

    def add_workdays(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`, which itself does not count (15个工作日内: the last day of a term
        that begins with an event on `day`). `count` is at least 1. Raises DateOutOfCalendar."""
        if count < 1:
            raise ValueError("a term has at least one working day")
        while count:
            day = _next(day)
            count -= self.is_workday(day)
        return day

    def workdays_between(self, day: date, until: date) -> int:
        """Working days after `day` up to and including `until`; 0 where `until` is not after `day`.

        `workdays_between(day, add_workdays(day, n)) == n`. Raises DateOutOfCalendar.
        """
        count = 0
        while day < until:
            day = _next(day)
            count += self.is_workday(day)
        return count


def _next(day: date) -> date:
    if not FIRST_DAY <= day < LAST_DAY:
        raise DateOutOfCalendar
    return day + timedelta(days=1)


def statutory(years: Iterable[int]) -> tuple[CalendarDay, ...]:
    """The special days of `years` that are known to law and to the announcements shipped with the service, in order:
    public holidays that fall on any day of the week, and weekend workdays. It fills the table; people mend it after.
    """
    # Loaded late: needed once, when a table is seeded.
    import holidays

    wanted = set(years)
    known = holidays.country_holidays("CN", years=wanted, language="zh_CN")
    days = {day: CalendarDay(day, workday=False, name=name) for day, name in known.items()}
    # The library lists every weekend workday that an announcement moved across New Year, whatever year was asked for.
    days |= {day: CalendarDay(day, workday=True, name="调休上班") for day in known.weekend_workdays}
    return tuple(days[day] for day in sorted(days) if day.year in wanted)


def day_text(day: date) -> str:
    """A day as papers say it: 2026年11月24日."""
    return f"{day.year}年{day.month}月{day.day}日"


def moment_text(moment: datetime) -> str:
    """An aware moment in China as papers say it: 2026年11月24日 09:05."""
    return f"{day_text(local_date(moment))} {moment.astimezone(LOCAL):%H:%M}"


def hours_text(begin: datetime, end: datetime) -> str:
    """From when till when in China, as papers say it: 09:00—11:00, or 23:30—11月24日 01:30 where it passes midnight."""
    first, last = begin.astimezone(LOCAL), end.astimezone(LOCAL)
    day = "" if first.date() == last.date() else f"{last.month}月{last.day}日 "
    return f"{first:%H:%M}—{day}{last:%H:%M}"


def local_date(moment: datetime) -> date:
    """The day in China at an aware moment. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone has no day")
    return moment.astimezone(LOCAL).date()


def end_of_local_day(day: date) -> datetime:
    """The aware UTC moment at which `day` is over in China: the first one that is not in it. A term that ends with
    the day is open while `now` is before this moment. Raises DateOutOfCalendar."""
    return datetime.combine(_next(day), time.min, tzinfo=LOCAL).astimezone(UTC)
