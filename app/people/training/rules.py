"""Rules of training records: their kinds, and how one becomes a fact of standing and ceases to be one."""

from datetime import date
from enum import StrEnum

from app.errors import Conflict, FieldProblem, Forbidden, Invalid

MOST_HOURS = 200
"""Of one record: a course of five weeks."""


class TrainingKind(StrEnum):
    """How it was taught: the six classes (六课) of domain.md, and rotation training."""

    THEORY = "theory"
    SHARING = "sharing"
    EXPERIENCE = "experience"
    ON_SITE = "on_site"
    EXCHANGE = "exchange"
    SKILLS = "skills"
    ROTATION = "rotation"


TRAINING_KIND_WORDS: dict[TrainingKind, tuple[str, str]] = {
    TrainingKind.THEORY: ("理论课", "Theory"),
    TrainingKind.SHARING: ("分享课", "Sharing"),
    TrainingKind.EXPERIENCE: ("体验课", "Experience"),
    TrainingKind.ON_SITE: ("现场课", "On site"),
    TrainingKind.EXCHANGE: ("交流课", "Exchange"),
    TrainingKind.SKILLS: ("技能课", "Skills"),
    TrainingKind.ROTATION: ("集中轮训", "Rotation training"),
}


class TrainingState(StrEnum):
    """Where a record stands. Only a confirmed one counts."""

    ENTERED = "entered"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class TrainingAction(StrEnum):
    """What may be done to one."""

    CONFIRM = "confirm"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


TRAINING_TRANSITIONS: dict[tuple[TrainingState, TrainingAction], TrainingState] = {
    (TrainingState.ENTERED, TrainingAction.CONFIRM): TrainingState.CONFIRMED,
    (TrainingState.ENTERED, TrainingAction.DECLINE): TrainingState.DECLINED,
    # A record that turns out to be wrong counts no more; a right one is entered anew.
    (TrainingState.CONFIRMED, TrainingAction.WITHDRAW): TrainingState.WITHDRAWN,
}


class TrainingMoveRefused(Conflict):
    """The state does not allow this."""

    code = "training.move_refused"
    zh = "这条学时记录已经办理。"
    en = "This record of training has been decided on already."


class SameEnterer(Forbidden):
    """Who enters hours, and whose hours they are, does not confirm them."""

    code = "training.same_person"
    zh = "登记人和本人不能确认自己登记的或自己的学时。"
    en = "Hours are confirmed by somebody else than who entered them and whose they are."


def move_training(state: TrainingState, action: TrainingAction) -> TrainingState:
    """The state after `action`; raises TrainingMoveRefused where the table has no such move."""
    try:
        return TRAINING_TRANSITIONS[state, action]
    except KeyError:
        raise TrainingMoveRefused from None


def check_confirmer(confirmer: int | None, *, entered_by: int, whose: int) -> None:
    """Raises SameEnterer where the natural person who confirms entered the hours, or has had the training."""
    if confirmer in {None, entered_by, whose}:
        raise SameEnterer


def check_day(day: date, *, today: date) -> None:
    """Raises Invalid for a day that is still to come."""
    if day > today:
        raise Invalid(FieldProblem("day", "培训日期不晚于今天。", "Training lies in the past."))
