"""Acts on many items at once: each that allows it is done, each that does not is told by name."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.authoring.pages.front import desk
from app.authoring.pages.items import list_own
from app.authoring.queries.items import stems_of
from app.authoring.rules import ItemAction
from app.authoring.service.items import move_together
from app.errors import FieldProblem, Invalid
from app.operation import Operation
from app.security.permissions import Capability
from app.shapes import Given, Key, OptionalProse, Shown

MOST_TOGETHER = 100
"""As many as two pages of a list hold: each is locked, moved and audited by itself."""


class TogetherAct(StrEnum):
    """What may be done to many items at once."""

    SUBMIT = "submit"
    RETIRE = "retire"


class TogetherGiven(Given):
    """The items, and what to do with them; retiring needs a reason."""

    item_ids: Annotated[list[Key], Field(min_length=1, max_length=MOST_TOGETHER)]
    act: TogetherAct
    reason: OptionalProse = ""


class StayedShown(Shown):
    """An item that stays as it is, and why; its stem is empty where the actor may not look into it."""

    id: int
    stem_start: str
    zh: str
    en: str


class TogetherShown(Shown):
    """How many items were dealt with, and those that were not."""

    act: TogetherAct
    done: list[int]
    stayed: list[StayedShown]


@desk.command("/items/together", Capability.ITEM_WRITE, template="authoring/together.html", retry=list_own)
def act_together(op: Operation, *, given: TogetherGiven) -> TogetherShown:
    """Submit or retire the chosen items: each that allows it; the others are named with why they stay."""
    if given.act is TogetherAct.RETIRE and not given.reason:
        raise Invalid(FieldProblem("reason", "请填写停用理由。", "Please say why."))
    action = ItemAction.SUBMIT if given.act is TogetherAct.SUBMIT else ItemAction.RETIRE
    done, refused = move_together(op, item_ids=given.item_ids, action=action, reason=given.reason)
    stems = stems_of(op.db, op.actor, [item_id for item_id, _ in refused])
    return TogetherShown(
        act=given.act,
        done=done,
        stayed=[
            StayedShown(id=item_id, stem_start=stems.get(item_id, ""), zh=error.sentence("zh"), en=error.sentence("en"))
            for item_id, error in refused
        ],
    )
