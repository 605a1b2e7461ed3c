"""Candidates of a make-up exam: entered from what entitles them, all at once."""

from dataclasses import dataclass

from app.exams import queries as exams
from app.exams.eligibility import Answer, is_eligible
from app.exams.make_ups import queries
from app.exams.make_ups.models import MakeUpEntitlement
from app.exams.make_ups.rules import NobodyEntitled, NoMakeUp
from app.exams.models import Exam, Registration
from app.exams.rules import ExamAction, move_exam
from app.exams.service.candidates import answers_for
from app.exams.service.registrations import enter
from app.operation import Operation
from app.people.models import Person
from app.people.queries import persons_by_id


@dataclass(frozen=True)
class Candidate:
    """Somebody to whom a make-up is due: whether they are entered for this one, else what eligibility answers.
    `entitlement` is what this exam uses or would use; None where another exam has made up for it."""

    person: Person
    entitlement: MakeUpEntitlement | None
    registration: Registration | None
    answers: tuple[Answer, ...]

    @property
    def to_enter(self) -> bool:
        """Whether they can be entered now."""
        return self.registration is None and is_eligible(self.answers)


def candidates_of(op: Operation, exam: Exam) -> list[Candidate]:
    """Everybody to whom a make-up for this exam's original is due, in the order of their registrations there."""
    ids = queries.entitled_persons(op.db, exam)
    persons = persons_by_id(op.db, ids)
    entered = {row.person_id: row for row in exams.live_registrations(op.db, exam.id)}
    usable = queries.usable(op.db, exam, ids)
    answers = answers_for(op, exam, [persons[one] for one in ids])
    return [Candidate(persons[one], usable.get(one), entered.get(one), answers[one]) for one in ids]


def enter_entitled(op: Operation, *, exam_id: int) -> list[Registration]:
    """Enter everybody whom a cause entitles, who is eligible and not yet entered, into a make-up exam that is not
    sealed. They are confirmed like all. Raises NotFound, ExamMoveRefused, NoMakeUp, NobodyEntitled."""
    exam = exams.find_exam(op.db, op.actor, exam_id, lock=True)
    move_exam(exam.state, ExamAction.REGISTER)
    if exam.makes_up_for is None:
        raise NoMakeUp
    found = [candidate for candidate in candidates_of(op, exam) if candidate.to_enter]
    if not found:
        raise NobodyEntitled
    return [enter(op, exam, candidate.person, candidate.answers) for candidate in found]
