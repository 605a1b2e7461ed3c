"""Exams that are over, and the ways between exams, registrations and persons: selections that others build on."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from app.exams.models import Exam, Registration, Room, Sitting
from app.exams.rules import ExamState


def exams_over(until: datetime) -> Select[int]:
    """The exams whose last sitting had ended by then."""
    return select(Sitting.exam_id).group_by(Sitting.exam_id).having(func.max(Sitting.ends_at) <= until)


def registrations_over(until: datetime, *, among: Select[int]) -> Select[int]:
    """The registrations of those exams that `among` selects."""
    return registrations_in_exams(exams_over(until)).where(Registration.id.in_(among))


def registrations_not_over(until: datetime) -> Select[int]:
    """The registrations of all other exams, in whatever state: whoever registers hands something in."""
    return select(Registration.id).where(Registration.exam_id.not_in(exams_over(until)))


def registrations_in_exams(exams: Select[int]) -> Select[int]:
    """The registrations of some exams."""
    return select(Registration.id).where(Registration.exam_id.in_(exams))


def registrations_outside(exams: Select[int]) -> Select[int]:
    """The registrations of all exams but these and the cancelled ones."""
    others = select(Exam.id).where(Exam.state != ExamState.CANCELLED, Exam.id.not_in(exams))
    return registrations_in_exams(others)


def registrations_of_persons(persons: Select[int]) -> Select[int]:
    """The registrations of some persons."""
    return select(Registration.id).where(Registration.person_id.in_(persons))


def persons_of_registrations(registrations: Select[int]) -> Select[Any]:
    """The persons of some registrations."""
    return select(Registration.person_id).where(Registration.id.in_(registrations))


def exams_of_registrations(registrations: Select[int]) -> Select[Any]:
    """The exams of some registrations."""
    return select(Registration.exam_id).where(Registration.id.in_(registrations))


def rooms_over(until: datetime, *, among: Select[int]) -> Select[int]:
    """The rooms of exams that were over by then that `among` selects."""
    sittings = select(Sitting.id).where(Sitting.exam_id.in_(exams_over(until)))
    return select(Room.id).where(Room.sitting_id.in_(sittings), Room.id.in_(among))


def rooms_of_registrations(registrations: Select[int]) -> Select[Any]:
    """The rooms in which some registrations have a seat."""
    return select(Registration.room_id).where(Registration.id.in_(registrations), Registration.room_id.is_not(None))
