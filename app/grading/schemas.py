"""What goes into and comes out of grading."""

from datetime import datetime

from app.grading.rules import ReleaseState
from app.shapes import Given, Prose, Shown


class ReasonGiven(Given):
    """Why a proposal is sent back."""

    reason: Prose


class ExamResultsShown(Shown):
    """One line of the list of exams with results."""

    exam_id: int
    name: str
    state: ReleaseState
    scored: int
    absent: int
    released_at: datetime | None


class ResultsListShown(Shown):
    """Exams whose results stand somewhere."""

    exams: list[ExamResultsShown]


class BandShown(Shown):
    """A bar of the distribution; totals in hundredths."""

    least: int
    below: int
    count: int


class ResultShown(Shown):
    """One candidate's result, for officers. While a misconduct case is undecided it is `withheld`; by decision it may
    be `void`, or the attempt `lost` to a technical fault, and then `passed` is False whatever the total."""

    registration_id: int
    ticket_number: str
    name: str
    unit_name: str
    total: int
    counted: int | None
    """What a pass in a make-up after failing counts, where the policy lets it count less than `total`."""
    absent: bool
    passed: bool
    withheld: bool
    void: bool
    lost: bool


class ExamResultShown(Shown):
    """An exam's results as the officer looks at them."""

    exam_id: int
    name: str
    state: ReleaseState
    cut_score: int
    maximum: int
    registered: int
    still_open: int
    scored: int
    absent: int
    withheld: int
    void: int
    lost: int
    """Attempts lost to technical faults; they are in no other figure."""
    faults_undecided: int
    """Reports of technical faults that the release waits for."""
    passed: int
    """Of those whose results count."""
    mean: int | None
    """Mean of those present, in hundredths, rounded half up."""
    highest: int | None
    lowest: int | None
    bands: list[BandShown]
    results: list[ResultShown]
    proposed_at: datetime | None
    released_at: datetime | None
    proposed_by_me: bool
