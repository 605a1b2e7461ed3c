"""Exams: planned by an officer, published by another person."""

from dataclasses import dataclass
from datetime import datetime

from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import FieldProblem, Invalid
from app.exams import queries
from app.exams.integrity import Integrity
from app.exams.make_ups import entitlements
from app.exams.make_ups.queries import originals
from app.exams.make_ups.rules import check_original
from app.exams.models import BlueprintRow, Exam, Sitting
from app.exams.planning import Plan, check_plan
from app.exams.policies.service import policy_of
from app.exams.registering.rules import RegistrationWay
from app.exams.rules import (
    BlueprintState,
    ExamAction,
    ExamState,
    NameTaken,
    NotReady,
    Timetable,
    move_exam,
)
from app.exams.service.deciding import acting_account, check_other_person
from app.exams.service.lockdown import make_file
from app.exams.service.rooms import RoomPlan, drop_room, write_room
from app.operation import Operation
from app.outbox.post import post_to_all
from app.outbox.templates import Kind


@dataclass(frozen=True)
class ExamPlan:
    """An exam as planned: one sitting, its rooms, its settings (minutes)."""

    name: str
    blueprint_id: int
    registration_opens_at: datetime
    registration_closes_at: datetime
    starts_at: datetime
    ends_at: datetime
    duration_minutes: int
    late_entry_minutes: int = 30
    earliest_hand_in_minutes: int = 30
    reserve_forms: int = 10
    reserve_set: bool = False
    lockdown: bool = False
    integrity: Integrity = Integrity.BASIC
    rooms: tuple[RoomPlan, ...] = ()
    way: RegistrationWay = RegistrationWay.UNIT
    endorsement_closes_at: datetime | None = None
    makes_up_for: int | None = None
    """The exam that it makes up for, where it is a make-up."""


def create_exam(op: Operation, plan: ExamPlan) -> Exam:
    """Plan an exam. Raises Invalid, naming fields, where the plan contradicts itself; NameTaken."""
    blueprint = _check(op, plan, itself=None)
    exam = Exam(
        name=plan.name,
        level=blueprint.level,
        blueprint_id=blueprint.id,
        state=ExamState.DRAFT,
        registration_opens_at=plan.registration_opens_at,
        registration_closes_at=plan.registration_closes_at,
        way=plan.way,
        endorsement_closes_at=plan.endorsement_closes_at,
        duration_minutes=plan.duration_minutes,
        late_entry_minutes=plan.late_entry_minutes,
        earliest_hand_in_minutes=plan.earliest_hand_in_minutes,
        reserve_forms=plan.reserve_forms,
        reserve_set=plan.reserve_set,
        lockdown=plan.lockdown,
        integrity=plan.integrity,
        makes_up_for=plan.makes_up_for,
        created_by=acting_account(op),
        created_at=op.now,
        remark="",
    )
    op.db.add(exam)
    op.db.flush()
    sitting = Sitting(exam_id=exam.id, starts_at=plan.starts_at, ends_at=plan.ends_at)
    op.db.add(sitting)
    op.db.flush()
    _write_rooms(op, sitting, plan)
    after = {"level": exam.level, "blueprint_id": exam.blueprint_id, **_told(exam)}
    record(op, AuditAction.EXAM_CREATE, subject=("exam", exam.id), after=after)
    record(op, AuditAction.SITTING_CREATE, subject=("sitting", sitting.id), after=_told_sitting(sitting))
    return exam


