"""The ground of a rehearsal, laid in the drill's own place: persons whom nobody knows, items that nobody wrote, and an
exam of the configured shape, sealed by two of these persons through the services, as every exam is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from sqlalchemy import insert, update

from app.accounts.models import Account
from app.accounts.queries import grants_of
from app.accounts.service import create_account, grant_role
from app.attempts.models import CheckInCode
from app.attempts.room_day.rules import REMOTE_CHECKS, RoomCheck
from app.attempts.room_day.service import open_room
from app.authoring.models import Bank, ItemRow, ItemVersion, Topic
from app.authoring.reading import duplicate_mark
from app.authoring.rules import ItemState
from app.drill.rehearsal.items import stock_for
from app.drill.rehearsal.plan import Plan, seated
from app.exams import queries
from app.exams.models import BlueprintRow, Exam, Registration, Sitting
from app.exams.registering.rules import CURRENT
from app.exams.registration_models import Consent
from app.exams.rules import BlueprintState, ExamState, RegistrationState
from app.exams.service import propose_seal, seal
from app.exams.service.rooms import RoomPlan, assign_proctor, write_room
from app.operation import House, Operation, acting_as
from app.people.identity import synthetic_id_number
from app.people.models import Unit
from app.people.rules import Education, PoliticalStatus, UnitKind
from app.people.service import NewPerson, create_person, create_unit
from app.security import one_time_codes
from app.security.actor import Actor, ActorKind
from app.security.derivation import Purpose, derive
from app.security.passwords import Passwords
from app.security.permissions import Role
from question_bank.blueprint_json import from_json, to_json
from question_bank.canonical import canonical_json, read_json, stem_fold
from question_bank.form import Form
from question_bank.form_json import form_from_json
from question_bank.item_json import item_hash, item_to_json
from question_bank.items import Item

T = TypeVar("T")

NAME = "演练"
_REGION = "990101"
"""A region that was never issued: such an ID number belongs to nobody."""
_FIRST_BIRTHDAY = date(1960, 1, 1)
_AT_ONCE = 200
_LATER = timedelta(hours=6)
_PASSWORD_OF_NOBODY = "演练-没有人知道-1"  # noqa: S105 - opens nothing but the place of one drill


@dataclass
class Seated:
    """One synthetic candidate: who they are, where they sit, and with what they come in."""

    registration_id: int
    ticket_number: str
    login: str
    remote: bool
    form: Form
    codes: list[str] = field(default_factory=list)
    """The proctor's codes: for the door, and for going on at another computer."""


@dataclass(frozen=True)
class Ground:
    """The sealed exam. `password` opens every synthetic account; `savers` sit a sitting of their own, that lasts."""

    exam_id: int
    sitting_id: int
    items: dict[str, Item]
    candidates: list[Seated]
    savers: list[Seated]
    chief: int
    """The account of the chief proctor, who runs every room."""
    password: str = _PASSWORD_OF_NOBODY


def lay_ground(house: House, plan: Plan, said: Callable[[int, int], None]) -> Ground:
    """Everything that an exam day needs, its times still far away; `said` hears how many persons have been entered."""
    with acting_as(house, "drill") as op:
        officer, approver, chief = (
            _staff(op, role) for role in (Role.EXAM_OFFICER, Role.EXAM_APPROVER, Role.CHIEF_PROCTOR)
        )
    exam_id, items = _plan_exam(house, plan, officer, approver, chief)
    _register_all(house, exam_id, plan, officer, said)
    with acting_as(house, "drill") as op:
        propose_seal(replace(op, actor=_actor(op, officer)), exam_id=exam_id)
    with acting_as(house, "drill") as op:
        seal(replace(op, actor=_actor(op, approver)), exam_id=exam_id)
    return _read(house, exam_id, items, plan, chief)


def set_times(house: House, ground: Ground, *, starts_at: datetime, ends_at: datetime) -> None:
    """Let the sitting begin and end then, and that of the savers begin now and last."""
    now = house.clock.now()
    with house.database.transaction() as db:
        # The rows of the drill's own place: no person would be asked to postpone, and nobody is told.
        own = update(Sitting).where(Sitting.id == ground.sitting_id)
        db.execute(own.values(starts_at=starts_at, ends_at=ends_at))
        if ground.savers:
            lasting = Sitting(exam_id=ground.exam_id, starts_at=now - timedelta(minutes=1), ends_at=now + _LATER)
            db.add(lasting)
            db.flush()
            ids = [saver.registration_id for saver in ground.savers]
            db.execute(update(Registration).where(Registration.id.in_(ids)).values(sitting_id=lasting.id))


