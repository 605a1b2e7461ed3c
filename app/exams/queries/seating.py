"""What is read of the draws of seats. Who may look is decided with the exam."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.exams.models import SeatingDraw


def draws_of(db: Session, exam_id: int) -> Sequence[SeatingDraw]:
    """Every draw of an exam, the newest first."""
    query = select(SeatingDraw).where(SeatingDraw.exam_id == exam_id)
    return db.scalars(query.order_by(SeatingDraw.number.desc())).all()


def newest_draw(db: Session, exam_id: int) -> SeatingDraw | None:
    """The draw that counts, if seats were drawn."""
    return next(iter(draws_of(db, exam_id)), None)
