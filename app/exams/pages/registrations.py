"""Registrations: listed, entered one by one or by list, confirmed, refused, withdrawn."""

from collections.abc import Sequence
from typing import Any

from app.errors import NotFound
from app.exams import queries
from app.exams.eligibility import answer_from_json, is_eligible
from app.exams.make_ups.queries import made_up_by
from app.exams.make_ups.rules import CAUSE_WORDS
from app.exams.models import Exam, Registration
from app.exams.pages.desk import desk
from app.exams.pages.eligibility import answer_shown
from app.exams.registering.rules import RegistrationWay
from app.exams.roster import make_template
from app.exams.rules import (
    EXAM_TRANSITIONS,
    REGISTRATION_TRANSITIONS,
    ExamAction,
    ExamState,
    Phase,
    RegistrationAction,
    RegistrationState,
    RowOutcome,
    phase_of,
)
from app.exams.schemas import (
    CommitGiven,
    ConfirmGiven,
    ListShown,
    OriginalShown,
    PersonGiven,
    ReasonGiven,
    RegistrationListed,
    RegistrationShown,
    RegistrationsShown,
    RowShown,
)
from app.exams.service import lists
from app.exams.service import registrations as service
from app.operation import Operation
from app.people.queries import person_by_id, persons_by_id, unit_by_id, units_by_id, units_within
from app.security.permissions import Capability
from app.shapes import Done
from app.web.faces import Download, Upload

PAGE = 200
_ENDORSING = frozenset({RegistrationAction.ENDORSE, RegistrationAction.DECLINE})
_BY_UNIT = _ENDORSING | {RegistrationAction.WITHDRAW}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@desk.view("/exams/{exam_id}/registrations", Capability.REGISTRATION_READ, template="exams/registrations.html")
def list_registrations(op: Operation, *, exam_id: int, state: str = "", after: int = 0) -> RegistrationsShown:
    """The registrations of an exam that I may see."""
    exam = queries.find_exam(op.db, op.actor, exam_id)
    wanted = RegistrationState(state) if state in set(RegistrationState) else None
    rows = queries.list_registrations(op.db, op.actor, exam_id, state=wanted, after=after, limit=PAGE + 1)
    times = service.timetable(op, exam)
    phase = phase_of(times, sealed=exam.state is ExamState.SEALED, now=op.now)
    return RegistrationsShown(
        exam_id=exam.id,
        exam_name=exam.name,
        exam_state=exam.state,
        phase=phase,
        registration_closes_at=exam.registration_closes_at,
        counts=dict(queries.count_registrations(op.db, op.actor, exam_id)),
        rows=[RegistrationListed(**line) for line in _lines(op, exam, rows[:PAGE])],
        state=wanted or "",
        next_after=rows[PAGE - 1].id if len(rows) > PAGE else None,
        may_register=(exam.state, ExamAction.REGISTER) in EXAM_TRANSITIONS
        and exam.way is not RegistrationWay.PERSON
        and phase is Phase.REGISTRATION_OPEN
        and bool(op.actor.scopes(Capability.REGISTRATION_WRITE)),
    )


@desk.view("/exams/{exam_id}/registrations/template", Capability.REGISTRATION_WRITE)
def download_template(op: Operation, *, exam_id: int) -> Download:
    """The workbook to fill in."""
    exam = queries.find_exam(op.db, op.actor, exam_id)
    units = units_within(op.db, op.actor.scopes(Capability.REGISTRATION_WRITE))
    content = make_template(exam_name=exam.name, unit_names=[unit.name for unit in units])
    return Download(f"报名名单模板-{exam.name}.xlsx", content, _XLSX)


@desk.command(
    "/exams/{exam_id}/registrations",
    Capability.REGISTRATION_WRITE,
    then="/exams/{exam_id}/registrations",
    retry=list_registrations,
    said="已登记。",
)
def register(op: Operation, *, exam_id: int, given: PersonGiven) -> Done:
    """Enter one person of my units."""
    return Done(id=service.register(op, exam_id=exam_id, name=given.name, id_number=given.id_number).id)


@desk.command(
    "/exams/{exam_id}/lists",
    Capability.REGISTRATION_WRITE,
    then="/lists/{id}",
    retry=list_registrations,
)
def upload_list(op: Operation, *, exam_id: int, upload: Upload) -> Done:
    """Check a list: nobody is registered yet."""
    return Done(id=lists.check_list(op, exam_id=exam_id, file_name=upload.name, content=upload.content).id)


@desk.view("/lists/{list_id}", Capability.REGISTRATION_WRITE, template="exams/list.html")
def show_list(op: Operation, *, list_id: int) -> ListShown:
    """What would become of every row of my list."""
    row = queries.find_list(op.db, op.actor, list_id)
    good = sum(entry["outcome"] == RowOutcome.GOOD for entry in row.rows)
    return ListShown(
        id=row.id,
        exam_id=row.exam_id,
        exam_name=queries.exam_by_id(op.db, row.exam_id).name,
        state=row.state,
        file_name=row.file_name,
        good=good,
        left_out=len(row.rows) - good,
        rows=[
            RowShown(**{name: entry[name] for name in ("row", "name", "masked", "outcome", "zh", "en")})
            for entry in row.rows
        ],
    )


@desk.command(
    "/lists/{list_id}/commit",
    Capability.REGISTRATION_WRITE,
    then="/lists/{list_id}",
    retry=show_list,
    said="名单已登记。",
)
def commit_list(op: Operation, *, list_id: int, given: CommitGiven) -> Done:
    """Register exactly the good rows of my list, or nobody."""
    return Done(id=lists.commit_list(op, list_id=list_id, left_out=given.left_out).id)


