"""What the desk of authoring takes and shows."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from app.authoring.assignment_schemas import AssignmentShown, ReviewerShown
from app.authoring.content_schemas import ContentShown
from app.authoring.reading import Decision, Duplicates, Fate
from app.authoring.rules import MOST_AT_ONCE, Confidentiality, ImportState, ItemState
from app.authoring.rules.assigning import Whose
from app.authoring.thread_schemas import ThreadShown
from app.security.permissions import Capability
from app.shapes import Given, Key, OptionalLine, OptionalProse, Prose, Shown
from question_bank.items import Difficulty, ItemType, Level
from question_bank.kinds.limits import LONGEST_STEM
from question_bank.statistics.calibration import CalibrationMethod

# Which characters content may hold is judged by question_bank, which knows that content is kept as it was typed.
Content = Annotated[str, StringConstraints(max_length=LONGEST_STEM)]
OptionText = Annotated[str, StringConstraints(max_length=4000)]


class ClassGiven(Given):
    """The confidentiality that an item is to have."""

    confidentiality: Confidentiality


class QuickGiven(Given):
    """What most doubtful items lack."""

    item_type: ItemType
    key: OptionalLine = ""
    topic: Annotated[str, StringConstraints(max_length=1700)] = ""


class ReasonGiven(Given):
    """Why."""

    reason: Prose


class ReviewGiven(Given):
    """A word on the version that was looked at."""

    version_id: Key
    comment: OptionalProse = ""


class ReturnGiven(Given):
    """Why the version goes back to its author."""

    version_id: Key
    comment: Prose


class ReviewsGiven(Given):
    """The versions that are approved together."""

    version_ids: Annotated[list[Key], Field(min_length=1, max_length=MOST_AT_ONCE)]
    comment: OptionalProse = ""


class ImportReviewGiven(Given):
    """Everything of an import that waits, as the reviewer saw it."""

    count: Annotated[int, Field(ge=1, le=1_000_000)]
    newest: Key
    comment: OptionalProse = ""


class ChoicesGiven(Given):
    """What holds for the whole file; a level or difficulty that is left out is that of the file."""

    level: Level | None = None
    difficulty: Difficulty | None = None
    duplicates: Duplicates = Duplicates.KEEP_FIRST


class DecisionGiven(Given):
    """The author's word."""

    decision: Decision


class CommitGiven(Given):
    """How many items the preview said would be brought in, and whether they go to review at once."""

    seen: Annotated[int, Field(ge=0, le=1_000_000)]
    submit: bool = False


class TopicShown(Shown):
    """A topic by its path."""

    id: int
    path: str


class VersionShown(Shown):
    """A version: who wrote it, when and why."""

    id: int
    number: int
    author: str
    at: datetime
    reason: str
    content_hash: str


class ReviewShown(Shown):
    """A second person's word."""

    version: int
    reviewer: str
    approved: bool
    comment: str
    at: datetime


class UsageShown(Shown):
    """An exam that drew a version."""

    exam_id: int
    forms: int
    at: datetime


class ExamFiguresShown(Shown):
    """标定 by one exam, in thousandths; slope and location where the two-parameter model could be fitted."""

    exam_id: int
    number: int
    method: CalibrationMethod
    responses: int
    easiness_permille: int
    standard_error_permille: int
    item_rest: int | None
    slope: int | None
    location: int | None
    at: datetime


class CalibrationShown(Shown):
    """标定 of a version by all exams together. Where it does not suffice the draw goes by the author's difficulty."""

    responses: int
    easiness_permille: int
    standard_error_permille: int
    suffices: bool
    least_responses: int
    most_error_permille: int
    exams: list[ExamFiguresShown]


class ChangeShown(Shown):
    """A field that differs between two versions: its texts as one sequence of ("same" | "out" | "in", text); `words`
    are what those of them mean, in Chinese and English, that stand for something."""

    field: str
    zh: str
    en: str
    words: dict[str, tuple[str, str]]
    marks: list[tuple[str, str]]


class EnemyShown(Shown):
    """An item that this one may not meet."""

    pair_id: int
    item_id: int
    stem_start: str
    reason: str


