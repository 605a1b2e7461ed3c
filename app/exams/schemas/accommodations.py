"""What goes into and comes out of accommodations."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.exams.accommodations import MOST_MINUTES, MOST_PERCENT, AccommodationAction, AccommodationState
from app.shapes import Given, Line, Prose, Shown


class AccommodationGiven(Given):
    """What is proposed for a person, from the first day to the last, both included."""

    name: Line
    id_number: Line
    extra_percent: Annotated[int, Field(ge=0, le=MOST_PERCENT)] = 0
    extra_minutes: Annotated[int, Field(ge=0, le=MOST_MINUTES)] = 0
    large_print: bool = False
    separate_room: bool = False
    near_door: bool = False
    first_day: date
    last_day: date | None = None
    basis: Prose


class AccommodationShown(Shown):
    """One accommodation; `can` is what this person may do with it now."""

    id: int
    person_name: str
    id_number_masked: str
    unit_name: str
    state: AccommodationState
    extra_percent: int
    extra_minutes: int
    large_print: bool
    separate_room: bool
    near_door: bool
    first_day: date
    last_day: date | None
    basis: str
    proposed_by: str
    proposed_at: datetime
    settled_by: str
    settled_at: datetime | None
    can: list[AccommodationAction]


class AccommodationsShown(Shown):
    """Every accommodation, the newest first."""

    accommodations: list[AccommodationShown]
    may_propose: bool
