"""What goes into and comes out of rescoring. Points are hundredths."""

from datetime import datetime

from pydantic import Field

from app.grading.rescoring.rules import Policy, RescoringState
from app.grading.rules import ReleaseState
from app.shapes import Given, Key, OptionalLine, Prose, Shown
from question_bank.corrections import Treatment
from question_bank.items import ItemType

MOST_PARTS = 50


class RescoringGiven(Given):
    """A correction to propose; `part` counts from 1, as pages do, and is left out for the whole item."""

    item_version_id: Key
    part: int | None = Field(None, ge=1, le=MOST_PARTS)
    treatment: Treatment
    key: OptionalLine = ""
    policy: Policy = Policy.NOBODY_LOSES
    reason: Prose


class RescoringDeclined(Given):
    """Why it is not to be."""

    reason: Prose


class ItemChoice(Shown):
    """An item of the exam's pool; `reported`: it was decided, on a report, to take it out of scoring."""

    item_version_id: int
    item_id: int
    stem: str
    reported: bool


class ItemSeen(Shown):
    """The item in question or its part, with its key as it was sealed. `choices` are what the letters of a key name,
    where the key does not show it: elements to order, choices to match."""

    item_version_id: int
    item_id: int
    item_type: ItemType
    stem: str
    key_lines: list[str]
    choices: list[str]


class ShiftShown(Shown):
    """One candidate whose result changes, or who is kept from losing (`kept`)."""

    registration_id: int
    ticket_number: str
    name: str
    total_before: int
    maximum_before: int
    passed_before: bool
    total_after: int
    maximum_after: int
    passed_after: bool
    kept: bool


class EffectShown(Shown):
    """What a correction does: how many had the item, whose result changes, who wins and who loses a pass, who is kept
    from losing. `shifts` are those who change or are kept."""

    had: int
    changed: int
    won: int
    lost: int
    kept: int
    shifts: list[ShiftShown]


class DraftShown(Shown):
    """A correction that was tried out, nothing of it kept. `refused_zh` and `refused_en` say why it cannot be
    made; then it has no effect."""

    part: int | None
    treatment: Treatment
    key: str
    policy: Policy
    item: ItemSeen
    refused_zh: str
    refused_en: str
    effect: EffectShown | None


class RescoringLine(Shown):
    """One correction of an exam."""

    id: int
    item_id: int
    part: int | None
    treatment: Treatment
    key: str
    policy: Policy
    reason: str
    state: RescoringState
    proposed_by: str
    proposed_at: datetime
    settled_by: str
    settled_at: datetime | None
    applied_at: datetime | None


class RescoringsShown(Shown):
    """The corrections of an exam, and what one of its items could be tried out on; `items` are empty where this
    person proposes none, or it is too early."""

    exam_id: int
    exam_name: str
    release: ReleaseState
    rescorings: list[RescoringLine]
    items: list[ItemChoice]
    draft: DraftShown | None


class RescoringShown(RescoringLine):
    """One correction with its item and what it does: reckoned anew while it is proposed, as it was kept since."""

    exam_id: int
    exam_name: str
    release: ReleaseState
    item: ItemSeen
    effect: EffectShown
    may_settle: bool
