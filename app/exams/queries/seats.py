"""What an exam day asks of the tables of exams: who sits where and when, and which form is theirs."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, Subquery, bindparam, false, func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.exams.accommodations import extra_minutes
from app.exams.integrity import Integrity
from app.exams.models import Accommodation, Exam, FormRow, Registration, Room, RoomProctor, Sitting
from app.exams.queries.accommodations import applies_at
from app.exams.rules import ExamState, RegistrationState
from app.security.actor import Actor, ActorKind
from app.security.permissions import Capability, Role
from app.statements import Statement


@dataclass(frozen=True)
class Seat:
    """A confirmed registration for a sealed exam, with its sitting, its room and the exam's settings of time."""

    registration_id: int
    person_id: int
    exam_id: int
    exam_name: str
    ticket_number: str | None
    room_id: int | None
    room_name: str | None
    remote: bool
    seat: int | None
    starts_at: datetime
    ends_at: datetime
    duration: timedelta
    late_entry: timedelta
    earliest_hand_in: timedelta
    extra: timedelta
    """What the person's accommodation adds to the deadline, as a granted time of the attempt."""
    large_print: bool
    sitting_id: int
    lockdown: bool
    """Whether the exam is sat in Safe Exam Browser alone."""
    integrity: Integrity


@dataclass(frozen=True)
class SealedForm:
    """试卷 of one registration: `view` is the candidate's, JSON text without a key."""

    form_id: int
    content_hash: str
    view: str


@dataclass(frozen=True)
class RoomInfo:
    """考场 with the times of its sitting."""

    room_id: int
    room_name: str
    remote: bool
    exam_id: int
    exam_name: str
    starts_at: datetime
    ends_at: datetime
    sitting_id: int


def visible_rooms(actor: Actor, *, by: Capability = Capability.ROOM_READ) -> Select[int]:
    """Ids of the rooms that this actor may see, or in which they may do what `by` says: all for an officer, a proctor's
    own, and for a chief proctor every room of the sittings in which they have one."""
    roles = actor.roles_for(by)
    if actor.kind is ActorKind.SERVICE or Role.EXAM_OFFICER in roles:
        return select(Room.id)
    own = select(RoomProctor.room_id).where(RoomProctor.account_id == actor.account_id)
    if Role.CHIEF_PROCTOR in roles:
        return select(Room.id).where(Room.sitting_id.in_(select(Room.sitting_id).where(Room.id.in_(own))))
    return select(Room.id).where(Room.id.in_(own) if roles else false())


def list_rooms(db: Session, actor: Actor, *, by: Capability = Capability.ROOM_READ) -> list[RoomInfo]:
    """The rooms of sealed exams that are visible by this capability, the next sitting first."""
    query = _rooms().where(Room.id.in_(visible_rooms(actor, by=by)))
    return [RoomInfo(*row) for row in db.execute(query.order_by(Sitting.starts_at.desc(), Room.name))]


def find_room(db: Session, actor: Actor, room_id: int, *, by: Capability = Capability.ROOM_READ) -> RoomInfo:
    """One room that is visible by this capability. Raises NotFound."""
    row = db.execute(_rooms().where(Room.id == room_id, Room.id.in_(visible_rooms(actor, by=by)))).one_or_none()
    if row is None:
        raise NotFound
    return RoomInfo(*row)


def may_in_room(db: Session, actor: Actor, room_id: int, by: Capability) -> bool:
    """Whether this actor may do in the room what `by` says."""
    return actor.may(by) and room_id in db.scalars(visible_rooms(actor, by=by).where(Room.id == room_id)).all()


def rooms_of_sitting(db: Session, sitting_id: int) -> list[RoomInfo]:
    """Every room of a sitting of a sealed exam, by name; whether the sitting may be seen, the caller judges."""
    return [RoomInfo(*row) for row in db.execute(_rooms().where(Room.sitting_id == sitting_id).order_by(Room.name))]


def sittings_with_rooms_of(actor: Actor, *, by: Capability = Capability.ROOM_READ) -> Select[int]:
    """Ids of the sittings in which a room is visible to this actor by this capability."""
    return select(Room.sitting_id).where(Room.id.in_(visible_rooms(actor, by=by)))


