"""Notices on paper: printed for persons of the actor's units, with a receipt to sign; whose came back is noted."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, insert

from app.audit.actions import AuditAction
from app.audit.models import AuditRecord
from app.audit.record import compose
from app.errors import NotFound
from app.operation import Operation
from app.outbox.models import InboxMessage
from app.outbox.paper import queries
from app.outbox.paper.rules import NotOnPaper, PaperState, check_receipt, paper_of
from app.people.calendar import day_text, local_date
from app.people.models import Person
from app.people.notices.slips import Slip, print_slips
from app.people.queries import ids_named, persons_by_id, units_by_id, visible
from app.security.permissions import Capability


def list_notices(op: Operation, *, state: PaperState, search: str, before: int, limit: int) -> Sequence[InboxMessage]:
    """The notices of persons of the actor's units in this state, the newest first; `search` is a name or its pinyin."""
    persons = _persons(op)
    if search:
        persons = persons.where(Person.id.in_(ids_named(search)))
    return queries.list_on_paper(op.db, persons, state=state, before=before, limit=limit)


def count_waiting(op: Operation) -> int:
    """How many notices of persons of the actor's units were neither read nor printed."""
    return queries.count_waiting(op.db, _persons(op))


def words_of(op: Operation, message: InboxMessage, lang: str) -> tuple[str, str]:
    """Title and text of a message as its paper says them."""
    template, more = paper_of(message.template, address=op.settings.public_base_url, authority=op.settings.authority)
    return template.render(lang, {**message.params, **more})


def print_notices(op: Operation, *, message_ids: Sequence[int]) -> bytes:
    """These notices as one PDF, three to a page, by unit and name; each printing is counted. Raises NotFound where one
    is not to be printed by the actor."""
    messages = _hold(op, message_ids)
    persons = persons_by_id(op.db, {message.person_id for message in messages})
    units = units_by_id(op.db, {person.unit_id for person in persons.values()})

    def place(message: InboxMessage) -> tuple[str, str, int]:
        person = persons[message.person_id]
        return units[person.unit_id].name, person.name_pinyin, message.id

    slips = [
        Slip(
            number=message.id,
            name=persons[message.person_id].name,
            unit=units[persons[message.person_id].unit_id].name,
            day=day_text(local_date(message.created_at)),
            title=title,
            text=text,
        )
        for message in sorted(messages, key=place)
        for title, text in (words_of(op, message, "zh"),)
    ]
    for message in messages:
        message.printed_at, message.prints = op.now, message.prints + 1
    op.db.flush()
    _record(op, AuditAction.NOTICE_PRINT, {message.id: {"prints": message.prints} for message in messages})
    return print_slips(slips, authority=op.settings.authority, day=day_text(local_date(op.now)))


def note_receipts(op: Operation, *, message_ids: Sequence[int], day: date) -> int:
    """Note that the receipts of these notices, printed and not signed for yet, were signed on that day; all or none.
    Returns how many. Raises NotFound, NotOnPaper, and Invalid naming `day`."""
    messages = _hold(op, message_ids)
    for message in messages:
        if message.printed_at is None or message.receipt_on is not None:
            raise NotOnPaper
        check_receipt(day, printed_on=local_date(message.printed_at), today=local_date(op.now))
        message.receipt_on = day
    op.db.flush()
    _record(op, AuditAction.NOTICE_RECEIPT, {message.id: {"day": day} for message in messages})
    return len(messages)


def _persons(op: Operation) -> Select[int]:
    return visible(op.actor, by=Capability.PERSON_CONTACT).with_only_columns(Person.id)


def _hold(op: Operation, message_ids: Sequence[int]) -> Sequence[InboxMessage]:
    wanted = set(message_ids)
    messages = queries.hold_messages(op.db, _persons(op), wanted)
    if len(messages) != len(wanted):
        raise NotFound
    return messages


def _record(op: Operation, action: AuditAction, told: dict[int, dict[str, object]]) -> None:
    acts = [compose(op, action, subject=("printed_notice", id_), after=after) for id_, after in told.items()]
    op.db.execute(insert(AuditRecord), acts)
