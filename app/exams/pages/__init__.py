"""The routes of exams, one module a use case."""

from app.exams.pages import (
    accommodations,
    blueprints,
    emergencies,
    exams,
    fairness,
    papers,
    registrations,
    rooms,
    sealing,
    seating,
    tickets,
)
from app.exams.pages.desk import desk

__all__ = [
    "accommodations",
    "blueprints",
    "desk",
    "emergencies",
    "exams",
    "fairness",
    "papers",
    "registrations",
    "rooms",
    "sealing",
    "seating",
    "tickets",
]
