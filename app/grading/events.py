"""What grading tells those above it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ResultsReleased:
    """An exam's results were released to all at once; `passed` are the registrations with a passing result."""

    exam_id: int
    passed: tuple[int, ...]
