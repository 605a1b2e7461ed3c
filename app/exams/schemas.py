"""What goes into and comes out of exams."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.exams.eligibility import EligibilityRule
from app.exams.rules import (
    BlueprintAction,
    BlueprintState,
    ExamAction,
    ExamState,
    ListState,
    Phase,
    RegistrationAction,
    RegistrationState,
    RowOutcome,
)
from app.shapes import Given, Key, Line, Moment, OptionalLine, Prose, Shown
from question_bank.items import Difficulty, ItemType, Level
from question_bank.scoring import ScoringRule

Minutes = Annotated[int, Field(ge=0, le=600)]


class CellGiven(Given):
    """A row of a blueprint. An empty section is that of the row above; an empty topic is any; points as typed."""

    section: OptionalLine = ""
    topic: OptionalLine = ""
    item_type: ItemType
    difficulty: Difficulty | None = None
    count: Annotated[int, Field(ge=1, le=500)]
    points: Line


class FixedGiven(Given):
    """An item that stands in every form: the section, the number of the item in the bank, points as typed."""

    section: Line
    item_id: Key
    points: Line


class MinimumGiven(Given):
    """What a candidate must reach in a section, in points as typed."""

    section: Line
    points: Line


class BlueprintGiven(Given):
    """A blueprint as typed. `scoring` is the rule of multiple choice, `mark` its set mark where it takes one.
    `tolerance` of expected points, in points; `exposure_percent` of the forms that an item may stand in."""

    bank_id: Key
    name: Line
    level: Level
    cut_score: Line
    scoring: ScoringRule = ScoringRule.ALL_OR_NOTHING
    mark: OptionalLine = ""
    duration_minutes: Annotated[int, Field(ge=1, le=600)] | None = None
    tolerance: OptionalLine = ""
    exposure_percent: Annotated[int, Field(ge=1, le=100)] = 100
    rest_days: Annotated[int, Field(ge=0, le=3650)] = 0
    cells: Annotated[list[CellGiven], Field(min_length=1, max_length=100)]
    fixed: Annotated[list[FixedGiven], Field(max_length=100, default_factory=list)]
    minima: Annotated[list[MinimumGiven], Field(max_length=20, default_factory=list)]


class ReasonGiven(Given):
    """Why; kept for good."""

    reason: Prose


class RoomGiven(Given):
    """A room."""

    name: Annotated[Line, Field(max_length=100)]
    capacity: Annotated[int, Field(ge=1, le=5000)]
    remote: bool = False


class ExamGiven(Given):
    """An exam as planned; a moment without a zone is Beijing time."""

    name: Line
    blueprint_id: Key
    registration_opens_at: Moment
    registration_closes_at: Moment
    starts_at: Moment
    ends_at: Moment
    duration_minutes: Annotated[int, Field(ge=1, le=600)]
    late_entry_minutes: Minutes = 30
    earliest_hand_in_minutes: Minutes = 30
    reserve_forms: Annotated[int, Field(ge=0, le=500)] = 10
    rooms: Annotated[list[RoomGiven], Field(max_length=100, default_factory=list)]


class ProctorGiven(Given):
    """The proctor's account."""

    account_id: Key


class PersonGiven(Given):
    """A person by name and ID number."""

    name: Line
    id_number: Line


class LateGiven(PersonGiven):
    """A person who joins after sealing, and why."""

    reason: Prose


class ConfirmGiven(Given):
    """Registrations to confirm, all or none."""

    registration_ids: Annotated[list[Key], Field(max_length=2000, default_factory=list)]


class CommitGiven(Given):
    """Consent to leaving out this many rows: 0 asks for all or nobody."""

    left_out: Annotated[int, Field(ge=0, le=100_000)]


class BankShown(Shown):
    """A bank by its name."""

    id: int
    name: str


class SupplyShown(Shown):
    """How many approved items of each type stand under a topic ("" for all) or below it."""

    topic: str
    counts: dict[ItemType, int]


class SuppliesShown(Shown):
    """What a bank offers at a level."""

    topics: list[SupplyShown]


class RelaxationShown(Shown):
    """What would help a row that falls short, and what it would cost, in both languages."""

    zh: str
    en: str
    short: int


class CellShown(Shown):
    """A row of a blueprint; with what the bank can serve of the `stock` that the row needs, where it was asked."""

    topic: str
    item_type: ItemType
    difficulty: Difficulty | None
    count: int
    points_hundredths: int
    stock: int
    available: int
    served: int
    short: int
    relaxations: list[RelaxationShown]


class FixedShown(Shown):
    """An item that stands in every form."""

    item_id: str
    points_hundredths: int


class SectionShown(Shown):
    """大题."""

    title: str
    scoring_zh: str
    scoring_en: str
    minimum_hundredths: int
    cells: list[CellShown]
    fixed: list[FixedShown]


class FeasibilityShown(Shown):
    """How the rows fare with the bank, in their order."""

    item_count: int
    maximum_hundredths: int
    cells: list[CellShown]
    feasible: bool


class BlueprintListed(Shown):
    """A line of the list of blueprints."""

    id: int
    name: str
    level: Level
    state: BlueprintState
    item_count: int
    maximum_hundredths: int
    cut_score_hundredths: int


class BlueprintsShown(Shown):
    """Every blueprint."""

    blueprints: list[BlueprintListed]
    may_write: bool


class AlertShown(Shown):
    """From that day on the bank cannot serve the blueprint: so many items fall short, in these sections."""

    from_day: date
    short: int
    sections: list[str]


