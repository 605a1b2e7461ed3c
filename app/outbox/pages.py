"""站内消息: everybody's own inbox."""

from app.operation import Operation
from app.outbox import inbox
from app.outbox.inbox import InboxView
from app.outbox.schemas import InboxShown, MessageShown, ReadGiven
from app.outbox.templates import template_of
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import Desk

desk = Desk("inbox")
PAGE = 30


def _shown(view: InboxView) -> MessageShown:
    template = template_of(view.template)
    title_zh, body_zh = template.render("zh", view.params)
    title_en, body_en = template.render("en", view.params)
    return MessageShown(
        id=view.id,
        title_zh=title_zh,
        title_en=title_en,
        body_zh=body_zh,
        body_en=body_en,
        href=template.leads(view.params),
        created_at=view.created_at,
        read_at=view.read_at,
        printed_at=view.printed_at,
        receipt_on=view.receipt_on,
    )


@desk.view("/inbox", Capability.SIGNED_IN, template="inbox/inbox.html")
def show_inbox(op: Operation, *, before: int = 0) -> InboxShown:
    """My messages: unread first, newest first."""
    read = inbox.page_of_read(op.db, op.actor, limit=PAGE + 1, before=before)
    return InboxShown(
        unread=inbox.unread(op.db, op.actor.person_id or 0),
        new=[] if before else [_shown(view) for view in inbox.newest_unread(op.db, op.actor, limit=PAGE)],
        read=[_shown(view) for view in read[:PAGE]],
        next_before=read[PAGE - 1].id if len(read) > PAGE else None,
    )


class _Opened(Done):
    next: str


@desk.command("/inbox/{message_id}/open", Capability.SIGNED_IN, then=lambda done: str(done.next), retry=show_inbox)
def open_message(op: Operation, *, message_id: int) -> _Opened:
    """Mark one message as read and go where it leads."""
    view = inbox.read_one(op.db, op.actor, message_id, now=op.now)
    return _Opened(id=view.id, next=template_of(view.template).leads(view.params))


@desk.command("/inbox/read", Capability.SIGNED_IN, then="/inbox", retry=show_inbox, said="已全部标为已读。")
def read_all(op: Operation, *, given: ReadGiven) -> Done:
    """Mark everything as read that was on the page: what came meanwhile stays unread."""
    return Done(id=inbox.read_up_to(op.db, op.actor, given.newest, now=op.now))
