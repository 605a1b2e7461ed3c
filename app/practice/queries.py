"""Everything that is read from the tables of practice. Who practises sees their own, and the open mock exams."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.authoring.filing import reading_order
from app.database import find_one, locked
from app.errors import NotFound
from app.practice.models import (
    MockExam,
    MockPoolItem,
    PracticeAttempt,
    PracticeResponse,
    TopicProgress,
    WrongItem,
)
from app.practice.rules import MOST_KEPT, MockState, PracticeState
from app.security.actor import Actor


def visible(actor: Actor) -> Select[PracticeAttempt]:
    """The practice attempts that this actor may see: their own."""
    return select(PracticeAttempt).where(PracticeAttempt.person_id == actor.person_id)


def find_attempt(db: Session, actor: Actor, attempt_id: int, *, lock: bool = False) -> PracticeAttempt:
    """One of the actor's own; with `lock` its row is held until the transaction ends. Raises NotFound."""
    query = visible(actor).where(PracticeAttempt.id == attempt_id)
    if lock:
        query = locked(query)
    return find_one(db, query)


def running_of(db: Session, actor: Actor, *, lock: bool = False) -> PracticeAttempt | None:
    """The one that the actor has not ended, if there is one; with `lock` its row is held."""
    query = visible(actor).where(PracticeAttempt.state == PracticeState.OPEN)
    if lock:
        query = locked(query)
    return db.scalars(query).one_or_none()


def ended_of(db: Session, actor: Actor, *, limit: int) -> Sequence[PracticeAttempt]:
    """The newest of the actor's that have ended."""
    ended = visible(actor).where(PracticeAttempt.state == PracticeState.CLOSED)
    return db.scalars(ended.order_by(PracticeAttempt.id.desc()).limit(limit)).all()


def too_many(db: Session, person_id: int) -> Select[int] | None:
    """The ids of a person's attempts that have ended and lie behind those that are kept; None where there is none."""
    own = select(PracticeAttempt.id).where(
        PracticeAttempt.person_id == person_id, PracticeAttempt.state == PracticeState.CLOSED
    )
    last = db.scalars(own.order_by(PracticeAttempt.id.desc()).offset(MOST_KEPT).limit(1)).first()
    return None if last is None else own.where(PracticeAttempt.id <= last)


def due(db: Session, moment: datetime, *, limit: int) -> Sequence[PracticeAttempt]:
    """Attempts whose deadline lies before that moment, held; those that another process holds are left to it."""
    late = select(PracticeAttempt).where(
        PracticeAttempt.state == PracticeState.OPEN, PracticeAttempt.deadline_at < moment
    )
    return db.scalars(late.order_by(PracticeAttempt.deadline_at).limit(limit).with_for_update(skip_locked=True)).all()


def responses_of(db: Session, attempt_id: int) -> dict[int, PracticeResponse]:
    """What is stored of an attempt, by position."""
    rows = db.scalars(select(PracticeResponse).where(PracticeResponse.attempt_id == attempt_id))
    return {row.position: row for row in rows}


def mock_exams(db: Session, *, open_only: bool) -> Sequence[MockExam]:
    """The mock exams, the newest first."""
    query = select(MockExam).order_by(MockExam.id.desc())
    return db.scalars(query.where(MockExam.state == MockState.OPEN) if open_only else query).all()


def mock_exam_by_id(db: Session, mock_exam_id: int, *, lock: bool = False) -> MockExam:
    """One mock exam. Raises NotFound."""
    found = db.get(MockExam, mock_exam_id, with_for_update=lock)
    if found is None:
        raise NotFound
    return found


def mock_exam_named(db: Session, name: str) -> MockExam | None:
    """The mock exam of that name, if there is one."""
    return db.scalars(select(MockExam).where(MockExam.name == name)).one_or_none()


def mock_names(db: Session, ids: Collection[int]) -> dict[int, str]:
    """The names of these mock exams."""
    rows = db.execute(select(MockExam.id, MockExam.name).where(MockExam.id.in_(ids)))
    return {row[0]: row[1] for row in rows}


def mock_pool(db: Session, mock_exam_id: int) -> dict[int, str | None]:
    """The versions that a mock exam draws from, with the path that each was filed under."""
    columns = select(MockPoolItem.item_version_id, MockPoolItem.topic)
    rows = db.execute(columns.where(MockPoolItem.mock_exam_id == mock_exam_id))
    return {row[0]: row[1] for row in rows}


def wrong_among(db: Session, person_id: int, item_ids: Collection[int]) -> dict[int, WrongItem]:
    """Those of the items that stand in the person's book, held."""
    query = select(WrongItem).where(WrongItem.person_id == person_id, WrongItem.item_id.in_(item_ids))
    rows = db.scalars(locked(query.order_by(WrongItem.item_id)))
    return {row.item_id: row for row in rows}


def find_wrong(db: Session, actor: Actor, item_id: int) -> WrongItem:
    """An item of the actor's book. Raises NotFound."""
    query = select(WrongItem).where(WrongItem.person_id == actor.person_id, WrongItem.item_id == item_id)
    return find_one(db, query)


def wrong_page(db: Session, actor: Actor, *, topic: str | None, after: int, limit: int) -> Sequence[WrongItem]:
    """The actor's book by item, from behind `after`; of one topic, where it is named."""
    query = select(WrongItem).where(WrongItem.person_id == actor.person_id, WrongItem.item_id > after)
    if topic is not None:
        query = query.where(WrongItem.topic == topic)
    return db.scalars(query.order_by(WrongItem.item_id).limit(limit)).all()


def longest_wrong(db: Session, actor: Actor, *, topic: str | None, limit: int) -> Sequence[int]:
    """The items that stand in the actor's book longest; of one topic, where it is named."""
    query = select(WrongItem.item_id).where(WrongItem.person_id == actor.person_id)
    if topic is not None:
        query = query.where(WrongItem.topic == topic)
    return db.scalars(query.order_by(WrongItem.wrong_at, WrongItem.item_id).limit(limit)).all()


def wrong_topics(db: Session, actor: Actor) -> dict[str, int]:
    """How many items of each topic stand in the actor's book, by topic."""
    query = select(WrongItem.topic, func.count()).where(WrongItem.person_id == actor.person_id)
    counts = {row[0]: row[1] for row in db.execute(query.group_by(WrongItem.topic))}
    return {topic: counts[topic] for topic in sorted(counts, key=reading_order)}


def progress_of(db: Session, person_id: int | None) -> Sequence[TopicProgress]:
    """What a person has practised, by topic."""
    query = select(TopicProgress).where(TopicProgress.person_id == person_id)
    return sorted(db.scalars(query), key=lambda row: reading_order(row.topic))