def open_rooms(house: House, ground: Ground) -> None:
    """The chief proctor has checked every room, and opens it."""
    with acting_as(house, "drill") as op:
        own = replace(op, actor=_actor(op, ground.chief))
        for room in queries.rooms_of(op.db, ground.sitting_id):
            checks = REMOTE_CHECKS if room.remote else frozenset(RoomCheck)
            open_room(own, room_id=room.id, checks=checks, present=[ground.chief])


def hand_out_codes(house: House, candidates: Sequence[Seated], *, each: int, until: datetime) -> None:
    """Give every candidate so many of the proctor's codes, good until then."""
    key = derive(house.settings.secret_key.get_secret_value(), Purpose.CHECK_IN_CODE)
    now = house.clock.now()
    for some in _in_parts(candidates):
        rows = []
        for one in some:
            one.codes = [one_time_codes.draw() for _ in range(each)]
            owner = f"registration:{one.registration_id}"
            rows += [
                {
                    "registration_id": one.registration_id,
                    "code_digest": one_time_codes.digest(code, key=key, owner=owner),
                    "code_cipher": "",
                    "issued_at": now,
                    "ends_at": until,
                    "issued_by": 1,
                }
                for code in one.codes
            ]
        with house.database.transaction() as db:
            db.execute(insert(CheckInCode), rows)


def _staff(op: Operation, role: Role) -> int:
    unit = create_unit(op, name=f"{NAME}{role}", kind=UnitKind.CITY_ORGAN, parent=None, headcount=1, quota_posts=1)
    return _enter(op, unit, len(Role) - list(Role).index(role), role)


