"""What exams keep for a term: the content of forms, consents, accommodations, lists that units uploaded."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, or_, select

from app.exams.accommodations import AccommodationState
from app.exams.models import Accommodation, FormRow, Registration, RegistrationList
from app.exams.queries.over import (
    exams_of_registrations,
    exams_over,
    persons_of_registrations,
    registrations_not_over,
)
from app.exams.registration_models import Consent
from app.holdings import Holding, Part

BY_REGISTRATION = ((Registration.id, Registration.person_id),)
"""From what names a registration to the person."""
GIVEN_CONSENTS = Part(Consent.registration_id)


def _due(until: datetime) -> Select[int]:
    return select(FormRow.id).where(FormRow.exam_id.in_(exams_over(until)), FormRow.content != "")


def _held(registrations: Select[int]) -> Select[Any]:
    """The forms of those registrations, and the spare ones of their exams."""
    spare = and_(FormRow.registration_id.is_(None), FormRow.exam_id.in_(exams_of_registrations(registrations)))
    return select(FormRow.id).where(or_(FormRow.registration_id.in_(registrations), spare))


FORMS = Holding("forms", (Part(FormRow.id, leaves={"content": "", "view": ""}),), _due, _held)

# What is only proposed has no end, nor has what stands until it is withdrawn.
_GRANT_ENDED = case(
    (Accommodation.state == AccommodationState.APPROVED, Accommodation.valid_until),
    (Accommodation.state != AccommodationState.PROPOSED, Accommodation.settled_at),
)
_GRANTS = Part(Accommodation.person_id, old=_GRANT_ENDED)


def _grants_due(until: datetime) -> Select[int]:
    still = persons_of_registrations(registrations_not_over(until))
    return (
        select(Accommodation.person_id).distinct().where(_GRANTS.standing(until), ~Accommodation.person_id.in_(still))
    )


ACCOMMODATIONS = Holding("accommodations", (_GRANTS,), _grants_due, persons_of_registrations)


def _rosters_due(until: datetime) -> Select[int]:
    return select(RegistrationList.id).where(RegistrationList.exam_id.in_(exams_over(until)))


def _rosters_held(registrations: Select[int]) -> Select[Any]:
    return select(RegistrationList.id).where(RegistrationList.exam_id.in_(exams_of_registrations(registrations)))


ROSTERS = Holding("rosters", (Part(RegistrationList.id),), _rosters_due, _rosters_held)
