"""Orders of paper, seen by officers and approvers of the exam."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import find_one, locked
from app.exams.models import PaperOrder
from app.exams.queries import find_exam
from app.security.actor import Actor


def orders_of(db: Session, actor: Actor, exam_id: int) -> Sequence[PaperOrder]:
    """The orders of a visible exam, the newest first. Raises NotFound."""
    exam = find_exam(db, actor, exam_id)
    return db.scalars(select(PaperOrder).where(PaperOrder.exam_id == exam.id).order_by(PaperOrder.id.desc())).all()


def find_order(db: Session, actor: Actor, exam_id: int, order_id: int, *, lock: bool = False) -> PaperOrder:
    """One order of a visible exam; with `lock` its row is held. Raises NotFound."""
    exam = find_exam(db, actor, exam_id)
    query = select(PaperOrder).where(PaperOrder.id == order_id, PaperOrder.exam_id == exam.id)
    if lock:
        query = locked(query)
    return find_one(db, query)
