"""What is read of the browser that an exam asks for. Who may look is decided with the exam, or by an unguessable
mark."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.exams.lockdown_models import BrowserExamKey, LockdownFile
from app.exams.models import Exam
from app.exams.rules import PUBLIC_STATES
from app.lockdown.proof import Keys


def file_of(db: Session, exam_id: int) -> LockdownFile | None:
    """The settings of an exam; None where it asks for no browser, or is not published yet."""
    return db.get(LockdownFile, exam_id, populate_existing=True)


def file_marked(db: Session, mark: str) -> tuple[LockdownFile, Exam]:
    """The settings with that mark, and their exam, while it stands. Raises NotFound."""
    found = db.execute(
        select(LockdownFile, Exam)
        .join(Exam, Exam.id == LockdownFile.exam_id)
        .where(LockdownFile.mark == mark, Exam.state.in_(PUBLIC_STATES))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found[0], found[1]


def exam_keys_of(db: Session, exam_id: int) -> Sequence[BrowserExamKey]:
    """The versions that may be used for an exam."""
    return db.scalars(
        select(BrowserExamKey)
        .where(BrowserExamKey.exam_id == exam_id, BrowserExamKey.withdrawn_at.is_(None))
        .order_by(BrowserExamKey.platform, BrowserExamKey.version, BrowserExamKey.id)
    ).all()


def exam_key_by_id(db: Session, exam_id: int, key_id: int) -> BrowserExamKey:
    """One version that may be used for an exam whose row the caller holds. Raises NotFound."""
    for row in exam_keys_of(db, exam_id):
        if row.id == key_id:
            return row
    raise NotFound


def keys_of(db: Session, exam_id: int) -> Keys | None:
    """What the browser of an exam must show; None where nothing it could show would do."""
    file = file_of(db, exam_id)
    if file is None:
        return None
    return Keys(file.config_key, tuple(row.exam_key for row in exam_keys_of(db, exam_id)))
