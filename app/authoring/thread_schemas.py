"""What threads of comments take and show."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.authoring.rules.threads import ThreadAction, ThreadField, ThreadState
from app.shapes import Given, OptionalProse, Prose, Shown


class ThreadGiven(Given):
    """What is to be said about a version of an item, and about which of its fields."""

    version: Annotated[int, Field(ge=1, le=1_000_000)]
    field: ThreadField = ThreadField.WHOLE
    text: Prose


class CommentGiven(Given):
    """What is said."""

    text: Prose


class LastWordGiven(Given):
    """What is said while a thread is settled, if anything."""

    text: OptionalProse = ""


class CommentShown(Shown):
    """One entry of a thread; a withdrawn one keeps its place and has no text. `own`: I may withdraw it."""

    id: int
    act: ThreadAction
    author: str
    at: datetime
    text: str
    withdrawn: bool
    own: bool


class ThreadShown(Shown):
    """A thread with all that was said. `may_settle`: I may settle or reopen it."""

    id: int
    version: int
    field: ThreadField
    state: ThreadState
    comments: list[CommentShown]
    may_settle: bool
