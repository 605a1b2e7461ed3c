"""What drills keep for a term: their reports."""

from datetime import datetime

from sqlalchemy import Select, select

from app.drill.models import Drill
from app.holdings import Holding, Part


def _due(until: datetime) -> Select[int]:
    return select(Drill.id).where(Drill.ended_at <= until)


DRILLS = Holding("drills", (Part(Drill.id),), _due)
