"""Everything that is read from the tables of grading."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, false, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from app.attempts.misconduct.queries import undecided, voided, withheld_since
from app.attempts.technical_faults.queries import lost
from app.database import locked
from app.exams.queries.over import registrations_outside
from app.grading.models import Release, Result, ScoringRun
from app.grading.rules import ReleaseState
from app.security.actor import Actor
from app.security.permissions import Capability


def visible(actor: Actor) -> Select[Result]:
    """The results this actor may see as staff: all for officers and approvers of exams, none for others.

    A candidate's own result is asked for by `released_result`, which knows the release.
    """
    return select(Result) if actor.may(Capability.RESULT_READ) else select(Result).where(false())


def release_of(db: Session, exam_id: int, *, lock: bool = False) -> Release | None:
    """Where an exam's results stand; None before the first attempt was scored."""
    query = select(Release).where(Release.exam_id == exam_id)
    return db.scalars(locked(query) if lock else query).one_or_none()


def results_of(db: Session, actor: Actor, exam_id: int) -> Sequence[Result]:
    """Every result of an exam, best first."""
    return db.scalars(
        visible(actor).where(Result.exam_id == exam_id).order_by(Result.total.desc(), Result.registration_id)
    ).all()


def passed_registrations(db: Session, exam_id: int) -> tuple[int, ...]:
    """The registrations of an exam with a passing result that counts: none with a misconduct case that is undecided,
    or was decided so that the result is void, and none whose attempt was lost to a technical fault."""
    return tuple(
        db.scalars(
            select(Result.registration_id)
            .where(Result.exam_id == exam_id, Result.passed, *_counting())
            .order_by(Result.registration_id)
        )
    )


def _counting() -> tuple[ColumnElement[bool], ...]:
    return tuple(Result.registration_id.not_in(found) for found in (undecided(), voided(), lost()))


def counts(db: Session, registration_id: int) -> bool:
    """Whether a registration has a result that no misconduct case withholds or has made void, and no fault has lost."""
    found = select(Result.id).where(Result.registration_id == registration_id, *_counting())
    return db.scalars(found).one_or_none() is not None


def withheld_and_void(db: Session, exam_id: int) -> tuple[set[int], set[int]]:
    """The registrations of an exam whose results are withheld, and those whose results are void, by misconduct."""
    of_exam = select(Result.registration_id).where(Result.exam_id == exam_id)
    void = set(db.scalars(of_exam.where(Result.registration_id.in_(voided()))))
    return set(db.scalars(of_exam.where(Result.registration_id.in_(undecided())))) - void, void


def lost_in(db: Session, exam_id: int) -> set[int]:
    """The registrations of an exam whose attempts were lost to technical faults: what was scored of them is kept as
    evidence, and is in no figure."""
    found = select(Result.registration_id).where(Result.exam_id == exam_id, Result.registration_id.in_(lost()))
    return set(db.scalars(found))


def result_row(db: Session, registration_id: int) -> Result | None:
    """A registration's result, released or not: for the service's own work."""
    return db.scalars(select(Result).where(Result.registration_id == registration_id)).one_or_none()


@dataclass(frozen=True)
class Released:
    """A result as its candidate is told it. `total` and `passed` are those of the scoring; where it is `void` by
    decision neither counts. Where it is `withheld` nothing of it is told."""

    at: datetime
    total: int
    passed: bool
    void: bool
    withheld: bool


def released_result(db: Session, registration_id: int) -> Released | None:
    """A registration's result once released; None while it is not (P18), and for good where the attempt was lost to a
    technical fault. A case that was recorded after the release does not take back what was told: only its decision does
    (P27)."""
    row = db.execute(
        select(Result, Release.released_at, Result.registration_id.in_(voided()), withheld_since(registration_id))
        .join(Release, Release.exam_id == Result.exam_id)
        .where(
            Result.registration_id == registration_id,
            Release.state == ReleaseState.RELEASED,
            Result.registration_id.not_in(lost()),
        )
    ).one_or_none()
    if row is None:
        return None
    result, at, void = row[:3]
    since: datetime | None = row[3]
    if at is None:
        return None
    return Released(at, result.total, result.passed, bool(void), not void and since is not None and since <= at)


def passed_and_released(db: Session, registration_id: int) -> bool:
    """Whether a registration has a passing result that was released and counts: the first condition of P28."""
    found = released_result(db, registration_id)
    return found is not None and found.passed and counts(db, registration_id)


def passed_released_among(db: Session, registration_ids: Collection[int]) -> set[int]:
    """Which of these registrations have a passing result that was released."""
    return set(
        db.scalars(
            select(Result.registration_id)
            .join(Release, Release.exam_id == Result.exam_id)
            .where(
                Result.registration_id.in_(registration_ids),
                Result.passed,
                Release.state == ReleaseState.RELEASED,
                *_counting(),
            )
        )
    )


