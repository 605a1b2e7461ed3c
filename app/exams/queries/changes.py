"""What is read of proposals to postpone an exam or to call it off. Who may look is decided with the exam."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import find_one
from app.exams.emergencies import ChangeState
from app.exams.models import ExamChange


def changes_of(db: Session, exam_id: int) -> Sequence[ExamChange]:
    """Every proposal for an exam, the newest first."""
    return db.scalars(select(ExamChange).where(ExamChange.exam_id == exam_id).order_by(ExamChange.id.desc())).all()


def change_by_id(db: Session, exam_id: int, change_id: int) -> ExamChange:
    """One proposal of an exam whose row the caller holds. Raises NotFound."""
    query = select(ExamChange).where(ExamChange.id == change_id, ExamChange.exam_id == exam_id)
    return find_one(db, query.execution_options(populate_existing=True))


def waiting_changes(db: Session) -> Sequence[ExamChange]:
    """The proposals that wait for an approval."""
    return db.scalars(select(ExamChange).where(ExamChange.state == ChangeState.PROPOSED).order_by(ExamChange.id)).all()
