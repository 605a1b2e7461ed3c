"""A released exam whose cases are cleared, reviewed and shown: everything before a certificate, made as rows."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import count

import pytest

from app.authoring.models import Bank
from app.certificates import queries
from app.certificates.models import Certificate, CertificateBatch
from app.certificates.service import batches
from app.certificates.service.issuing import issue_batch
from app.clearance.models import Check, ClearanceCase, NoticeEntry, Objection, PublicNotice
from app.clearance.rules import CaseState, CheckState, NoticeState, ObjectionState, Office, Outcome
from app.exams.eligibility import Answer, EligibilityRule
from app.exams.models import BlueprintRow, Exam, Registration, Sitting
from app.exams.rules import BlueprintState, ExamState, RegistrationState
from app.grading.models import Release, Result
from app.grading.rules import ReleaseState
from app.operation import House, Operation, acting_as
from app.people.models import Person, Unit
from app.security import key_pairs
from app.security.actor import Actor, ActorKind, Grant
from app.security.fields import MasterKey
from app.security.key_pairs import Algorithm, PrivateKey
from app.security.permissions import Role
from app.security.signing_keys import KeyPurpose, SigningKey
from question_bank.items import Level
from tests.support.grounds import Ground
from tests.support.house import MORNING
from tests.support.personas import Persona, make_person, make_staff, make_unit

_sequence = count(1)
SAT = MORNING - timedelta(days=40)
RELEASED = MORNING - timedelta(days=30)
DECIDED = MORNING - timedelta(days=20)
SHOWN = MORNING - timedelta(days=19)
NOTICE_ENDED = MORNING - timedelta(days=12)
CLEAR_UNTIL = MORNING + timedelta(days=140)


@dataclass(frozen=True)
class Cleared:
    """One person's way up to the certificate."""

    person_id: int
    registration_id: int
    case_id: int
    entry_id: int


@dataclass
class World:
    """One exam, its officer and approver, and those who passed."""

    house: House
    unit: Unit
    officer: Persona
    approver: Persona
    bank_id: int
    exam_id: int = 0
    notice_id: int = 0
    cleared: list[Cleared] = field(default_factory=list)

    def acting(self, who: Persona, *roles: Role) -> Actor:
        """The persona as an actor with these roles over the whole tree."""
        return Actor(
            ActorKind.PERSON,
            account_id=who.account_id,
            person_id=who.person_id,
            grants=tuple(Grant(role) for role in roles),
        )

    @property
    def as_officer(self) -> Actor:
        return self.acting(self.officer, Role.CERTIFICATE_OFFICER)

    @property
    def as_approver(self) -> Actor:
        return self.acting(self.approver, Role.CERTIFICATE_APPROVER)

    def add_exam(self, *, level: Level = Level.PRIMARY, sat: datetime = SAT) -> int:
        """Another sealed exam with released results; later cases belong to it."""
        number = next(_sequence)
        with acting_as(self.house, "test") as op:
            maker = self.officer.account_id
            blueprint = BlueprintRow(
                bank_id=self.bank_id,
                name=f"方案{number}",
                level=level,
                state=BlueprintState.APPROVED,
                content="{}",
                created_by=maker,
                created_at=sat,
            )
            op.db.add(blueprint)
            op.db.flush()
            exam = Exam(
                name=f"第{number}次资格认证考试",
                level=level,
                blueprint_id=blueprint.id,
                state=ExamState.SEALED,
                registration_opens_at=sat - timedelta(days=40),
                registration_closes_at=sat - timedelta(days=10),
                duration_minutes=60,
                late_entry_minutes=30,
                earliest_hand_in_minutes=30,
                reserve_forms=0,
                created_by=maker,
                created_at=sat - timedelta(days=50),
            )
            op.db.add(exam)
            op.db.flush()
            op.db.add(Sitting(exam_id=exam.id, starts_at=sat, ends_at=sat + timedelta(hours=1)))
            op.db.add(Release(exam_id=exam.id, state=ReleaseState.RELEASED, released_at=RELEASED))
            notice = PublicNotice(
                exam_id=exam.id,
                state=NoticeState.PUBLISHED,
                document_number="示组公示〔2026〕1号",
                working_days=5,
                proposed_by=maker,
                proposed_at=DECIDED,
                published_by=self.approver.account_id,
                published_at=SHOWN,
                last_day=NOTICE_ENDED.date(),
                ends_at=NOTICE_ENDED,
            )
            op.db.add(notice)
            op.db.flush()
            self.exam_id, self.notice_id = exam.id, notice.id
        return self.exam_id

    def add(self, person: Person | None = None, *, name: str = "") -> Cleared:
        """One more person who meets every condition of P28 in the present exam."""
        with acting_as(self.house, "test") as op:
            person = person or make_person(op, self.unit, name)
            sitting_id = op.db.query(Sitting.id).filter_by(exam_id=self.exam_id).scalar()
            registration = Registration(
                exam_id=self.exam_id,
                sitting_id=sitting_id,
                person_id=person.id,
                state=RegistrationState.CONFIRMED,
                eligibility=[Answer(rule, yes=True).to_json() for rule in EligibilityRule],
                ticket_number=f"T{next(_sequence):06d}",
                registered_by=self.officer.account_id,
                registered_at=SAT - timedelta(days=20),
                settled_at=SAT - timedelta(days=9),
            )
            op.db.add(registration)
            op.db.flush()
            op.db.add(
                Result(
                    exam_id=self.exam_id,
                    registration_id=registration.id,
                    run_id=None,
                    absent=True,  # a result without a scoring run: enough for what a certificate asks
                    total=8800,
                    maximum=10000,
                    passed=True,
                )
            )
            case = ClearanceCase(
                person_id=person.id,
                exam_id=self.exam_id,
                registration_id=registration.id,
                state=CaseState.APPROVED,
                review=1,
                opened_at=RELEASED,
                decided_at=DECIDED,
            )
            op.db.add(case)
            op.db.flush()
            op.db.add_all(
                [
                    Check(
                        case_id=case.id,
                        office=office,
                        state=CheckState.SIGNED,
                        round=1,
                        due_on=RELEASED.date(),
                        outcome=Outcome.CLEAR,
                        signed_at=RELEASED,
                        valid_until=CLEAR_UNTIL,
                    )
                    for office in Office
                ]
            )
            entry = NoticeEntry(notice_id=self.notice_id, case_id=case.id, masked_name="林**", unit_name=self.unit.name)
            op.db.add(entry)
            op.db.flush()
            cleared = Cleared(person.id, registration.id, case.id, entry.id)
        self.cleared.append(cleared)
        return cleared

    def object_to(self, op: Operation, cleared: Cleared) -> Objection:
        """An objection against one person, as the public page makes it: with the case held."""
        op.db.query(ClearanceCase).filter_by(id=cleared.case_id).with_for_update().one()
        objection = Objection(
            entry_id=cleared.entry_id, state=ObjectionState.OPEN, text_cipher="x", contact_cipher="x", raised_at=op.now
        )
        op.db.add(objection)
        op.db.flush()
        return objection

    def propose(self, *case_ids: int) -> int:
        """The officer proposes these cases (all, if none is named)."""
        with acting_as(self.house, "test", actor=self.as_officer) as op:
            return batches.propose_batch(
                op,
                exam_id=self.exam_id,
                document_number="示组发〔2026〕12号",
                case_ids=case_ids or [c.case_id for c in self.cleared],
            ).id

    def approve(self, batch_id: int) -> CertificateBatch:
        """The approver approves."""
        with acting_as(self.house, "test", actor=self.as_approver) as op:
            return batches.approve_batch(op, batch_id=batch_id)

    def issue(self, *case_ids: int) -> list[Certificate]:
        """From proposal to certificates; what was held back is not among them."""
        batch_id = self.propose(*case_ids)
        self.approve(batch_id)
        issue_batch(self.house, batch_id)
        with self.house.database.transaction(reading=True) as db:
            return list(queries.certificates_of_batch(db, batch_id))

    def certificate(self, certificate_id: int) -> Certificate:
        with self.house.database.transaction(reading=True) as db:
            return db.get_one(Certificate, certificate_id)