@desk.command(
    "/lists/{list_id}/discard",
    Capability.REGISTRATION_WRITE,
    then="/lists/{list_id}",
    retry=show_list,
    said="名单已放弃，未登记任何人。",
)
def discard_list(op: Operation, *, list_id: int) -> Done:
    """Put my list aside."""
    return Done(id=lists.discard_list(op, list_id=list_id).id)


@desk.view(
    "/exams/{exam_id}/registrations/{registration_id}",
    Capability.REGISTRATION_READ,
    template="exams/registration.html",
)
def show_registration(op: Operation, *, exam_id: int, registration_id: int) -> RegistrationShown:
    """One registration and every rule's answer."""
    exam = queries.find_exam(op.db, op.actor, exam_id)
    row = queries.find_registration(op.db, op.actor, registration_id)
    if row.exam_id != exam.id:
        raise NotFound
    return RegistrationShown(
        **_lines(op, exam, [row])[0],
        exam_id=exam.id,
        exam_name=exam.name,
        makes_up=_original(op, row),
        answers=[answer_shown(answer) for answer in map(answer_from_json, row.eligibility)],
        may_photograph=_may_photograph(op, row),
    )


@desk.command(
    "/exams/{exam_id}/registrations/confirm",
    Capability.REGISTRATION_CONFIRM,
    then="/exams/{exam_id}/registrations",
    retry=list_registrations,
    said="报名已确认。",
)
def confirm(op: Operation, *, exam_id: int, given: ConfirmGiven) -> Done:
    """Confirm registrations, all or none."""
    service.confirm(op, exam_id=exam_id, registration_ids=given.registration_ids)
    return Done(id=exam_id)


@desk.command(
    "/exams/{exam_id}/registrations/{registration_id}/refuse",
    Capability.REGISTRATION_CONFIRM,
    then="/exams/{exam_id}/registrations/{registration_id}",
    retry=show_registration,
    said="报名未予确认。",
)
def refuse(op: Operation, *, exam_id: int, registration_id: int, given: ReasonGiven) -> Done:
    """Refuse one registration, with a reason."""
    row = service.refuse(op, exam_id=exam_id, registration_id=registration_id, reason=given.reason)
    return Done(id=row.id)


@desk.command(
    "/exams/{exam_id}/registrations/{registration_id}/withdraw",
    Capability.REGISTRATION_WRITE,
    then="/exams/{exam_id}/registrations/{registration_id}",
    retry=show_registration,
    said="报名已撤回。",
)
def withdraw(op: Operation, *, exam_id: int, registration_id: int) -> Done:
    """Take a registration of my units back."""
    return Done(id=service.withdraw(op, exam_id=exam_id, registration_id=registration_id).id)


def _original(op: Operation, row: Registration) -> OriginalShown | None:
    used = made_up_by(op.db, [row.id]).get(row.id)
    if used is None:
        return None
    exam = queries.exam_by_id(op.db, queries.registration_by_id(op.db, used.registration_id).exam_id)
    zh, en = CAUSE_WORDS[used.cause]
    return OriginalShown(
        exam_id=exam.id,
        exam_name=exam.name,
        registration_id=used.registration_id,
        cause=used.cause,
        cause_zh=zh,
        cause_en=en,
    )


def _may_photograph(op: Operation, row: Registration) -> bool:
    unit = unit_by_id(op.db, person_by_id(op.db, row.person_id).unit_id)
    return row.state in queries.LIVE and op.actor.covers(Capability.REGISTRATION_WRITE, unit.path)


def _can(op: Operation, exam: Exam, row: Registration, path: str) -> list[RegistrationAction]:
    """What this person may do to a registration of somebody of the unit with that path."""
    if (exam.state, ExamAction.REGISTER) not in EXAM_TRANSITIONS:
        return []
    officer, unit = (
        op.actor.covers(Capability.REGISTRATION_CONFIRM, path),
        op.actor.covers(Capability.REGISTRATION_WRITE, path),
    )
    allowed = [action for action in RegistrationAction if (row.state, action) in REGISTRATION_TRANSITIONS]
    if op.actor.person_id == row.person_id:  # nobody endorses their own
        allowed = [action for action in allowed if action not in _ENDORSING]
    return [action for action in allowed if (unit if action in _BY_UNIT else officer)]


def _lines(op: Operation, exam: Exam, rows: Sequence[Registration]) -> list[dict[str, Any]]:
    persons = persons_by_id(op.db, {row.person_id for row in rows})
    units = units_by_id(op.db, {person.unit_id for person in persons.values()})
    rooms = queries.room_names(op.db, {row.room_id for row in rows if row.room_id is not None})
    return [
        {
            "id": row.id,
            "person_name": persons[row.person_id].name,
            "id_number_masked": persons[row.person_id].id_number_masked,
            "unit_name": units[persons[row.person_id].unit_id].name,
            "state": row.state,
            "eligible": is_eligible([*map(answer_from_json, row.eligibility)]),
            "remark": row.remark,
            "ticket_number": row.ticket_number,
            "room_name": rooms.get(row.room_id) if row.room_id else None,
            "seat": row.seat,
            "registered_at": row.registered_at,
            "can": _can(op, exam, row, units[persons[row.person_id].unit_id].path),
        }
        for row in rows
    ]
