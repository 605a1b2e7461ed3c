"""What goes into and comes out of training."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from app.people.training.rules import MOST_HOURS, TrainingAction, TrainingKind, TrainingState
from app.shapes import Given, Line, Prose, Shown


class TrainingGiven(Given):
    """Hours of training, to a hundredth of an hour."""

    day: date
    kind: TrainingKind
    hours: Annotated[Decimal, Field(gt=0, le=MOST_HOURS, decimal_places=2)]
    title: Line


class TrainingReasonGiven(Given):
    """Why; kept for good."""

    reason: Prose


class TraineeLine(Shown):
    """A person with their confirmed hours of the last twelve months, and how many records wait."""

    person_id: int
    name: str
    id_number_masked: str
    unit_name: str
    hundredths: int
    waiting: int


class TraineesShown(Shown):
    """A page of persons, and the filters that made it."""

    persons: list[TraineeLine]
    search: str
    waiting: bool
    waiting_in_all: int
    next_after: str | None


class TrainingShown(Shown):
    """One record; `can` is what this person may do with it now."""

    id: int
    day: date
    kind: TrainingKind
    kind_zh: str
    kind_en: str
    hundredths: int
    title: str
    state: TrainingState
    entered_by: str
    entered_at: datetime
    settled_by: str
    remark: str
    can: list[TrainingAction]


class TraineeShown(TraineeLine):
    """One person with every record."""

    today: date
    records: list[TrainingShown]
    kinds: list[tuple[str, str, str]]
    """Value, Chinese, English of every kind that can be entered."""
    may_enter: bool
