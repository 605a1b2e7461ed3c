"""Eligibility asked before anybody registers: of one person, or of everybody in one's units, for one exam."""

from typing import Any

from app.errors import NotFound
from app.exams import queries
from app.exams.eligibility import Answer, is_eligible
from app.exams.models import Exam
from app.exams.pages.desk import desk
from app.exams.policies.service import policy_of, rules_of
from app.exams.rule_kinds import KINDS, asked_for
from app.exams.schemas import AnswerShown
from app.exams.schemas.eligibility import (
    EligibilityLine,
    EligibilityListShown,
    EligibilityShown,
    RuleAsked,
)
from app.exams.service.candidates import answers_for
from app.operation import Operation
from app.people.models import Person
from app.people.queries import ids_within, list_persons_among, place_of, units_by_id
from app.security.permissions import Capability

PAGE = 50


@desk.view("/exams/{exam_id}/eligibility", Capability.REGISTRATION_READ, template="exams/eligibility.html")
def list_eligibility(
    op: Operation, *, exam_id: int, search: str = "", unit_id: int = 0, after: str = ""
) -> EligibilityListShown:
    """Whether the persons of my units may sit this exam as things stand, rule by rule; nobody is registered by it."""
    exam = queries.find_exam(op.db, op.actor, exam_id)
    among = ids_within(op.actor.scopes(Capability.REGISTRATION_READ))
    rows = list_persons_among(op.db, among, search=search, unit_id=unit_id, after=after, limit=PAGE + 1)
    persons = rows[:PAGE]
    units = units_by_id(op.db, {person.unit_id for person in persons} | {unit_id})
    answers = answers_for(op, exam, persons)
    entered = {row.person_id for row in queries.live_registrations(op.db, exam.id)}
    return EligibilityListShown(
        **_asked(op, exam),
        persons=[
            EligibilityLine(
                person_id=person.id,
                person_name=person.name,
                id_number_masked=person.id_number_masked,
                unit_name=units[person.unit_id].name,
                eligible=is_eligible(answers[person.id]),
                entered=person.id in entered,
                answers=[answer_shown(answer) for answer in answers[person.id]],
            )
            for person in persons
        ],
        search=search,
        unit_id=unit_id,
        unit_name=units[unit_id].name if unit_id in units else "",
        next_after=place_of(persons[-1]) if len(rows) > PAGE else None,
    )


@desk.view(
    "/exams/{exam_id}/eligibility/{person_id}", Capability.REGISTRATION_READ, template="exams/eligibility_of.html"
)
def show_eligibility(op: Operation, *, exam_id: int, person_id: int) -> EligibilityShown:
    """Every rule's answer for one person of my units."""
    exam = queries.find_exam(op.db, op.actor, exam_id)
    person = _find(op, person_id)
    answers = answers_for(op, exam, [person])[person.id]
    registration = queries.registration_of(op.db, exam.id, person.id)
    return EligibilityShown(
        **_asked(op, exam),
        person_id=person.id,
        person_name=person.name,
        id_number_masked=person.id_number_masked,
        unit_name=units_by_id(op.db, [person.unit_id])[person.unit_id].name,
        eligible=is_eligible(answers),
        registration_id=registration.id if registration else None,
        answers=[answer_shown(answer) for answer in answers],
    )


def _find(op: Operation, person_id: int) -> Person:
    among = ids_within(op.actor.scopes(Capability.REGISTRATION_READ)).where(Person.id == person_id)
    found = list_persons_among(op.db, among, search="", unit_id=0, after="", limit=1)
    if not found:
        raise NotFound
    return found[0]


def _asked(op: Operation, exam: Exam) -> dict[str, Any]:
    policy = policy_of(op, exam)
    return {
        "exam_id": exam.id,
        "exam_name": exam.name,
        "policy_id": policy.id,
        "policy_number": policy.number or 0,
        "announced": exam.policy_id is not None,
        "rules": [
            RuleAsked(kind=rule.kind, zh=KINDS[rule.kind].zh, en=KINDS[rule.kind].en)
            for rule in asked_for(rules_of(policy), make_up=exam.makes_up_for is not None)
        ],
    }


def answer_shown(answer: Answer) -> AnswerShown:
    """An answer with the words of its rule."""
    return AnswerShown(
        rule=answer.rule,
        rule_zh=KINDS[answer.rule].zh,
        rule_en=KINDS[answer.rule].en,
        yes=answer.yes,
        zh=answer.zh,
        en=answer.en,
        from_day=answer.from_day.isoformat() if answer.from_day else None,
    )
