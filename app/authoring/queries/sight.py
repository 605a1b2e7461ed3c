"""秘密试题: seen by who made it, who is asked to review it, and who leads the bank; for others it is not there (P21).

Every query that shows something of items has `in_sight` among its conditions. What works for the bank as a whole does
not: counts, the pool and the draw, advice on blueprints, near duplicates (whose page leaves out what may not be seen).
"""

from sqlalchemy import ColumnElement, exists, false, func, literal_column, or_, select
from sqlalchemy.orm import Session

from app.authoring.models import ItemInvolvement, ItemRow, ItemVersion
from app.authoring.queries import visible_ids
from app.authoring.review_models import ReviewAssignment
from app.authoring.rules import MADE, Confidentiality
from app.authoring.rules.assigning import AssignmentState
from app.security.actor import Actor
from app.security.permissions import Capability

# A literal, so that both databases see that the index of the few secret items serves.
_SECRET = ItemRow.confidentiality == literal_column("'secret'")


def _needed(actor: Actor) -> ColumnElement[bool]:
    """That the actor needs to see the item, were it secret."""
    if not actor.scopes(Capability.BANK_READ):
        return false()
    made = exists().where(
        ItemInvolvement.item_id == ItemRow.id,
        ItemInvolvement.person_id == actor.person_id,
        ItemInvolvement.involvement.in_(MADE),
    )
    asked = exists().where(
        ReviewAssignment.item_id == ItemRow.id,
        ReviewAssignment.reviewer_person_id == actor.person_id,
        ReviewAssignment.state == AssignmentState.OPEN,
    )
    return or_(made, asked, ItemRow.bank_id.in_(visible_ids(actor, Capability.SECRET_READ)))


def open_to(actor: Actor) -> ColumnElement[bool]:
    """That an item is not secret, or the actor needs to see it."""
    return or_(ItemRow.confidentiality != Confidentiality.SECRET, _needed(actor))


def in_sight(
    actor: Actor, capability: Capability = Capability.BANK_READ
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The conditions on items that this actor may see: in a bank where they have the capability, and open to them."""
    return ItemRow.bank_id.in_(visible_ids(actor, capability)), open_to(actor)


def hidden(actor: Actor) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The conditions on items that they are secret and out of the actor's sight."""
    return _SECRET, ~_needed(actor)


def hides_picture(db: Session, actor: Actor, bank_id: int, sha256: str) -> bool:
    """Whether a picture of a bank stands in items that are out of the actor's sight, and in no other."""
    holds = exists().where(ItemVersion.item_id == ItemRow.id, ItemVersion.content.contains(sha256, autoescape=True))
    held = select(func.count()).select_from(ItemRow).where(ItemRow.bank_id == bank_id, holds)
    if not db.execute(held.where(*hidden(actor))).scalar_one():
        return False
    # Only then is it worth looking through the whole bank.
    return not db.execute(held.where(open_to(actor))).scalar_one()
