"""讨论: what is said about an item beside it. It is appended, never edited; a thread is open until it is settled."""

from enum import StrEnum

from app.errors import Conflict, Forbidden


class ThreadState(StrEnum):
    """Where a thread stands."""

    OPEN = "open"
    RESOLVED = "resolved"


class ThreadAction(StrEnum):
    """What a comment does to its thread."""

    OPEN = "open"
    REPLY = "reply"
    RESOLVE = "resolve"
    REOPEN = "reopen"


THREAD_TRANSITIONS: dict[tuple[ThreadState | None, ThreadAction], ThreadState] = {
    (None, ThreadAction.OPEN): ThreadState.OPEN,
    (ThreadState.OPEN, ThreadAction.REPLY): ThreadState.OPEN,
    (ThreadState.OPEN, ThreadAction.RESOLVE): ThreadState.RESOLVED,
    (ThreadState.RESOLVED, ThreadAction.REOPEN): ThreadState.OPEN,
}


class ThreadField(StrEnum):
    """The field of the item that a thread is about."""

    WHOLE = "whole"
    STEM = "stem"
    BODY = "body"
    """Options and key, or whatever else the type of the item holds."""
    EXPLANATION = "explanation"
    BASIS = "basis"
    TOPIC = "topic"
    LEVEL = "level"
    DIFFICULTY = "difficulty"
    TAGS = "tags"


class ThreadMoveRefused(Conflict):
    """The thread's state does not allow this action."""

    code = "thread.move_refused"
    zh = "该讨论已办结，请先重新打开；未办结的不必再打开。"
    en = "This thread is settled; reopen it first. One that is open needs no reopening."


class ThreadNotYours(Forbidden):
    """Whoever must answer a concern does not say themselves that it is settled."""

    code = "thread.not_yours"
    zh = "讨论由提出者或其他审题员办结、重新打开。"
    en = "A thread is settled or reopened by who opened it, or by a reviewer who did not make the item."


class NotOwnComment(Forbidden):
    """A comment is withdrawn by who wrote it."""

    code = "comment.not_own"
    zh = "只能撤回本人的意见。"
    en = "Only your own comments can be withdrawn."


class CommentWithdrawn(Conflict):
    """It was withdrawn already."""

    code = "comment.withdrawn"
    zh = "该意见已撤回。"
    en = "This comment has been withdrawn already."


class ThreadsOpen(Conflict):
    """An item is approved once nothing that was said about it stands open: whoever approves settles it first."""

    code = "item.threads_open"
    zh = "所选试题中有 {count} 道还有未办结的讨论，办结后方可通过；本次未作任何改动。"
    en = "{count} of these items have open threads; settle them before approving. Nothing was changed."


def move_thread(state: ThreadState | None, action: ThreadAction) -> ThreadState:
    """The state after `action`; raises ThreadMoveRefused where the table has no such move."""
    try:
        return THREAD_TRANSITIONS[state, action]
    except KeyError:
        raise ThreadMoveRefused from None


def refuse_settling(*, opened_it: bool, reviews: bool, made_it: bool) -> None:
    """Raise ThreadNotYours unless the person opened the thread, or reviews in the bank and did not make the item."""
    if not (opened_it or (reviews and not made_it)):
        raise ThreadNotYours
