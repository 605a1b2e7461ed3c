"""秘密试题: seen by who made it, who is asked to review it, and who leads the bank; for others it is not there (P21).

Every query that shows something of items has `in_sight` among its conditions. What works for the bank as a whole does
not: counts, the pool and the draw, advice on blueprints, near duplicates (whose page leaves out what may not be seen).
"""

from dataclasses import dataclass

from sqlalchemy import BindParameter, ColumnElement, exists, false, func, literal_column, or_, select
from sqlalchemy.orm import Session

from app.authoring.models import Bank, ItemRow, ItemVersion
from app.authoring.queries import made_item, owned_within, visible_ids
from app.authoring.review_models import ReviewAssignment
from app.authoring.rules import Confidentiality
from app.authoring.rules.assigning import AssignmentState
from app.security.actor import Actor
from app.security.permissions import Capability

# A literal, so that both databases see that the index of the few secret items serves.
SECRET = ItemRow.confidentiality == literal_column("'secret'")


@dataclass(frozen=True)
class Sight:
    """What decides which secret items an actor sees, besides who they are: whether they read banks at all, and in which
    parts of the unit tree they lead them."""

    reads: bool
    leads: tuple[str, ...]


def sight_of(actor: Actor) -> Sight:
    """The actor's sight."""
    return Sight(bool(actor.scopes(Capability.BANK_READ)), actor.scopes(Capability.SECRET_READ))


def needed(sight: Sight, person: int | BindParameter[int] | None) -> ColumnElement[bool]:
    """That this person needs to see the item, were it secret."""
    if not sight.reads:
        return false()
    asked = exists().where(
        ReviewAssignment.item_id == ItemRow.id,
        ReviewAssignment.reviewer_person_id == person,
        ReviewAssignment.state == AssignmentState.OPEN,
    )
    return or_(made_item(person), asked, ItemRow.bank_id.in_(owned_within(sight.leads).with_only_columns(Bank.id)))


def _needed(actor: Actor) -> ColumnElement[bool]:
    return needed(sight_of(actor), actor.person_id)


def open_to(actor: Actor) -> ColumnElement[bool]:
    """That an item is not secret, or the actor needs to see it."""
    return not_secret_or(_needed(actor))


def not_secret_or(wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    """That an item is not secret, or fulfils that condition."""
    return or_(ItemRow.confidentiality != Confidentiality.SECRET, wanted)


def in_sight(
    actor: Actor, capability: Capability = Capability.BANK_READ
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The conditions on items that this actor may see: in a bank where they have the capability, and open to them."""
    return ItemRow.bank_id.in_(visible_ids(actor, capability)), open_to(actor)


def hidden(actor: Actor) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The conditions on items that they are secret and out of the actor's sight."""
    return SECRET, ~_needed(actor)


def hides_picture(db: Session, actor: Actor, bank_id: int, sha256: str) -> bool:
    """Whether a picture of a bank stands in items that are out of the actor's sight, and in no other."""
    holds = exists().where(ItemVersion.item_id == ItemRow.id, ItemVersion.content.contains(sha256, autoescape=True))
    held = select(func.count()).select_from(ItemRow).where(ItemRow.bank_id == bank_id, holds)
    if not db.execute(held.where(*hidden(actor))).scalar_one():
        return False
    # Only then is it worth looking through the whole bank.
    return not db.execute(held.where(open_to(actor))).scalar_one()
