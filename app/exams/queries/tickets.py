"""Whom of an exam nobody has told that tickets can be printed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session

from app.exams.models import Exam, Registration, Sitting
from app.exams.rules import ExamState, RegistrationState

_UNTOLD = (Registration.state == RegistrationState.CONFIRMED) & Registration.ticket_told_at.is_(None)


def _printing(now: datetime) -> Select[int]:
    """Ids of the exams whose candidates can print at `now` and have yet to begin."""
    return (
        select(Exam.id)
        .join(Sitting, Sitting.exam_id == Exam.id)
        .where(
            Exam.state == ExamState.SEALED,
            func.coalesce(Exam.tickets_from, Exam.sealed_at) <= now,
            or_(Exam.tickets_until.is_(None), Exam.tickets_until > now),
            Sitting.starts_at > now,
        )
    )


def exams_to_announce(db: Session, now: datetime) -> list[int]:
    """The exams whose tickets can be printed now, with a candidate who was not told; by id."""
    query = select(Registration.exam_id).distinct().where(_UNTOLD, Registration.exam_id.in_(_printing(now)))
    return list(db.scalars(query.order_by(Registration.exam_id)))


def exams_printing(db: Session, exam_ids: Sequence[int], now: datetime) -> Sequence[Exam]:
    """Those of these exams whose tickets their candidates can print now, before the start."""
    return db.scalars(select(Exam).where(Exam.id.in_(exam_ids), Exam.id.in_(_printing(now))).order_by(Exam.id)).all()


def take_untold(db: Session, exam_id: int, now: datetime, *, limit: int) -> list[int]:
    """Note of at most `limit` candidates of an exam that they are told at `now`; returns the persons. Who is noted
    already is never taken again."""
    untold = select(Registration.id).where(Registration.exam_id == exam_id, _UNTOLD).order_by(Registration.id)
    taken = db.execute(
        update(Registration)
        .where(Registration.id.in_(untold.limit(limit)), _UNTOLD)
        .values(ticket_told_at=now)
        .returning(Registration.person_id)
        .execution_options(synchronize_session=False)
    )
    return list(taken.scalars())