class ItemShown(Shown):
    """One item, whole. `compared` are the numbers of the two versions whose `changes` are shown."""

    id: int
    bank_id: int
    bank_name: str
    state: ItemState
    version: int
    version_id: int
    content: ContentShown
    versions: list[VersionShown]
    reviews: list[ReviewShown]
    usages: list[UsageShown]
    calibration: CalibrationShown | None
    """Of the newest version; None before an exam has shown anything."""
    compared: tuple[int, int] | None
    changes: list[ChangeShown]
    own: bool
    import_id: int | None
    forms_seen: int
    last_seen_at: datetime | None
    stale_from: date | None
    confidentiality: Confidentiality
    enemies: list[EnemyShown]
    threads: list[ThreadShown]
    assignment: AssignmentShown | None
    reviewers: list[ReviewerShown]
    """Whom I may ask to review it."""
    may: list[Capability]
    """What I may do in its bank."""


class ImportRowShown(Shown):
    """An import in the list of a bank."""

    id: int
    file_name: str
    state: ImportState
    figures: dict[str, int]
    uploader: str
    uploaded_at: datetime


class UploadShown(Shown):
    """The page on which a file is uploaded."""

    bank_id: int
    bank_name: str
    limit_mb: int
    imports: list[ImportRowShown]


class NoteShown(Shown):
    """One thing that must be known of the file."""

    zh: str
    en: str
    place_zh: str
    place_en: str


class TwinShown(Shown):
    """An item with the same stem: at a position of the file (from 1), or in the bank."""

    position: int | None
    item_id: int | None
    content: ContentShown
    fate: Fate | None
    decision: Decision


class EntryShown(Shown):
    """An item of the file. `position` counts from 1; `twins` are items with its stem, itself aside, eight in the file
    and eight in the bank at most; `near` those that say almost the same, three at most."""

    position: int
    content: ContentShown
    key: str
    place_zh: str
    place_en: str
    notes: list[NoteShown]
    decision: Decision
    fate: Fate
    mended: bool
    valid: bool
    twins: list[TwinShown]
    near: list[TwinShown]


class ImportJobShown(Shown):
    """The job that is at an import, or the sentence with which the last one ended; `seconds_left` where it can tell."""

    living: bool
    done: int
    total: int
    zh: str
    en: str
    seconds_left: int | None


class ImportShown(Shown):
    """An import before or after its commit; `entries` is one page of those that `show` narrows to. Of `refused` and
    `lost` these are the first 200, of `topics` the first 500; `figures` counts them all. `bank_changed`: the bank is
    another since the items were weighed; `compared`: whether near duplicates
    have been looked for; so many items have any."""

    id: int
    bank_id: int
    bank_name: str
    file_name: str
    state: ImportState
    format: str
    own: bool
    uploader: str
    uploaded_at: datetime
    figures: dict[str, int]
    fates: dict[Fate, int]
    topics: dict[str, int]
    duplicate_groups: int
    identical_groups: int
    level: Level | None
    difficulty: Difficulty | None
    duplicates: Duplicates
    show: str
    entries: list[EntryShown]
    next_after: int | None
    refused: list[NoteShown]
    lost: list[NoteShown]
    bank_changed: bool
    compared: bool
    near_count: int
    job: ImportJobShown | None


class WaitingShown(Shown):
    """An item that waits for review."""

    id: int
    version_id: int
    bank_id: int
    content: ContentShown
    author: str
    import_id: int | None
    assignment: AssignmentShown | None


class GroupShown(Shown):
    """What waits of one import, or of items written by hand."""

    import_id: int | None
    file_name: str
    count: int
    newest: int


class QueueShown(Shown):
    """The reviewer's queue: `assigned` says whose, `sizes` how many there are of each."""

    assigned: Whose
    sizes: dict[Whose, int]
    total: int
    groups: list[GroupShown]
    import_id: int
    items: list[WaitingShown]
    next_after: int | None


class ImportDone(Shown):
    """The outcome of an act on an import: how many items it touched, or the position of the one."""

    id: int
    items: int
    show: str = "all"
