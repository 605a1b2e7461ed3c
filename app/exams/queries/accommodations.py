"""What is read of accommodations: by who may see them all, and by whatever applies them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.database import find_one, locked
from app.exams.accommodations import AccommodationState
from app.exams.models import Accommodation
from app.security.actor import Actor
from app.security.permissions import Capability


def visible(actor: Actor) -> Select[Accommodation]:
    """The accommodations this actor may see: all, for those who may read them."""
    return select(Accommodation).where(true() if actor.may(Capability.ACCOMMODATION_READ) else false())


def list_accommodations(db: Session, actor: Actor) -> Sequence[Accommodation]:
    """Every visible accommodation, the newest first."""
    return db.scalars(visible(actor).order_by(Accommodation.id.desc())).all()


def hold_accommodation(db: Session, actor: Actor, accommodation_id: int) -> Accommodation:
    """One visible accommodation, its row held until the transaction ends. Raises NotFound."""
    query = locked(visible(actor).where(Accommodation.id == accommodation_id))
    return find_one(db, query)


def proposed_accommodations(db: Session) -> Sequence[Accommodation]:
    """Those that wait for an approval."""
    proposed = Accommodation.state == AccommodationState.PROPOSED
    return db.scalars(select(Accommodation).where(proposed).order_by(Accommodation.id)).all()


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
