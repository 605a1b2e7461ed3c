"""Signals on the pages of a room, and the candidate's own."""

from app.attempts.signals import service
from app.attempts.signals.rules import SignalKind
from app.attempts.signals.schemas import OwnSignalsShown, RoomSignalsShown, SignalAnswerGiven
from app.operation import Operation
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import Desk

desk = Desk("attempts")


@desk.view("/rooms/{room_id}/signals", Capability.ROOM_READ, template="attempts/room_signals.html")
def show_room_signals(op: Operation, *, room_id: int) -> RoomSignalsShown:
    """What was noticed in a room, seat by seat, and what the candidates say to it."""
    return service.room_signals(op, room_id=room_id)


@desk.view("/own-signals", Capability.STATEMENT_WRITE, template="attempts/own_signals.html")
def list_own_signals(op: Operation) -> OwnSignalsShown:
    """What was noticed of me, exam by exam; nobody else's."""
    return service.own_signals(op)


@desk.command(
    "/own-signals/{registration_id}/{kind}/answer",
    Capability.STATEMENT_WRITE,
    then="/own-signals",
    retry=list_own_signals,
    said="说明已提交，与记录一并保存。",
)
def answer_own_signal(op: Operation, *, registration_id: int, kind: str, given: SignalAnswerGiven) -> Done:
    """Say something to what was noticed of me."""
    row = service.answer(op, registration_id=registration_id, kind=SignalKind.of(kind), words=given.words)
    return Done(id=row.registration_id)
