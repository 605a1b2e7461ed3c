"""The desk of the control room."""

from app.attempts.proctoring import control
from app.attempts.proctoring.control_schemas import ControlRoomShown, GrantAllGiven, PauseAllGiven, TouchedShown
from app.operation import Operation
from app.security.permissions import Capability
from app.web.desk import Desk, NavEntry

desk = Desk("control")


@desk.view(
    "/control-room",
    Capability.CONTROL_READ,
    template="attempts/control.html",
    nav=NavEntry("指挥室", 41, under=("/drills",)),
)
def show_control_room(op: Operation) -> ControlRoomShown:
    """Every room of the day, and how the service is."""
    return control.show_control_room(op)


@desk.command(
    "/sittings/{sitting_id}/time",
    Capability.CONTROL_RUN,
    then="/control-room",
    retry=show_control_room,
    said="补时已生效。",
)
def grant_time_to_all(op: Operation, *, sitting_id: int, given: GrantAllGiven) -> TouchedShown:
    """Grant time to every running attempt of a sitting."""
    touched = control.grant_time(op, sitting_id=sitting_id, minutes=given.minutes, cause=given.cause, note=given.note)
    return TouchedShown(sitting_id=sitting_id, attempts=touched)


@desk.command(
    "/sittings/{sitting_id}/pause",
    Capability.CONTROL_RUN,
    then="/control-room",
    retry=show_control_room,
    said="已暂停，计时已停。",
)
def pause_all(op: Operation, *, sitting_id: int, given: PauseAllGiven) -> TouchedShown:
    """Stop the clock of every room of a sitting."""
    touched = control.pause(op, sitting_id=sitting_id, cause=given.cause, note=given.note)
    return TouchedShown(sitting_id=sitting_id, attempts=touched)


@desk.command(
    "/sittings/{sitting_id}/resume",
    Capability.CONTROL_RUN,
    then="/control-room",
    retry=show_control_room,
    said="已恢复，停下的时间已计入截止时间。",
)
def resume_all(op: Operation, *, sitting_id: int) -> TouchedShown:
    """Let the clock of every paused room of a sitting go on."""
    return TouchedShown(sitting_id=sitting_id, attempts=control.resume(op, sitting_id=sitting_id))
