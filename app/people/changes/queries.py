"""Changes of the register, as they are read."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.database import find_one, locked
from app.people.changes.rules import ChangeState
from app.people.models import RegisterChange, Unit
from app.people.queries import ids_within, within
from app.security.actor import Actor
from app.security.permissions import Capability


def visible(actor: Actor) -> Select[RegisterChange]:
    """The changes this actor may see: those filed from a unit within the scopes of "read changes", and those of
    persons who are in one now."""
    scopes = actor.scopes(Capability.CHANGE_READ)
    filed_here = RegisterChange.unit_id.in_(select(Unit.id).where(within(scopes)))
    return select(RegisterChange).where(filed_here | RegisterChange.person_id.in_(ids_within(scopes)))


def find_change(db: Session, actor: Actor, change_id: int, *, by: Capability) -> RegisterChange:
    """One change that was filed from a unit within the scopes of this capability, its row held. Raises NotFound."""
    return find_one(db, locked(_filed_within(actor, by).where(RegisterChange.id == change_id)))


def _filed_within(actor: Actor, by: Capability) -> Select[RegisterChange]:
    return select(RegisterChange).where(RegisterChange.unit_id.in_(select(Unit.id).where(within(actor.scopes(by)))))


def list_changes(
    db: Session, actor: Actor, *, state: ChangeState | None, before: int, limit: int
) -> Sequence[RegisterChange]:
    """Visible changes in this state (None: any), the newest first; with `before` only those older than that id."""
    query = visible(actor).order_by(RegisterChange.id.desc()).limit(limit)
    if state:
        query = query.where(RegisterChange.state == state)
    if before:
        query = query.where(RegisterChange.id < before)
    return db.scalars(query).all()


def changes_of_person(db: Session, actor: Actor, person_id: int) -> Sequence[RegisterChange]:
    """The visible changes of a person, the newest first."""
    query = visible(actor).where(RegisterChange.person_id == person_id)
    return db.scalars(query.order_by(RegisterChange.id.desc())).all()


def changes_of_unit(db: Session, actor: Actor, unit_id: int) -> Sequence[RegisterChange]:
    """The visible changes of a unit's own row, the newest first."""
    query = visible(actor).where(RegisterChange.unit_id == unit_id, RegisterChange.person_id.is_(None))
    return db.scalars(query.order_by(RegisterChange.id.desc())).all()


def count_filed(db: Session, actor: Actor) -> int:
    """How many changes wait to be confirmed by this actor or another confirmer."""
    filed = _filed_within(actor, Capability.CHANGE_CONFIRM).where(RegisterChange.state == ChangeState.FILED).subquery()
    return db.execute(select(func.count()).select_from(filed)).scalar_one()


def number_waits(db: Session, index: str) -> bool:
    """Whether a filing that waits brings the ID number with this keyed index."""
    return db.scalar(select(RegisterChange.id).where(RegisterChange.number_index == index)) is not None


def find_unit(db: Session, actor: Actor, unit_id: int, *, by: Capability) -> Unit:
    """A unit within the scopes of this capability. Raises NotFound."""
    return find_one(db, select(Unit).where(Unit.id == unit_id, within(actor.scopes(by))))


def lock_unit(db: Session, unit_id: int) -> Unit:
    """A unit, its row held."""
    return find_one(db, locked(select(Unit).where(Unit.id == unit_id)))