def revise_exam(op: Operation, *, exam_id: int, plan: ExamPlan) -> Exam:
    """Plan it anew while it is a draft."""
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    exam_state = move_exam(exam.state, ExamAction.REVISE)
    blueprint = _check(op, plan, itself=exam.id)
    before = _told(exam)
    exam.name, exam.level, exam.blueprint_id, exam.state = plan.name, blueprint.level, blueprint.id, exam_state
    exam.registration_opens_at = plan.registration_opens_at
    exam.registration_closes_at = plan.registration_closes_at
    exam.way, exam.endorsement_closes_at = plan.way, plan.endorsement_closes_at
    exam.duration_minutes = plan.duration_minutes
    exam.late_entry_minutes = plan.late_entry_minutes
    exam.earliest_hand_in_minutes = plan.earliest_hand_in_minutes
    exam.reserve_forms, exam.reserve_set = plan.reserve_forms, plan.reserve_set
    exam.lockdown, exam.integrity = plan.lockdown, plan.integrity
    exam.makes_up_for = plan.makes_up_for
    # Who planned what stands there now is its author: publishing must come from somebody else.
    exam.created_by = acting_account(op)
    sitting = queries.sittings_of(op.db, exam.id)[0]
    was = _told_sitting(sitting)
    sitting.starts_at, sitting.ends_at = plan.starts_at, plan.ends_at
    for room in queries.rooms_of(op.db, sitting.id):
        drop_room(op, exam.id, room)
    _write_rooms(op, sitting, plan)
    record(op, AuditAction.EXAM_CHANGE, subject=("exam", exam.id), before=before, after=_told(exam))
    record(op, AuditAction.SITTING_CHANGE, subject=("sitting", sitting.id), before=was, after=_told_sitting(sitting))
    return exam


def submit_exam(op: Operation, *, exam_id: int) -> Exam:
    """Ask for publication. Raises NotReady with what is missing."""
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    state = move_exam(exam.state, ExamAction.SUBMIT)
    _check_ready(op, exam)
    exam.submitted_by, exam.remark = acting_account(op), ""
    return settle(op, exam, state, AuditAction.EXAM_SUBMIT)


def return_exam(op: Operation, *, exam_id: int, reason: str) -> Exam:
    """Send it back to the officer with a reason. Raises SameOfficer for whoever planned or submitted it."""
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    state = move_exam(exam.state, ExamAction.RETURN)
    check_other_person(op, exam.created_by, exam.submitted_by)
    exam.remark = reason
    return settle(op, exam, state, AuditAction.EXAM_RETURN, reason=reason)


def publish_exam(op: Operation, *, exam_id: int) -> Exam:
    """Publish it: units see it, and register while its window is open. Raises SameOfficer for whoever planned or
    submitted it, NotReady where time has overtaken the plan."""
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    state = move_exam(exam.state, ExamAction.PUBLISH)
    check_other_person(op, exam.created_by, exam.submitted_by)
    _check_ready(op, exam)
    exam.published_by, exam.published_at = acting_account(op), op.now
    exam.policy_id = policy_of(op, exam).id
    if exam.lockdown:
        file = make_file(op, exam)
        record(op, AuditAction.LOCKDOWN_MAKE, subject=("exam", exam.id), after={"config_key": file.config_key})
    return settle(op, exam, state, AuditAction.EXAM_PUBLISH)


def cancel_exam(op: Operation, *, exam_id: int, reason: str) -> Exam:
    """Cancel it before it is sealed; everybody who is registered is told. Raises SameOfficer for whoever planned it."""
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    state = move_exam(exam.state, ExamAction.CANCEL)
    check_other_person(op, exam.created_by)
    exam.remark = reason
    told = {row.person_id for row in queries.live_registrations(op.db, exam.id)}
    post_to_all(op.db, person_ids=told, template=Kind.EXAM_CANCELLED, params={"exam": exam.name}, now=op.now)
    entitlements.follow_cancellation(op, exam, f"exam:{exam.id}")
    return settle(op, exam, state, AuditAction.EXAM_CANCEL, reason=reason)


@dataclass(frozen=True)
class Need:
    """One line of the checklist before publishing, in both languages, and whether it is met."""

    zh: str
    en: str
    met: bool


