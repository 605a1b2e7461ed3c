"""What is read of rechecks."""

from collections.abc import Sequence

from sqlalchemy import Select, false, func, select, true
from sqlalchemy.orm import Session

from app.database import find_one, locked
from app.grading.models import Release, Result
from app.grading.rechecks.models import Recheck
from app.grading.rechecks.rules import RecheckState
from app.grading.rules import ReleaseState
from app.security.actor import Actor
from app.security.permissions import Capability


def visible(actor: Actor) -> Select[Recheck]:
    """The rechecks this actor may see as staff: all for officers and approvers of exams, none for others."""
    return select(Recheck).where(true() if actor.may(Capability.RESULT_READ) else false())


def list_rechecks(db: Session, actor: Actor, *, limit: int = 500) -> Sequence[Recheck]:
    """The visible rechecks, those that wait first, the oldest of them first."""
    answered = Recheck.state == RecheckState.ANSWERED
    return db.scalars(visible(actor).order_by(answered, Recheck.id).limit(limit)).all()


def find_recheck(db: Session, actor: Actor, recheck_id: int, *, lock: bool = False) -> Recheck:
    """One visible recheck; with `lock` held until the transaction ends. Raises NotFound."""
    query = visible(actor).where(Recheck.id == recheck_id)
    if lock:
        query = locked(query)
    return find_one(db, query)


def recheck_of(db: Session, registration_id: int) -> Recheck | None:
    """The recheck of a registration; None where none was asked for."""
    return db.scalars(select(Recheck).where(Recheck.registration_id == registration_id)).one_or_none()


def hold_released(db: Session, registration_id: int) -> Result | None:
    """A released result of somebody who was there, held until the transaction ends; None where there is none."""
    query = (
        select(Result)
        .join(Release, Release.exam_id == Result.exam_id)
        .where(
            Result.registration_id == registration_id,
            Result.absent.is_(False),
            Release.state == ReleaseState.RELEASED,
        )
    )
    held = locked(query, of=Result)
    return db.scalars(held).one_or_none()


def count_waiting(db: Session) -> dict[RecheckState, int]:
    """How many rechecks stand in each state."""
    rows = db.execute(select(Recheck.state, func.count()).group_by(Recheck.state))
    return {row[0]: row[1] for row in rows}


def unanswered() -> Select[int]:
    """The registrations whose recheck has not been answered."""
    return select(Recheck.registration_id).where(Recheck.state != RecheckState.ANSWERED)
