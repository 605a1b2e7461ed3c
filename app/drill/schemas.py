"""What the desk of drills is given and shows."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from app.drill.rules import MOST_CANDIDATES, MOST_MINUTES, DrillState
from app.shapes import Given, Key, Shown


def _empty_is_none(value: Any) -> Any:
    return None if value == "" else value


_Crowd = Annotated[int, Field(ge=1, le=MOST_CANDIDATES)]


class DrillGiven(Given):
    """Which exam, how many synthetic candidates (empty: as many as it has), and how many minutes from start to bell."""

    exam_id: Key
    candidates: Annotated[_Crowd | None, BeforeValidator(_empty_is_none)] = None
    minutes: Annotated[int, Field(ge=1, le=MOST_MINUTES)] = 3


class ChoiceShown(Shown):
    """An exam that may be rehearsed, with the number of its confirmed candidates."""

    exam_id: int
    name: str
    candidates: int


class DrillLine(Shown):
    """One drill in the list."""

    id: int
    exam_name: str
    state: DrillState
    zh: str
    en: str
    candidates: int
    minutes: int
    asked_at: datetime
    ended_at: datetime | None


class DrillsShown(Shown):
    """The newest drills, and what may be rehearsed."""

    drills: list[DrillLine]
    choices: list[ChoiceShown]
    runs: bool


class FindingShown(Shown):
    """One rule: what was found, what it asks for, each with its unit."""

    rule: str
    zh: str
    en: str
    kept: bool
    found: str
    limit: str


class StepShown(Shown):
    """One step of rising load (saves a second; shares in per cent)."""

    rate: int
    answered: int
    borne: bool
    save_p99: str
    process_percent: int
    machine_percent: int
    fsync_p99: str
    connections_left: int | None


class TableShown(Shown):
    """One table of production: how many rows, and the beginning of its digest before and after."""

    name: str
    rows: int
    before: str
    after: str
    same: bool


class LivingShown(Shown):
    """A table that is left out, and why."""

    name: str
    zh: str
    en: str


class ReportShown(Shown):
    """What a drill that came to its end has found."""

    findings: list[FindingShown]
    saves: int
    refused: int
    first_error: str
    broken: list[str]
    away: int
    swapped: int
    second_page: int
    left_to_bell: int
    capacity: int
    needed: int
    bend_zh: str
    bend_en: str
    steps: list[StepShown]
    front: str
    """The public address that was looked at; empty where there is none beyond this machine."""
    missing: list[str]
    """Headers that it did not give."""
    tables: list[TableShown]
    living: list[LivingShown]


class DrillShown(Shown):
    """One drill: how far it is, or what it has found."""

    id: int
    exam_id: int
    exam_name: str
    state: DrillState
    zh: str
    en: str
    candidates: int
    minutes: int
    asked_by: str
    """Empty where it was asked for at the command line."""
    asked_at: datetime
    ended_at: datetime | None
    done: int
    """Of a hundred, while it is under way."""
    doing_zh: str
    doing_en: str
    reason_zh: str
    reason_en: str
    stops: bool
    """Whether the caller may cancel it now."""
    report: ReportShown | None
