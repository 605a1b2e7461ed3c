"""What comes out of the seating of an exam."""

from datetime import datetime

from app.exams.rules import ExamAction
from app.exams.schemas import ChoiceShown
from app.shapes import Given, OptionalProse, Shown


class DrawGiven(Given):
    """Why seats are drawn again; empty for the first draw."""

    reason: OptionalProse = ""


class DrawShown(Shown):
    """One draw of seats: what it can be recomputed from, and why it was made."""

    number: int
    version: str
    seed: str
    places_hash: str
    clashes: int
    reason: str
    drawn_by: str
    drawn_at: datetime


class ClashShown(Shown):
    """Two neighbours of one unit whom no draw could keep apart."""

    room_name: str
    one: int
    other: int
    unit_name: str


class SeatShown(Shown):
    """A seat of the plan; empty words where nobody sits. `beside`: a neighbour is of the same unit."""

    number: int
    person_name: str
    unit_name: str
    ticket_number: str
    beside: bool


class RoomSeatsShown(Shown):
    """A room as the list of rooms shows it; `suggested` are proctors who may run it, the least burdened first."""

    id: int
    name: str
    capacity: int
    columns: int
    remote: bool
    separate: bool
    seated: int
    proctors: list[str]
    suggested: list[ChoiceShown]


class SeatingShown(Shown):
    """The seating of an exam. `plan` are the rows of the chosen room, from the lectern; `agrees` is what recomputing
    the newest draw says, None where it was not asked for."""

    exam_id: int
    exam_name: str
    candidates: int
    seated: int
    rooms: list[RoomSeatsShown]
    room_id: int
    plan: list[list[SeatShown]]
    draws: list[DrawShown]
    clashes: list[ClashShown]
    agrees: bool | None
    can: list[ExamAction]
    in_time: bool
