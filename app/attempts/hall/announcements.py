"""公告: made to a room, a sitting or an exam, read on every page of it within ten seconds, never changed afterwards."""

import hashlib
from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.attempts.hall import queries
from app.attempts.hall.models import Announcement
from app.attempts.hall.rules import AlreadyReplaced, Place, refuse_hint
from app.attempts.hall.schemas import AnnouncementReceived, AnnouncementShown
from app.attempts.proctoring.rules import Standing
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import NotFound
from app.exams.queries import seats as seat_queries
from app.exams.queries.seats import RoomInfo, Seat
from app.operation import Operation
from app.security.permissions import Capability

_HERE = frozenset({Standing.CHECKED_IN, Standing.RUNNING, Standing.OFFLINE, Standing.PAUSED})


def place_of_room(op: Operation, room_id: int) -> Place:
    """One room that the actor runs. Raises NotFound."""
    return place_of(seat_queries.find_room(op.db, op.actor, room_id, by=Capability.ROOM_RUN))


def place_of_sitting(op: Operation, sitting_id: int) -> Place:
    """All rooms of a sitting that the actor runs. Raises NotFound."""
    rooms = seat_queries.list_rooms(op.db, op.actor, by=Capability.CONTROL_RUN)
    exam_id = next((room.exam_id for room in rooms if room.sitting_id == sitting_id), None)
    if exam_id is None:
        raise NotFound
    return Place(exam_id, sitting_id)


def place_of_exam(op: Operation, exam_id: int) -> Place:
    """All sittings of a sealed exam. Raises NotFound."""
    rooms = seat_queries.list_rooms(op.db, op.actor, by=Capability.EXAM_WRITE)
    if all(room.exam_id != exam_id for room in rooms):
        raise NotFound
    return Place(exam_id)


def place_of(where: RoomInfo | Seat) -> Place:
    """What reaches a room, or somebody's seat."""
    return Place(where.exam_id, where.sitting_id, where.room_id)


def announce(op: Operation, place: Place, *, words: str, replaces_id: int | None, withdraws: bool) -> Announcement:
    """Say something to everybody there; with `replaces_id` in the place of an earlier announcement to the same place.

    Raises NotFound for another's, TellsKey, AlreadyReplaced.
    """
    refuse_hint(words)
    seat_queries.hold_exam(op.db, place.exam_id)
    if replaces_id is not None:
        queries.find_at(op.db, op.actor, place, replaces_id)
        if queries.is_replaced(op.db, replaces_id):
            raise AlreadyReplaced
    made = Announcement(
        exam_id=place.exam_id,
        number=queries.next_number(op.db, place.exam_id),
        sitting_id=place.sitting_id,
        room_id=place.room_id,
        replaces_id=replaces_id,
        withdraws=withdraws and replaces_id is not None,
        words=words,
        made_by=op.actor.account_id or 0,
        made_at=op.now,
    )
    op.db.add(made)
    op.db.flush()
    after = {
        "exam_id": made.exam_id,
        "sitting_id": made.sitting_id,
        "room_id": made.room_id,
        "number": made.number,
        "replaces_id": made.replaces_id,
        "withdraws": made.withdraws,
        "words_hash": hashlib.sha256(words.encode()).hexdigest(),
    }
    record(op, AuditAction.ANNOUNCEMENT_MAKE, subject=("announcement", made.id), after=after)
    return made


def announcements_to(db: Session, place: Place) -> list[AnnouncementShown]:
    """Everything that was announced there, the oldest first; that it may be read, the caller has judged."""
    rows = queries.reaching(db, place)
    number_of = {row.id: row.number for row in rows}
    replaced_by = {row.replaces_id: row.number for row in rows if row.replaces_id is not None}
    return [
        AnnouncementShown(
            id=row.id,
            number=row.number,
            words=row.words,
            made_at=row.made_at,
            reach="room" if row.room_id else "sitting" if row.sitting_id else "exam",
            replaces=number_of.get(row.replaces_id) if row.replaces_id else None,
            withdraws=row.withdraws,
            replaced_by=replaced_by.get(row.id),
        )
        for row in rows
    ]


def received(db: Session, place: Place, seats: Sequence[tuple[Seat, Standing]]) -> list[AnnouncementReceived]:
    """The same, the newest first, with how far each has got among these seats, which the caller may see."""
    shown = announcements_to(db, place)
    if not shown:
        return []
    read = queries.read_up_to(db, [seat.registration_id for seat, _ in seats])
    return [
        AnnouncementReceived(
            **one.model_dump(),
            received=sum(read.get(seat.registration_id, 0) >= one.number for seat, _ in seats),
            missing=sorted(
                seat.seat or 0
                for seat, standing in seats
                if standing in _HERE and read.get(seat.registration_id, 0) < one.number
            ),
        )
        for one in reversed(shown)
    ]
