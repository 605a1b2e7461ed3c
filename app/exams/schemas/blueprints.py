"""What goes into and comes out of blueprints."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.exams.rules import (
    BlueprintAction,
    BlueprintState,
)
from app.shapes import Given, Key, Line, OptionalLine, Shown
from question_bank.items import Difficulty, ItemType, Level
from question_bank.scoring import ScoringRule


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
    cells: Annotated[list[CellGiven], Field(max_length=100, default_factory=list)]
    fixed: Annotated[list[FixedGiven], Field(max_length=500, default_factory=list)]
    minima: Annotated[list[MinimumGiven], Field(max_length=20, default_factory=list)]


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
