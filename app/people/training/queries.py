"""Records of training, as they are read."""

from collections import Counter
from collections.abc import Collection, Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.database import find_one, locked
from app.people.models import TrainingRecord
from app.people.queries import ids_within
from app.people.training.rules import TrainingState
from app.security.actor import Actor
from app.security.permissions import Capability


def visible(actor: Actor, *, by: Capability = Capability.TRAINING_READ) -> Select[TrainingRecord]:
    """The records this actor may see, or do to what `by` says: those of persons within its scopes."""
    return select(TrainingRecord).where(TrainingRecord.person_id.in_(ids_within(actor.scopes(by))))


def find_record(db: Session, actor: Actor, record_id: int, *, person_id: int) -> TrainingRecord:
    """One record of a person that this actor may settle, its row held. Raises NotFound."""
    query = visible(actor, by=Capability.TRAINING_CONFIRM)
    return find_one(db, locked(query.where(TrainingRecord.id == record_id, TrainingRecord.person_id == person_id)))


def records_of(db: Session, actor: Actor, person_id: int) -> Sequence[TrainingRecord]:
    """The visible records of a person, the newest training first."""
    query = visible(actor).where(TrainingRecord.person_id == person_id)
    return db.scalars(query.order_by(TrainingRecord.day.desc(), TrainingRecord.id.desc())).all()


def count_waiting(db: Session, actor: Actor) -> int:
    """How many records wait to be confirmed by this actor or another confirmer."""
    waiting = (
        visible(actor, by=Capability.TRAINING_CONFIRM).where(TrainingRecord.state == TrainingState.ENTERED).subquery()
    )
    return db.execute(select(func.count()).select_from(waiting)).scalar_one()


def waiting_by_person(db: Session, person_ids: Collection[int]) -> Counter[int]:
    """How many records of each of these persons wait to be confirmed."""
    query = (
        select(TrainingRecord.person_id, func.count())
        .where(TrainingRecord.person_id.in_(person_ids), TrainingRecord.state == TrainingState.ENTERED)
        .group_by(TrainingRecord.person_id)
    )
    return Counter({row[0]: row[1] for row in db.execute(query)})


def ids_waiting() -> Select[int]:
    """The ids of the persons who have a record that waits."""
    return select(TrainingRecord.person_id).where(TrainingRecord.state == TrainingState.ENTERED)
