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


def visible(actor: Actor) -> Select[TrainingRecord]:
    """The records this actor may see: those of persons within the scopes of "read training"."""
    among = ids_within(actor.scopes(Capability.TRAINING_READ))
    return select(TrainingRecord).where(TrainingRecord.person_id.in_(among))


def find_record(db: Session, actor: Actor, record_id: int, *, person_id: int) -> TrainingRecord:
    """One record of a person within the scopes of "confirm training", its row held. Raises NotFound."""
    among = ids_within(actor.scopes(Capability.TRAINING_CONFIRM))
    query = select(TrainingRecord).where(
        TrainingRecord.id == record_id, TrainingRecord.person_id == person_id, TrainingRecord.person_id.in_(among)
    )
    return find_one(db, locked(query))


def records_of(db: Session, actor: Actor, person_id: int) -> Sequence[TrainingRecord]:
    """The visible records of a person, the newest training first."""
    query = visible(actor).where(TrainingRecord.person_id == person_id)
    return db.scalars(query.order_by(TrainingRecord.day.desc(), TrainingRecord.id.desc())).all()


def count_waiting(db: Session, actor: Actor) -> int:
    """How many of the visible records wait to be confirmed."""
    waiting = visible(actor).where(TrainingRecord.state == TrainingState.ENTERED).subquery()
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
