"""What is read of corrections and of what they changed."""

from collections.abc import Sequence

from sqlalchemy import Select, false, func, select, true
from sqlalchemy.orm import Session

from app.database import find_one, locked
from app.errors import NotFound
from app.exams.queries.over import registrations_in_exams
from app.grading.models import Result, ScoringRun
from app.grading.rescoring.models import RescoredResult, Rescoring
from app.grading.rescoring.rules import IN_FORCE, LIVING, Decided, RescoringState
from app.security.actor import Actor
from app.security.permissions import Capability
from question_bank.corrections import Correction


def visible(actor: Actor) -> Select[Rescoring]:
    """The corrections this actor may see: all for officers and approvers of exams, none for others."""
    return select(Rescoring).where(true() if actor.may(Capability.RESULT_READ) else false())


def rescorings_of(db: Session, actor: Actor, exam_id: int) -> Sequence[Rescoring]:
    """The visible corrections of an exam, the newest first."""
    return db.scalars(visible(actor).where(Rescoring.exam_id == exam_id).order_by(Rescoring.id.desc())).all()


def find_rescoring(db: Session, actor: Actor, exam_id: int, rescoring_id: int, *, lock: bool = False) -> Rescoring:
    """One visible correction of an exam; with `lock` held until the transaction ends. Raises NotFound."""
    query = visible(actor).where(Rescoring.id == rescoring_id, Rescoring.exam_id == exam_id)
    if lock:
        query = locked(query)
    return find_one(db, query)


def rescoring_by_id(db: Session, rescoring_id: int, *, lock: bool = False) -> Rescoring:
    """A correction for the service's own work. Raises NotFound."""
    query = select(Rescoring).where(Rescoring.id == rescoring_id)
    if lock:
        query = locked(query)
    return find_one(db, query)


def waiting_rescorings(db: Session) -> Sequence[Rescoring]:
    """The corrections that nobody has settled, the oldest first."""
    query = select(Rescoring).where(Rescoring.state == RescoringState.PROPOSED)
    return db.scalars(query.order_by(Rescoring.id)).all()


def is_living(db: Session, exam_id: int) -> bool:
    """Whether a correction of the exam waits to be settled, or is being applied."""
    query = select(Rescoring.id).where(Rescoring.exam_id == exam_id, Rescoring.state.in_(LIVING))
    return db.scalars(query).first() is not None


def decided_in(db: Session, exam_id: int) -> list[Decided]:
    """The corrections of an exam that are in force, in the order in which they were decided: of one exam one at a time
    is proposed and settled."""
    query = select(Rescoring).where(Rescoring.exam_id == exam_id, Rescoring.state.in_(IN_FORCE)).order_by(Rescoring.id)
    return [as_decided(row) for row in db.scalars(query)]


def as_decided(row: Rescoring) -> Decided:
    """What a correction says, as the rules take it."""
    return Decided(Correction(str(row.item_version_id), row.treatment, row.part, row.key), row.policy)


def scored_in(db: Session, exam_id: int) -> list[tuple[Result, int]]:
    """(result, attempt) of everyone in an exam who was scored, by registration."""
    rows = db.execute(
        select(Result, ScoringRun.attempt_id)
        .join(ScoringRun, ScoringRun.id == Result.run_id)
        .where(Result.exam_id == exam_id)
        .order_by(Result.registration_id)
    )
    return [(row[0], row[1]) for row in rows]


def hold_result(db: Session, registration_id: int) -> tuple[Result, int]:
    """A scored registration's result, held until the transaction ends, and its attempt. Raises NotFound."""
    query = select(Result, ScoringRun.attempt_id).join(ScoringRun, ScoringRun.id == Result.run_id)
    held = locked(query.where(Result.registration_id == registration_id), of=Result)
    row = db.execute(held).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def rescored_in(db: Session, rescoring_id: int) -> Sequence[RescoredResult]:
    """What a correction made of results so far, by registration."""
    query = select(RescoredResult).where(RescoredResult.rescoring_id == rescoring_id)
    return db.scalars(query.order_by(RescoredResult.registration_id)).all()


def is_rescored(db: Session, rescoring_id: int, registration_id: int) -> bool:
    """Whether a correction has been applied to that registration."""
    done = RescoredResult.rescoring_id == rescoring_id, RescoredResult.registration_id == registration_id
    return db.execute(select(func.count()).select_from(RescoredResult).where(*done)).scalar_one() > 0


def unsettled() -> Select[int]:
    """The registrations of exams with a correction that is neither declined nor applied."""
    return registrations_in_exams(select(Rescoring.exam_id).where(Rescoring.state.in_(LIVING)))
