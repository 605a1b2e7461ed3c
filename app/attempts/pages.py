"""The proctor's desk: rooms, the board of a room, check-in codes, granted time, pauses.

The candidate's own routes are written by hand in `hot_routes`.
"""

from functools import partial

from app.attempts import service
from app.attempts.proctoring.live import Boards
from app.attempts.schemas import (
    BoardShown,
    CodeIssued,
    GrantGiven,
    GrantShown,
    PauseGiven,
    ResumeGiven,
    RoomShown,
    RoomsShown,
)
from app.exams.queries.seats import find_room
from app.operation import Operation
from app.security.permissions import Capability
from app.web.desk import Desk, NavEntry
from app.web.faces import Download, Stream

desk = Desk("attempts")


@desk.view(
    "/rooms", Capability.ROOM_READ, template="attempts/rooms.html", nav=NavEntry("考场", 40, under=("/receipts",))
)
def list_rooms(op: Operation) -> RoomsShown:
    """The rooms that I run or may look into."""
    return service.list_rooms(op)


@desk.view("/rooms/{room_id}", Capability.ROOM_READ, template="attempts/room.html")
def show_room(op: Operation, *, room_id: int, show: str = "", ticket: str = "") -> RoomShown:
    """The board of one room: who has arrived, how far everyone is, whose code may be used. The page shows the seats
    that `show` names: all, `hand`, or those of one standing."""
    return service.show_room(op, room_id=room_id, show=show, ticket=ticket)


@desk.view("/rooms/{room_id}/board", Capability.ROOM_READ)
def read_board(op: Operation, *, room_id: int) -> BoardShown:
    """What changes on the board from second to second, for pages that ask every few seconds."""
    return service.read_board(op, room_id=room_id)


@desk.view("/rooms/{room_id}/live", Capability.ROOM_READ, api=False)
def watch_board(op: Operation, *, room_id: int) -> Stream:
    """The same as server-sent events, whenever it changes."""
    room = find_room(op.db, op.actor, room_id)
    boards, house, account_id = op.house.tool(Boards), op.house, op.actor.account_id or 0
    boards.refuse_crowd(account_id)
    read = partial(service.watch_board, house, room)
    return Stream(lambda may: boards.watch(room_id, account_id=account_id, read=read, may_watch=may))


@desk.view("/rooms/{room_id}/seats/{registration_id}/photo", Capability.ROOM_READ, api=False)
def show_photo(op: Operation, *, room_id: int, registration_id: int) -> Download:
    """The photograph of who sits there."""
    photo = service.seat_photo(op, room_id=room_id, registration_id=registration_id)
    return Download("photo.jpg", photo, "image/jpeg", inline=True, kept="private, max-age=600")


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