def failed_among(db: Session, registration_ids: Collection[int]) -> set[int]:
    """Which of these registrations sat and have a result that was released, counts, and is no pass."""
    return set(
        db.scalars(
            select(Result.registration_id)
            .join(Release, Release.exam_id == Result.exam_id)
            .where(
                Result.registration_id.in_(registration_ids),
                Result.passed.is_(False),
                Result.absent.is_(False),
                Release.state == ReleaseState.RELEASED,
                *_counting(),
            )
        )
    )


def passes_among(db: Session, registration_ids: Collection[int]) -> Sequence[Result]:
    """The passing results of these registrations, released or not: for the service's own work."""
    passing = select(Result).where(Result.registration_id.in_(registration_ids), Result.passed)
    return db.scalars(passing.order_by(Result.registration_id)).all()


def last_run_number(db: Session, attempt_id: int) -> int:
    """The number of an attempt's newest scoring run, 0 before the first."""
    return db.execute(
        select(func.coalesce(func.max(ScoringRun.number), 0)).where(ScoringRun.attempt_id == attempt_id)
    ).scalar_one()


def scored_attempts(db: Session, attempt_ids: Sequence[int]) -> set[int]:
    """Which of these attempts have been scored."""
    return set(db.scalars(select(ScoringRun.attempt_id).where(ScoringRun.attempt_id.in_(attempt_ids))))


def hashes_scored(db: Session, attempt_ids: Collection[int]) -> dict[int, list[str]]:
    """What each of these attempts was scored on, run by run: the hash of its responses."""
    found: dict[int, list[str]] = {}
    rows = select(ScoringRun.attempt_id, ScoringRun.responses_hash).where(ScoringRun.attempt_id.in_(attempt_ids))
    for attempt_id, responses_hash in db.execute(rows.order_by(ScoringRun.id)):
        found.setdefault(attempt_id, []).append(responses_hash)
    return found


def totals_scored(db: Session, registration_ids: Collection[int]) -> dict[int, int]:
    """The total (hundredths) of each of these registrations that has a result of a scoring run."""
    rows = select(Result.registration_id, Result.total).where(
        Result.registration_id.in_(registration_ids), Result.run_id.is_not(None)
    )
    return {row[0]: row[1] for row in db.execute(rows)}


def exams_in(db: Session, state: ReleaseState) -> list[int]:
    """The exams whose results stand there."""
    return list(db.scalars(select(Release.exam_id).where(Release.state == state).order_by(Release.exam_id)))


def insert_release_if_missing(db: Session, row: Release) -> None:
    """Add the exam's release row unless another attempt's scoring has just done so."""
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    values = {"exam_id": row.exam_id, "state": row.state}
    db.execute(dialect.insert(Release).values(**values).on_conflict_do_nothing(index_elements=["exam_id"]))


def releases(db: Session, actor: Actor) -> Sequence[Release]:
    """Where every exam's results stand, newest exam first; none for who may not see results."""
    if not actor.may(Capability.RESULT_READ):
        return []
    return db.scalars(select(Release).order_by(Release.exam_id.desc())).all()


def registrations_with_result(db: Session, exam_id: int) -> set[int]:
    """The registrations of an exam that have a result, an absence included."""
    return set(db.scalars(select(Result.registration_id).where(Result.exam_id == exam_id)))


def strike_absent(db: Session, registration_ids: Collection[int]) -> list[int]:
    """Delete the absences among the results of these registrations; returns whose they were."""
    noted = Result.absent, Result.registration_id.in_(registration_ids)
    found = list(db.scalars(select(Result.registration_id).where(*noted).order_by(Result.registration_id)))
    db.execute(delete(Result).where(*noted))
    return found


def settled_exams(db: Session) -> set[int]:
    """Exams whose results were proposed or released: nothing is added to them by the machine."""
    return set(db.scalars(select(Release.exam_id).where(Release.state != ReleaseState.SCORED)))


def is_released(db: Session, exam_id: int) -> bool:
    """Whether an exam's results are out."""
    found = release_of(db, exam_id)
    return found is not None and found.state is ReleaseState.RELEASED


def newest_runs(db: Session, exam_id: int) -> list[tuple[int, str, datetime]]:
    """(registration, points as stored, when scored) of every attempt of an exam, by its newest run: exact under every
    correction, also where a better one counts for the candidate."""
    counting = aliased(ScoringRun)
    newest = select(func.max(ScoringRun.number)).where(ScoringRun.attempt_id == counting.attempt_id)
    run = aliased(ScoringRun)
    rows = db.execute(
        select(Result.registration_id, run.points, run.at)
        .join(counting, counting.id == Result.run_id)
        .join(run, (run.attempt_id == counting.attempt_id) & (run.number == newest.scalar_subquery()))
        .where(Result.exam_id == exam_id)
        .order_by(Result.registration_id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def unreleased() -> Select[int]:
    """The registrations of exams whose results have not been released, those of cancelled ones left out."""
    return registrations_outside(select(Release.exam_id).where(Release.state == ReleaseState.RELEASED))
