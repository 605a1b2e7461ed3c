"""考试浏览器: a candidate's page proves it; a proctor lets a seat do without it."""

from app.attempts.lockdown import service
from app.attempts.lockdown.schemas import BrowserGiven, BrowserProved, WaiverEndGiven, WaiverGiven
from app.attempts.pages import show_room
from app.operation import Operation
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import Desk

desk = Desk("attempts")


@desk.command("/registrations/{registration_id}/lockdown", Capability.ATTEMPT_SIT, then="/exams/{exam_id}/sit")
def prove_browser(op: Operation, *, registration_id: int, given: BrowserGiven) -> BrowserProved:
    """Prove the browser by what my page has read of its own address."""
    exam_id = service.prove(
        op, registration_id=registration_id, config_hash=given.config_hash, exam_hash=given.exam_hash
    )
    return BrowserProved(id=registration_id, exam_id=exam_id)


@desk.command(
    "/rooms/{room_id}/waivers",
    Capability.ROOM_RUN,
    then="/rooms/{room_id}",
    retry=show_room,
    said="已豁免考试浏览器，该座位可以用其他浏览器考试。",
)
def grant_waiver(op: Operation, *, room_id: int, given: WaiverGiven) -> Done:
    """Let one candidate sit in another browser."""
    row = service.grant_waiver(op, room_id=room_id, **given.model_dump())
    return Done(id=row.id)


@desk.command(
    "/rooms/{room_id}/waivers/withdraw",
    Capability.ROOM_RUN,
    then="/rooms/{room_id}",
    retry=show_room,
    said="豁免已撤回，该座位须重新用考试浏览器打开。",
)
def withdraw_waiver(op: Operation, *, room_id: int, given: WaiverEndGiven) -> Done:
    """Ask a seat for the browser again."""
    return Done(id=service.withdraw_waiver(op, room_id=room_id, registration_id=given.registration_id).id)
