"""What the assignment of reviews takes and shows."""

from datetime import date, datetime

from app.shapes import Given, Key, Prose, Shown


class AssignGiven(Given):
    """The account that is asked to review, and by when, if there is such a day."""

    reviewer_id: Key
    due_on: date | None = None


class TakeOverGiven(Given):
    """Why somebody else reviews it."""

    take_over_reason: Prose


class AssignmentShown(Shown):
    """Who is asked to review an item, by whom and until when. `mine`: it is me."""

    reviewer_id: int
    reviewer: str
    assigned_by: str
    assigned_at: datetime
    due_on: date | None
    late: bool
    mine: bool


class ReviewerShown(Shown):
    """Somebody who may be asked to review: how many items they have to review already."""

    account_id: int
    name: str
    load: int
