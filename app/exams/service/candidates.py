"""Eligibility of real persons: what is known of them is gathered here, judged by the pure rules."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from app.authoring.queries import PoolVersion, any_involved, involved_persons, versions_by_id
from app.exams import queries
from app.exams.eligibility import Answer, EligibilityRule, Known, Occasion, Part, Rule, answer_from_json, is_eligible
from app.exams.make_ups.queries import usable
from app.exams.models import Exam, Registration
from app.exams.policies.service import policy_of, rules_of
from app.exams.rule_kinds import asked_for, judge
from app.exams.rules import ExamState
from app.exams.service.blueprints import ground_of
from app.exams.service.deciding import persons_behind
from app.operation import Operation
from app.people.calendar import local_date
from app.people.models import Person
from app.people.queries import persons_by_id, standing_facts, units_by_id


def answers_for(op: Operation, exam: Exam, persons: Sequence[Person]) -> dict[int, tuple[Answer, ...]]:
    """Every rule's answer for each of these persons and this exam, as things stand, by the person's id; by the policy
    that the exam was announced under. The order counts where a unit may enter so many only."""
    rules = asked_for(rules_of(policy_of(op, exam)), make_up=exam.makes_up_for is not None)
    due = usable(op.db, exam, [person.id for person in persons]) if exam.makes_up_for is not None else {}
    makers = _makers(op, exam, persons)
    facts = standing_facts(op.db, [person.id for person in persons])
    sitting_day = local_date(queries.sittings_of(op.db, exam.id)[0].starts_at)
    when = Occasion(exam.level, sitting_day, local_date(op.now))
    known = {
        person.id: Known(
            status=person.political_status,
            in_post=person.in_post,
            facts=facts[person.id],
            parts=makers.get(person.id, frozenset()),
            make_up_due=person.id in due,
        )
        for person in persons
    }
    if any(rule.kind is EligibilityRule.UNIT_QUOTA for rule in rules):
        known = _placed(op, exam, persons, known, rules=rules, when=when)
    return {person.id: judge(rules, known[person.id], when) for person in persons}


def _placed(
    op: Operation,
    exam: Exam,
    persons: Sequence[Person],
    known: Mapping[int, Known],
    *,
    rules: Sequence[Rule],
    when: Occasion,
) -> dict[int, Known]:
    """What is known, with each person's place among the entries of their unit: whoever is entered keeps theirs, the
    others stand behind in the order given, and whom another rule keeps out takes no place."""
    others = [rule for rule in rules if rule.kind is not EligibilityRule.UNIT_QUOTA]
    live = queries.live_registrations(op.db, exam.id)
    units = {p.id: p.unit_id for p in (*persons_by_id(op.db, {row.person_id for row in live}).values(), *persons)}
    posts = {unit.id: unit.quota_posts for unit in units_by_id(op.db, set(units.values())).values()}
    taken: Counter[int] = Counter()
    places = {}
    for row in live:
        taken[units[row.person_id]] += 1
        places[row.person_id] = taken[units[row.person_id]]
    for person in persons:
        if person.id not in places:
            places[person.id] = taken[person.unit_id] + 1
            taken[person.unit_id] += is_eligible(judge(others, known[person.id], when))
    return {
        person.id: replace(known[person.id], unit_posts=posts[person.unit_id], place_in_unit=places[person.id])
        for person in persons
    }


def eligibility_of(op: Operation, registration_id: int) -> tuple[Answer, ...]:
    """Every rule's answer for a registration now (P28). Raises NotFound.

    Once the sitting has begun, a part in the making is judged by what was known then: who takes up item work later had
    no part in this exam.
    """
    registration = queries.registration_by_id(op.db, registration_id)
    exam = queries.exam_by_id(op.db, registration.exam_id)
    return _asked_again(op, exam, [registration])[registration_id]


def still_eligible_among(op: Operation, exam: Exam, registrations: Sequence[Registration]) -> set[int]:
    """Which of these registrations of one exam are `still_eligible`: the same answers, asked of all at once."""
    return {found for found, answers in _asked_again(op, exam, registrations).items() if is_eligible(answers)}


def _asked_again(op: Operation, exam: Exam, registrations: Sequence[Registration]) -> dict[int, tuple[Answer, ...]]:
    persons = persons_by_id(op.db, [registration.person_id for registration in registrations])
    asked = answers_for(op, exam, list(persons.values()))
    starts = {sitting.id: sitting.starts_at for sitting in queries.sittings_of(op.db, exam.id)}
    making = EligibilityRule.NO_PART_IN_MAKING
    found = {}
    for registration in registrations:
        answers = asked[registration.person_id]
        if op.now >= starts[registration.sitting_id]:
            kept = {answer.rule: answer for answer in map(answer_from_json, registration.eligibility)}
            answers = tuple(kept.get(making, answer) if answer.rule is making else answer for answer in answers)
        found[registration.id] = answers
    return found


def still_eligible(op: Operation, registration_id: int) -> bool:
    """Whether every rule says yes now: what a certificate asks at the instant of its issue (P28)."""
    return is_eligible(eligibility_of(op, registration_id))


def _makers(op: Operation, exam: Exam, persons: Sequence[Person]) -> Mapping[int, frozenset[Part]]:
    """Who of these had which part in the making of the exam, by the natural person. The pool is looked through only
    where one of them has had a hand in any item: reading a bank costs a person's page more than all the rest."""
    db = op.db
    blueprint = queries.blueprint_by_id(db, exam.blueprint_id)
    pool: Iterable[PoolVersion] = ()
    if not any_involved(db, [person.id for person in persons]):
        pass
    elif exam.state is ExamState.SEALED:
        pool = versions_by_id(db, queries.pool_version_ids(db, exam.id))
    else:
        day = local_date(queries.sittings_of(db, exam.id)[0].starts_at)
        pool = ground_of(op, blueprint, on=day).versions
    office = persons_behind(
        db,
        blueprint.created_by,
        blueprint.submitted_by,
        blueprint.approved_by,
        exam.created_by,
        exam.submitted_by,
        exam.published_by,
        exam.seal_proposed_by,
        exam.sealed_by,
    )
    rooms = [room.id for sitting in queries.sittings_of(db, exam.id) for room in queries.rooms_of(db, sitting.id)]
    proctors = persons_behind(
        db, *{account for accounts in queries.proctors_by_room(db, rooms).values() for account in accounts}
    )
    makers: dict[int, frozenset[Part]] = {}
    for part, found in (
        (Part.ITEMS, involved_persons(db, {version.item_id for version in pool})),
        (Part.OFFICE, set(office)),
        (Part.ROOM, set(proctors)),
    ):
        for person_id in found:
            makers[person_id] = makers.get(person_id, frozenset()) | {part}
    return makers
