"""What is given and shown of practice: mock exams for officers, one's own practice, its review, one's book."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StrictInt, StrictStr, StringConstraints

from app.attempts.sitting_schemas import PaperShown
from app.authoring.asking_schemas import CaseAsked, WordingShown
from app.practice.rules import MockState, PracticeState
from app.shapes import Given, Key, Line, Shown, one_line
from question_bank.items import Level
from question_bank.kinds.short_answer import LONGEST_RESPONSE
from question_bank.kinds.written import LONGEST_ENTRY

_EXACT = 2**53 - 1


class MockGiven(Given):
    """A mock exam to be opened."""

    name: Line
    blueprint_id: Key
    duration_minutes: Annotated[int, Field(ge=1, le=600)] = 60


class BlueprintChoice(Shown):
    """An approved blueprint over a practice bank."""

    id: int
    name: str


class MockShown(Shown):
    """A mock exam; points in hundredths."""

    id: int
    name: str
    level: Level
    item_count: int
    maximum_hundredths: int
    cut_score_hundredths: int
    duration_minutes: int
    state: MockState
    opened_at: datetime
    closed_at: datetime | None


class MocksShown(Shown):
    """The mock exams, the newest first, and what another may be opened with."""

    mocks: list[MockShown]
    blueprints: list[BlueprintChoice]
    may_write: bool


class RunShown(Shown):
    """One of my practice attempts; `mock_exam_id` and name are empty where it is made of my wrong answers."""

    id: int
    mock_exam_id: int | None
    name: str
    state: PracticeState
    started_at: datetime
    deadline_at: datetime
    closed_at: datetime | None
    total: int | None
    maximum: int


class ProgressShown(Shown):
    """What I have practised of a topic: items responded, and right ones among them."""

    topic: str
    responded: int
    right: int


class PracticeShown(Shown):
    """My practice: what I may begin, what I am at, what I have done, how far I am."""

    mocks: list[MockShown]
    running: RunShown | None
    ended: list[RunShown]
    wrong: int
    progress: list[ProgressShown]


class BegunShown(Shown):
    """The practice attempt that has begun, or goes on."""

    id: int


class ChangeGiven(Given):
    """One response of one position; `revision` counts up per position on the page. `epoch` is what the page of an exam
    says as well; in practice it is 1."""

    position: Annotated[StrictInt, Field(ge=1, le=1000)]
    revision: Annotated[StrictInt, Field(ge=1, le=_EXACT)]
    response: (
        Annotated[
            list[
                Annotated[StrictInt, Field(ge=0, le=1000)]
                | Annotated[StrictStr, Field(max_length=LONGEST_ENTRY)]
                | None
            ],
            Field(max_length=100),
        ]
        | Annotated[StrictStr, Field(max_length=LONGEST_RESPONSE)]
    )
    epoch: Annotated[StrictInt, Field(ge=1, le=1)] = 1


class SavesGiven(Given):
    """1 to 50 changes, kept all or not at all."""

    changes: Annotated[list[ChangeGiven], Field(min_length=1, max_length=50)]


class ResultShown(Shown):
    """What became of one change. `receipt` names what is stored; unlike that of an exam it proves nothing."""

    position: int
    revision: int
    status: str
    newest: int
    at: datetime
    receipt: str


class SavedShown(Shown):
    """The word that the changes are on disk."""

    now: datetime
    deadline_at: datetime
    results: list[ResultShown]


class TimeShown(Shown):
    """The server's time, and how the practice attempt stands, as the page of an exam asks for it."""

    now: datetime
    deadline_at: datetime
    state: PracticeState
    epoch: int
    writing: bool
    paused: bool


class HandInGiven(Given):
    """What the page of an exam sends with a hand-in; in practice the epoch is 1."""

    epoch: Annotated[StrictInt, Field(ge=1, le=1)] = 1


class EndedShown(Shown):
    """The end of a practice attempt."""

    id: int
    state: PracticeState
    closed_at: datetime


class ReviewOption(Shown):
    """An option as it was displayed, whether it was chosen and whether it is right."""

    key: str
    text: str
    chosen: bool
    right: bool


class ReviewItem(Shown):
    """An item after the end: what was responded, the key, why, and what it rests on. Points in hundredths."""

    number: int
    type_name: WordingShown
    stem: str
    case: CaseAsked | None
    options: list[ReviewOption]
    premises: list[str]
    responded: bool
    right: bool
    response: WordingShown
    key: WordingShown
    explanation: str
    basis: list[str]
    earned: int
    full: int


class ReviewSection(Shown):
    """大题 after the end."""

    title: str
    items_shown: list[ReviewItem]


class RunPage(Shown):
    """One of my practice attempts: its paper while it runs, the review once it has ended; neither in between."""

    run: RunShown
    now: datetime
    candidate_name: str
    large_print: bool
    paper: PaperShown | None
    review: list[ReviewSection]
    right: int
    cut_score_hundredths: int | None
    """That of the mock exam, empty for one's own wrong answers."""


class WrongShown(Shown):
    """An item of my book."""

    item_id: int
    type_name: WordingShown
    stem: str
    topic: str
    wrong: int
    right_running: int
    wrong_at: datetime
    key_lines: list[str]
    explanation: str
    basis: list[str]


class TopicCount(Shown):
    """How many items of a topic stand in my book."""

    topic: str
    count: int


class BookShown(Shown):
    """My book of wrong answers: of one topic, or all; a page of it."""

    topics: list[TopicCount]
    total: int
    topic: str | None
    rows: list[WrongShown]
    next_after: int | None
    running_id: int | None


class RedoGiven(Given):
    """Which topic to do again; empty for all."""

    topic: Annotated[str, StringConstraints(max_length=500), AfterValidator(one_line)] = ""
