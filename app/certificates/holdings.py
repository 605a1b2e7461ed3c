"""What is kept for as long as its person is certified: the photograph, the mobile number, the findings that the
certificate rests on."""

from datetime import datetime

from sqlalchemy import Select, select

from app.certificates.models import Certificate
from app.clearance.holdings import FINDINGS, cases_of_registrations, findings_due
from app.exams.queries.over import persons_of_registrations, registrations_not_over
from app.holdings import Holding
from app.people.holdings import PHONE, PHOTOGRAPH
from app.people.queries import ids_photographed, ids_with_phone


def _certified(after: datetime) -> Select[int]:
    return select(Certificate.person_id).where(Certificate.valid_until > after)


def _needed(until: datetime) -> tuple[Select[int], ...]:
    """Who is still to be recognised and told at that moment: the certified, and who has an exam before them."""
    return _certified(until), persons_of_registrations(registrations_not_over(until))


def _photographs_due(until: datetime) -> Select[int]:
    return ids_photographed(until, but=_needed(until))


def _phones_due(until: datetime) -> Select[int]:
    return ids_with_phone(until, but=_needed(until))


def _findings_due(until: datetime) -> Select[int]:
    return findings_due(until, but=_certified(until))


PHOTOGRAPHS = Holding("photographs", (PHOTOGRAPH,), _photographs_due, persons_of_registrations)
PHONES = Holding("phones", (PHONE,), _phones_due, persons_of_registrations)
REVIEWS = Holding("reviews", FINDINGS, _findings_due, cases_of_registrations)
