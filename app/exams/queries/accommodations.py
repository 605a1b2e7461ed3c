"""What is read of accommodations: by who may see them all, and by whatever applies them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.database import find_one, locked
from app.exams.accommodations import AccommodationState
from app.exams.models import Accommodation
from app.people.queries import ids_within
from app.security.actor import Actor
from app.security.permissions import Capability


def visible(actor: Actor, *, by: Capability = Capability.ACCOMMODATION_READ) -> Select[Accommodation]:
    """The accommodations this actor may see, or do to what `by` says: those of persons within its scopes."""
    return select(Accommodation).where(Accommodation.person_id.in_(ids_within(actor.scopes(by))))


def list_accommodations(db: Session, actor: Actor) -> Sequence[Accommodation]:
    """Every visible accommodation, the newest first."""
    return db.scalars(visible(actor).order_by(Accommodation.id.desc())).all()


def hold_accommodation(db: Session, actor: Actor, accommodation_id: int) -> Accommodation:
    """One accommodation that this actor may settle, its row held until the transaction ends. Raises NotFound."""
    query = locked(visible(actor, by=Capability.ACCOMMODATION_APPROVE).where(Accommodation.id == accommodation_id))
    return find_one(db, query)


def proposed_accommodations(db: Session, actor: Actor) -> Sequence[Accommodation]:
    """Those that wait for an approval by this actor or another approver."""
    query = visible(actor, by=Capability.ACCOMMODATION_APPROVE)
    return db.scalars(query.where(Accommodation.state == AccommodationState.PROPOSED).order_by(Accommodation.id)).all()


def approved_of(db: Session, person_id: int) -> Accommodation | None:
    """The approved accommodation of a person, whatever its days."""
    approved = Accommodation.state == AccommodationState.APPROVED
    return db.scalars(select(Accommodation).where(Accommodation.person_id == person_id, approved)).one_or_none()


def applies_at(moment: datetime | InstrumentedAttribute[datetime]) -> ColumnElement[bool]:
    """Whether an accommodation counts for a sitting that begins then."""
    return and_(
        Accommodation.state == AccommodationState.APPROVED,
        Accommodation.valid_from <= moment,
        or_(Accommodation.valid_until.is_(None), Accommodation.valid_until > moment),
    )


def accommodations_at(db: Session, person_ids: Collection[int], moment: datetime) -> dict[int, Accommodation]:
    """What counts for these persons at a sitting that begins then, by person."""
    rows = db.scalars(select(Accommodation).where(Accommodation.person_id.in_(person_ids), applies_at(moment)))
    return {row.person_id: row for row in rows}
