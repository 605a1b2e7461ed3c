"""What comes out of the checklist before the day."""

from datetime import datetime

from app.exams.rules import ExamState
from app.shapes import Shown


class ReadyLine(Shown):
    """One thing to be in place; `done` of `of`, and the first few who or what lack it."""

    zh: str
    en: str
    met: bool
    href: str
    done: int | None
    of: int | None
    lacking: list[str]


class ReadinessShown(Shown):
    """Every line for one exam."""

    exam_id: int
    exam_name: str
    state: ExamState
    starts_at: datetime
    met: int
    lines: list[ReadyLine]
