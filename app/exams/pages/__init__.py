"""The routes of exams, one module a use case."""

from app.exams.pages import (
    accommodations,
    blueprints,
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
    "exams",
    "fairness",
    "papers",
    "registrations",
    "rooms",
    "sealing",
    "seating",
    "tickets",
]
