"""A practice bank of items with explanations, an approved blueprint over it, and a mock exam that is open."""

from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from app.authoring.rules import ItemState
from app.authoring.service import create_bank
from app.authoring.service.entering import enter_items
from app.exams.models import BlueprintRow
from app.exams.rules import BlueprintState
from app.operation import House, Operation, acting_as
from app.practice.models import PracticeAttempt
from app.practice.service.attempts import form_of, items_of_form
from app.practice.service.mock_exams import open_mock_exam
from app.security.actor import Actor, ActorKind, Grant
from app.security.permissions import Role
from question_bank.blueprint import Blueprint
from question_bank.blueprint_json import to_json
from question_bank.canonical import canonical_json
from question_bank.form import key_of
from question_bank.items import Basis, Item
from question_bank.kinds import Response
from tests.support.bank import MULTIPLE, SINGLE, blueprint_of, cell, mixed_pool
from tests.support.personas import Persona, make_staff, make_unit

_sequence = count(1)


@dataclass(frozen=True)
class Practice:
    """What a test needs to know of it."""

    officer: Persona
    bank_id: int
    blueprint_id: int
    mock_exam_id: int


def practice_items() -> list[Item]:
    """Eight items, each with an explanation and what it rests on."""
    basis = (Basis("《中国共产党章程》", "第一条"),)
    return [
        replace(entry.item, stem=f"练习{entry.item.stem}", explanation=f"解析{entry.item.stem}", basis=basis)
        for entry in mixed_pool(singles=5, multiples=3, judgements=0)
    ]


def make_practice(house: House) -> Practice:
    """Make it; a form has three single-choice and two multiple-choice items, ten points in all, six to pass."""
    officer = make_staff(house, Role.EXAM_OFFICER)
    number = next(_sequence)
    blueprint = replace(blueprint_of(cell(SINGLE, 3), cell(MULTIPLE, 2), cut=600), name=f"练习方案{number}")
    with acting_as(house, "test", actor=as_person(officer, Role.EXAM_OFFICER)) as op:
        bank = create_bank(op, name=f"练习题库{number}", owner_unit_id=make_unit(op).id, practice=True)
        enter_items(op, bank_id=bank.id, items=practice_items(), state=ItemState.APPROVED)
        blueprint_id = approved_blueprint(op, bank.id, blueprint, officer)
        mock = open_mock_exam(op, name=f"模拟考试{number}", blueprint_id=blueprint_id, duration_minutes=30)
    return Practice(officer, bank.id, blueprint_id, mock.id)


def approved_blueprint(op: Operation, bank_id: int, blueprint: Blueprint, officer: Persona) -> int:
    """A blueprint as it stands after its approval."""
    row = BlueprintRow(
        bank_id=bank_id,
        name=blueprint.name,
        level=blueprint.level,
        state=BlueprintState.APPROVED,
        content=canonical_json(to_json(blueprint)).decode(),
        created_by=officer.account_id,
        created_at=op.now,
        approved_by=officer.account_id,
        approved_at=op.now,
    )
    op.db.add(row)
    op.db.flush()
    return row.id


def as_person(persona: Persona, *roles: Role) -> Actor:
    """Somebody who acts with these roles, without a session."""
    grants = tuple(Grant(role) for role in roles)
    return Actor(ActorKind.PERSON, account_id=persona.account_id, person_id=persona.person_id, grants=grants)


def right_responses(house: House, attempt_id: int) -> dict[int, Response]:
    """The right response to every position of a practice attempt's form."""
    with acting_as(house, "test") as op:
        form = form_of(op.db.get_one(PracticeAttempt, attempt_id))
        items = items_of_form(op, form)
    return {entry.position: key_of(form, items, position=entry.position) for entry in form.entries}


def wrong_responses(house: House, attempt_id: int) -> list[dict[str, Any]]:
    """A change for every position, none of them right: the first option that the key does not name."""
    keys = right_responses(house, attempt_id)
    return [
        {"position": at, "revision": 1, "response": [next(n for n in range(4) if n not in key)]}
        for at, key in keys.items()
    ]
