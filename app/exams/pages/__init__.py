"""The routes of exams, one module a use case."""

from app.exams.best_form import pages as best_form
from app.exams.make_ups import pages as make_ups
from app.exams.pages import (
    accommodations,
    blueprints,
    eligibility,
    emergencies,
    exams,
    fairness,
    lockdown,
    papers,
    readiness,
    registrations,
    rooms,
    sealing,
    seating,
    tickets,
)
from app.exams.pages.desk import desk
from app.exams.policies import pages as policies
from app.exams.registering import pages as registering

__all__ = [
    "accommodations",
    "best_form",
    "blueprints",
    "desk",
    "eligibility",
    "emergencies",
    "exams",
    "fairness",
    "lockdown",
    "make_ups",
    "papers",
    "policies",
    "readiness",
    "registering",
    "registrations",
    "rooms",
    "sealing",
    "seating",
    "tickets",
]
