"""审题: the queue of what others submitted, and the words on it."""

from app.authoring.pages.front import PAGE, chosen, desk
from app.authoring.pages.items import show_item
from app.authoring.queries import read_content
from app.authoring.queries.items import versions_of
from app.authoring.queries.reviews import queue, queue_by_import, queue_size
from app.authoring.review_views import show_assignments
from app.authoring.rules.assigning import Whose
from app.authoring.schemas import (
    GroupShown,
    ImportReviewGiven,
    QueueShown,
    ReturnGiven,
    ReviewGiven,
    ReviewsGiven,
    WaitingShown,
)
from app.authoring.service import reviews
from app.authoring.views import names_of, show_content
from app.errors import NotFound
from app.operation import Operation
from app.security.permissions import Capability
from app.shapes import Done, Shown
from app.web.desk import NavEntry


class Reviewed(Shown):
    """How many items a bulk approval approved."""

    items: int


@desk.view("/reviews", Capability.ITEM_REVIEW, template="authoring/reviews.html", nav=NavEntry("审题", 21))
def list_reviews(op: Operation, *, assigned: str = "all", source: int = 0, after: int = 0) -> QueueShown:
    """Submitted items that others wrote or imported, oldest first; `assigned` says whose: "mine", "free" (nobody's),
    "all" of these, or "others"; `source` narrows them to one import."""
    whose = chosen("assigned", assigned, Whose) or Whose.ALL
    groups = [
        GroupShown(import_id=import_id, file_name=name, count=count, newest=newest)
        for import_id, name, count, newest in queue_by_import(op.db, op.actor, whose)
    ]
    rows = queue(op.db, op.actor, whose=whose, after=after, import_id=source or None, limit=PAGE + 1)
    names = names_of(op.db, {version.author_id for _, version in rows})
    assignments = show_assignments(op, [item.id for item, _ in rows])
    return QueueShown(
        assigned=whose,
        sizes={one: queue_size(op.db, op.actor, one) for one in Whose},
        total=sum(group.count for group in groups),
        groups=groups,
        import_id=source,
        items=[
            WaitingShown(
                id=item.id,
                version_id=version.id,
                bank_id=item.bank_id,
                content=show_content(read_content(version.content)),
                author=names[version.author_id],
                import_id=item.import_id,
                assignment=assignments.get(item.id),
            )
            for item, version in rows[:PAGE]
        ],
        next_after=rows[PAGE - 1][1].id if len(rows) > PAGE else None,
    )


@desk.command("/reviews/approve", Capability.ITEM_REVIEW, then="/reviews", retry=list_reviews, said="所选试题已通过。")
def approve_selected(op: Operation, *, given: ReviewsGiven) -> Reviewed:
    """Approve the selected versions, all or none."""
    done = reviews.review_versions(op, version_ids=given.version_ids, approve=True, comment=given.comment)
    return Reviewed(items=done)


@desk.command(
    "/reviews/imports/{import_id}/approve",
    Capability.ITEM_REVIEW,
    then="/reviews",
    retry=list_reviews,
    said="整批试题已通过。",
)
def approve_import(op: Operation, *, import_id: int, given: ImportReviewGiven) -> Reviewed:
    """Approve everything of an import that waits for me, up to 1,000, all or none."""
    done = reviews.approve_import(
        op, import_id=import_id, count=given.count, newest=given.newest, comment=given.comment
    )
    return Reviewed(items=done)


@desk.command(
    "/items/{item_id}/approve", Capability.ITEM_REVIEW, then="/items/{item_id}", retry=show_item, said="试题已通过。"
)
def approve_item(op: Operation, *, item_id: int, given: ReviewGiven) -> Done:
    """Approve the version that I looked at."""
    _review(op, item_id, given.version_id, approve=True, comment=given.comment)
    return Done(id=item_id)


@desk.command(
    "/items/{item_id}/return",
    Capability.ITEM_REVIEW,
    then="/items/{item_id}",
    retry=show_item,
    said="试题已退回命题员。",
)
def return_item(op: Operation, *, item_id: int, given: ReturnGiven) -> Done:
    """Return the version that I looked at, saying why."""
    _review(op, item_id, given.version_id, approve=False, comment=given.comment)
    return Done(id=item_id)


def _review(op: Operation, item_id: int, version_id: int, *, approve: bool, comment: str) -> None:
    if not any(version.id == version_id for version in versions_of(op.db, item_id)):
        raise NotFound
    reviews.review_versions(op, version_ids=[version_id], approve=approve, comment=comment)
