"""An exam that has been sealed, with candidates, forms, rooms and proctors: the ground for tests of an exam day.

Rows are made directly, forms by the real draw, so that a test of an exam day need not walk through the months before.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import count

from sqlalchemy import insert, select

from app.accounts.models import Account
from app.accounts.queries import session_by_token
from app.accounts.sessions import open_session
from app.attempts.declarations import CURRENT
from app.attempts.models import CheckInCode, Declaration
from app.attempts.room_day.models import RoomDay
from app.attempts.room_day.rules import RoomState
from app.attempts.sitting_record.models import RecordWaiver
from app.authoring.models import Bank, ItemRow, ItemVersion
from app.authoring.models import Topic as TopicRow
from app.authoring.reading import duplicate_mark
from app.authoring.rules import ItemState
from app.exams.models import BlueprintRow, Exam, FormRow, Registration, Room, RoomProctor, Sitting
from app.exams.models import PoolItem as PoolRow
from app.exams.registration_models import Consent
from app.exams.rules import BlueprintState, ExamState, RegistrationState
from app.exams.service.drawing import seed_context
from app.operation import House, Operation, acting_as
from app.security.fields import MasterKey
from app.security.permissions import Role
from question_bank.assembly import PoolItem, draw
from question_bank.assembly.pool import pool_hash
from question_bank.assembly.stream import commit
from question_bank.blueprint import Blueprint, Section
from question_bank.blueprint_json import to_json as blueprint_to_json
from question_bank.canonical import canonical_json, stem_fold
from question_bank.form import Form
from question_bank.form_json import form_hash, form_to_json, forms_hash
from question_bank.item_json import item_hash, item_to_json
from question_bank.items import Item, Level
from question_bank.presentation import candidate_view, view_to_json
from tests.support.bank import MULTIPLE, SEED, SINGLE, TRUE_FALSE, cell, mixed_pool, three_sections
from tests.support.personas import Persona, make_candidate, make_person, make_staff, make_unit

_sequence = count(1)


@dataclass(frozen=True)
class Candidate:
    """A person with a confirmed registration, a seat and a form."""

    persona: Persona
    registration_id: int
    ticket_number: str
    room_id: int
    form: Form


@dataclass(frozen=True)
class SealedExam:
    """What a test needs to know of it. `proctors` are one a room, in the order of rooms."""

    exam_id: int
    sitting_id: int
    starts_at: datetime
    ends_at: datetime
    room_ids: list[int]
    candidates: list[Candidate]
    proctors: list[Persona] = field(default_factory=list)


def fifty_items() -> Blueprint:
    """单选 20, 多选 20, 判断 10 at 2 points each: 100 points, cut at 60."""
    return Blueprint(
        "五十题",
        Level.PRIMARY,
        (
            Section("一、单选题", (cell(SINGLE, 20),)),
            Section("二、多选题", (cell(MULTIPLE, 20),)),
            Section("三、判断题", (cell(TRUE_FALSE, 10),)),
        ),
        6000,
    )


@dataclass(frozen=True)
class _Kept:
    """What the bank keeps of an item beside the item itself."""

    content: str
    content_hash: str
    stem_fold: str
    duplicate_mark: str


@cache
def _kept(item: Item) -> _Kept:
    content = canonical_json(item_to_json(item)).decode()
    return _Kept(content, item_hash(item), stem_fold(item.stem), duplicate_mark(item))


@cache
def _stock() -> tuple[Item, ...]:
    return tuple(entry.item for entry in mixed_pool(singles=40, multiples=40, judgements=24))


def make_sealed_exam(
    house: House,
    *,
    candidates: int = 3,
    rooms: int = 1,
    remote: bool = False,
    starts_in: timedelta = timedelta(0),
    window: timedelta = timedelta(hours=2),
    duration_minutes: int = 60,
    late_entry_minutes: int = 30,
    earliest_hand_in_minutes: int = 30,
    blueprint: Blueprint | None = None,
    proctored: bool = False,
    reserve: int = 1,
    items: Sequence[Item] = (),
    opened: bool = True,
    recorded: bool = False,
) -> SealedExam:
    """Seal an exam whose sitting begins `starts_in` from now; candidates are dealt to the rooms in turn. Its pool holds
    `items`, or 104 of three types. Its rooms have been `opened` by a proctor; unless they must
    be `recorded`, an approver does without their records, so that results can be released and the machine notes who
    never came."""
    officer = make_staff(house, Role.EXAM_OFFICER)
    proctors = [make_staff(house, Role.PROCTOR) for _ in range(rooms)] if proctored else []
    blueprint = blueprint or three_sections()
    with acting_as(house, "test") as op:
        exam, sitting = _make_exam(
            op,
            officer,
            blueprint,
            starts_at=op.now + starts_in,
            window=window,
            duration_minutes=duration_minutes,
            late_entry_minutes=late_entry_minutes,
            earliest_hand_in_minutes=earliest_hand_in_minutes,
            reserve=reserve,
        )
        halls = [
            Room(sitting_id=sitting.id, name=f"第{n}考场", capacity=500, remote=remote) for n in range(1, rooms + 1)
        ]
        op.db.add_all(halls)
        op.db.flush()
        op.db.add_all(RoomProctor(room_id=hall.id, account_id=p.account_id) for hall, p in zip(halls, proctors))  # noqa: B905 - without proctors there is nobody to assign
        if opened:
            op.db.add_all(_opened(op, hall, officer, sitting) for hall in halls)
        if not recorded:
            waived = {"reason": "测试", "waived_by": officer.account_id, "waived_at": op.now}
            op.db.add_all(RecordWaiver(room_id=hall.id, **waived) for hall in halls)
        stock = items or _stock()
        forms = _seal(op, exam, officer, blueprint, candidates, reserve, stock)
        unit = make_unit(op)
        persons = [make_person(op, unit) for _ in range(candidates)]
        registrations = [
            Registration(
                exam_id=exam.id,
                sitting_id=sitting.id,
                person_id=person.id,
                state=RegistrationState.CONFIRMED,
                eligibility=[],
                ticket_number=f"{exam.id:04d}{number:05d}",
                room_id=halls[(number - 1) % rooms].id,
                seat=number,
                registered_by=officer.account_id,
                registered_at=op.now,
                settled_by=officer.account_id,
                settled_at=op.now,
            )
            for number, person in enumerate(persons, start=1)
        ]
        op.db.add_all(registrations)
        op.db.flush()
        op.db.add_all(Consent(registration_id=row.id, version=1, accepted_at=op.now) for row in registrations)
        for row, registration in zip(forms, registrations, strict=False):
            row[0].registration_id = registration.id
    personas = [make_candidate(house, person) for person in persons]
    return SealedExam(
        exam_id=exam.id,
        sitting_id=sitting.id,
        starts_at=sitting.starts_at,
        ends_at=sitting.ends_at,
        room_ids=[hall.id for hall in halls],
        candidates=[
            Candidate(persona, registration.id, registration.ticket_number or "", registration.room_id or 0, form)
            for persona, registration, (_, form) in zip(personas, registrations, forms, strict=False)
        ],
        proctors=proctors,
    )


def _opened(op: Operation, hall: Room, by: Persona, sitting: Sitting) -> RoomDay:
    return RoomDay(
        room_id=hall.id,
        starts_at=sitting.starts_at,
        state=RoomState.OPENED,
        present=[by.account_id],
        opened_by=by.account_id,
        opened_at=op.now,
    )


def open_session_for(
    house: House, candidate: Candidate, *, checked_in: bool = True, promised: bool = True
) -> tuple[str, int]:
    """A session of the candidate, as after checking in with the proctor's code, the declaration made; returns its
    token and id."""
    with acting_as(house, "test") as op:
        token = open_session(op, op.db.get_one(Account, candidate.persona.account_id), factor=False)
        found = session_by_token(op.db, token)
        assert found
        session_id = found[0].id
        made = select(Declaration.id).where(Declaration.registration_id == candidate.registration_id)
        if promised and op.db.scalar(made) is None:
            accept_as_is = {"registration_id": candidate.registration_id, "accepted_at": op.now}
            op.db.add(Declaration(version=CURRENT, session_id=session_id, **accept_as_is))
        if checked_in:
            op.db.add(
                CheckInCode(
                    registration_id=candidate.registration_id,
                    code_digest="",
                    code_cipher="",
                    issued_at=op.now,
                    ends_at=op.now + timedelta(minutes=10),
                    used_at=op.now,
                    session_id=session_id,
                    issued_by=candidate.persona.account_id,
                )
            )
    return token, session_id


def _make_exam(
    op: Operation,
    officer: Persona,
    blueprint: Blueprint,
    *,
    starts_at: datetime,
    window: timedelta,
    duration_minutes: int,
    late_entry_minutes: int,
    earliest_hand_in_minutes: int,
    reserve: int,
) -> tuple[Exam, Sitting]:
    number = next(_sequence)
    bank = Bank(name=f"题库{number}", owner_unit_id=make_unit(op).id)
    op.db.add(bank)
    op.db.flush()
    row = BlueprintRow(
        bank_id=bank.id,
        name=f"{blueprint.name}{number}",
        level=blueprint.level,
        state=BlueprintState.APPROVED,
        content=canonical_json(blueprint_to_json(blueprint)).decode(),
        created_by=officer.account_id,
        created_at=op.now,
    )
    op.db.add(row)
    op.db.flush()
    exam = Exam(
        name=f"初级认证考试{number}",
        level=blueprint.level,
        blueprint_id=row.id,
        state=ExamState.SEALED,
        registration_opens_at=op.now - timedelta(days=20),
        registration_closes_at=op.now - timedelta(days=10),
        duration_minutes=duration_minutes,
        late_entry_minutes=late_entry_minutes,
        earliest_hand_in_minutes=earliest_hand_in_minutes,
        reserve_forms=reserve,
        created_by=officer.account_id,
        created_at=op.now,
        sealed_by=officer.account_id,
        sealed_at=op.now,
        seed_commitment=commit(SEED),
    )
    op.db.add(exam)
    op.db.flush()
    exam.seed_cipher = op.house.tool(MasterKey).wrap(SEED, context=seed_context(exam.id))
    sitting = Sitting(exam_id=exam.id, starts_at=starts_at, ends_at=starts_at + window)
    op.db.add(sitting)
    op.db.flush()
    return exam, sitting


def _seal(
    op: Operation,
    exam: Exam,
    officer: Persona,
    blueprint: Blueprint,
    candidates: int,
    reserve: int,
    items: Sequence[Item],
) -> list[tuple[FormRow, Form]]:
    bank_id = op.db.get_one(BlueprintRow, exam.blueprint_id).bank_id
    topics = {
        path: TopicRow(bank_id=bank_id, name=path[-1], path="/".join(path)) for path in {item.topic for item in items}
    }
    op.db.add_all(topics.values())
    op.db.flush()
    kept = [_kept(item) for item in items]
    item_ids = op.db.scalars(
        insert(ItemRow).returning(ItemRow.id, sort_by_parameter_order=True),
        [
            {
                "bank_id": bank_id,
                "topic_id": topics[item.topic].id,
                "state": ItemState.APPROVED,
                "version": 1,
                "item_type": item.item_type,
                "level": item.level,
                "difficulty": item.difficulty,
                "stem_start": item.stem[:120],
                "stem_fold": told.stem_fold,
                "duplicate_mark": told.duplicate_mark,
                "created_by": officer.account_id,
                "created_at": op.now,
            }
            for item, told in zip(items, kept, strict=True)
        ],
    ).all()
    version_ids = op.db.scalars(
        insert(ItemVersion).returning(ItemVersion.id, sort_by_parameter_order=True),
        [
            {
                "item_id": item_id,
                "number": 1,
                "content": told.content,
                "content_hash": told.content_hash,
                "author_id": officer.account_id,
                "reason": "",
                "created_at": op.now,
            }
            for item_id, told in zip(item_ids, kept, strict=True)
        ],
    ).all()
    op.db.execute(insert(PoolRow), [{"exam_id": exam.id, "item_version_id": version_id} for version_id in version_ids])
    pool = [PoolItem(str(version_id), item) for version_id, item in zip(version_ids, items, strict=True)]
    label = f"exam-{exam.id}"
    forms = draw(pool, blueprint=blueprint, seed=SEED, label=label, form_count=candidates, reserve_count=reserve)
    by_key = {entry.key: entry.item for entry in pool}
    exam.pool_hash, exam.forms_hash = pool_hash(pool), forms_hash(forms)
    rows = [
        FormRow(
            exam_id=exam.id,
            number=form.number,
            content=canonical_json(form_to_json(form)).decode(),
            content_hash=form_hash(form),
            view=json.dumps(view_to_json(candidate_view(form, by_key)), ensure_ascii=False, separators=(",", ":")),
        )
        for form in forms
    ]
    op.db.add_all(rows)
    op.db.flush()
    return list(zip(rows, forms, strict=True))
