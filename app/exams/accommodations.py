"""合理便利: what one person was granted for every exam. Pure: its lifecycle, its limits, how much time it gives."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from app.errors import Conflict, FieldProblem, Invalid
from app.people.calendar import LOCAL

MOST_PERCENT = 100
MOST_MINUTES = 180


class AccommodationState(StrEnum):
    """Where it stands. Only an approved one is applied."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class AccommodationAction(StrEnum):
    """What may be done to one."""

    APPROVE = "approve"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


ACCOMMODATION_TRANSITIONS: dict[tuple[AccommodationState, AccommodationAction], AccommodationState] = {
    (AccommodationState.PROPOSED, AccommodationAction.APPROVE): AccommodationState.APPROVED,
    (AccommodationState.PROPOSED, AccommodationAction.DECLINE): AccommodationState.DECLINED,
    (AccommodationState.APPROVED, AccommodationAction.WITHDRAW): AccommodationState.WITHDRAWN,
}


class AccommodationMoveRefused(Conflict):
    """The state does not allow this."""

    code = "accommodation.move_refused"
    zh = "当前状态不能执行此操作。"
    en = "The present state does not allow this."


class AccommodationStands(Conflict):
    """One approved accommodation per person: two would leave open which counts."""

    code = "accommodation.stands"
    zh = "此人已有批准的合理便利，请先撤销原有的一项。"
    en = "This person has an approved accommodation; please withdraw that one first."


@dataclass(frozen=True)
class Grant:
    """What is granted: extra time as a part of the duration (percent) or as minutes, never both."""

    extra_percent: int = 0
    extra_minutes: int = 0
    large_print: bool = False
    separate_room: bool = False
    near_door: bool = False


def check_grant(grant: Grant, *, first_day: date, last_day: date | None) -> None:
    """Raises Invalid, naming fields, for a grant of nothing, of two kinds of extra time, or of days that end before
    they begin."""
    found = []
    if grant.extra_percent and grant.extra_minutes:
        found.append(
            FieldProblem("extra_minutes", "加时按比例或按分钟，只填一项。", "Give a percentage or minutes, not both.")
        )
    if grant == Grant():
        found.append(FieldProblem("extra_percent", "请至少选择一项便利。", "Please grant at least one thing."))
    if last_day is not None and last_day < first_day:
        found.append(FieldProblem("last_day", "截止日期不早于起始日期。", "The last day is not before the first."))
    if found:
        raise Invalid(*found)


def extra_minutes(percent: int | None, minutes: int | None, *, duration_minutes: int) -> int:
    """The extra time of one exam in whole minutes: a part of the duration is rounded up."""
    return minutes or -(-duration_minutes * (percent or 0) // 100)


def begin_of(day: date) -> datetime:
    """The moment at which a day begins, in local time."""
    return datetime.combine(day, time(), LOCAL)


def end_of(day: date) -> datetime:
    """The moment at which a day is over."""
    return begin_of(day + timedelta(days=1))


def move_accommodation(state: AccommodationState, action: AccommodationAction) -> AccommodationState:
    """The state after `action`; raises AccommodationMoveRefused where the table has no such move."""
    try:
        return ACCOMMODATION_TRANSITIONS[state, action]
    except KeyError:
        raise AccommodationMoveRefused from None
