"""What is read of the days of rooms."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.attempts.room_day.models import RoomDay
from app.attempts.room_day.rules import RoomState
from app.exams.queries.seats import RoomInfo, visible_rooms
from app.security.actor import Actor


def visible(actor: Actor) -> Select[RoomDay]:
    """The days of the rooms that this actor may see."""
    return select(RoomDay).where(RoomDay.room_id.in_(visible_rooms(actor)))


def days_of(db: Session, rooms: Sequence[RoomInfo]) -> dict[int, RoomDay]:
    """The day of each of these rooms that was opened for its present start, by room; that they may be seen, the
    caller has judged."""
    starts = {room.room_id: room.starts_at for room in rooms}
    rows = db.scalars(select(RoomDay).where(RoomDay.room_id.in_(starts)))
    return {row.room_id: row for row in rows if row.starts_at == starts[row.room_id]}


def states_of(db: Session, rooms: Sequence[RoomInfo]) -> dict[int, RoomState | None]:
    """Where each of these rooms stands; None where nobody has opened it."""
    days = days_of(db, rooms)
    return {room.room_id: days[room.room_id].state if room.room_id in days else None for room in rooms}


def state_of(db: Session, room_id: int, *, starts_at: datetime) -> RoomState | None:
    """Where a room stands; for the service's own work."""
    opened = RoomDay.room_id == room_id, RoomDay.starts_at == starts_at
    return db.scalars(select(RoomDay.state).where(*opened)).one_or_none()


def row_of(db: Session, actor: Actor, room_id: int) -> RoomDay | None:
    """The row of a visible room, whatever start it was opened for; the caller holds the room."""
    query = visible(actor).where(RoomDay.room_id == room_id)
    return db.scalars(query.execution_options(populate_existing=True)).one_or_none()
