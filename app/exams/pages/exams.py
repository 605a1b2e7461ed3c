"""Exams: listed, planned, published, cancelled."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from app.accounts.queries import person_of
from app.exams import queries
from app.exams.make_ups.queries import originals
from app.exams.models import Exam, Room, Sitting
from app.exams.pages.desk import desk
from app.exams.queries.reserve import count_reserve_set
from app.exams.rules import (
    EXAM_TRANSITIONS,
    PUBLIC_STATES,
    ExamAction,
    ExamState,
    Phase,
    RegistrationState,
    Timetable,
    phase_of,
)
from app.exams.schemas import (
    ChoiceShown,
    ExamFormShown,
    ExamGiven,
    ExamListed,
    ExamShown,
    ExamsShown,
    NeedShown,
    ProctorShown,
    ReasonGiven,
    RoomShown,
    SealShown,
)
from app.exams.service import exams as service
from app.exams.service.blueprints import blueprint_of
from app.exams.service.deciding import persons_behind
from app.exams.service.rooms import RoomPlan, proctor_accounts
from app.exams.service.sealing import seal_checklist
from app.operation import Operation
from app.people.queries import person_name
from app.security.permissions import Capability
from app.shapes import LOCAL, Done
from app.web.desk import NavEntry
from question_bank.assembly import STREAM_VERSION

_BY_OFFICER = frozenset(
    {ExamAction.REVISE, ExamAction.SUBMIT, ExamAction.ARRANGE, ExamAction.DRAW_SEATS, ExamAction.PROPOSE_SEAL}
)
_BY_APPROVER = frozenset(
    {
        ExamAction.RETURN,
        ExamAction.PUBLISH,
        ExamAction.DECLINE_SEAL,
        ExamAction.SEAL,
        ExamAction.CANCEL,
        ExamAction.REDRAW_SEATS,
        ExamAction.ADD_LATE,
        ExamAction.DISCLOSE_SEED,
    }
)


@desk.view(
    "/exams", Capability.EXAM_READ, template="exams/exams.html", nav=NavEntry("考试", 31, under=("/lists", "/sittings"))
)
def list_exams(op: Operation) -> ExamsShown:
    """Every exam that I may see."""
    exams = queries.list_exams(op.db, op.actor)
    sittings = queries.sittings_by_exam(op.db, [exam.id for exam in exams])
    listed = [ExamListed(**_line(op, exam, sittings[exam.id])) for exam in exams]
    return ExamsShown(exams=listed, may_write=op.may(Capability.EXAM_WRITE))


@desk.view("/exams/new", Capability.EXAM_WRITE, template="exams/exam_form.html")
def show_new_exam(op: Operation) -> ExamFormShown:
    """The form for a new exam."""
    values = {
        "duration_minutes": "90",
        "late_entry_minutes": "30",
        "earliest_hand_in_minutes": "30",
        "reserve_forms": "10",
        "reserve_set": "true",
        "lockdown": "false",
        "integrity": "standard",
        "way": "unit",
    }
    return _form(op, None, values)


@desk.command("/exams", Capability.EXAM_WRITE, then="/exams/{id}", retry=show_new_exam, said="草稿已保存。")
def create_exam(op: Operation, *, given: ExamGiven) -> Done:
    """Plan an exam."""
    return Done(id=service.create_exam(op, _plan(given)).id)


@desk.view("/exams/{exam_id}", Capability.EXAM_READ, template="exams/exam.html")
def show_exam(op: Operation, *, exam_id: int) -> ExamShown:
    """One exam: where it stands, what is missing, what I may do."""
    exam = queries.find_exam(op.db, op.actor, exam_id)
    sitting = queries.sittings_of(op.db, exam.id)[0]
    row = queries.blueprint_by_id(op.db, exam.blueprint_id)
    blueprint = blueprint_of(row)
    counts = queries.count_registrations(op.db, op.actor, exam.id)
    runs = op.may(Capability.EXAM_WRITE) or op.may(Capability.EXAM_APPROVE)
    can = _can(op, exam, sitting)
    arranges = ExamAction.ARRANGE in can
    return ExamShown(
        **_line(op, exam, sitting),
        duration_minutes=exam.duration_minutes,
        late_entry_minutes=exam.late_entry_minutes,
        earliest_hand_in_minutes=exam.earliest_hand_in_minutes,
        reserve_forms=exam.reserve_forms,
        reserve_set=exam.reserve_set,
        lockdown=exam.lockdown,
        integrity=exam.integrity,
        blueprint_id=row.id if runs else None,
        blueprint_name=row.name if runs else "",
        item_count=blueprint.item_count,
        maximum_hundredths=blueprint.maximum_hundredths,
        cut_score_hundredths=blueprint.cut_score_hundredths,
        way=exam.way,
        endorsement_closes_at=exam.endorsement_closes_at,
        makes_up_for=exam.makes_up_for,
        original_name=queries.exam_by_id(op.db, exam.makes_up_for).name if exam.makes_up_for is not None else "",
        applied=counts[RegistrationState.APPLIED],
        registered=counts[RegistrationState.REGISTERED],
        confirmed=counts[RegistrationState.CONFIRMED],
        rooms=_rooms(op, exam, queries.rooms_of(op.db, sitting.id), runs=runs),
        checklist=_checklist(op, exam) if runs else [],
        has_fairness=runs and exam.fairness is not None,
        seal=_seal(op, exam, runs=runs) if exam.state is ExamState.SEALED else None,
        remark=exam.remark if runs else "",
        can=can,
        proctors=[ChoiceShown(id=a, name=_name(op, a)) for a in proctor_accounts(op)] if arranges else [],
    )


@desk.view("/exams/{exam_id}/edit", Capability.EXAM_WRITE, template="exams/exam_form.html")
def show_exam_form(op: Operation, *, exam_id: int) -> ExamFormShown:
    """The form of an exam that is a draft."""
    exam = queries.find_exam(op.db, op.actor, exam_id)
    sitting = queries.sittings_of(op.db, exam.id)[0]
    values = {
        "name": exam.name,
        "blueprint_id": str(exam.blueprint_id),
        "registration_opens_at": _typed(exam.registration_opens_at),
        "registration_closes_at": _typed(exam.registration_closes_at),
        "starts_at": _typed(sitting.starts_at),
        "ends_at": _typed(sitting.ends_at),
        "duration_minutes": str(exam.duration_minutes),
        "late_entry_minutes": str(exam.late_entry_minutes),
        "earliest_hand_in_minutes": str(exam.earliest_hand_in_minutes),
        "reserve_forms": str(exam.reserve_forms),
        "reserve_set": "true" if exam.reserve_set else "",
        "lockdown": "true" if exam.lockdown else "false",
        "integrity": exam.integrity.value,
        "way": exam.way.value,
        "endorsement_closes_at": _typed(exam.endorsement_closes_at) if exam.endorsement_closes_at else "",
        "makes_up_for": str(exam.makes_up_for or ""),
    }
    for index, room in enumerate(queries.rooms_of(op.db, sitting.id)):
        values |= {f"rooms.{index}.name": room.name, f"rooms.{index}.capacity": str(room.capacity)}
        values[f"rooms.{index}.columns"] = str(room.columns)
        if room.remote:
            values[f"rooms.{index}.remote"] = "true"
    return _form(op, exam.id, values)


@desk.command(
    "/exams/{exam_id}", Capability.EXAM_WRITE, then="/exams/{exam_id}", retry=show_exam_form, said="草稿已保存。"
)
def revise_exam(op: Operation, *, exam_id: int, given: ExamGiven) -> Done:
    """Plan it anew."""
    return Done(id=service.revise_exam(op, exam_id=exam_id, plan=_plan(given)).id)


@desk.command(
    "/exams/{exam_id}/submit", Capability.EXAM_WRITE, then="/exams/{exam_id}", retry=show_exam, said="已提交审批。"
)
def submit_exam(op: Operation, *, exam_id: int) -> Done:
    """Ask for publication."""
    return Done(id=service.submit_exam(op, exam_id=exam_id).id)


@desk.command(
    "/exams/{exam_id}/return",
    Capability.EXAM_APPROVE,
    then="/exams/{exam_id}",
    retry=show_exam,
    fresh=True,
    said="已退回修改。",
)
def return_exam(op: Operation, *, exam_id: int, given: ReasonGiven) -> Done:
    """Send it back with a reason."""
    return Done(id=service.return_exam(op, exam_id=exam_id, reason=given.reason).id)


@desk.command(
    "/exams/{exam_id}/publish",
    Capability.EXAM_APPROVE,
    then="/exams/{exam_id}",
    retry=show_exam,
    fresh=True,
    said="考试已发布。",
)
def publish_exam(op: Operation, *, exam_id: int) -> Done:
    """Publish an exam that another planned."""
    return Done(id=service.publish_exam(op, exam_id=exam_id).id)


@desk.command(
    "/exams/{exam_id}/cancel",
    Capability.EXAM_APPROVE,
    then="/exams/{exam_id}",
    retry=show_exam,
    fresh=True,
    said="考试已取消。",
)
def cancel_exam(op: Operation, *, exam_id: int, given: ReasonGiven) -> Done:
    """Cancel an exam that is not sealed."""
    return Done(id=service.cancel_exam(op, exam_id=exam_id, reason=given.reason).id)


def _plan(given: ExamGiven) -> service.ExamPlan:
    return service.ExamPlan(
        name=given.name,
        blueprint_id=given.blueprint_id,
        registration_opens_at=given.registration_opens_at,
        registration_closes_at=given.registration_closes_at,
        starts_at=given.starts_at,
        ends_at=given.ends_at,
        duration_minutes=given.duration_minutes,
        late_entry_minutes=given.late_entry_minutes,
        earliest_hand_in_minutes=given.earliest_hand_in_minutes,
        reserve_forms=given.reserve_forms,
        reserve_set=given.reserve_set,
        lockdown=given.lockdown,
        integrity=given.integrity,
        rooms=tuple(RoomPlan(**room.model_dump()) for room in given.rooms),
        way=given.way,
        endorsement_closes_at=given.endorsement_closes_at,
        makes_up_for=given.makes_up_for,
    )


def _line(op: Operation, exam: Exam, sitting: Sitting) -> dict[str, Any]:
    times = Timetable(exam.registration_opens_at, exam.registration_closes_at, sitting.starts_at, sitting.ends_at)
    phase = phase_of(times, sealed=exam.state is ExamState.SEALED, now=op.now)
    return {
        "id": exam.id,
        "name": exam.name,
        "level": exam.level,
        "state": exam.state,
        "phase": phase if exam.state in PUBLIC_STATES else None,
        "registration_opens_at": exam.registration_opens_at,
        "registration_closes_at": exam.registration_closes_at,
        "starts_at": sitting.starts_at,
        "ends_at": sitting.ends_at,
    }


def _can(op: Operation, exam: Exam, sitting: Sitting) -> list[ExamAction]:
    """What this person may do by role, state, time, and by not having proposed it; the service judges again."""
    times = Timetable(exam.registration_opens_at, exam.registration_closes_at, sitting.starts_at, sitting.ends_at)
    phase = phase_of(times, sealed=exam.state is ExamState.SEALED, now=op.now)
    allowed = {action for action in ExamAction if (exam.state, action) in EXAM_TRANSITIONS}
    allowed &= (_BY_OFFICER if op.may(Capability.EXAM_WRITE) else frozenset()) | (
        _BY_APPROVER if op.may(Capability.EXAM_APPROVE) else frozenset()
    )
    person = op.actor.person_id
    if person in persons_behind(op.db, exam.created_by, exam.submitted_by):
        allowed -= {ExamAction.RETURN, ExamAction.PUBLISH, ExamAction.CANCEL}
    if person in persons_behind(op.db, exam.seal_proposed_by):
        allowed -= {ExamAction.DECLINE_SEAL, ExamAction.SEAL, ExamAction.ADD_LATE}
    if phase is not Phase.REGISTRATION_CLOSED:
        allowed -= {ExamAction.PROPOSE_SEAL, ExamAction.SEAL}
    if op.now >= sitting.starts_at + timedelta(minutes=exam.late_entry_minutes):
        allowed -= {ExamAction.ADD_LATE}
    if phase is not Phase.OVER or exam.seed_disclosed:
        allowed -= {ExamAction.DISCLOSE_SEED}
    return sorted(allowed)


def _checklist(op: Operation, exam: Exam) -> list[NeedShown]:
    if exam.state in {ExamState.DRAFT, ExamState.SUBMITTED}:
        needs = service.checklist(op, exam)
    elif exam.state in {ExamState.PUBLISHED, ExamState.SEAL_PROPOSED}:
        needs = seal_checklist(op, exam)
    else:
        needs = ()
    return [NeedShown(zh=need.zh, en=need.en, met=need.met) for need in needs]


def _rooms(op: Operation, exam: Exam, rooms: Sequence[Room], *, runs: bool) -> list[RoomShown]:
    proctors = queries.proctors_by_room(op.db, [room.id for room in rooms]) if runs else {}
    seated: dict[int | None, int] = {}
    for row in queries.confirmed_registrations(op.db, exam.id) if runs else ():
        seated[row.room_id] = seated.get(row.room_id, 0) + 1
    return [
        RoomShown(
            id=room.id,
            name=room.name,
            capacity=room.capacity,
            columns=room.columns,
            remote=room.remote,
            separate=room.separate,
            seated=seated.get(room.id, 0),
            proctors=[ProctorShown(account_id=a, name=_name(op, a)) for a in proctors.get(room.id, [])],
        )
        for room in rooms
    ]


def _seal(op: Operation, exam: Exam, *, runs: bool) -> SealShown:
    forms, used = count_reserve_set(op.db, exam.id)
    return SealShown(
        draw_version=exam.draw_version or STREAM_VERSION,
        sealed_at=exam.sealed_at,
        seed_commitment=exam.seed_commitment,
        pool_hash=exam.pool_hash,
        forms_hash=exam.forms_hash,
        seed_disclosed=exam.seed_disclosed,
        reserve_left=queries.count_reserve_forms(op.db, exam.id) if runs else None,
        reserve_set_forms=forms if runs else None,
        reserve_set_used=used if runs else None,
    )


def _form(op: Operation, exam_id: int | None, values: dict[str, str]) -> ExamFormShown:
    approved = [ChoiceShown(id=row.id, name=row.name) for row in queries.blueprints_approved(op.db)]
    others = [ChoiceShown(id=exam.id, name=exam.name) for exam in originals(op.db) if exam.id != exam_id]
    return ExamFormShown(id=exam_id, blueprints=approved, originals=others, values=values)


def _typed(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL):%Y-%m-%dT%H:%M}"


def _name(op: Operation, account_id: int) -> str:
    return person_name(op.db, person_of(op.db, account_id))
