"""What waits for whoever keeps the working calendar, and for whoever confirms training and changes."""

from app.operation import Operation, Task
from app.people.calendar import local_date
from app.people.changes.queries import count_filed
from app.people.queries import work_calendar
from app.people.training.queries import count_waiting
from app.security.permissions import Capability

ANNOUNCED_IN_MONTH = 11
"""The State Council announces a year's make-up workdays in the November before it."""


def waiting(op: Operation) -> list[Task]:
    """Years whose make-up workdays should be known by now and are not entered; training and changes to confirm."""
    if op.actor.account_id is None:
        return []
    return [*_for_calendar(op), *_for_confirmer(op), *_for_register(op)]


def _for_confirmer(op: Operation) -> list[Task]:
    if not op.actor.scopes(Capability.TRAINING_CONFIRM):
        return []
    waiting = count_waiting(op.db, op.actor)
    return [Task("条培训学时待确认", "records of training to confirm", waiting, "/training?waiting=true")]


def _for_register(op: Operation) -> list[Task]:
    if not op.actor.scopes(Capability.CHANGE_CONFIRM):
        return []
    filed = count_filed(op.db, op.actor)
    return [Task("条变动备案待确认", "changes of the register to confirm", filed, "/changes?state=filed")]


def _for_calendar(op: Operation) -> list[Task]:
    if not op.may(Capability.CALENDAR_WRITE):
        return []
    today = local_date(op.now)
    calendar = work_calendar(op.db)
    years = [today.year, today.year + 1] if today.month >= ANNOUNCED_IN_MONTH else [today.year]
    return [
        Task(
            f"份工作日历待登记：{year} 年调休安排",
            f"calendar to complete: make-up workdays of {year}",
            1,
            f"/calendar?year={year}",
        )
        for year in years
        if calendar.is_provisional(year)
    ]
