"""备用纸质卷: orders of paper, and the files of a granted one."""

from datetime import datetime

from app.errors import FieldProblem, Invalid
from app.exams import queries
from app.exams.pages.desk import desk
from app.exams.queries.papers import orders_of
from app.exams.rules import ExamState
from app.exams.schemas import ReasonGiven
from app.exams.service.deciding import persons_behind
from app.exams.service.papers import Sheets, may_take, print_sheets
from app.exams.service.papers import grant_paper as grant
from app.exams.service.papers import propose_paper as propose
from app.operation import Operation
from app.people.queries import names_of
from app.security.permissions import Capability
from app.shapes import Done, Shown
from app.web.faces import Download

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_FILES = {
    Sheets.FORMS: ("试卷", "pdf", "application/pdf"),
    Sheets.ANSWERS: ("答题卡", "pdf", "application/pdf"),
    Sheets.KEYS: ("标准答案", "pdf", "application/pdf"),
    Sheets.WORD: ("试卷", "docx", DOCX),
    Sheets.ANSWERS_WORD: ("答题卡", "docx", DOCX),
}


class OrderShown(Shown):
    """One order of paper. `mine`: I may take its files; `may_grant`: it waits for me or another approver."""

    id: int
    proposed_by: str
    proposed_at: datetime
    reason: str
    approved_by: str
    approved_at: datetime | None
    mine: bool
    may_grant: bool


class PlaceShown(Shown):
    """A room whose candidates' forms are printed together; 0 holds the reserve forms."""

    id: int
    name: str
    forms: int


class PapersShown(Shown):
    """The orders of an exam, and what a granted one can print."""

    exam_id: int
    exam_name: str
    sealed: bool
    may_propose: bool
    orders: list[OrderShown]
    places: list[PlaceShown]


@desk.view("/exams/{exam_id}/paper", Capability.EXAM_PRINT, template="exams/paper.html")
def show_papers(op: Operation, *, exam_id: int) -> PapersShown:
    """The exam on paper: who ordered it, who granted it, the files."""
    exam = queries.find_exam(op.db, op.actor, exam_id)
    orders = orders_of(op.db, op.actor, exam_id)
    accounts = {a for order in orders for a in (order.proposed_by, order.approved_by) if a is not None}
    persons = {account: persons_behind(op.db, account)[0] for account in sorted(accounts)}
    names = names_of(op.db, set(persons.values()))
    sealed = exam.state is ExamState.SEALED
    return PapersShown(
        exam_id=exam.id,
        exam_name=exam.name,
        sealed=sealed,
        may_propose=sealed and op.may(Capability.EXAM_WRITE),
        orders=[
            OrderShown(
                id=order.id,
                proposed_by=names[persons[order.proposed_by]],
                proposed_at=order.proposed_at,
                reason=order.reason,
                approved_by=names[persons[order.approved_by]] if order.approved_by else "",
                approved_at=order.approved_at,
                mine=may_take(op, order),
                may_grant=order.approved_by is None
                and op.may(Capability.EXAM_APPROVE)
                and persons[order.proposed_by] != op.actor.person_id,
            )
            for order in orders
        ],
        places=_places(op, exam_id) if sealed else [],
    )


@desk.command(
    "/exams/{exam_id}/paper/propose",
    Capability.EXAM_WRITE,
    then="/exams/{exam_id}/paper",
    retry=show_papers,
    said="已提出打印申请，须由另一人批准。",
)
def propose_paper(op: Operation, *, exam_id: int, given: ReasonGiven) -> Done:
    """Ask for a sealed exam on paper."""
    return Done(id=propose(op, exam_id=exam_id, reason=given.reason).id)


@desk.command(
    "/exams/{exam_id}/paper/{order_id}/grant",
    Capability.EXAM_APPROVE,
    then="/exams/{exam_id}/paper",
    retry=show_papers,
    fresh=True,
    said="已批准打印。",
)
def grant_paper(op: Operation, *, exam_id: int, order_id: int) -> Done:
    """Grant an order of paper that another person made."""
    return Done(id=grant(op, exam_id=exam_id, order_id=order_id).id)


@desk.view("/exams/{exam_id}/paper/{order_id}/file", Capability.EXAM_PRINT)
def take_paper(op: Operation, *, exam_id: int, order_id: int, what: str = "forms", room: int = 0) -> Download:
    """The forms, answer sheets or keys of a room, or (room 0) of the reserve, marked for the one who takes them."""
    if what not in {sheets.value for sheets in Sheets}:
        raise Invalid(FieldProblem("what", "请从给出的选项中选择。", "Please choose one of those given."))
    sheets = Sheets(what)
    word, suffix, media_type = _FILES[sheets]
    content = print_sheets(op, exam_id=exam_id, order_id=order_id, what=sheets, room_id=room)
    return Download(f"{word}-{exam_id}-{room}.{suffix}", content, media_type)


def _places(op: Operation, exam_id: int) -> list[PlaceShown]:
    sitting = queries.sittings_of(op.db, exam_id)[0]
    room_of = {row.id: row.room_id for row in queries.live_registrations(op.db, exam_id)}
    held = [room_of.get(row.registration_id) for row in queries.forms_of(op.db, exam_id) if row.registration_id]
    places = [PlaceShown(id=r.id, name=r.name, forms=held.count(r.id)) for r in queries.rooms_of(op.db, sitting.id)]
    spare = PlaceShown(id=0, name="", forms=queries.count_reserve_forms(op.db, exam_id))
    return [place for place in (*places, spare) if place.forms]
