"""Everything that is read from the tables of exams."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, false, func, select, true
from sqlalchemy.orm import Session

from app.authoring.queries import ids_for
from app.database import find_one, locked
from app.errors import NotFound
from app.exams.models import (
    BlueprintAlert,
    BlueprintRow,
    Exam,
    FormRow,
    PoolItem,
    Registration,
    RegistrationList,
    Room,
    RoomProctor,
    Sitting,
)
from app.exams.queries.reserve import spare
from app.exams.rules import PUBLIC_STATES, BlueprintState, ExamState, RegistrationState
from app.people.queries import ids_within
from app.security.actor import Actor
from app.security.permissions import Capability

LIVE = (RegistrationState.APPLIED, RegistrationState.REGISTERED, RegistrationState.CONFIRMED)


def visible(actor: Actor) -> Select[Exam]:
    """The exams this actor may see: all for officers and approvers, for units those that were published."""
    if actor.may(Capability.EXAM_WRITE) or actor.may(Capability.EXAM_APPROVE):
        return select(Exam)
    return select(Exam).where(Exam.state.in_(PUBLIC_STATES) if actor.may(Capability.EXAM_READ) else false())


def visible_blueprints(actor: Actor) -> Select[BlueprintRow]:
    """The blueprints this actor may see: all, for those who may read blueprints."""
    return select(BlueprintRow).where(true() if actor.may(Capability.BLUEPRINT_READ) else false())


def visible_registrations(actor: Actor, *, by: Capability = Capability.REGISTRATION_READ) -> Select[Registration]:
    """The registrations this actor may see, or do to what `by` says: those of persons within its scopes."""
    return select(Registration).where(Registration.person_id.in_(ids_within(actor.scopes(by))))


def find_exam(db: Session, actor: Actor, exam_id: int, *, lock: bool = False) -> Exam:
    """One visible exam; with `lock` its row is held until the transaction ends. Raises NotFound."""
    query = visible(actor).where(Exam.id == exam_id)
    if lock:
        query = locked(query)
    return find_one(db, query)


def find_blueprint(db: Session, actor: Actor, blueprint_id: int, *, lock: bool = False) -> BlueprintRow:
    """One visible blueprint; with `lock` its row is held. Raises NotFound."""
    query = visible_blueprints(actor).where(BlueprintRow.id == blueprint_id)
    if lock:
        query = locked(query)
    return find_one(db, query)


def find_registration(
    db: Session, actor: Actor, registration_id: int, *, by: Capability = Capability.REGISTRATION_READ
) -> Registration:
    """One registration that is visible by this capability. Raises NotFound."""
    return find_one(db, visible_registrations(actor, by=by).where(Registration.id == registration_id))


def find_list(db: Session, actor: Actor, list_id: int, *, lock: bool = False) -> RegistrationList:
    """One list that this actor uploaded: nobody else sees it. Raises NotFound."""
    query = select(RegistrationList).where(
        RegistrationList.id == list_id, RegistrationList.uploaded_by == actor.account_id
    )
    if lock:
        query = locked(query)
    return find_one(db, query)


def list_exams(db: Session, actor: Actor) -> Sequence[Exam]:
    """Every visible exam, the newest first."""
    return db.scalars(visible(actor).order_by(Exam.id.desc())).all()


def list_blueprints(db: Session, actor: Actor) -> Sequence[BlueprintRow]:
    """Every visible blueprint, the newest first."""
    return db.scalars(visible_blueprints(actor).order_by(BlueprintRow.id.desc())).all()


def list_registrations(
    db: Session, actor: Actor, exam_id: int, *, state: RegistrationState | None, after: int, limit: int
) -> Sequence[Registration]:
    """Visible registrations of an exam by id, those in `state` where one is named, from behind `after`."""
    query = visible_registrations(actor).where(Registration.exam_id == exam_id, Registration.id > after)
    if state is not None:
        query = query.where(Registration.state == state)
    return db.scalars(query.order_by(Registration.id).limit(limit)).all()


def count_registrations(
    db: Session, actor: Actor, exam_id: int, *, by: Capability = Capability.REGISTRATION_READ
) -> Counter[RegistrationState]:
    """How many of the registrations of an exam that are visible by this capability stand in each state."""
    seen = visible_registrations(actor, by=by).where(Registration.exam_id == exam_id).subquery()
    rows = db.execute(select(seen.c.state, func.count()).group_by(seen.c.state)).all()
    return Counter({RegistrationState(state): number for state, number in rows})


def blueprints_approved(db: Session, *, practice: bool = False) -> Sequence[BlueprintRow]:
    """The blueprints that an exam may use, or with `practice` a mock exam: those over banks of its kind."""
    approved = select(BlueprintRow).where(BlueprintRow.state == BlueprintState.APPROVED)
    of_kind = BlueprintRow.bank_id.in_(ids_for(practice=practice))
    return db.scalars(approved.where(of_kind).order_by(BlueprintRow.id.desc())).all()


def blueprint_by_id(db: Session, blueprint_id: int) -> BlueprintRow:
    """One blueprint, for the service's own work. Raises NotFound."""
    found = db.get(BlueprintRow, blueprint_id)
    if found is None:
        raise NotFound
    return found


