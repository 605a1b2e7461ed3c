"""Admission tickets and photographs; what hangs on doors and lies on desks."""

from datetime import datetime

from app.authoring.service.pictures import decode_picture
from app.errors import FieldProblem, Invalid, NotFound
from app.exams import queries
from app.exams.pages.desk import desk
from app.exams.pages.registrations import show_registration
from app.exams.printed.papers import RoomPaper
from app.exams.rules import PUBLIC_STATES
from app.exams.schemas.tickets import (
    BareShown,
    OwnTicketShown,
    TicketsShown,
    UnitGiven,
    UnitTicketsShown,
    WindowGiven,
)
from app.exams.service import printing
from app.exams.service import tickets as service
from app.exams.ticketing import PhotographKept
from app.operation import Caller, House, Operation
from app.people.photographs import accept_photograph
from app.people.queries import names_of, persons_by_id, photo_of, unit_paths, units_by_id, with_photo
from app.people.service import keep_photograph
from app.security.permissions import Capability
from app.shapes import LOCAL, Done
from app.web.faces import Download, Upload

PDF = "application/pdf"
_ROOM_PAPERS = {
    RoomPaper.DOOR: "门贴",
    RoomPaper.LABELS: "桌签",
    RoomPaper.SIGN_IN: "考生签到表",
    RoomPaper.RECORD: "考场记录表",
    RoomPaper.HANDOVER: "试卷交接单",
}


def _photograph(_house: House, _caller: Caller, *, file: Upload, **_: object) -> bytes:
    return accept_photograph(decode_picture(file.content))


@desk.view("/exams/{exam_id}/tickets", Capability.REGISTRATION_READ, template="exams/tickets.html")
def show_tickets(op: Operation, *, exam_id: int) -> TicketsShown:
    """The tickets of the candidates that I may see: who was given one, who lacks a photograph."""
    exam = queries.find_exam(op.db, op.actor, exam_id)
    by_unit = service.candidates_by_unit(op, exam)
    people = {row.person_id for rows in by_unit.values() for row in rows}
    names, photographed = names_of(op.db, people), with_photo(op.db, people)
    units = units_by_id(op.db, by_unit.keys())
    begins, ends = service.window_of(op, exam)
    return TicketsShown(
        exam_id=exam.id,
        exam_name=exam.name,
        begins=begins,
        ends=ends,
        may_print=service.may_print(op, exam),
        may_set=op.may(Capability.EXAM_WRITE) and exam.state in PUBLIC_STATES,
        units=[
            UnitTicketsShown(
                unit_id=unit_id,
                unit_name=units[unit_id].name,
                candidates=len(rows),
                printed=sum(row.ticket_stands for row in rows),
                reprinted=sum(row.ticket_prints > 1 for row in rows),
                void=sum(row.ticket_voided_at is not None for row in rows),
                bare=[
                    BareShown(registration_id=row.id, person_name=names[row.person_id])
                    for row in rows
                    if row.person_id not in photographed
                ],
            )
            for unit_id, rows in sorted(by_unit.items(), key=lambda entry: units[entry[0]].name)
        ],
        values={"begins": _typed(exam.tickets_from), "ends": _typed(exam.tickets_until)},
    )


@desk.command(
    "/exams/{exam_id}/tickets/window",
    Capability.EXAM_WRITE,
    then="/exams/{exam_id}/tickets",
    retry=show_tickets,
    said="准考证打印时间已设定。",
)
def set_ticket_window(op: Operation, *, exam_id: int, given: WindowGiven) -> Done:
    """Say from when to when tickets are printed."""
    return Done(id=service.set_window(op, exam_id=exam_id, begins=given.begins, ends=given.ends).id)


@desk.command("/exams/{exam_id}/tickets", Capability.REGISTRATION_READ, retry=show_tickets)
def print_tickets(op: Operation, *, exam_id: int, given: UnitGiven) -> Download:
    """The tickets of one unit's candidates as PDF; every print is counted."""
    content = service.print_unit(op, exam_id=exam_id, unit_id=given.unit_id)
    return Download(f"准考证-{exam_id}-{given.unit_id}.pdf", content, PDF)


