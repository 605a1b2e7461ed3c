"""What exams keep for a term: the content of forms, and the consents that registrations rest on."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select

from app.exams.models import FormRow, Registration
from app.exams.queries.over import exams_of_registrations, exams_over
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
