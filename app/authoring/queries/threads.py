"""讨论: threads of comments on items, seen by whoever may look at the item."""

from collections.abc import Collection, Sequence

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from app.authoring.models import ItemRow
from app.authoring.queries import chunks
from app.authoring.review_models import ItemComment, ItemThread
from app.authoring.rules.threads import ThreadState
from app.database import find_one, locked


def threads_of(db: Session, item_id: int) -> Sequence[ItemThread]:
    """The threads of an item that the caller has found, open ones first, then the newest first."""
    resolved = ItemThread.state == ThreadState.RESOLVED
    return db.scalars(
        select(ItemThread).where(ItemThread.item_id == item_id).order_by(resolved, ItemThread.id.desc())
    ).all()


def comments_of(db: Session, thread_ids: Collection[int]) -> dict[int, list[ItemComment]]:
    """What was said in these threads, in its order, by thread."""
    found: dict[int, list[ItemComment]] = {}
    for one in db.scalars(select(ItemComment).where(ItemComment.thread_id.in_(thread_ids)).order_by(ItemComment.id)):
        found.setdefault(one.thread_id, []).append(one)
    return found


def find_thread(db: Session, item_id: int, thread_id: int) -> ItemThread:
    """A thread of an item that the caller has found, held for the transaction. Raises NotFound."""
    query = select(ItemThread).where(ItemThread.id == thread_id, ItemThread.item_id == item_id)
    held = locked(query)
    return find_one(db, held)


def find_comment(db: Session, item_id: int, comment_id: int) -> ItemComment:
    """A comment on an item that the caller has found, held for the transaction. Raises NotFound."""
    query = (
        select(ItemComment)
        .join(ItemThread, ItemThread.id == ItemComment.thread_id)
        .where(ItemComment.id == comment_id, ItemThread.item_id == item_id)
    )
    held = locked(query, of=ItemComment)
    return find_one(db, held)


def open_threads() -> ScalarSelect[int]:
    """How many open threads an item has, as a column of a list of items."""
    return (
        select(func.count())
        .select_from(ItemThread)
        .where(ItemThread.item_id == ItemRow.id, ItemThread.state == ThreadState.OPEN)
        .correlate(ItemRow)
        .scalar_subquery()
    )


def with_open_threads(db: Session, item_ids: Collection[int]) -> set[int]:
    """Those of the items about which something stands open."""
    found: set[int] = set()
    for chunk in chunks(item_ids):
        asked = select(ItemThread.item_id).where(ItemThread.item_id.in_(chunk), ItemThread.state == ThreadState.OPEN)
        found |= set(db.scalars(asked))
    return found


def settled_threads(db: Session, thread_ids: Collection[int]) -> set[int]:
    """Which of these threads are settled."""
    settled = ItemThread.id.in_(thread_ids), ItemThread.state == ThreadState.RESOLVED
    return set(db.scalars(select(ItemThread.id).where(*settled)))
