"""封卷: proposed by an officer, done by another person. Freezes pool, forms, rules, seats and ticket numbers."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, update

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.service import note_usage
from app.exams import queries
from app.exams.events import ExamSealed
from app.exams.models import Exam, FormRow, PoolItem, Registration, ReserveForm
from app.exams.planning import ticket_number
from app.exams.queries.seating import newest_draw
from app.exams.rules import (
    ContentRefused,
    ExamAction,
    NotReady,
    Phase,
    RegistrationState,
    move_exam,
    phase_of,
)
from app.exams.service.blueprints import blueprint_of, check_served, ground_of
from app.exams.service.candidates import answers_for
from app.exams.service.deciding import acting_account, check_other_person
from app.exams.service.drawing import Drawing, count_usage, draw_forms, hash_of_forms, label_of, seed_context
from app.exams.service.exams import Need, settle
from app.exams.service.pooling import Ground
from app.exams.service.registrations import check_eligible, timetable
from app.exams.service.seating import seats_stand, write_draw
from app.operation import Operation
from app.people.calendar import local_date
from app.people.queries import persons_by_id
from app.security.fields import MasterKey
from question_bank.assembly import SeedStream, commit, facts_to_json, snapshot_hash
from question_bank.assembly.stream import SEED_BYTES
from question_bank.blueprint import Blueprint
from question_bank.canonical import canonical_json
from question_bank.errors import ContentError


def seal_checklist(op: Operation, exam: Exam) -> tuple[Need, ...]:
    """What sealing asks for, beside a pool that serves the blueprint and candidates who are still eligible."""
    live = queries.live_registrations(op.db, exam.id)
    confirmed = sum(row.state is RegistrationState.CONFIRMED for row in live)
    open_ones = len(live) - confirmed
    sitting = queries.sittings_of(op.db, exam.id)[0]
    rooms = queries.rooms_of(op.db, sitting.id)
    proctors = queries.proctors_by_room(op.db, [room.id for room in rooms])
    seats = sum(room.capacity for room in rooms)
    bare = [room.name for room in rooms if not room.remote and not proctors[room.id]]
    phase = phase_of(timetable(op, exam), sealed=False, now=op.now)
    return (
        Need(
            "报名已截止，考试尚未开始",
            "Registration has closed and the sitting has not begun",
            phase is Phase.REGISTRATION_CLOSED,
        ),
        Need(
            f"没有待确认的报名（现有 {open_ones} 人）",
            f"No registration waits for a decision ({open_ones} now)",
            not open_ones,
        ),
        Need(f"有已确认的考生（现有 {confirmed} 人）", f"There are candidates ({confirmed} now)", confirmed > 0),
        Need(
            f"考场座位够用（{seats} 座，{confirmed} 人）",
            f"There are seats enough ({seats} for {confirmed})",
            seats >= confirmed,
        ),
        Need(
            "每个线下考场都有监考员" + (f"（缺：{'、'.join(bare)}）" if bare else ""),
            "Every room on site has a proctor" + (f" (not yet: {', '.join(bare)})" if bare else ""),
            not bare,
        ),
    )


def propose_seal(op: Operation, *, exam_id: int) -> Exam:
    """Propose to seal, after a trial draw. Raises NotReady with what is missing, the cells that fall short among it,
    and FormsUneven with what is outside its tolerance."""
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    state = move_exam(exam.state, ExamAction.PROPOSE_SEAL)
    _check_ready(op, exam)
    row = queries.blueprint_by_id(op.db, exam.blueprint_id)
    ground, blueprint = ground_of(op, row, on=_sitting_day(op, exam)), blueprint_of(row)
    check_served(ground, blueprint)
    # A trial by a seed that is thrown away: who approves sees how even the forms will be, and nobody approves in vain.
    count = len(queries.confirmed_registrations(op.db, exam.id)) + exam.reserve_forms
    trial = _draw(ground, blueprint, exam, secrets.token_bytes(SEED_BYTES), count)
    exam.fairness, exam.reserve_fairness = trial.fairness, trial.reserve_fairness
    exam.seal_proposed_by, exam.remark = acting_account(op), ""
    return settle(op, exam, state, AuditAction.EXAM_PROPOSE_SEALING)


def decline_seal(op: Operation, *, exam_id: int, reason: str) -> Exam:
    """Decline a proposal with a reason: the exam is as it was. Raises SameOfficer for whoever proposed."""
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    state = move_exam(exam.state, ExamAction.DECLINE_SEAL)
    check_other_person(op, exam.seal_proposed_by)
    exam.remark = reason
    return settle(op, exam, state, AuditAction.EXAM_DECLINE_SEALING, reason=reason)


def seal(op: Operation, *, exam_id: int) -> Exam:
    """Seal the exam, all or nothing: freeze the pool, draw a form for each candidate and the reserve forms from a new
    seed, publish its commitment, give seats and ticket numbers; tells ExamSealed.

    Raises SameOfficer for whoever proposed it, NotReady with what is missing or the cells that fall short, NotEligible
    naming candidates who may not sit any more, SeatsTooFew, FormsUneven.
    """
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    state = move_exam(exam.state, ExamAction.SEAL)
    check_other_person(op, exam.seal_proposed_by)
    exam.sealed_by = acting_account(op)  # from here on this person has a part in the making
    _check_ready(op, exam)
    candidates = list(queries.confirmed_registrations(op.db, exam.id))
    _ask_again(op, exam, candidates)
    seed = secrets.token_bytes(SEED_BYTES)
    ordered = _give_seats(op, exam, candidates, seed)
    sealed = _give_forms(op, exam, ordered, seed)
    exam.seed_cipher = op.house.tool(MasterKey).wrap(seed, context=seed_context(exam.id))
    exam.seed_commitment = commit(seed)
    exam.pool_hash, exam.forms_hash = sealed.pool_hash, sealed.forms_hash
    exam.sealed_at, exam.state = op.now, state
    op.db.flush()
    record(
        op,
        AuditAction.EXAM_SEAL,
        subject=("exam", exam.id),
        before={"state": "seal_proposed", "proposed_by": exam.seal_proposed_by},
        after={
            "state": state,
            "seed_commitment": exam.seed_commitment,
            "pool_hash": exam.pool_hash,
            "forms_hash": exam.forms_hash,
            "draw_version": exam.draw_version,
            "forms": sealed.forms,
            "candidates": len(candidates),
        },
    )
    op.publish(ExamSealed(exam.id))
    return exam


def _sitting_day(op: Operation, exam: Exam) -> date:
    return local_date(queries.sittings_of(op.db, exam.id)[0].starts_at)


def _check_ready(op: Operation, exam: Exam) -> None:
    missing = [need for need in seal_checklist(op, exam) if not need.met]
    if missing:
        raise NotReady(zh="；".join(n.zh for n in missing) + "。", en="; ".join(n.en for n in missing) + ".")


def _ask_again(op: Operation, exam: Exam, candidates: Sequence[Registration]) -> None:
    """Eligibility once more, kept with each registration. Raises NotEligible, naming who may not sit any more."""
    persons = persons_by_id(op.db, {row.person_id for row in candidates})
    answers = answers_for(op, exam, list(persons.values()))
    check_eligible([(persons[row.person_id], answers[row.person_id]) for row in candidates])
    for row in candidates:
        row.eligibility = [answer.to_json() for answer in answers[row.person_id]]


def _give_seats(op: Operation, exam: Exam, candidates: Sequence[Registration], seed: bytes) -> list[Registration]:
    """Seats as they were drawn, or drawn now where somebody has none; ticket numbers by the seed. The candidates in the
    order of their tickets."""
    sitting = queries.sittings_of(op.db, exam.id)[0]
    if not seats_stand(op, exam):
        write_draw(op, exam, "封卷时考生、考场或合理便利有变" if newest_draw(op.db, exam.id) else "")
    # Tickets follow an order of their own: a number tells neither unit nor room.
    ordered = list(candidates)
    SeedStream(seed, f"{label_of(exam.id)}/tickets").shuffle(ordered)
    year = local_date(sitting.starts_at).year
    changes = [
        {
            "id": row.id,
            "ticket_number": ticket_number(year=year, exam_id=exam.id, sequence=sequence),
            "eligibility": row.eligibility,
        }
        for sequence, row in enumerate(ordered, start=1)
    ]
    op.db.execute(update(Registration), changes)
    return ordered


@dataclass(frozen=True)
class _Sealed:
    pool_hash: str
    forms_hash: str
    forms: int


def _give_forms(op: Operation, exam: Exam, ordered: Sequence[Registration], seed: bytes) -> _Sealed:
    """Freeze the pool and draw: form n is that of the n-th candidate, those behind are for late additions. Then comes
    the reserve set, where there is to be one, in the same order; its items count as seen once it is given out."""
    row = queries.blueprint_by_id(op.db, exam.blueprint_id)
    ground, blueprint = ground_of(op, row, on=_sitting_day(op, exam)), blueprint_of(row)
    check_served(ground, blueprint)
    count = len(ordered) + exam.reserve_forms
    drawing = _draw(ground, blueprint, exam, seed, count)
    forms = drawing.forms
    exam.draw_version, exam.fairness, exam.reserve_fairness = (
        ground.facts.version.value,
        drawing.fairness,
        drawing.reserve_fairness,
    )
    exam.draw_facts = canonical_json(facts_to_json(ground.facts)).decode()
    frozen = [{"exam_id": exam.id, "item_version_id": v.item_version_id, "topic": v.topic} for v in ground.versions]
    op.db.execute(insert(PoolItem), frozen)
    holders: list[int | None] = [row.id for row in ordered] + [None] * (len(forms) - len(ordered))
    op.db.execute(
        insert(FormRow),
        [
            {
                "exam_id": exam.id,
                "number": form.number,
                "registration_id": holder,
                "content": form.content,
                "content_hash": form.content_hash,
                "view": form.view,
            }
            for form, holder in zip(forms, holders, strict=True)
        ],
    )
    if exam.reserve_set:
        ids = [row.id for row in queries.forms_of(op.db, exam.id)]
        beside = zip(ids[count:], ids[:count], strict=True)
        op.db.execute(insert(ReserveForm), [{"form_id": one, "beside_id": other} for one, other in beside])
    note_usage(op, exam.id, count_usage(forms[:count]))
    hashes = [form.content_hash for form in forms]
    return _Sealed(snapshot_hash(ground.pool, ground.facts), hash_of_forms(hashes), len(forms))


def _draw(ground: Ground, blueprint: Blueprint, exam: Exam, seed: bytes, count: int) -> Drawing:
    try:
        return draw_forms(
            ground, blueprint=blueprint, seed=seed, exam_id=exam.id, count=count, reserve_set=exam.reserve_set
        )
    except ContentError as error:
        raise ContentRefused(zh=error.zh, en=error.en) from None
