"""指派审题: on the page of an item."""

from app.authoring.assignment_schemas import AssignGiven, TakeOverGiven
from app.authoring.pages.front import desk
from app.authoring.pages.items import show_item
from app.authoring.service import assigning
from app.operation import Operation
from app.security.permissions import Capability
from app.shapes import Done


@desk.command(
    "/items/{item_id}/assign", Capability.REVIEW_ASSIGN, then="/items/{item_id}", retry=show_item, said="已指派审题员。"
)
def assign_item(op: Operation, *, item_id: int, given: AssignGiven) -> Done:
    """Ask a reviewer to review an item, in place of whoever was asked before."""
    assigning.assign_item(op, item_id=item_id, reviewer_id=given.reviewer_id, due_on=given.due_on)
    return Done(id=item_id)


@desk.command(
    "/items/{item_id}/unassign",
    Capability.REVIEW_ASSIGN,
    then="/items/{item_id}",
    retry=show_item,
    said="指派已收回，任何审题员都可以审。",
)
def take_back(op: Operation, *, item_id: int) -> Done:
    """Let any reviewer review the item again."""
    assigning.take_back(op, item_id=item_id)
    return Done(id=item_id)


@desk.command(
    "/items/{item_id}/take-over",
    Capability.ITEM_REVIEW,
    then="/items/{item_id}",
    retry=show_item,
    said="已接手，可以审题。",
)
def take_over(op: Operation, *, item_id: int, given: TakeOverGiven) -> Done:
    """Review what another was asked to, saying why; they are told."""
    assigning.take_over(op, item_id=item_id, reason=given.take_over_reason)
    return Done(id=item_id)
