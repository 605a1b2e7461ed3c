"""What is read of the tables of what is said in rooms."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from app.attempts.hall.models import Announcement, AnnouncementReading, CannedReply, Hand, ItemDecision, ItemReport
from app.attempts.hall.rules import UP, Place
from app.database import find_one, locked
from app.exams.queries.seats import (
    exams_of_rooms,
    registrations_in_rooms,
    registrations_of,
    registrations_seated_in,
    sittings_of_rooms,
    visible_rooms,
)
from app.security.actor import Actor, ActorKind
from app.security.permissions import Capability

Where = int | ColumnElement[int]
"""An exam, a sitting or a room: its id, or the column that holds it."""


def visible(actor: Actor) -> Select[Announcement]:
    """The announcements that reach a room which this actor may see; all of them for who runs exams."""
    if actor.kind is ActorKind.SERVICE or actor.may(Capability.EXAM_WRITE):
        return select(Announcement)
    if not actor.may(Capability.ROOM_READ):
        return select(Announcement).where(Announcement.id.is_(None))
    rooms = visible_rooms(actor)
    whole_sitting = and_(Announcement.room_id.is_(None), Announcement.sitting_id.in_(sittings_of_rooms(rooms)))
    whole_exam = and_(Announcement.sitting_id.is_(None), Announcement.exam_id.in_(exams_of_rooms(rooms)))
    return select(Announcement).where(or_(Announcement.room_id.in_(rooms), whole_sitting, whole_exam))


def reaching(db: Session, place: Place) -> Sequence[Announcement]:
    """Every announcement that reaches this room (or, without one, this whole sitting or exam), in order; that it may
    be read there, the caller has judged by room or seat."""
    return db.scalars(
        select(Announcement)
        .where(*_reaches(place.exam_id, place.sitting_id, place.room_id))
        .order_by(Announcement.number)
    ).all()


def newest_reaching(exam_id: Where, sitting_id: Where | None, room_id: Where | None) -> Select[int]:
    """The number of the newest announcement that reaches this room, 0 where there is none; for another statement."""
    newest = func.coalesce(func.max(Announcement.number), 0)
    return select(newest).where(*_reaches(exam_id, sitting_id, room_id))


def find_at(db: Session, actor: Actor, place: Place, announcement_id: int) -> Announcement:
    """A visible announcement that was made to exactly this place. Raises NotFound."""
    return find_one(
        db,
        visible(actor).where(
            Announcement.id == announcement_id,
            Announcement.exam_id == place.exam_id,
            Announcement.sitting_id.is_not_distinct_from(place.sitting_id),
            Announcement.room_id.is_not_distinct_from(place.room_id),
        ),
    )


def is_replaced(db: Session, announcement_id: int) -> bool:
    """Whether a later announcement stands in its place."""
    query = select(Announcement.id).where(Announcement.replaces_id == announcement_id)
    return db.scalars(query).one_or_none() is not None


def next_number(db: Session, exam_id: int) -> int:
    """The number of the exam's next announcement; the caller holds the exam."""
    newest = db.execute(select(func.max(Announcement.number)).where(Announcement.exam_id == exam_id)).scalar_one()
    return (newest or 0) + 1


def read_up_to(db: Session, registration_ids: Collection[int]) -> dict[int, int]:
    """How far each of these registrations has been shown the announcements; only those that have seen any."""
    rows = db.execute(
        select(AnnouncementReading.registration_id, AnnouncementReading.number).where(
            AnnouncementReading.registration_id.in_(registration_ids)
        )
    )
    return {row.registration_id: row.number for row in rows}


def _reaches(exam_id: Where, sitting_id: Where | None, room_id: Where | None) -> tuple[ColumnElement[bool], ...]:
    """To that very place, or to one that holds it."""
    room = Announcement.room_id.is_(None)
    sitting = Announcement.sitting_id.is_(None)
    return (
        Announcement.exam_id == exam_id,
        sitting if sitting_id is None else or_(sitting, Announcement.sitting_id == sitting_id),
        room if room_id is None else or_(room, Announcement.room_id == room_id),
    )


def visible_hands(actor: Actor) -> Select[Hand]:
    """The hands raised in the rooms that this actor may see, and one's own."""
    if actor.kind is ActorKind.SERVICE:
        return select(Hand)
    seen = []
    if actor.may(Capability.ATTEMPT_SIT):
        seen.append(Hand.registration_id.in_(registrations_of(actor.person_id)))
    if actor.may(Capability.ROOM_READ):
        seen.append(Hand.registration_id.in_(registrations_in_rooms(actor)))
    return select(Hand).where(or_(*seen)) if seen else select(Hand).where(Hand.id.is_(None))


