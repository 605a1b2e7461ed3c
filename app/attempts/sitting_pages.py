"""The candidate's pages: one's own exams, the ticket's sign-in, the door of an exam and the paper behind it.

What the pages do goes through the routes of `hot_routes`; here is only what they show.
"""

from typing import Annotated

from pydantic import Field

from app.attempts import declarations, service
from app.attempts.hall.readings import Readings
from app.attempts.schemas import Entrance
from app.attempts.sitting_schemas import DoorShown, EarlyForm, SittingsShown
from app.operation import House, Operation
from app.security.permissions import Capability
from app.shapes import Done, Given, Shown
from app.web.desk import Desk, NavEntry
from app.web.faces import Download

desk = Desk("attempts")


class TicketPage(Shown):
    """The sign-in with ticket and code asks for nothing beforehand."""


@desk.view("/ticket", Capability.ANYONE, template="attempts/ticket.html", api=False)
def show_ticket(_op: Operation) -> TicketPage:
    """Where a candidate signs in with the ticket's number and the proctor's code."""
    return TicketPage()


@desk.view(
    "/sittings", Capability.ATTEMPT_SIT, template="attempts/exams.html", nav=NavEntry("我的考试", 20, under=("/exams",))
)
def list_sittings(op: Operation) -> SittingsShown:
    """My exams."""
    return service.list_sittings(op)


@desk.view("/exams/{exam_id}/sit", Capability.ATTEMPT_SIT, template="attempts/door.html", api=False)
def show_door(op: Operation, *, exam_id: int, nonce: str = "") -> DoorShown:
    """The door of my exam: the waiting room, the paper, the end."""
    return service.show_door(op, exam_id=exam_id, nonce=nonce)


class DeclarationGiven(Given):
    """The version of the words that the candidate has read."""

    version: Annotated[int, Field(ge=1, le=1_000_000)]


class DeclarationMade(Done):
    """`id` is the registration."""

    exam_id: int


@desk.command("/registrations/{registration_id}/declaration", Capability.ATTEMPT_SIT, then="/exams/{exam_id}/sit")
def accept_declaration(op: Operation, *, registration_id: int, given: DeclarationGiven) -> DeclarationMade:
    """Make the declaration that is asked before the start."""
    exam_id = declarations.accept(op, registration_id=registration_id, version=given.version)
    return DeclarationMade(id=registration_id, exam_id=exam_id)


@desk.view("/exams/{exam_id}/entrance", Capability.ATTEMPT_SIT, express=True)
def show_entrance(op: Operation, *, exam_id: int, seen: int = 0) -> Entrance:
    """Who, where, when, and how far my exam is; nothing of the form. `seen`: how far my page has shown what was
    announced."""
    door = service.show_entrance(op, exam_id=exam_id)
    op.house.tool(Readings).note(door.registration_id, min(seen, door.announced), op.now)
    return door


def _seal(house: House, early: EarlyForm, page: bytes) -> Download:
    envelope = service.seal_page(house, early, page)
    return Download("form", envelope, "application/octet-stream", kept="private, max-age=1800")


@desk.view(
    "/registrations/{registration_id}/sealed-form",
    Capability.ATTEMPT_SIT,
    template="attempts/sit.html",
    api=False,
    enclose=_seal,
    express=True,
)
def show_sealed_form(op: Operation, *, registration_id: int) -> EarlyForm:
    """My form while I wait for the start, sealed; the start gives the key."""
    return service.lay_out_early(op, registration_id=registration_id)


@desk.view("/exams/{exam_id}/pictures/{sha256}", Capability.ATTEMPT_SIT, api=False)
def show_picture(op: Operation, *, exam_id: int, sha256: str) -> Download:
    """A picture of my form, while I write it."""
    picture = service.form_picture(op, exam_id=exam_id, sha256=sha256)
    return Download("picture", picture.data, picture.media_type, inline=True)
