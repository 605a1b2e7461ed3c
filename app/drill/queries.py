"""Everything that is read from the table of drills."""

from collections.abc import Sequence

from sqlalchemy import Select, false, select, true
from sqlalchemy.orm import Session

from app.database import find_one, locked
from app.drill.models import Drill
from app.drill.rules import DrillState
from app.security.actor import Actor
from app.security.permissions import Capability


def visible(actor: Actor) -> Select[Drill]:
    """The drills this actor may see: all, for those who may look into the control room."""
    return select(Drill).where(true() if actor.may(Capability.CONTROL_READ) else false())


def find_drill(db: Session, actor: Actor, drill_id: int, *, lock: bool = False) -> Drill:
    """One visible drill; with `lock` its row is held until the transaction ends. Raises NotFound."""
    query = visible(actor).where(Drill.id == drill_id)
    if lock:
        query = locked(query)
    return find_one(db, query)


def list_drills(db: Session, actor: Actor, *, limit: int) -> Sequence[Drill]:
    """The visible drills, the newest first."""
    return db.scalars(visible(actor).order_by(Drill.id.desc()).limit(limit)).all()


def drill_under_way(db: Session, *, lock: bool = False) -> Drill | None:
    """The drill under way, for the service's own work; there is at most one."""
    query = select(Drill).where(Drill.state == DrillState.UNDER_WAY)
    if lock:
        query = locked(query)
    return db.scalars(query).one_or_none()