def hold_own_hand(db: Session, actor: Actor, hand_id: int) -> Hand:
    """A hand that the actor raised, held until the transaction ends. Raises NotFound."""
    own = Hand.registration_id.in_(registrations_of(actor.person_id))
    return _hold_hand(db, visible_hands(actor).where(Hand.id == hand_id, own))


def hold_hand_in_room(db: Session, actor: Actor, room_id: int, hand_id: int) -> Hand:
    """A visible hand that was raised in that room, held until the transaction ends. Raises NotFound."""
    here = Hand.registration_id.in_(registrations_seated_in([room_id]))
    return _hold_hand(db, visible_hands(actor).where(Hand.id == hand_id, here))


def hands_of(db: Session, registration_id: int) -> Sequence[Hand]:
    """Every hand of a registration, in order; whose it is, the caller judges."""
    return db.scalars(select(Hand).where(Hand.registration_id == registration_id).order_by(Hand.id)).all()


def hands_up(db: Session, room_ids: Collection[int]) -> Sequence[Hand]:
    """The hands that are up in these rooms, which the caller may see; who waits longest comes first."""
    up = Hand.state.in_(UP), Hand.registration_id.in_(registrations_seated_in(room_ids))
    return db.scalars(select(Hand).where(*up).order_by(Hand.raised_at, Hand.id)).all()


def canned_replies(db: Session) -> Sequence[CannedReply]:
    """常用答复 in use, in the order in which they were made."""
    return db.scalars(select(CannedReply).where(CannedReply.retired_at.is_(None)).order_by(CannedReply.id)).all()


def canned_reply(db: Session, reply_id: int, *, lock: bool = False) -> CannedReply:
    """One that is in use. Raises NotFound."""
    query = select(CannedReply).where(CannedReply.id == reply_id, CannedReply.retired_at.is_(None))
    return find_one(db, locked(query) if lock else query)


def _hold_hand(db: Session, query: Select[Hand]) -> Hand:
    held = locked(query, of=Hand)
    return find_one(db, held)


def visible_reports(actor: Actor) -> Select[ItemReport]:
    """The reports of faulty items: those of every exam, for who runs exams or approves what becomes of them."""
    sees = actor.kind is ActorKind.SERVICE or actor.may(Capability.EXAM_WRITE) or actor.may(Capability.EXAM_APPROVE)
    return select(ItemReport).where(true() if sees else false())


def reports_in(db: Session, actor: Actor, exam_id: int) -> Sequence[ItemReport]:
    """The visible reports of an exam, in the order of arrival."""
    return db.scalars(visible_reports(actor).where(ItemReport.exam_id == exam_id).order_by(ItemReport.id)).all()


def own_report(db: Session, registration_id: int, item_version_id: int) -> ItemReport | None:
    """What a registration reported of an item; whose it is, the caller judges."""
    own = ItemReport.registration_id == registration_id, ItemReport.item_version_id == item_version_id
    return db.scalars(select(ItemReport).where(*own)).one_or_none()


def newest_thread(db: Session, exam_id: int, item_version_id: int) -> int | None:
    """The thread in which this item was last reported from this exam; for forwarding the next report."""
    same = ItemReport.exam_id == exam_id, ItemReport.item_version_id == item_version_id
    return db.scalars(select(ItemReport.thread_id).where(*same).order_by(ItemReport.id.desc()).limit(1)).first()


def decisions_in(db: Session, actor: Actor, exam_id: int) -> dict[int, ItemDecision]:
    """The decision that counts, by item version, of the visible reports of an exam."""
    reported = visible_reports(actor).where(ItemReport.exam_id == exam_id).with_only_columns(ItemReport.item_version_id)
    rows = db.scalars(
        select(ItemDecision)
        .where(ItemDecision.exam_id == exam_id, ItemDecision.item_version_id.in_(reported))
        .order_by(ItemDecision.id)
    )
    return {row.item_version_id: row for row in rows}


def exams_with_undecided(db: Session, actor: Actor) -> dict[int, int]:
    """How many reported items wait for a decision, by exam."""
    decided = select(ItemDecision.id).where(
        ItemDecision.exam_id == ItemReport.exam_id, ItemDecision.item_version_id == ItemReport.item_version_id
    )
    waits = visible_reports(actor).where(~decided.exists()).subquery()
    rows = db.execute(select(waits.c.exam_id, func.count(waits.c.item_version_id.distinct())).group_by(waits.c.exam_id))
    return {row[0]: row[1] for row in rows}
