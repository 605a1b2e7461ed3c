"""What grading keeps for a term: reports of similar responses."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from app.exams.queries.over import exams_of_registrations, exams_over
from app.grading.similarity.models import SimilarityReport
from app.holdings import Holding, Part


def _due(until: datetime) -> Select[int]:
    return select(SimilarityReport.id).where(SimilarityReport.exam_id.in_(exams_over(until)))


def _held(registrations: Select[int]) -> Select[Any]:
    return select(SimilarityReport.id).where(SimilarityReport.exam_id.in_(exams_of_registrations(registrations)))


SIMILARITY = Holding("similarity", (Part(SimilarityReport.id),), _due, _held)