def sees_sitting(db: Session, actor: Actor, sitting_id: int, *, by: Capability) -> bool:
    """Whether a room of the sitting is visible to this actor by this capability."""
    seen = sittings_with_rooms_of(actor, by=by).where(Room.sitting_id == sitting_id)
    return db.execute(select(seen.exists())).scalar_one()


def rooms_of_exam(exam_id: int) -> Select[int]:
    """Ids of an exam's rooms."""
    return select(Room.id).join(Sitting, Sitting.id == Room.sitting_id).where(Sitting.exam_id == exam_id)


def sittings_of_rooms(rooms: Select[int]) -> Select[int]:
    """Ids of the sittings of these rooms."""
    return select(Room.sitting_id).where(Room.id.in_(rooms))


def exams_of_rooms(rooms: Select[int]) -> Select[int]:
    """Ids of the exams of these rooms."""
    return select(Sitting.exam_id).join(Room, Room.sitting_id == Sitting.id).where(Room.id.in_(rooms))


def count_proctors(db: Session, room_id: int) -> int:
    """How many proctors are assigned to a room."""
    return db.execute(select(func.count()).where(RoomProctor.room_id == room_id)).scalar_one()


def hold_room(db: Session, room_id: int) -> None:
    """Hold a room until the transaction ends, so that acts upon it come one after the other."""
    db.execute(select(Room.id).where(Room.id == room_id).with_for_update(key_share=True))


def hold_exam(db: Session, exam_id: int) -> None:
    """Hold an exam until the transaction ends, so that what is counted within it is counted one after the other."""
    db.execute(select(Exam.id).where(Exam.id == exam_id).with_for_update(key_share=True))


def hold_registration(db: Session, registration_id: int) -> None:
    """Hold a registration until the transaction ends: whatever refers to it anew comes before or after."""
    db.execute(select(Registration.id).where(Registration.id == registration_id).with_for_update())


def _rooms() -> Select[*tuple[int, str, bool, int, str, datetime, datetime, int]]:
    return (
        select(Room.id, Room.name, Room.remote, Exam.id, Exam.name, Sitting.starts_at, Sitting.ends_at, Sitting.id)
        .join(Sitting, Sitting.id == Room.sitting_id)
        .join(Exam, Exam.id == Sitting.exam_id)
        .where(Exam.state == ExamState.SEALED)
    )


def registration_alone() -> Subquery:
    """One registration (`registration_id`, to be given), to which a statement joins what it asks: its id, exam, sitting
    and room."""
    place = select(Registration.id, Registration.exam_id, Registration.sitting_id, Registration.room_id)
    return place.where(Registration.id == bindparam("registration_id")).subquery()


def registrations_of(person_id: int | None) -> Select[int]:
    """Ids of a person's registrations."""
    return select(Registration.id).where(Registration.person_id == person_id)


def registrations_in_exam(exam_id: int) -> Select[int]:
    """The ids of all registrations of an exam."""
    return select(Registration.id).where(Registration.exam_id == exam_id)


def registrations_in_rooms(actor: Actor) -> Select[int]:
    """Ids of the registrations seated in the rooms this actor may see."""
    return select(Registration.id).where(Registration.room_id.in_(visible_rooms(actor)))


def find_seat(db: Session, registration_id: int) -> Seat:
    """The seat of one registration; whose it is, the caller judges. Raises NotFound."""
    return _only_one(_SEAT.rows(db, registration_id=registration_id))


def seats_of_registrations(db: Session, registration_ids: Collection[int]) -> dict[int, Seat]:
    """The seats of these registrations, by registration."""
    rows = db.execute(_SEATS.where(Registration.id.in_(registration_ids)))
    return {seat.registration_id: seat for seat in map(_seat, rows)}


def seat_in_exam(db: Session, *, exam_id: int, person_id: int | None) -> Seat:
    """A person's own seat in an exam. Raises NotFound."""
    return _only_one(_SEAT_IN_EXAM.rows(db, exam_id=exam_id, person_id=person_id))


def seats_of_person(db: Session, person_id: int | None) -> list[Seat]:
    """Every seat of a person."""
    return [_seat(row) for row in db.execute(_SEATS.where(Registration.person_id == person_id))]


def seats_in_room(db: Session, room_id: int) -> list[Seat]:
    """Everyone who has a seat in the room, in the order of seats."""
    return [_seat(row) for row in db.execute(_SEATS.where(Registration.room_id == room_id))]


