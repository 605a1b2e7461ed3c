"""The routes of printed notices: the list of them, printing those chosen, noting receipts."""

from app.operation import Operation
from app.outbox.paper.rules import PaperState
from app.people.calendar import local_date
from app.people.changes.pages import desk
from app.people.notices import service
from app.people.notices.schemas import NoticeShown, NoticesShown, PrintGiven, ReceiptsGiven
from app.people.queries import persons_by_id, units_by_id
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import NavEntry
from app.web.faces import Download

__all__ = ["desk"]

PAGE = 90
"""A page of the list fills thirty sheets."""


@desk.view(
    "/printed-notices",
    Capability.PERSON_CONTACT,
    template="people/printed_notices.html",
    nav=NavEntry("纸质通知", 74),
)
def list_notices(
    op: Operation, *, state: PaperState = PaperState.WAITING, search: str = "", before: int = 0
) -> NoticesShown:
    """The messages of persons of my units: not read and not printed; printed; signed for."""
    rows = service.list_notices(op, state=state, search=search, before=before, limit=PAGE + 1)
    persons = persons_by_id(op.db, {row.person_id for row in rows})
    units = units_by_id(op.db, {person.unit_id for person in persons.values()})
    return NoticesShown(
        notices=[
            NoticeShown(
                id=row.id,
                person_id=row.person_id,
                name=persons[row.person_id].name,
                unit_name=units[persons[row.person_id].unit_id].name,
                title_zh=service.words_of(op, row, "zh")[0],
                title_en=service.words_of(op, row, "en")[0],
                created_at=row.created_at,
                read=row.read_at is not None,
                printed_at=row.printed_at,
                receipt_on=row.receipt_on,
            )
            for row in rows[:PAGE]
        ],
        state=state,
        search=search,
        waiting_in_all=service.count_waiting(op),
        today=local_date(op.now),
        next_before=rows[PAGE - 1].id if len(rows) > PAGE else 0,
    )


@desk.command("/printed-notices/print", Capability.PERSON_CONTACT, retry=list_notices)
def print_notices(op: Operation, *, given: PrintGiven) -> Download:
    """The chosen notices as PDF, each with a receipt to sign; every printing is recorded."""
    content = service.print_notices(op, message_ids=given.message_ids)
    return Download(f"通知单-{local_date(op.now)}.pdf", content, "application/pdf")


@desk.command(
    "/printed-notices/receipts",
    Capability.PERSON_CONTACT,
    then="/printed-notices?state=signed",
    retry=list_notices,
    said="签收已登记。",
)
def note_receipts(op: Operation, *, given: ReceiptsGiven) -> Done:
    """Note the receipts of the chosen notices; the id is how many they are."""
    return Done(id=service.note_receipts(op, message_ids=given.message_ids, day=given.day))