class BlueprintShown(BlueprintListed):
    """One blueprint. `can` is what this person may do with it now."""

    alerts: list[AlertShown]

    bank_name: str
    duration_minutes: int | None
    tolerance_hundredths: int
    exposure_permille: int
    rest_days: int
    sections: list[SectionShown]
    feasible: bool
    refusal_zh: str
    refusal_en: str
    remark: str
    created_by: str
    approved_by: str | None
    approved_at: datetime | None
    can: list[BlueprintAction]


class BlueprintFormShown(Shown):
    """What the form of a blueprint needs: the banks, and what the chosen one offers."""

    id: int | None
    banks: list[BankShown]
    topics: list[SupplyShown]
    values: dict[str, str]
    """The fields as they stand: name, bank_id, level, cut_score, scoring, mark, cells.0.section and so on."""


class ChoiceShown(Shown):
    """Something to choose."""

    id: int
    name: str


class ExamListed(Shown):
    """A line of the list of exams."""

    id: int
    name: str
    level: Level
    state: ExamState
    phase: Phase | None
    registration_opens_at: datetime
    registration_closes_at: datetime
    starts_at: datetime
    ends_at: datetime


class ExamsShown(Shown):
    """Every exam that this person may see."""

    exams: list[ExamListed]
    may_write: bool


class ProctorShown(Shown):
    """A proctor of a room."""

    account_id: int
    name: str


class RoomShown(Shown):
    """A room; proctors only for who runs the exam."""

    id: int
    name: str
    capacity: int
    remote: bool
    seated: int
    proctors: list[ProctorShown]


class NeedShown(Shown):
    """A line of a checklist."""

    zh: str
    en: str
    met: bool


class SealShown(Shown):
    """What is public of a sealed exam: nothing of it tells a form before the seed is disclosed."""

    draw_version: str

    sealed_at: datetime | None
    seed_commitment: str | None
    pool_hash: str | None
    forms_hash: str | None
    seed_disclosed: str | None
    reserve_left: int | None


class ExamShown(ExamListed):
    """One exam. `can` is what this person may do with it now; checklists, proctors and remark are for officers and
    approvers, empty for units."""

    duration_minutes: int
    late_entry_minutes: int
    earliest_hand_in_minutes: int
    reserve_forms: int
    blueprint_id: int | None
    blueprint_name: str
    item_count: int
    maximum_hundredths: int
    cut_score_hundredths: int
    registered: int
    confirmed: int
    rooms: list[RoomShown]
    checklist: list[NeedShown]
    has_fairness: bool
    seal: SealShown | None
    remark: str
    can: list[ExamAction]
    proctors: list[ChoiceShown]


class BarShown(Shown):
    """A bar of a figure: what it stands for, and how many."""

    low: str
    high: str
    count: int


class CellFairnessShown(Shown):
    """How evenly a row of the blueprint was served; subtopics with the fewest and the most items of a form."""

    section: str
    topic: str
    item_type: ItemType
    difficulty: Difficulty | None
    count: int
    items: int
    least_used: int
    most_used: int
    cap: int
    subtopics: list[tuple[str, int, int]]


class LackShown(Shown):
    """One thing outside its tolerance."""

    place_zh: str
    place_en: str
    excess_zh: str
    excess_en: str


class FairnessShown(Shown):
    """公平性报告 of an exam's forms; of a trial draw while sealing is proposed. Points in hundredths, means of overlap
    in thousandths of an item."""

    exam_id: int
    exam_name: str
    trial: bool
    draw_version: str
    within_tolerance: bool
    forms: int
    items: int
    target_hundredths: int
    tolerance_hundredths: int
    least_hundredths: int
    mean_hundredths: int
    most_hundredths: int
    expected: list[BarShown]
    overlap_mean: int
    overlap_floor: int
    overlap_most: int
    pairs: int
    overlaps: list[BarShown]
    uses: list[BarShown]
    right_places: list[list[BarShown]]
    cells: list[CellFairnessShown]
    lacks: list[LackShown]


class ExamFormShown(Shown):
    """What the form of an exam needs."""

    id: int | None
    blueprints: list[ChoiceShown]
    values: dict[str, str]


class AnswerShown(Shown):
    """The answer of one rule of eligibility."""

    rule: EligibilityRule
    yes: bool
    zh: str
    en: str
    from_day: str | None


class RegistrationListed(Shown):
    """A line of the list of registrations."""

    id: int
    person_name: str
    id_number_masked: str
    unit_name: str
    state: RegistrationState
    eligible: bool
    remark: str
    ticket_number: str | None
    room_name: str | None
    seat: int | None
    registered_at: datetime


class RegistrationsShown(Shown):
    """A page of the registrations of an exam that this person may see."""

    exam_id: int
    exam_name: str
    exam_state: ExamState
    phase: Phase
    registration_closes_at: datetime
    counts: dict[RegistrationState, int]
    rows: list[RegistrationListed]
    state: str
    next_after: int | None
    may_register: bool
    may_confirm: bool


class RegistrationShown(RegistrationListed):
    """One registration with every rule's answer."""

    exam_id: int
    exam_name: str
    answers: list[AnswerShown]
    can: list[RegistrationAction]


class RowShown(Shown):
    """A row of a list, and what would become of it."""

    row: int
    name: str
    masked: str
    outcome: RowOutcome
    zh: str
    en: str


class ListShown(Shown):
    """A list after its dry run: who would be registered, and who would be left out and why."""

    id: int
    exam_id: int
    exam_name: str
    state: ListState
    file_name: str
    good: int
    left_out: int
    rows: list[RowShown]