def _enter(op: Operation, unit: Unit, number: int, role: Role, password_hash: str = "") -> int:
    """A person with an account of that role; returns the account. ID numbers follow from `number`, from 1 on."""
    birth = _FIRST_BIRTHDAY + timedelta(days=number // 999)
    person = create_person(
        op,
        NewPerson(
            name=f"{NAME}考生" if role is Role.CANDIDATE else f"{NAME}考务",
            id_number=synthetic_id_number(_REGION, birth, 1 + number % 999),
            unit_id=unit.id,
            post=NAME,
            political_status=PoliticalStatus.FULL_MEMBER,
            in_post=True,
            education=Education.BACHELOR,
        ),
    )
    account = create_account(op, person_id=person.id, login=f"drill{number:06d}")
    account.password_hash = password_hash
    grant_role(op, account_id=account.id, role=role, unit_id=None)
    return account.id


def _actor(op: Operation, account_id: int) -> Actor:
    account = op.db.get_one(Account, account_id)
    grants = grants_of(op.db, account_id)
    return Actor(ActorKind.PERSON, account_id, account.person_id, NAME, factor_at=op.now, grants=grants)


def _plan_exam(house: House, plan: Plan, officer: int, approver: int, chief: int) -> tuple[int, dict[str, Item]]:
    stock = stock_for(from_json(plan.blueprint), reserve_set=plan.reserve_set)
    with acting_as(house, "drill") as op:
        bank = Bank(name=NAME, owner_unit_id=1)
        op.db.add(bank)
        op.db.flush()
        items = _fill(op, bank.id, stock.items, officer)
        row = BlueprintRow(
            bank_id=bank.id,
            name=stock.blueprint.name,
            level=stock.blueprint.level,
            state=BlueprintState.APPROVED,
            content=canonical_json(to_json(stock.blueprint)).decode(),
            created_by=officer,
            created_at=op.now,
            approved_by=approver,
            approved_at=op.now,
        )
        op.db.add(row)
        op.db.flush()
        exam = Exam(
            name=NAME,
            level=stock.blueprint.level,
            blueprint_id=row.id,
            state=ExamState.PUBLISHED,
            registration_opens_at=op.now - timedelta(days=2),
            registration_closes_at=op.now - timedelta(days=1),
            # The bell is the end of the sitting, for everyone; whoever is late may enter.
            duration_minutes=600,
            late_entry_minutes=60,
            earliest_hand_in_minutes=0,
            reserve_forms=plan.reserve_forms,
            reserve_set=plan.reserve_set,
            created_by=officer,
            created_at=op.now,
            published_by=approver,
            published_at=op.now,
        )
        op.db.add(exam)
        op.db.flush()
        sitting = Sitting(
            exam_id=exam.id, starts_at=op.now + timedelta(days=1), ends_at=op.now + timedelta(days=1, hours=2)
        )
        op.db.add(sitting)
        op.db.flush()
        shapes = seated(plan.rooms, plan.candidates + plan.savers)
        for number, shape in enumerate(shapes, start=1):
            room = write_room(
                op,
                sitting,
                RoomPlan(f"{NAME}第{number}考场", shape.capacity, remote=shape.remote, columns=shape.columns),
            )
            own = replace(op, actor=_actor(op, officer))
            assign_proctor(own, exam_id=exam.id, room_id=room.id, account_id=chief)
        return exam.id, items


def _fill(op: Operation, bank_id: int, items: Sequence[Item], author: int) -> dict[str, Item]:
    """Put the items into the bank, approved; returns them by the key under which a form names them."""
    topics = {path: Topic(bank_id=bank_id, name=path[-1], path="/".join(path)) for path in {i.topic for i in items}}
    op.db.add_all(topics.values())
    op.db.flush()
    rows = [
        ItemRow(
            bank_id=bank_id,
            topic_id=topics[item.topic].id,
            state=ItemState.APPROVED,
            version=1,
            item_type=item.item_type,
            level=item.level,
            difficulty=item.difficulty,
            stem_start=item.stem[:120],
            stem_fold=stem_fold(item.stem),
            duplicate_mark=duplicate_mark(item),
            created_by=author,
            created_at=op.now,
        )
        for item in items
    ]
    op.db.add_all(rows)
    op.db.flush()
    versions = [
        ItemVersion(
            item_id=row.id,
            number=1,
            content=canonical_json(item_to_json(item)).decode(),
            content_hash=item_hash(item),
            author_id=author,
            reason="",
            created_at=op.now,
        )
        for row, item in zip(rows, items, strict=True)
    ]
    op.db.add_all(versions)
    op.db.flush()
    return {str(version.id): item for version, item in zip(versions, items, strict=True)}


def _register_all(house: House, exam_id: int, plan: Plan, officer: int, said: Callable[[int, int], None]) -> None:
    """Enter everybody and confirm their registrations; all have one password, hashed once at its full cost."""
    password_hash = house.tool(Passwords).hash(_PASSWORD_OF_NOBODY)
    wanted = range(plan.candidates + plan.savers)
    for some in _in_parts(wanted):
        said(some[0], len(wanted))
        with acting_as(house, "drill") as op:
            sitting_id = queries.sittings_of(op.db, exam_id)[0].id
            name = f"{NAME}单位{some[0] // _AT_ONCE + 1}"
            unit = create_unit(op, name=name, kind=UnitKind.TOWNSHIP, parent=None, headcount=200, quota_posts=200)
            accounts = [_enter(op, unit, 1000 + number, Role.CANDIDATE, password_hash) for number in some]
            rows = [
                Registration(
                    exam_id=exam_id,
                    sitting_id=sitting_id,
                    person_id=op.db.get_one(Account, account_id).person_id,
                    state=RegistrationState.CONFIRMED,
                    eligibility=[],
                    registered_by=officer,
                    registered_at=op.now,
                    settled_by=officer,
                    settled_at=op.now,
                )
                for account_id in accounts
            ]
            op.db.add_all(rows)
            op.db.flush()
            op.db.add_all(Consent(registration_id=row.id, version=CURRENT, accepted_at=op.now) for row in rows)


def _read(house: House, exam_id: int, items: dict[str, Item], plan: Plan, chief: int) -> Ground:
    """Who sits where with which form, as sealing has settled it; the savers are those who come last."""
    with house.database.transaction(reading=True) as db:
        sitting_id = queries.sittings_of(db, exam_id)[0].id
        remote = {room.id: room.remote for room in queries.rooms_of(db, sitting_id)}
        forms = {row.registration_id: row.content for row in queries.forms_of(db, exam_id)}
        confirmed = list(queries.confirmed_registrations(db, exam_id))
    seats = [
        Seated(
            registration_id=row.id,
            ticket_number=row.ticket_number or "",
            login=f"drill{1000 + number:06d}",
            remote=remote[row.room_id or 0],
            form=form_from_json(read_json(forms[row.id])),
        )
        for number, row in enumerate(sorted(confirmed, key=lambda row: row.id))
    ]
    return Ground(exam_id, sitting_id, items, seats[: plan.candidates], seats[plan.candidates :], chief)


def _in_parts(all_of: Sequence[T]) -> Iterator[Sequence[T]]:
    for first in range(0, len(all_of), _AT_ONCE):
        yield all_of[first : first + _AT_ONCE]
