"""What is kept of a person until nothing of theirs needs it any more: the photograph."""

from datetime import datetime

from sqlalchemy import Select, select

from app.certificates.models import Certificate
from app.exams.queries.over import persons_of_registrations, registrations_not_over
from app.holdings import Holding
from app.people.holdings import PHOTOGRAPH
from app.people.queries import ids_photographed


def _due(until: datetime) -> Select[int]:
    certified = select(Certificate.person_id).where(Certificate.valid_until > until)
    return ids_photographed(until, but=(certified, persons_of_registrations(registrations_not_over(until))))


PHOTOGRAPHS = Holding("photographs", (PHOTOGRAPH,), _due, persons_of_registrations)
