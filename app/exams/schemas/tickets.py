"""What goes into and comes out of admission tickets."""

from datetime import datetime

from app.shapes import Given, Key, Moment, Shown


class WindowGiven(Given):
    """From when to when tickets are printed; empty: from sealing, until the sitting ends."""

    begins: Moment | None = None
    ends: Moment | None = None


class UnitGiven(Given):
    """The unit whose candidates' tickets are printed."""

    unit_id: Key


class BareShown(Shown):
    """A candidate without a photograph."""

    registration_id: int
    person_name: str


class UnitTicketsShown(Shown):
    """The candidates of one unit: how many, how many hold a printed ticket that stands, how many were printed more
    than once, how many printed ones are void, who lacks a photograph."""

    unit_id: int
    unit_name: str
    candidates: int
    printed: int
    reprinted: int
    void: int
    bare: list[BareShown]


class TicketsShown(Shown):
    """The admission tickets of an exam, unit by unit."""

    exam_id: int
    exam_name: str
    begins: datetime | None
    ends: datetime
    may_print: bool
    may_set: bool
    units: list[UnitTicketsShown]
    values: dict[str, str]


class OwnTicketShown(Shown):
    """One's own admission ticket."""

    exam_id: int
    exam_name: str
    ticket_number: str
    begins: datetime | None
    ends: datetime
    may_print: bool
    has_photo: bool
    prints: int
    void: bool
