"""The ground for tests of exams: units, a bank with approved items, an officer, an approver, a liaison of one unit."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.queries import grants_of
from app.authoring.models import Bank, ItemInvolvement, ItemRow, ItemVersion
from app.authoring.reading import duplicate_mark
from app.authoring.rules import Involvement, ItemState
from app.clock import ManualClock
from app.exams.models import Exam, FormRow, Registration
from app.exams.service import blueprints, candidates, exams, registrations, rooms, sealing
from app.exams.service.drawing import DrawVerdict, recompute_draw
from app.operation import House, Operation, acting_as
from app.people.models import Person, Unit
from app.people.rules import UnitKind
from app.people.service import unmask_id_number
from app.security.actor import Actor, ActorKind
from app.security.permissions import Role
from question_bank.blueprint import Blueprint
from question_bank.canonical import canonical_json, stem_fold
from question_bank.item_json import item_hash, item_to_json
from tests.support.bank import mixed_pool, three_sections
from tests.support.grounds import Ground
from tests.support.personas import Persona, make_person, make_staff, make_unit

_sequence = count(1)


@dataclass
class World:
    """Everything a story of exams starts from. The clock is moved by the tests."""

    house: House
    county: Unit
    east: Unit
    west: Unit
    bank_id: int
    item_ids: list[int]
    officer: Persona
    approver: Persona
    liaison: Persona
    proctor: Persona
    blueprint: Blueprint = field(default_factory=three_sections)

    @property
    def clock(self) -> ManualClock:
        clock = self.house.clock
        assert isinstance(clock, ManualClock)
        return clock

    @contextmanager
    def as_(self, persona: Persona) -> Iterator[Operation]:
        """One transaction in the name of a persona, with the roles they hold."""
        with self.house.database.transaction(reading=True) as db:
            grants = grants_of(db, persona.account_id)
        actor = Actor(kind=ActorKind.PERSON, account_id=persona.account_id, person_id=persona.person_id, grants=grants)
        with acting_as(self.house, "test", actor=actor) as op:
            yield op

    def person(self, unit: Unit | None = None, **more: Any) -> tuple[Person, str]:
        """A worker and their ID number."""
        with acting_as(self.house, "test") as op:
            person = make_person(op, unit or self.east, **more)
            return person, unmask_id_number(op, person, why="测试")

    def approved_blueprint(self) -> int:
        with self.as_(self.officer) as op:
            named = replace(self.blueprint, name=f"方案{next(_sequence)}")
            row = blueprints.create_blueprint(op, bank_id=self.bank_id, blueprint=named)
            blueprints.submit_blueprint(op, blueprint_id=row.id)
        with self.as_(self.approver) as op:
            blueprints.approve_blueprint(op, blueprint_id=row.id)
        return row.id

    def plan(self, blueprint_id: int, **more: Any) -> exams.ExamPlan:
        """Registration from now for five days, the sitting on the seventh, one room of 30 and one of 30."""
        now = self.clock.now()
        plan = exams.ExamPlan(
            name=f"初级考试{next(_sequence)}",
            blueprint_id=blueprint_id,
            registration_opens_at=now,
            registration_closes_at=now + timedelta(days=5),
            starts_at=now + timedelta(days=7),
            ends_at=now + timedelta(days=7, hours=2),
            duration_minutes=90,
            reserve_forms=2,
            rooms=(exams.RoomPlan("一考场", 30), exams.RoomPlan("二考场", 30)),
        )
        return replace(plan, **more)

    def draft_exam(self, **more: Any) -> int:
        blueprint_id = more.pop("blueprint_id", None) or self.approved_blueprint()
        with self.as_(self.officer) as op:
            return exams.create_exam(op, self.plan(blueprint_id, **more)).id

    def published_exam(self, **more: Any) -> int:
        exam_id = self.draft_exam(**more)
        with self.as_(self.officer) as op:
            exams.submit_exam(op, exam_id=exam_id)
        with self.as_(self.approver) as op:
            exams.publish_exam(op, exam_id=exam_id)
        return exam_id

    def register(self, exam_id: int, person: Person, number: str) -> int:
        with self.as_(self.liaison) as op:
            return registrations.register(op, exam_id=exam_id, name=person.name, id_number=number).id

    def confirmed(self, exam_id: int, people: int = 3, **more: Any) -> list[int]:
        """Registrations of new people of the eastern unit, confirmed."""
        found = [self.register(exam_id, *self.person(**more)) for _ in range(people)]
        with self.as_(self.officer) as op:
            registrations.confirm(op, exam_id=exam_id, registration_ids=found)
        return found

    def staffed(self, exam_id: int) -> None:
        """A proctor for every room."""
        with self.as_(self.officer) as op:
            for room in sealing.queries.rooms_of(op.db, sealing.queries.sittings_of(op.db, exam_id)[0].id):
                rooms.assign_proctor(op, exam_id=exam_id, room_id=room.id, account_id=self.proctor.account_id)

    def close_registration(self) -> None:
        self.clock.set(self.clock.now() + timedelta(days=6))

    def proposed_exam(self, people: int = 3, **more: Any) -> int:
        exam_id = self.published_exam(**more)
        self.confirmed(exam_id, people)
        self.staffed(exam_id)
        self.close_registration()
        with self.as_(self.officer) as op:
            sealing.propose_seal(op, exam_id=exam_id)
        return exam_id

    def sealed_exam(self, people: int = 3, **more: Any) -> int:
        exam_id = self.proposed_exam(people, **more)
        self.seal(exam_id)
        return exam_id

    def involve(self, person_id: int) -> None:
        """The person reviewed an item of the bank."""
        with acting_as(self.house, "test") as op:
            op.db.add(
                ItemInvolvement(
                    item_id=self.item_ids[0], person_id=person_id, involvement=Involvement.REVIEWED, at=op.now
                )
            )

    def at(self, moment: datetime) -> None:
        self.clock.set(moment)

    def registration(self, registration_id: int) -> Registration:
        with self.house.database.transaction(reading=True) as db:
            return db.get_one(Registration, registration_id)

    def seal(self, exam_id: int, persona: Persona | None = None) -> None:
        with self.as_(persona or self.approver) as op:
            sealing.seal(op, exam_id=exam_id)

    def exam(self, exam_id: int) -> Exam:
        with self.house.database.transaction(reading=True) as db:
            return db.get_one(Exam, exam_id)

    def forms(self, exam_id: int) -> list[FormRow]:
        with self.house.database.transaction(reading=True) as db:
            return list(db.scalars(select(FormRow).where(FormRow.exam_id == exam_id).order_by(FormRow.number)))

    def candidates(self, exam_id: int) -> list[Registration]:
        """In the order of their tickets."""
        with self.house.database.transaction(reading=True) as db:
            rows = select(Registration).where(Registration.exam_id == exam_id)
            return list(db.scalars(rows.order_by(Registration.ticket_number)))

    def verdict(self, exam_id: int) -> DrawVerdict:
        with acting_as(self.house, "test") as op:
            return recompute_draw(op, exam_id)

    def eligible(self, registration_id: int) -> bool:
        with acting_as(self.house, "test") as op:
            return candidates.still_eligible(op, registration_id)


def make_world(house: House) -> World:
    with acting_as(house, "test") as op:
        number = next(_sequence)
        county = make_unit(op, f"县{number}", kind=UnitKind.COUNTY)
        east = make_unit(op, f"东镇{number}", parent=county)
        west = make_unit(op, f"西镇{number}", parent=county)
    officer = make_staff(house, Role.EXAM_OFFICER)
    approver = make_staff(house, Role.EXAM_APPROVER)
    liaison = make_staff(house, Role.UNIT_LIAISON, unit=east)
    proctor = make_staff(house, Role.PROCTOR)
    with acting_as(house, "test") as op:
        bank = Bank(name=f"题库{next(_sequence)}", owner_unit_id=county.id)
        op.db.add(bank)
        op.db.flush()
        item_ids = []
        for entry in mixed_pool(singles=20, multiples=10, judgements=10):
            item = entry.item
            row = ItemRow(
                bank_id=bank.id,
                topic_id=None,
                state=ItemState.APPROVED,
                version=1,
                item_type=item.item_type,
                level=item.level,
                difficulty=item.difficulty,
                stem_start=item.stem[:120],
                stem_fold=stem_fold(item.stem),
                duplicate_mark=duplicate_mark(item),
                created_by=officer.account_id,
                created_at=op.now,
            )
            op.db.add(row)
            op.db.flush()
            item_ids.append(row.id)
            op.db.add(
                ItemVersion(
                    item_id=row.id,
                    number=1,
                    content=canonical_json(item_to_json(item)).decode(),
                    content_hash=item_hash(item),
                    author_id=officer.account_id,
                    reason="",
                    created_at=op.now,
                )
            )
    return World(house, county, east, west, bank.id, item_ids, officer, approver, liaison, proctor)


WORLD = Ground("exams", make_world)


@pytest.fixture
def ground(request: pytest.FixtureRequest) -> Ground[World] | None:
    return WORLD if {"world", "sqlite_world"} & set(request.fixturenames) else None


@pytest.fixture
def world(house: House) -> World:
    return WORLD.stand_on(house)


@pytest.fixture
def sqlite_world(sqlite_house: House) -> World:
    return WORLD.stand_on(sqlite_house)
