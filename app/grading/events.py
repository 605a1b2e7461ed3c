"""What grading tells those above it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ResultsReleased:
    """An exam's results were released to all at once; `passed` are the registrations with a passing result."""

    exam_id: int
    passed: tuple[int, ...]


@dataclass(frozen=True)
class PassConfirmed:
    """A passing result counts that did not at the release: it was withheld then, or is a pass since a correction."""

    exam_id: int
    registration_id: int


@dataclass(frozen=True)
class PassLost:
    """A passing result that was released does not count any more (P27)."""

    registration_id: int


@dataclass(frozen=True)
class ResultsRescored:
    """Everyone in a released exam was scored anew after a correction."""

    exam_id: int
    rescoring_id: int
