"""讨论: threads of comments on the page of an item."""

from app.authoring.pages.front import desk
from app.authoring.pages.items import show_item
from app.authoring.rules.threads import ThreadAction
from app.authoring.service import threads
from app.authoring.thread_schemas import CommentGiven, LastWordGiven, ThreadGiven
from app.operation import Operation
from app.security.permissions import Capability
from app.shapes import Done


@desk.command(
    "/items/{item_id}/threads", Capability.BANK_READ, then="/items/{item_id}", retry=show_item, said="讨论已提出。"
)
def open_thread(op: Operation, *, item_id: int, given: ThreadGiven) -> Done:
    """Open a thread on a version of an item."""
    opened = threads.open_thread(op, item_id=item_id, version=given.version, field=given.field, text=given.text)
    return Done(id=opened)


@desk.command(
    "/items/{item_id}/threads/{thread_id}/reply",
    Capability.BANK_READ,
    then="/items/{item_id}",
    retry=show_item,
    said="已回复。",
)
def reply(op: Operation, *, item_id: int, thread_id: int, given: CommentGiven) -> Done:
    """Answer in a thread that is open."""
    threads.carry_on(op, item_id=item_id, thread_id=thread_id, action=ThreadAction.REPLY, text=given.text)
    return Done(id=thread_id)


@desk.command(
    "/items/{item_id}/threads/{thread_id}/resolve",
    Capability.BANK_READ,
    then="/items/{item_id}",
    retry=show_item,
    said="讨论已办结。",
)
def resolve_thread(op: Operation, *, item_id: int, thread_id: int, given: LastWordGiven) -> Done:
    """Settle a thread that I opened, or that I may judge as a reviewer."""
    threads.carry_on(op, item_id=item_id, thread_id=thread_id, action=ThreadAction.RESOLVE, text=given.text)
    return Done(id=thread_id)


@desk.command(
    "/items/{item_id}/threads/{thread_id}/reopen",
    Capability.BANK_READ,
    then="/items/{item_id}",
    retry=show_item,
    said="讨论已重新打开。",
)
def reopen_thread(op: Operation, *, item_id: int, thread_id: int, given: CommentGiven) -> Done:
    """Open a settled thread again, saying why."""
    threads.carry_on(op, item_id=item_id, thread_id=thread_id, action=ThreadAction.REOPEN, text=given.text)
    return Done(id=thread_id)


@desk.command(
    "/items/{item_id}/comments/{comment_id}/withdraw",
    Capability.BANK_READ,
    then="/items/{item_id}",
    retry=show_item,
    said="意见已撤回。",
)
def withdraw_comment(op: Operation, *, item_id: int, comment_id: int) -> Done:
    """Take back what I said; its place stays."""
    threads.withdraw_comment(op, item_id=item_id, comment_id=comment_id)
    return Done(id=comment_id)
