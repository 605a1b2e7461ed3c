"""What is read of switches."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, select, true
from sqlalchemy.orm import Session

from app.attempts.models import RoomSwitch
from app.attempts.switches.rules import SwitchState
from app.database import find_one, locked
from app.exams.queries.seats import sittings_with_rooms_of
from app.security.actor import Actor
from app.security.permissions import Capability


def visible(actor: Actor) -> Select[RoomSwitch]:
    """The switches this actor may see: all for who settles them, else those of the sittings whose rooms one sees."""
    if actor.may(Capability.SWITCH_APPROVE):
        return select(RoomSwitch).where(true())
    return select(RoomSwitch).where(RoomSwitch.sitting_id.in_(sittings_with_rooms_of(actor, by=Capability.SWITCH_READ)))


def switches_of(db: Session, actor: Actor, sitting_id: int) -> Sequence[RoomSwitch]:
    """The visible switches of a sitting, the newest first."""
    return db.scalars(visible(actor).where(RoomSwitch.sitting_id == sitting_id).order_by(RoomSwitch.id.desc())).all()


def hold_switch(db: Session, actor: Actor, sitting_id: int, switch_id: int) -> RoomSwitch:
    """One visible switch of a sitting, held until the transaction ends. Raises NotFound."""
    one = RoomSwitch.id == switch_id, RoomSwitch.sitting_id == sitting_id
    query = locked(visible(actor).where(*one))
    return find_one(db, query)


def waiting_switches(db: Session, actor: Actor) -> Sequence[RoomSwitch]:
    """The visible proposals that nobody has settled, the oldest first."""
    return db.scalars(visible(actor).where(RoomSwitch.state == SwitchState.PROPOSED).order_by(RoomSwitch.id)).all()


def is_waiting(db: Session, sitting_id: int) -> bool:
    """Whether a proposal for this sitting waits to be settled."""
    waits = RoomSwitch.sitting_id == sitting_id, RoomSwitch.state == SwitchState.PROPOSED
    return db.scalars(select(RoomSwitch.id).where(*waits)).first() is not None


def carried_out(db: Session, sitting_ids: Collection[int]) -> Sequence[RoomSwitch]:
    """What was carried out in these sittings, in order; that the caller may see their rooms, the caller knows."""
    query = select(RoomSwitch).where(RoomSwitch.sitting_id.in_(sitting_ids), RoomSwitch.state == SwitchState.APPROVED)
    return db.scalars(query.order_by(RoomSwitch.id)).all()
