"""Mock exams: opened by an officer over a practice bank, closed again; and the forms that are drawn for each start."""

from collections import OrderedDict
from dataclasses import dataclass

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.queries import PoolVersion, versions_by_id
from app.errors import FieldProblem, Invalid
from app.exams import queries as exams
from app.exams.rules import NameTaken
from app.exams.service.blueprints import blueprint_of, check_served, ground_of
from app.exams.service.deciding import acting_account
from app.exams.service.pooling import pool_items
from app.operation import Operation
from app.practice import queries
from app.practice.models import MockExam, MockPoolItem
from app.practice.rules import MockAction, move_mock
from question_bank.assembly import draw_parallel, facts_from_json, facts_to_json, supply_of
from question_bank.assembly.supply import Supply
from question_bank.blueprint import Blueprint
from question_bank.canonical import canonical_json, read_json
from question_bank.form import Form

_MOST_REMEMBERED = 16


def open_mock_exam(op: Operation, *, name: str, blueprint_id: int, duration_minutes: int) -> MockExam:
    """Open a mock exam for everybody who practises; what it draws from is frozen now. Raises Invalid for a blueprint
    that is not an approved one over a practice bank, NameTaken, and NotReady naming the cells that fall short."""
    approved = exams.blueprints_approved(op.db, practice=True)
    row = next((one for one in approved if one.id == blueprint_id), None)
    if row is None:
        zh, en = "请选择练习题库的已审批组卷方案。", "Please choose an approved blueprint over a practice bank."
        raise Invalid(FieldProblem("blueprint_id", zh, en))
    if queries.mock_exam_named(op.db, name) is not None:
        raise NameTaken(FieldProblem("name", NameTaken.zh, NameTaken.en))
    ground = ground_of(op, row)
    check_served(ground, blueprint_of(row))
    mock = MockExam(
        name=name,
        blueprint_id=row.id,
        duration_minutes=duration_minutes,
        state=move_mock(None, MockAction.OPEN),
        draw_facts=canonical_json(facts_to_json(ground.facts)).decode(),
        opened_by=acting_account(op),
        opened_at=op.now,
    )
    op.db.add(mock)
    op.db.flush()
    frozen = [
        {"mock_exam_id": mock.id, "item_version_id": v.item_version_id, "topic": v.topic} for v in ground.versions
    ]
    op.db.execute(insert(MockPoolItem), frozen)
    after = {"state": mock.state, "blueprint_id": row.id, "pool": len(frozen), "duration_minutes": duration_minutes}
    record(op, AuditAction.MOCK_EXAM_OPEN, subject=("mock_exam", mock.id), after=after)
    return mock


def close_mock_exam(op: Operation, *, mock_exam_id: int) -> MockExam:
    """Let nobody begin it any more; who is at it goes on. Raises NotFound, MockClosed."""
    mock = queries.mock_exam_by_id(op.db, mock_exam_id, lock=True)
    before = {"state": mock.state}
    mock.state = move_mock(mock.state, MockAction.CLOSE)
    mock.closed_by, mock.closed_at = acting_account(op), op.now
    op.db.flush()
    record(op, AuditAction.MOCK_EXAM_CLOSE, subject=("mock_exam", mock.id), before=before, after={"state": mock.state})
    return mock


@dataclass(frozen=True)
class Ready:
    """What the forms of a mock exam are drawn from; it never changes once it is opened."""

    supply: Supply
    blueprint: Blueprint


class MockPools(OrderedDict[int, Ready]):
    """What was made ready, by mock exam: a start draws, and neither reads nor sorts a bank again."""


def ready(op: Operation, mock: MockExam) -> Ready:
    """What this mock exam is drawn from, read once per process."""
    known = op.house.tool(MockPools)
    if mock.id not in known:
        if len(known) >= _MOST_REMEMBERED:
            known.clear()
        known[mock.id] = _make_ready(op.db, mock)
    return known[mock.id]


def _make_ready(db: Session, mock: MockExam) -> Ready:
    topics = queries.mock_pool(db, mock.id)
    versions = [
        PoolVersion(v.item_version_id, v.item_id, v.content, topics[v.item_version_id])
        for v in versions_by_id(db, topics)
    ]
    blueprint = blueprint_of(exams.blueprint_by_id(db, mock.blueprint_id))
    return Ready(supply_of(pool_items(versions), blueprint, facts_from_json(read_json(mock.draw_facts))), blueprint)


def draw_one(made: Ready, *, seed: bytes, label: str) -> Form:
    """One form, by the draw that exams are sealed with (P16): the same again from the same seed and label."""
    return next(iter(draw_parallel(made.supply, blueprint=made.blueprint, seed=seed, label=label, form_count=1)))
