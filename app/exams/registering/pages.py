"""Registering by the person; endorsing by the unit; the privacy notice."""

import re

from app.accounts.queries import person_of
from app.exams import queries
from app.exams.eligibility import answer_from_json, is_eligible
from app.exams.models import Exam, Registration
from app.exams.pages.desk import desk
from app.exams.pages.eligibility import answer_shown
from app.exams.pages.registrations import list_registrations, show_registration
from app.exams.registering import service
from app.exams.registering.queries import consents_of, open_to_persons, own_registrations
from app.exams.registering.rules import CURRENT, NOTICES, RegistrationWay
from app.exams.registering.schemas import (
    ApplyGiven,
    ConsentDone,
    ConsentGiven,
    ExamToEnter,
    NoticeShown,
    OwnRegistration,
    OwnRegistrationsShown,
    ParagraphShown,
)
from app.exams.registration_models import Consent
from app.exams.rules import EXAM_TRANSITIONS, REGISTRATION_TRANSITIONS, ExamAction, Phase, RegistrationAction, phase_of
from app.exams.schemas import ConfirmGiven, ReasonGiven
from app.exams.service.candidates import answers_for
from app.exams.service.registrations import timetable
from app.operation import Operation
from app.people.models import Person
from app.people.queries import person_by_id
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import NavEntry

_DOOR = re.compile(r"/exams/[0-9]{1,18}/sit")


@desk.view(
    "/registrations",
    Capability.REGISTRATION_OWN,
    template="exams/own_registrations.html",
    nav=NavEntry("我的报名", 6, under=("/consent",)),
)
def list_own_registrations(op: Operation) -> OwnRegistrationsShown:
    """The exams that I may enter, with every rule's answer, and how my own registrations stand."""
    own: dict[int, Registration] = {}
    for row in own_registrations(op.db, op.actor):
        own.setdefault(row.exam_id, row)
    consents = consents_of(op.db, [row.id for row in own.values()])
    person = person_by_id(op.db, op.actor.person_id or 0)
    exams = open_to_persons(op.db, op.now, own.keys())
    lines = []
    for exam in exams:
        mine = own.get(exam.id)
        lines.append(_line(op, exam, person, mine, consents.get(mine.id) if mine is not None else None))
    return OwnRegistrationsShown(exams=lines, notice=_notice(op, ""))


@desk.command(
    "/exams/{exam_id}/apply",
    Capability.REGISTRATION_OWN,
    then="/registrations",
    retry=list_own_registrations,
    said="报名已提交。",
)
def apply(op: Operation, *, exam_id: int, given: ApplyGiven) -> Done:
    """Enter myself."""
    return Done(id=service.apply(op, exam_id=exam_id, version=given.consent).id)


@desk.command(
    "/exams/{exam_id}/take-back",
    Capability.REGISTRATION_OWN,
    then="/registrations",
    retry=list_own_registrations,
    said="报名已撤回。",
)
def take_back(op: Operation, *, exam_id: int) -> Done:
    """Take my registration back."""
    return Done(id=service.take_back(op, exam_id=exam_id).id)


@desk.command(
    "/exams/{exam_id}/registrations/endorse",
    Capability.REGISTRATION_WRITE,
    then="/exams/{exam_id}/registrations",
    retry=list_registrations,
    said="已推荐，等待组织部门确认。",
)
def endorse(op: Operation, *, exam_id: int, given: ConfirmGiven) -> Done:
    """Endorse applications of my units, all or none."""
    service.endorse(op, exam_id=exam_id, registration_ids=given.registration_ids)
    return Done(id=exam_id)


@desk.command(
    "/exams/{exam_id}/registrations/{registration_id}/decline",
    Capability.REGISTRATION_WRITE,
    then="/exams/{exam_id}/registrations/{registration_id}",
    retry=show_registration,
    said="已不予推荐，理由告知本人。",
)
def decline(op: Operation, *, exam_id: int, registration_id: int, given: ReasonGiven) -> Done:
    """Do not endorse an application, with a reason."""
    row = service.decline(op, exam_id=exam_id, registration_id=registration_id, reason=given.reason)
    return Done(id=row.id)


@desk.view("/consent", Capability.REGISTRATION_OWN, template="exams/consent.html")
def show_notice(op: Operation, *, next: str = "") -> NoticeShown:  # noqa: A002 - the address bar says so
    """The privacy notice."""
    return _notice(op, next)


@desk.command("/consent", Capability.REGISTRATION_OWN, then=lambda done: str(done.next), retry=show_notice)
def accept_notice(op: Operation, *, given: ConsentGiven) -> ConsentDone:
    """Accept it for every registration of mine that lacks it."""
    return ConsentDone(next=_local(given.next), registrations=len(service.consent(op, version=given.version)))


def _local(address: str) -> str:
    """The door of an exam, which is where people are led here from; otherwise the list of one's registrations."""
    return address if _DOOR.fullmatch(address) else "/registrations"


def _notice(op: Operation, address: str) -> NoticeShown:
    live = [row.id for row in own_registrations(op.db, op.actor) if row.state in queries.LIVE]
    accepted = consents_of(op.db, live)
    lacking = set(live) - accepted.keys()
    # Who has accepted reads what they accepted: the oldest words that all their registrations rest on.
    version = CURRENT if lacking else min((one.version for one in accepted.values()), default=CURRENT)
    return NoticeShown(
        version=version,
        paragraphs=[ParagraphShown(zh=zh, en=en) for zh, en in NOTICES[version]],
        lacking=len(lacking),
        next=_local(address),
    )


def _line(op: Operation, exam: Exam, person: Person, row: Registration | None, consent: Consent | None) -> ExamToEnter:
    times = timetable(op, exam)
    moves = (exam.state, ExamAction.REGISTER) in EXAM_TRANSITIONS
    is_open = moves and phase_of(times, sealed=False, now=op.now) is Phase.REGISTRATION_OPEN
    live = row is not None and row.state in queries.LIVE
    answers = (
        tuple(map(answer_from_json, row.eligibility))
        if row is not None and (live or not is_open)
        else answers_for(op, exam, [person])[person.id]
    )
    enters = is_open and not live and exam.way is not RegistrationWay.UNIT
    return ExamToEnter(
        exam_id=exam.id,
        name=exam.name,
        level=exam.level,
        way=exam.way,
        registration_closes_at=exam.registration_closes_at,
        endorsement_closes_at=exam.endorsement_closes_at,
        starts_at=times.starts_at,
        eligible=is_eligible(answers),
        answers=[answer_shown(answer) for answer in answers],
        mine=_mine(op, row, consent) if row else None,
        may_apply=enters and is_eligible(answers),
        may_take_back=is_open
        and row is not None
        and (row.state, RegistrationAction.WITHDRAW) in REGISTRATION_TRANSITIONS,
    )


def _mine(op: Operation, row: Registration, consent: Consent | None) -> OwnRegistration:
    return OwnRegistration(
        state=row.state,
        remark=row.remark,
        registered_at=row.registered_at,
        by_myself=person_of(op.db, row.registered_by) == row.person_id,
        endorsed_at=row.endorsed_at,
        consent_version=consent.version if consent else None,
        consent_at=consent.accepted_at if consent else None,
    )