_KEY = cache(lambda: PrivateKey.generate(Algorithm.RS256))


def _signing_key(house: House) -> SigningKey:
    """One key for all tests of a process: making one of this size takes longer than any of them."""
    key = _KEY()
    context = f"signing key {key.kid} for credential"
    return SigningKey(
        kid=key.kid,
        purpose=KeyPurpose.CREDENTIAL,
        algorithm=key.algorithm,
        public_pem=key.public.pem,
        private_cipher=house.tool(MasterKey).wrap(key.pem().encode(), context=context),
        created_at=SAT,
        active_from=SAT,
    )


def make_world(house: House) -> World:
    """A county with an officer and an approver, and one primary exam."""
    officer, approver = make_staff(house, Role.CERTIFICATE_OFFICER), make_staff(house, Role.CERTIFICATE_APPROVER)
    with acting_as(house, "test") as op:
        unit = make_unit(op, "金山街道党工委")
        bank = Bank(name="题库", owner_unit_id=unit.id)
        op.db.add(bank)
        op.db.flush()
        op.db.add(_signing_key(house))
    world = World(house, unit, officer, approver, bank.id)
    world.add_exam()
    return world


@pytest.fixture(scope="session", autouse=True)
def _read_once() -> Iterator[None]:
    """Each house reads the one key of the process anew, which takes a tenth of a second: remember what was read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_pairs, "load_pem_private_key", cache(key_pairs.load_pem_private_key))
        yield


WORLD = Ground("certificates", make_world)


@pytest.fixture
def ground(request: pytest.FixtureRequest) -> Ground[World] | None:
    return WORLD if {"world", "sqlite_world"} & set(request.fixturenames) else None


@pytest.fixture
def world(house: House) -> World:
    return WORLD.stand_on(house)


@pytest.fixture
def sqlite_world(sqlite_house: House) -> World:
    return WORLD.stand_on(sqlite_house)
