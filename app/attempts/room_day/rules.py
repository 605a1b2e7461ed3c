"""Rules of a room's day: when it may be opened, begun and closed, and what its proctor must have checked.

The state of a room is no part of any attempt: the clock that counts is that of the sitting, and no proctor who is late
costs a candidate a second. What the room's state holds is the door: without it nobody is given a code (decision 0026).
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from app.errors import Conflict, FieldProblem, Invalid
from app.people.calendar import LOCAL

OPENS_BEFORE = timedelta(hours=2)
"""How long before the start a room may be opened: long enough to see to its machines."""
LOUD_BEFORE = timedelta(minutes=30)
"""From so long before the start a room that nobody has opened is shown in red: candidates stand before its door."""


class RoomState(StrEnum):
    """Where the day of a room stands; before it is opened there is no row."""

    OPENED = "opened"
    STARTED = "started"
    CLOSED = "closed"


class RoomAction(StrEnum):
    """What its proctor does."""

    OPEN = "open"
    START = "start"
    CLOSE = "close"
    REOPEN = "reopen"


ROOM_TRANSITIONS: dict[tuple[RoomState | None, RoomAction], RoomState] = {
    (None, RoomAction.OPEN): RoomState.OPENED,
    (RoomState.OPENED, RoomAction.START): RoomState.STARTED,
    # Nobody said that it had begun: it is closed all the same, and its record says so.
    (RoomState.OPENED, RoomAction.CLOSE): RoomState.CLOSED,
    (RoomState.STARTED, RoomAction.CLOSE): RoomState.CLOSED,
    (RoomState.CLOSED, RoomAction.REOPEN): RoomState.STARTED,
}


class RoomCheck(StrEnum):
    """What is checked before candidates are let in."""

    INVIGILATORS = "invigilators"
    EQUIPMENT = "equipment"
    SEATS = "seats"


REMOTE_CHECKS = frozenset({RoomCheck.INVIGILATORS, RoomCheck.EQUIPMENT})
"""A remote room has no seats to be made ready."""


class RoomMoved(Conflict):
    """The room's day is not where this could be done."""

    code = "room.moved"
    zh = "考场当前状态不能执行此操作，请刷新后再办理。"
    en = "The room is not where this could be done; please look again."


class RoomNotYet(Conflict):
    """Too early to be opened, or to be said to have begun."""

    code = "room.not_yet"
    zh = "还不到时间，{at} 起可以办理。"
    en = "It is too early; this can be done from {at}."


class RoomOver(Conflict):
    """A room is opened and begun within its window only."""

    code = "room.over"
    zh = "本场考试时间已过，不能再开启考场或宣布开考。"
    en = "The time of this sitting is over: the room can be neither opened nor begun any more."


class RoomNotOpened(Conflict):
    """Nobody is let into a room that its proctor has not opened, or has closed."""

    code = "room.not_opened"
    zh = "考场尚未开启或已经关闭，不能签到和换机。请先在“考场流程”中开启考场。"
    en = "The room has not been opened, or is closed: nobody can check in or change machines. Please open it first."


class RoomNotDone(Conflict):
    """Somebody writes, or may still enter."""

    code = "room.not_done"
    zh = "还有 {count} 名考生在作答、等待收卷或仍可入场，不能关闭考场。"
    en = "{count} candidates still write, wait to be closed or may still enter; the room cannot be closed."


def move_room(state: RoomState | None, action: RoomAction) -> RoomState:
    """The state after `action`; raises RoomMoved where the table has no such move."""
    try:
        return ROOM_TRANSITIONS[state, action]
    except KeyError:
        raise RoomMoved from None


def lets_in(state: RoomState | None) -> bool:
    """Whether codes may be given out."""
    return state in {RoomState.OPENED, RoomState.STARTED}


def check_opening(*, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Refuse to open a room before its time or after its end (`ends_at` with what it stood still). Raises RoomNotYet,
    RoomOver."""
    if now < starts_at - OPENS_BEFORE:
        raise RoomNotYet(at=_when(starts_at - OPENS_BEFORE))
    if now >= ends_at:
        raise RoomOver


def check_beginning(*, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Refuse to say that a room has begun outside of its window. Raises RoomNotYet, RoomOver."""
    if now < starts_at:
        raise RoomNotYet(at=_when(starts_at))
    if now >= ends_at:
        raise RoomOver


def _when(moment: datetime) -> str:
    """With its day, and spelt alike in both languages: somebody may look weeks before."""
    return f"{moment.astimezone(LOCAL):%Y-%m-%d %H:%M}"


def asked_of(*, remote: bool) -> frozenset[RoomCheck]:
    """What must have been checked."""
    return REMOTE_CHECKS if remote else frozenset(RoomCheck)


def check_checked(given: Collection[RoomCheck], *, remote: bool) -> None:
    """Raises Invalid naming `checks` unless all that is asked was checked."""
    if not asked_of(remote=remote) <= set(given):
        raise Invalid(
            FieldProblem("checks", "请逐项检查，全部确认后再开启。", "Please check each of them before the room opens.")
        )


def check_closing(*, unfinished: int) -> None:
    """Raises RoomNotDone while that many seats are unfinished."""
    if unfinished:
        raise RoomNotDone(count=unfinished)


def check_counted(sheets: int, *, expected: int, note: str) -> None:
    """Sheets of paper that were counted differ from those expected only with a word about why. Raises Invalid."""
    if sheets != expected and not note:
        raise Invalid(
            FieldProblem(
                "note",
                f"应收答题卡 {expected} 份，实收 {sheets} 份，请写明原因。",
                f"{expected} sheets were expected and {sheets} counted; please say why.",
            )
        )


def is_loud(state: RoomState | None, *, starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Whether everybody should see that nobody has opened the room."""
    return state is None and starts_at - LOUD_BEFORE <= now < ends_at