def blueprint_named(db: Session, name: str) -> BlueprintRow | None:
    """The blueprint of that name, if there is one."""
    return db.scalars(select(BlueprintRow).where(BlueprintRow.name == name)).one_or_none()


def exam_by_id(db: Session, exam_id: int) -> Exam:
    """One exam, for the service's own work; what an actor may see starts from `visible`. Raises NotFound."""
    found = db.get(Exam, exam_id)
    if found is None:
        raise NotFound
    return found


def exam_named(db: Session, name: str) -> Exam | None:
    """The exam of that name, if there is one."""
    return db.scalars(select(Exam).where(Exam.name == name)).one_or_none()


def sittings_of(db: Session, exam_id: int) -> Sequence[Sitting]:
    """The sittings of an exam, in the order of their starts."""
    return db.scalars(select(Sitting).where(Sitting.exam_id == exam_id).order_by(Sitting.starts_at, Sitting.id)).all()


def sittings_by_exam(db: Session, exam_ids: Collection[int]) -> dict[int, Sitting]:
    """The first sitting of each exam, by the exam's id."""
    rows = db.scalars(select(Sitting).where(Sitting.exam_id.in_(exam_ids)).order_by(Sitting.starts_at.desc()))
    return {sitting.exam_id: sitting for sitting in rows}


def sitting_for(db: Session, registration_id: int) -> Sitting:
    """The sitting that a registration is for. Raises NotFound."""
    return find_one(
        db,
        select(Sitting)
        .join(Registration, Registration.sitting_id == Sitting.id)
        .where(Registration.id == registration_id),
    )


def rooms_of(db: Session, sitting_id: int) -> Sequence[Room]:
    """The rooms of a sitting, in the order in which they were named."""
    return db.scalars(select(Room).where(Room.sitting_id == sitting_id).order_by(Room.id)).all()


def room_names(db: Session, room_ids: Collection[int]) -> dict[int, str]:
    """The names of these rooms, by id."""
    rooms = db.scalars(select(Room).where(Room.id.in_(room_ids)))
    return {room.id: room.name for room in rooms}


def proctors_by_room(db: Session, room_ids: Collection[int]) -> dict[int, list[int]]:
    """The accounts of the proctors of each room."""
    rows = db.execute(
        select(RoomProctor.room_id, RoomProctor.account_id)
        .where(RoomProctor.room_id.in_(room_ids))
        .order_by(RoomProctor.account_id)
    ).all()
    found: dict[int, list[int]] = {room_id: [] for room_id in room_ids}
    for room_id, account_id in rows:
        found[room_id].append(account_id)
    return found


def registration_by_id(db: Session, registration_id: int) -> Registration:
    """One registration, for the service's own work. Raises NotFound."""
    found = db.get(Registration, registration_id)
    if found is None:
        raise NotFound
    return found


def registration_of(db: Session, exam_id: int, person_id: int) -> Registration | None:
    """The live registration of a person for an exam, if there is one."""
    return db.scalars(
        select(Registration).where(
            Registration.exam_id == exam_id, Registration.person_id == person_id, Registration.state.in_(LIVE)
        )
    ).one_or_none()


def live_registrations(db: Session, exam_id: int) -> Sequence[Registration]:
    """Registrations of an exam that were neither refused nor withdrawn, by id."""
    return db.scalars(
        select(Registration)
        .where(Registration.exam_id == exam_id, Registration.state.in_(LIVE))
        .order_by(Registration.id)
    ).all()


def confirmed_registrations(db: Session, exam_id: int) -> Sequence[Registration]:
    """The candidates of an exam: its confirmed registrations, by id."""
    confirmed = Registration.state == RegistrationState.CONFIRMED
    return db.scalars(
        select(Registration).where(Registration.exam_id == exam_id, confirmed).order_by(Registration.id)
    ).all()