def checklist(op: Operation, exam: Exam) -> tuple[Need, ...]:
    """What publishing asks for."""
    sitting = queries.sittings_of(op.db, exam.id)[0]
    rooms = queries.rooms_of(op.db, sitting.id)
    blueprint = queries.blueprint_by_id(op.db, exam.blueprint_id)
    return (
        Need("组卷方案已审批", "The blueprint is approved", blueprint.state is BlueprintState.APPROVED),
        Need("至少有一个考场", "There is at least one room", bool(rooms)),
        Need("报名截止时间未过", "Registration has not closed yet", op.now < exam.registration_closes_at),
        Need("开考时间未到", "The start lies ahead", op.now < sitting.starts_at),
        Need("至少有一份备用卷", "There is at least one reserve form", exam.reserve_forms > 0),
    )


def settle(op: Operation, exam: Exam, state: ExamState, action: AuditAction, *, reason: str = "") -> Exam:
    """Move the exam, whose row is held, to `state` and write it down."""
    before = {"state": exam.state}
    exam.state = state
    op.db.flush()
    record(op, action, subject=("exam", exam.id), before=before, after=_told(exam), reason=reason)
    return exam


def _check_ready(op: Operation, exam: Exam) -> None:
    missing = [need for need in checklist(op, exam) if not need.met]
    if missing:
        raise NotReady(zh="；".join(n.zh for n in missing) + "。", en="; ".join(n.en for n in missing) + ".")


def _check(op: Operation, plan: ExamPlan, *, itself: int | None) -> BlueprintRow:
    check_plan(
        Plan(
            Timetable(plan.registration_opens_at, plan.registration_closes_at, plan.starts_at, plan.ends_at),
            duration_minutes=plan.duration_minutes,
            late_entry_minutes=plan.late_entry_minutes,
            earliest_hand_in_minutes=plan.earliest_hand_in_minutes,
            room_names=[room.name for room in plan.rooms],
            endorsement_closes_at=plan.endorsement_closes_at,
        ),
        now=op.now,
    )
    blueprint = next((b for b in queries.blueprints_approved(op.db) if b.id == plan.blueprint_id), None)
    if blueprint is None:
        raise Invalid(
            FieldProblem("blueprint_id", "请选择已审批的组卷方案。", "Please choose a blueprint that is approved.")
        )
    if plan.makes_up_for is not None:
        _check_original(op, plan, blueprint)
    other = queries.exam_named(op.db, plan.name)
    if other is not None and other.id != itself:
        raise NameTaken(FieldProblem("name", NameTaken.zh, NameTaken.en))
    return blueprint


def _check_original(op: Operation, plan: ExamPlan, blueprint: BlueprintRow) -> None:
    original = next((exam for exam in originals(op.db) if exam.id == plan.makes_up_for), None)
    if original is None or original.level is not blueprint.level:
        raise Invalid(
            FieldProblem(
                "makes_up_for",
                "所补的考试须是已发布或已取消的同等级考试。",
                "A make-up exam is for an exam of the same level that was announced.",
            )
        )
    cancelled = original.state is ExamState.CANCELLED
    ends_at = None if cancelled else queries.sittings_of(op.db, original.id)[-1].ends_at
    check_original(ends_at=ends_at, starts_at=plan.starts_at)


def _write_rooms(op: Operation, sitting: Sitting, plan: ExamPlan) -> None:
    for room in plan.rooms:
        write_room(op, sitting, room)


def _told(exam: Exam) -> dict[str, object]:
    return {
        "state": exam.state,
        "blueprint_id": exam.blueprint_id,
        "registration_opens_at": exam.registration_opens_at,
        "registration_closes_at": exam.registration_closes_at,
        "way": exam.way,
        "endorsement_closes_at": exam.endorsement_closes_at,
        "duration_minutes": exam.duration_minutes,
        "late_entry_minutes": exam.late_entry_minutes,
        "earliest_hand_in_minutes": exam.earliest_hand_in_minutes,
        "reserve_forms": exam.reserve_forms,
        "policy_id": exam.policy_id,
        "reserve_set": exam.reserve_set,
        "lockdown": exam.lockdown,
        "integrity": exam.integrity,
        "makes_up_for": exam.makes_up_for,
    }


def _told_sitting(sitting: Sitting) -> dict[str, object]:
    return {"exam_id": sitting.exam_id, "starts_at": sitting.starts_at, "ends_at": sitting.ends_at}
