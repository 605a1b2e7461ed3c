"""The proctor's desk: rooms, the board of a room, check-in codes, granted time, pauses.

The candidate's own routes are written by hand in `hot_routes`.
"""

from app.attempts import service
from app.attempts.schemas import (
    CodeIssued,
    GrantGiven,
    GrantShown,
    PauseGiven,
    ResumeGiven,
    RoomShown,
    RoomsShown,
)
from app.operation import Operation
from app.security.permissions import Capability
from app.web.desk import Desk, NavEntry

desk = Desk("attempts")


@desk.view(
    "/rooms", Capability.ROOM_READ, template="attempts/rooms.html", nav=NavEntry("考场", 40, under=("/receipts",))
)
def list_rooms(op: Operation) -> RoomsShown:
    """The rooms that I run or may look into."""
    return service.list_rooms(op)


@desk.view("/rooms/{room_id}", Capability.ROOM_READ, template="attempts/room.html")
def show_room(op: Operation, *, room_id: int) -> RoomShown:
    """The board of one room: who has arrived, how far everyone is, whose code may be used."""
    return service.show_room(op, room_id=room_id)


@desk.command(
    "/registrations/{registration_id}/check-in-code",
    Capability.ROOM_RUN,
    then="/rooms/{room_id}",
    said="签到码已生成，请当面告知考生。",
)
def issue_code(op: Operation, *, registration_id: int) -> CodeIssued:
    """Make a check-in code for a candidate whose face and ID were looked at; the board shows it while it counts."""
    room_id, code = service.issue_code(op, registration_id=registration_id)
    return CodeIssued(room_id=room_id, registration_id=registration_id, ends_at=code.ends_at)


@desk.command(
    "/rooms/{room_id}/time", Capability.ROOM_RUN, then="/rooms/{room_id}", retry=show_room, said="补时已生效。"
)
def grant_time(op: Operation, *, room_id: int, given: GrantGiven) -> GrantShown:
    """Grant time to one running attempt or to all in the room."""
    granted = service.grant_time(
        op,
        room_id=room_id,
        minutes=given.minutes,
        cause=given.cause,
        note=given.note,
        registration_id=given.registration_id,
    )
    return GrantShown(room_id=room_id, attempts=granted)


@desk.command(
    "/rooms/{room_id}/pause", Capability.ROOM_RUN, then="/rooms/{room_id}", retry=show_room, said="已暂停，计时已停。"
)
def pause(op: Operation, *, room_id: int, given: PauseGiven) -> GrantShown:
    """Stop the clock of one running attempt, or of the room."""
    stopped = service.pause(
        op, room_id=room_id, cause=given.cause, note=given.note, registration_id=given.registration_id
    )
    return GrantShown(room_id=room_id, attempts=stopped)


@desk.command(
    "/rooms/{room_id}/resume",
    Capability.ROOM_RUN,
    then="/rooms/{room_id}",
    retry=show_room,
    said="已恢复，停下的时间已计入截止时间。",
)
def resume(op: Operation, *, room_id: int, given: ResumeGiven) -> GrantShown:
    """Let the clock of one attempt, or of the room, go on."""
    resumed = service.resume(op, room_id=room_id, registration_id=given.registration_id)
    return GrantShown(room_id=room_id, attempts=resumed)