@desk.view("/exams/{exam_id}/ticket", Capability.ATTEMPT_SIT, template="exams/ticket.html")
def show_own_ticket(op: Operation, *, exam_id: int) -> OwnTicketShown:
    """My own ticket: when it can be printed, and whether a photograph is there."""
    row = service.own_registration(op, exam_id)
    exam = queries.exam_by_id(op.db, exam_id)
    begins, ends = service.window_of(op, exam)
    return OwnTicketShown(
        exam_id=exam.id,
        exam_name=exam.name,
        ticket_number=row.ticket_number or "",
        begins=begins,
        ends=ends,
        may_print=service.may_print(op, exam),
        has_photo=photo_of(op.db, row.person_id) is not None,
        prints=row.ticket_prints,
        void=row.ticket_voided_at is not None,
    )


@desk.command("/exams/{exam_id}/ticket", Capability.ATTEMPT_SIT, retry=show_own_ticket)
def print_own_ticket(op: Operation, *, exam_id: int) -> Download:
    """My own ticket as PDF."""
    return Download(f"准考证-{exam_id}.pdf", service.print_own(op, exam_id=exam_id), PDF)


@desk.command(
    "/exams/{exam_id}/ticket/photograph",
    Capability.ATTEMPT_SIT,
    then="/exams/{exam_id}/ticket",
    retry=show_own_ticket,
    said="照片已保存。",
    prepare=_photograph,
)
def send_own_photograph(op: Operation, *, exam_id: int, file: Upload, prepared: bytes) -> Done:
    """My photograph, once: who looks at the door compares with it, so another is sent by my unit."""
    del file
    row = service.own_registration(op, exam_id)
    if photo_of(op.db, row.person_id) is not None:
        raise PhotographKept
    keep_photograph(op, person_id=row.person_id, photograph=prepared)
    return Done(id=row.id)


@desk.command(
    "/exams/{exam_id}/registrations/{registration_id}/photograph",
    Capability.REGISTRATION_WRITE,
    then="/exams/{exam_id}/registrations/{registration_id}",
    retry=show_registration,
    said="照片已保存。",
    prepare=_photograph,
)
def send_photograph(op: Operation, *, exam_id: int, registration_id: int, file: Upload, prepared: bytes) -> Done:
    """The photograph of a candidate of my units."""
    del file
    row = queries.find_registration(op.db, op.actor, registration_id)
    person = persons_by_id(op.db, [row.person_id])[row.person_id]
    path = unit_paths(op.db, [person.unit_id])[person.unit_id]
    if row.exam_id != exam_id or not op.actor.covers(Capability.REGISTRATION_WRITE, path):
        raise NotFound
    keep_photograph(op, person_id=row.person_id, photograph=prepared)
    return Done(id=row.id)


@desk.view("/exams/{exam_id}/rooms.pdf", Capability.EXAM_PRINT)
def print_room_papers(op: Operation, *, exam_id: int, what: str = "door", room: int = 0) -> Download:
    """Door sheets, seat labels, sign-in sheets or record forms of one room, or (room 0) of all."""
    if what not in set(RoomPaper):
        raise Invalid(FieldProblem("what", "请从给出的选项中选择。", "Please choose one of those given."))
    paper = RoomPaper(what)
    content = printing.print_room_papers(op, exam_id=exam_id, paper=paper, room_id=room)
    return Download(f"{_ROOM_PAPERS[paper]}-{exam_id}-{room}.pdf", content, PDF)


@desk.view("/exams/{exam_id}/joint-list.pdf", Capability.EXAM_PRINT)
def print_joint_list(op: Operation, *, exam_id: int) -> Download:
    """The joint check list of everybody who registered."""
    return Download(f"报考资格联审表-{exam_id}.pdf", printing.print_joint(op, exam_id=exam_id), PDF)


def _typed(moment: datetime | None) -> str:
    return f"{moment.astimezone(LOCAL):%Y-%m-%dT%H:%M}" if moment else ""
