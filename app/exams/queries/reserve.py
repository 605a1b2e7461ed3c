"""备用卷: the spare forms of an exam, and its reserve set beside the forms that it can stand in for."""

from collections.abc import Collection, Sequence

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, aliased

from app.database import locked
from app.exams.models import FormRow, Registration, ReserveForm

Beside = Row[ReserveForm, FormRow, FormRow]
"""A pair: its row, the form of the exam, and the form of the reserve set."""


def spare_forms(db: Session, exam_id: int) -> Sequence[FormRow]:
    """The forms that wait for who joins late, by number."""
    return db.scalars(spare(exam_id).order_by(FormRow.number)).all()


def spare(exam_id: int) -> Select[FormRow]:
    """The forms that wait for who joins late: nobody's, neither of the reserve set nor put aside for one of it."""
    in_reserve = select(ReserveForm.form_id)
    put_aside = select(ReserveForm.beside_id).where(ReserveForm.used_at.is_not(None))
    return select(FormRow).where(
        FormRow.exam_id == exam_id,
        FormRow.registration_id.is_(None),
        FormRow.id.not_in(in_reserve),
        FormRow.id.not_in(put_aside),
    )


def pairs_of(db: Session, registration_ids: Collection[int]) -> Sequence[Beside]:
    """The pairs of these registrations that were not switched, held, in the order of forms."""
    form, other = aliased(FormRow), aliased(FormRow)
    query = (
        select(ReserveForm, form, other)
        .join(form, form.id == ReserveForm.beside_id)
        .join(other, other.id == ReserveForm.form_id)
        .where(form.registration_id.in_(registration_ids), ReserveForm.used_at.is_(None))
        .order_by(form.id)
    )
    return db.execute(locked(query)).all()


def waiting_pairs(db: Session, registration_ids: Collection[int]) -> set[int]:
    """Those of these registrations that have a form beside theirs which was not given out."""
    query = (
        select(FormRow.registration_id)
        .join(ReserveForm, ReserveForm.beside_id == FormRow.id)
        .where(FormRow.registration_id.in_(registration_ids), ReserveForm.used_at.is_(None))
    )
    return {registration_id for registration_id in db.scalars(query) if registration_id is not None}


def count_reserve_set(db: Session, exam_id: int) -> tuple[int, int]:
    """How many forms the reserve set of an exam has, and how many of them were given out."""
    counted = select(func.count(), func.count(ReserveForm.used_at)).join(FormRow, FormRow.id == ReserveForm.form_id)
    forms, used = db.execute(counted.where(FormRow.exam_id == exam_id)).one()
    return int(forms), int(used)


def uses_reserve_set(db: Session, room_id: int) -> bool:
    """Whether somebody in the room has been given a form of the reserve set."""
    used = (
        select(ReserveForm.form_id)
        .join(FormRow, FormRow.id == ReserveForm.form_id)
        .join(Registration, Registration.id == FormRow.registration_id)
        .where(Registration.room_id == room_id, ReserveForm.used_at.is_not(None))
    )
    return db.execute(select(used.exists())).scalar_one()
