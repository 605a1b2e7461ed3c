"""The working calendar as people keep it: filled once from the law, then mended day by day."""

from collections.abc import Iterable
from datetime import date

from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import FieldProblem, Invalid, NotFound
from app.operation import Operation
from app.people import queries
from app.people.calendar import FIRST_DAY, LAST_DAY, statutory
from app.people.models import CalendarEntry


class DayAsItIs(Invalid):
    """The day is what its weekday says already; such an entry would only hide that nobody has looked."""

    code = "calendar.nothing_to_say"
    zh = "该日期本来就是{zh}，无需登记。"
    en = "This day is {en} already; there is nothing to enter."


def fill_calendar(op: Operation, years: Iterable[int]) -> int:
    """Fill the calendar from the statutory days of these years, once: where it holds any day it is left as it is.

    Returns how many days were entered.
    """
    if queries.calendar_entries(op.db, FIRST_DAY, LAST_DAY):
        return 0
    days = statutory(years)
    for special in days:
        op.db.add(CalendarEntry(day=special.day, is_workday=special.workday, name=special.name))
    op.db.flush()
    if days:
        after = {"workday": False, "days": len(days), "until": days[-1].day}
        record(op, AuditAction.CALENDAR_SET, subject=("calendar", "statutory"), after=after)
    return len(days)


def set_day(op: Operation, *, day: date, workday: bool, name: str) -> CalendarEntry:
    """Enter a holiday or a make-up workday, or mend an entry. Raises Invalid outside the calendar, DayAsItIs."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Invalid(FieldProblem("day", "日期应在 1950 年至 2100 年之间。", "The date lies between 1950 and 2100."))
    found = queries.calendar_entry(op.db, day)
    before = {"workday": found.is_workday} if found else None
    if found is None:
        if workday == (day.weekday() < 5):
            zh, en = ("工作日", "a workday") if workday else ("休息日", "free")
            raise DayAsItIs(FieldProblem("day", DayAsItIs.zh.format(zh=zh), DayAsItIs.en.format(en=en)), zh=zh, en=en)
        found = CalendarEntry(day=day, is_workday=workday, name=name)
        op.db.add(found)
    found.is_workday, found.name = workday, name
    op.db.flush()
    after = {"workday": workday}
    record(op, AuditAction.CALENDAR_SET, subject=("calendar", day.isoformat()), before=before, after=after)
    return found


def clear_day(op: Operation, *, day: date) -> None:
    """Take an entry away: the day is again what its weekday says. Raises NotFound."""
    found = queries.calendar_entry(op.db, day)
    if found is None:
        raise NotFound
    before = {"workday": found.is_workday}
    op.db.delete(found)
    op.db.flush()
    record(op, AuditAction.CALENDAR_CLEAR, subject=("calendar", day.isoformat()), before=before)
