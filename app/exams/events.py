"""What exams tell the features above, inside the transaction in which it happens."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ExamSealed:
    """The exam was sealed: its forms, seats and ticket numbers stand."""

    exam_id: int
