"""讨论: threads opened, answered, settled, reopened; comments withdrawn. Nothing that was said is edited or erased."""

from app.accounts.queries import person_of, persons_of
from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.models import ItemRow
from app.authoring.queries import bank_owner_path
from app.authoring.queries.items import find_item, made_by, makers_of, version_with_item
from app.authoring.queries.threads import comments_of, find_comment, find_thread
from app.authoring.review_models import ItemComment, ItemThread
from app.authoring.rules.threads import (
    CommentWithdrawn,
    NotOwnComment,
    ThreadAction,
    ThreadField,
    ThreadState,
    move_thread,
    refuse_settling,
)
from app.authoring.service.entering import account_of
from app.errors import NotFound
from app.operation import Operation
from app.outbox.post import post_to_all
from app.outbox.templates import Kind
from app.security.permissions import Capability

_ACTS = {
    ThreadAction.REPLY: AuditAction.THREAD_REPLY,
    ThreadAction.RESOLVE: AuditAction.THREAD_RESOLVE,
    ThreadAction.REOPEN: AuditAction.THREAD_REOPEN,
}


def open_thread(op: Operation, *, item_id: int, version: int, field: ThreadField, text: str) -> int:
    """Say something about a version of an item, and wait for a word on it; returns the thread's id. Raises NotFound."""
    # The row of the item is held: an approval that goes on meanwhile sees the thread, or comes before it.
    item = find_item(op.db, op.actor, item_id, lock=True)
    if not 1 <= version <= item.version:
        raise NotFound
    state = move_thread(None, ThreadAction.OPEN)
    thread = ItemThread(
        item_id=item_id, version=version, field=field, state=state, opened_by=account_of(op), opened_at=op.now
    )
    op.db.add(thread)
    op.db.flush()
    comment = _say(op, thread, ThreadAction.OPEN, text)
    after = {"item_id": item_id, "version": version, "field": field, "comment_id": comment.id, "state": state}
    record(op, AuditAction.THREAD_OPEN, subject=("thread", thread.id), after=after)
    _tell(op, item, thread)
    return thread.id


def forward_report(op: Operation, *, version_id: int, text: str, officer_id: int, thread_id: int | None) -> int:
    """Tell those whom an item concerns what was reported of it from an exam, in the name of the exam's officer; returns
    the thread. It is the one that is given, while that is open, else a new one. Who reported it is told to nobody.

    Raises NotFound.
    """
    item, version = version_with_item(op.db, version_id, lock=True)
    thread = find_thread(op.db, item.id, thread_id) if thread_id is not None else None
    if thread is not None and thread.state is ThreadState.OPEN:
        action = ThreadAction.REPLY
    else:
        action = ThreadAction.OPEN
        thread = ItemThread(
            item_id=item.id,
            version=version.number,
            field=ThreadField.WHOLE,
            state=move_thread(None, ThreadAction.OPEN),
            opened_by=officer_id,
            opened_at=op.now,
        )
        op.db.add(thread)
        op.db.flush()
    comment = _say(op, thread, action, text, author_id=officer_id)
    after = {"item_id": item.id, "version": thread.version, "comment_id": comment.id, "state": thread.state}
    act = AuditAction.THREAD_OPEN if action is ThreadAction.OPEN else AuditAction.THREAD_REPLY
    record(op, act, subject=("thread", thread.id), after=after)
    _tell(op, item, thread)
    return thread.id


def carry_on(op: Operation, *, item_id: int, thread_id: int, action: ThreadAction, text: str) -> None:
    """Answer in a thread, settle it or reopen it; an answer and a reopening say something.

    Raises NotFound, ThreadMoveRefused, ThreadNotYours.
    """
    item = find_item(op.db, op.actor, item_id, lock=True)
    thread = find_thread(op.db, item_id, thread_id)
    if action is not ThreadAction.REPLY:
        refuse_settling(
            opened_it=person_of(op.db, thread.opened_by) == op.actor.person_id,
            reviews=op.actor.covers(Capability.ITEM_REVIEW, bank_owner_path(op.db, item.bank_id)),
            made_it=bool(made_by(op.db, [item_id], op.actor.person_id)),
        )
    before, thread.state = thread.state, move_thread(thread.state, action)
    comment = _say(op, thread, action, text)
    after = {"item_id": item_id, "comment_id": comment.id, "state": thread.state}
    record(op, _ACTS[action], subject=("thread", thread_id), before={"state": before}, after=after)
    _tell(op, item, thread)


def withdraw_comment(op: Operation, *, item_id: int, comment_id: int) -> None:
    """Take back what one has said; its place stays. Raises NotFound, NotOwnComment, CommentWithdrawn."""
    find_item(op.db, op.actor, item_id)
    comment = find_comment(op.db, item_id, comment_id)
    if person_of(op.db, comment.author_id) != op.actor.person_id:
        raise NotOwnComment
    if comment.withdrawn_at is not None:
        raise CommentWithdrawn
    comment.withdrawn_at = op.now
    op.db.flush()
    after = {"item_id": item_id, "comment_id": comment_id}
    record(op, AuditAction.COMMENT_WITHDRAW, subject=("thread", comment.thread_id), after=after)


def _say(
    op: Operation, thread: ItemThread, act: ThreadAction, text: str, *, author_id: int | None = None
) -> ItemComment:
    author_id = author_id or account_of(op)
    comment = ItemComment(thread_id=thread.id, act=act, author_id=author_id, text=text, at=op.now)
    op.db.add(comment)
    op.db.flush()
    return comment


def _tell(op: Operation, item: ItemRow, thread: ItemThread) -> None:
    """Whom it concerns: who made the item, and who has taken part in the thread."""
    said = comments_of(op.db, [thread.id]).get(thread.id, [])
    concerned = makers_of(op.db, item.id) | set(persons_of(op.db, {one.author_id for one in said}).values())
    others = sorted(concerned - {op.actor.person_id or 0})
    post_to_all(op.db, person_ids=others, template=Kind.ITEM_DISCUSSED, params={"item": item.id}, now=op.now)