def list_confirmed(db: Session, actor: Actor, exam_id: int) -> Sequence[Registration]:
    """The candidates of an exam whom this actor may see, by id."""
    confirmed = Registration.state == RegistrationState.CONFIRMED
    query = visible_registrations(actor).where(Registration.exam_id == exam_id, confirmed)
    return db.scalars(query.order_by(Registration.id)).all()


def registrations_of_person(db: Session, person_id: int) -> Sequence[Registration]:
    """Every registration of a person, the newest first."""
    return db.scalars(
        select(Registration).where(Registration.person_id == person_id).order_by(Registration.id.desc())
    ).all()


def forms_of(db: Session, exam_id: int) -> Sequence[FormRow]:
    """Every form of an exam, reserve forms included, by number."""
    return db.scalars(select(FormRow).where(FormRow.exam_id == exam_id).order_by(FormRow.number)).all()


def form_for(db: Session, registration_id: int) -> FormRow | None:
    """The form of a registration; None before sealing."""
    return db.scalars(select(FormRow).where(FormRow.registration_id == registration_id)).one_or_none()


def next_reserve_form(db: Session, exam_id: int) -> FormRow | None:
    """The reserve form with the lowest number that nobody has, if one is left. The caller holds the exam's row."""
    return db.scalars(spare(exam_id).order_by(FormRow.number).limit(1)).one_or_none()


def count_reserve_forms(db: Session, exam_id: int) -> int:
    """How many reserve forms are left."""
    return db.execute(select(func.count()).select_from(spare(exam_id).subquery())).scalar_one()


def pool_version_ids(db: Session, exam_id: int) -> list[int]:
    """The item versions of a sealed exam's pool, ascending."""
    query = select(PoolItem.item_version_id).where(PoolItem.exam_id == exam_id)
    return list(db.scalars(query.order_by(PoolItem.item_version_id)))


def pool_topics(db: Session, exam_id: int) -> dict[int, str | None]:
    """The item versions of a sealed exam's pool, ascending, each with the path that it was filed under then."""
    query = select(PoolItem.item_version_id, PoolItem.topic).where(PoolItem.exam_id == exam_id)
    return {row[0]: row[1] for row in db.execute(query.order_by(PoolItem.item_version_id))}


def exams_in(db: Session, *states: ExamState) -> Sequence[Exam]:
    """The exams that stand in one of these states, by id."""
    return db.scalars(select(Exam).where(Exam.state.in_(states)).order_by(Exam.id)).all()


def blueprints_in(db: Session, *states: BlueprintState) -> Sequence[BlueprintRow]:
    """The blueprints that stand in one of these states, by id."""
    return db.scalars(select(BlueprintRow).where(BlueprintRow.state.in_(states)).order_by(BlueprintRow.id)).all()


def blueprints_of_banks(db: Session, bank_ids: Collection[int]) -> Sequence[BlueprintRow]:
    """The blueprints that draw from these banks and have been submitted or approved, by id."""
    live = (BlueprintState.SUBMITTED, BlueprintState.APPROVED)
    return db.scalars(
        select(BlueprintRow)
        .where(BlueprintRow.bank_id.in_(bank_ids), BlueprintRow.state.in_(live))
        .order_by(BlueprintRow.id)
    ).all()


def open_alerts(db: Session, blueprint_ids: Collection[int] | None = None) -> Sequence[BlueprintAlert]:
    """Alerts that nobody has settled: of these blueprints, or all."""
    query = select(BlueprintAlert).where(BlueprintAlert.settled_at.is_(None)).order_by(BlueprintAlert.id)
    if blueprint_ids is not None:
        query = query.where(BlueprintAlert.blueprint_id.in_(blueprint_ids))
    return db.scalars(query).all()


def exams_open_for_registration(db: Session, now: datetime) -> Sequence[Exam]:
    """The exams for which units may register now, the first to close first."""
    return db.scalars(
        select(Exam)
        .where(Exam.state == ExamState.PUBLISHED, Exam.registration_opens_at <= now, Exam.registration_closes_at > now)
        .order_by(Exam.registration_closes_at)
    ).all()


def registrations_by_id(db: Session, registration_ids: Collection[int]) -> Sequence[Registration]:
    """Many registrations at once, by id."""
    query = select(Registration).where(Registration.id.in_(registration_ids))
    return db.scalars(query.order_by(Registration.id)).all()


def hold_exam(db: Session, exam_id: int) -> Exam:
    """One exam for the service's own work, its row held until the transaction ends. Raises NotFound."""
    query = select(Exam).where(Exam.id == exam_id)
    return find_one(db, locked(query))
