"""What practice keeps for a term: attempts with their responses; books of wrong answers and progress stay."""

from datetime import datetime

from sqlalchemy import Select, select

from app.holdings import Holding, Part
from app.practice.models import PracticeAttempt, PracticeResponse


def _due(until: datetime) -> Select[int]:
    return select(PracticeAttempt.id).where(PracticeAttempt.closed_at <= until)


PRACTICE = Holding("practice", (Part(PracticeResponse.attempt_id), Part(PracticeAttempt.id)), _due)
