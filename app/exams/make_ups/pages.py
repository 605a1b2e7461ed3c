"""The page of make-ups: who is entitled by an exam, and who is to sit the one that makes up for it."""

from collections.abc import Sequence

from app.exams import queries as exams
from app.exams.eligibility import is_eligible, refusal
from app.exams.make_ups import queries, service
from app.exams.make_ups.rules import CAUSE_WORDS
from app.exams.make_ups.schemas import EntitlementShown, MakeUpCandidateShown, MakeUpsShown
from app.exams.pages.desk import desk
from app.exams.rules import EXAM_TRANSITIONS, ExamAction
from app.operation import Operation
from app.people.queries import persons_by_id, units_by_id
from app.security.permissions import Capability
from app.shapes import Done

_HERE = "/exams/{exam_id}/make-ups"


@desk.view(_HERE, Capability.EXAM_PRINT, template="exams/make_ups.html")
def show_make_ups(op: Operation, *, exam_id: int) -> MakeUpsShown:
    """Whom this exam entitles to a make-up, by cause; for a make-up exam, who is to sit it."""
    exam = exams.find_exam(op.db, op.actor, exam_id)
    original = exams.exam_by_id(op.db, exam.makes_up_for) if exam.makes_up_for is not None else None
    candidates = service.candidates_of(op, exam) if original else []
    units = units_by_id(op.db, {one.person.unit_id for one in candidates})
    to_enter = sum(one.to_enter for one in candidates)
    return MakeUpsShown(
        exam_id=exam.id,
        exam_name=exam.name,
        makes_up_for=exam.makes_up_for,
        original_name=original.name if original else "",
        candidates=[_candidate(one, unit_name=units[one.person.unit_id].name) for one in candidates],
        entitlements=_entitlements(op, queries.lines_of(op.db, op.actor, exam.id)),
        to_enter=to_enter,
        may_enter=to_enter > 0
        and op.may(Capability.EXAM_WRITE)
        and (exam.state, ExamAction.REGISTER) in EXAM_TRANSITIONS,
    )


@desk.command(
    f"{_HERE}/enter",
    Capability.EXAM_WRITE,
    then=_HERE,
    retry=show_make_ups,
    said="补考人员已登记，待确认报名。",
)
def enter_entitled(op: Operation, *, exam_id: int) -> Done:
    """Enter everybody whom a cause entitles and who is eligible."""
    service.enter_entitled(op, exam_id=exam_id)
    return Done(id=exam_id)


def _candidate(one: service.Candidate, *, unit_name: str) -> MakeUpCandidateShown:
    cause_zh, cause_en = CAUSE_WORDS[one.entitlement.cause] if one.entitlement else ("", "")
    return MakeUpCandidateShown(
        person_name=one.person.name,
        unit_name=unit_name,
        original_id=one.entitlement.registration_id if one.entitlement else None,
        cause=one.entitlement.cause if one.entitlement else None,
        cause_zh=cause_zh,
        cause_en=cause_en,
        registration_id=one.registration.id if one.registration else None,
        registration_state=one.registration.state if one.registration else None,
        eligible=is_eligible(one.answers),
        why_zh=refusal(one.answers, "zh"),
        why_en=refusal(one.answers, "en"),
    )


def _entitlements(op: Operation, lines: Sequence[queries.Line]) -> list[EntitlementShown]:
    persons = persons_by_id(op.db, {line.original.person_id for line in lines})
    units = units_by_id(op.db, {person.unit_id for person in persons.values()})
    used_in = {line.used_by.exam_id for line in lines if line.used_by}
    names = {exam_id: exams.exam_by_id(op.db, exam_id).name for exam_id in used_in}
    return [
        EntitlementShown(
            registration_id=line.original.id,
            person_name=persons[line.original.person_id].name,
            unit_name=units[persons[line.original.person_id].unit_id].name,
            ticket_number=line.original.ticket_number or "",
            cause=line.entitlement.cause,
            cause_zh=CAUSE_WORDS[line.entitlement.cause][0],
            cause_en=CAUSE_WORDS[line.entitlement.cause][1],
            state=line.entitlement.state,
            granted_at=line.entitlement.granted_at,
            used_in=names[line.used_by.exam_id] if line.used_by else "",
            used_exam_id=line.used_by.exam_id if line.used_by else None,
            used_registration_id=line.used_by.id if line.used_by else None,
        )
        for line in lines
    ]