def seats_in_rooms(db: Session, room_ids: Collection[int]) -> list[Seat]:
    """Everyone who has a seat in one of these rooms, in the order of seats."""
    return [_seat(row) for row in db.execute(_SEATS.where(Registration.room_id.in_(room_ids)))]


def registrations_seated_in(room_ids: Collection[int]) -> Select[int]:
    """Ids of the registrations seated in these rooms."""
    return select(Registration.id).where(Registration.room_id.in_(room_ids))


def form_of(db: Session, registration_id: int) -> SealedForm | None:
    """The form that was sealed for a registration."""
    rows = _FORM.rows(db, registration_id=registration_id)
    return SealedForm(*rows[0]) if rows else None


def form_ids_of(db: Session, registration_ids: Collection[int]) -> dict[int, int]:
    """The form that each of these registrations has."""
    rows = db.execute(select(FormRow.registration_id, FormRow.id).where(FormRow.registration_id.in_(registration_ids)))
    return {row[0]: row[1] for row in rows if row[0] is not None}


def integrity_of(db: Session, registration_ids: Collection[int]) -> dict[int, Integrity]:
    """How closely the exam of each of these registrations looks."""
    rows = db.execute(
        select(Registration.id, Exam.integrity)
        .join(Exam, Exam.id == Registration.exam_id)
        .where(Registration.id.in_(registration_ids))
    )
    return {row[0]: row[1] for row in rows}


def item_count(db: Session, exam_id: int) -> int:
    """How many items each form of a sealed exam has; 0 where there is no form."""
    view = db.scalars(select(FormRow.view).where(FormRow.exam_id == exam_id).limit(1)).one_or_none()
    return int(json.loads(view)["item_count"]) if view else 0


_SEATS = (
    select(
        Registration.id,
        Registration.person_id,
        Exam.id,
        Exam.name,
        Registration.ticket_number,
        Room.id,
        Room.name,
        Room.remote,
        Registration.seat,
        Sitting.starts_at,
        Sitting.ends_at,
        Exam.duration_minutes,
        Exam.late_entry_minutes,
        Exam.earliest_hand_in_minutes,
        Accommodation.extra_percent,
        Accommodation.extra_minutes,
        Accommodation.large_print,
        Sitting.id,
        Exam.lockdown,
        Exam.integrity,
    )
    .join(Exam, Exam.id == Registration.exam_id)
    .join(Sitting, Sitting.id == Registration.sitting_id)
    .outerjoin(Room, Room.id == Registration.room_id)
    .outerjoin(Accommodation, (Accommodation.person_id == Registration.person_id) & applies_at(Sitting.starts_at))
    .where(Registration.state == RegistrationState.CONFIRMED, Exam.state == ExamState.SEALED)
    .order_by(Registration.seat, Registration.id)
)
# Asked by everybody who waits, again and again: compiled once.
_SEAT = Statement(_SEATS.where(Registration.id == bindparam("registration_id")))
_SEAT_IN_EXAM = Statement(
    _SEATS.where(Registration.exam_id == bindparam("exam_id"), Registration.person_id == bindparam("person_id"))
)
_FORM = Statement(
    select(FormRow.id, FormRow.content_hash, FormRow.view).where(
        FormRow.registration_id == bindparam("registration_id")
    )
)


def _only_one(rows: Sequence[Any]) -> Seat:
    if not rows:
        raise NotFound
    return _seat(rows[0])


def _seat(row: Any) -> Seat:
    return Seat(
        registration_id=row[0],
        person_id=row[1],
        exam_id=row[2],
        exam_name=row[3],
        ticket_number=row[4],
        room_id=row[5],
        room_name=row[6],
        remote=bool(row[7]),
        seat=row[8],
        starts_at=row[9],
        ends_at=row[10],
        duration=timedelta(minutes=row[11]),
        late_entry=timedelta(minutes=row[12]),
        earliest_hand_in=timedelta(minutes=row[13]),
        extra=timedelta(minutes=extra_minutes(row[14], row[15], duration_minutes=row[11])),
        large_print=bool(row[16]),
        sitting_id=row[17],
        lockdown=bool(row[18]),
        integrity=Integrity(row[19]),
    )
