"""指派审题: assigned, moved to another, taken back, taken over. An assignment never makes a reviewer of an author."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import update

from app.accounts.queries import persons_of
from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.models import ItemRow
from app.authoring.queries import chunks
from app.authoring.queries.assignments import assignments_of, makers_among, reviewers_of
from app.authoring.queries.items import find_item, made_by, newest_version
from app.authoring.review_models import ReviewAssignment
from app.authoring.rules import ItemState, refuse_own
from app.authoring.rules.assigning import (
    AssignmentAction,
    AssignmentState,
    DuePast,
    NotAssigned,
    NotWaiting,
    ReviewerRefused,
    move_assignment,
)
from app.authoring.service.entering import account_of
from app.errors import AppError, FieldProblem
from app.operation import Operation
from app.outbox.post import post
from app.outbox.templates import Kind
from app.people.calendar import local_date
from app.security.permissions import Capability


def assign_items(
    op: Operation, *, plan: Mapping[int, int], due_on: date | None
) -> tuple[list[int], list[tuple[int, AppError]]]:
    """Assign each item of `plan` to the account that it names, in place of whoever has it now; returns the ids of those
    that were, and the others, each with why not. Each reviewer is told once how many came. The day is judged by
    `refuse_past`, when somebody asks for it: the worker may come to it later."""
    done: list[int] = []
    refused: list[tuple[int, AppError]] = []
    came: Counter[int] = Counter()
    banks: dict[int, dict[int, int]] = {}
    made = makers_among(op.db, plan, persons_of(op.db, set(plan.values())))
    for item_id, reviewer_id in sorted(plan.items()):
        try:
            item = find_item(op.db, op.actor, item_id, capability=Capability.REVIEW_ASSIGN, lock=True)
            reviewers = banks.setdefault(item.bank_id, reviewers_of(op.db, item.bank_id))
            if item_id in made.get(reviewer_id, ()) or reviewer_id not in reviewers:
                raise ReviewerRefused(FieldProblem("reviewer_id", ReviewerRefused.zh, ReviewerRefused.en))
            if _assign(op, item, reviewer_id, reviewers[reviewer_id], due_on):
                came[reviewers[reviewer_id]] += 1
        except AppError as error:  # all are raised before anything of this item changes
            refused.append((item_id, error))
        else:
            done.append(item_id)
    for person_id, count in sorted(came.items()):
        _tell(op, person_id, Kind.REVIEW_ASSIGNED, {"count": count})
    return done, refused


def refuse_past(op: Operation, due_on: date | None) -> None:
    """Raise DuePast where something would be due before today."""
    if due_on is not None and due_on < local_date(op.now):
        raise DuePast(FieldProblem("due_on", DuePast.zh, DuePast.en))


def assign_item(op: Operation, *, item_id: int, reviewer_id: int, due_on: date | None) -> None:
    """Assign one item. Raises NotFound, NotWaiting, ReviewerRefused, DuePast."""
    refuse_past(op, due_on)
    _, refused = assign_items(op, plan={item_id: reviewer_id}, due_on=due_on)
    for _, error in refused:
        raise error


def take_back(op: Operation, *, item_id: int) -> None:
    """Let any reviewer review the item again. Raises NotFound, NotAssigned."""
    find_item(op.db, op.actor, item_id, capability=Capability.REVIEW_ASSIGN, lock=True)
    standing = assignments_of(op.db, [item_id]).get(item_id)
    if standing is None:
        raise NotAssigned
    _end(op, standing, AssignmentAction.TAKE_BACK)
    after = {"assignment_id": standing.id, "reviewer_id": standing.reviewer_id, "state": standing.state}
    record(op, AuditAction.ITEM_UNASSIGN, subject=("item", item_id), after=after)
    _tell(op, standing.reviewer_person_id, Kind.REVIEW_MOVED, {"item": item_id})


def take_over(op: Operation, *, item_id: int, reason: str) -> None:
    """Review, in one's own name, what another was asked to. Raises NotFound, NotWaiting, OwnItem, NotAssigned."""
    item = find_item(op.db, op.actor, item_id, capability=Capability.ITEM_REVIEW, lock=True)
    if item.state is not ItemState.SUBMITTED:
        raise NotWaiting
    refuse_own(made_by(op.db, [item_id], op.actor.person_id))
    standing = assignments_of(op.db, [item_id]).get(item_id)
    person_id = op.actor.person_id
    if standing is None or person_id is None or standing.reviewer_person_id == person_id:
        raise NotAssigned
    _end(op, standing, AssignmentAction.TAKE_OVER)
    _tell(op, standing.reviewer_person_id, Kind.REVIEW_MOVED, {"item": item_id})
    mine = _make(op, item, account_of(op), person_id, standing.due_on)
    after = {
        "assignment_id": mine.id,
        "version_id": newest_version(op.db, item).id,
        "reviewer_id": mine.reviewer_id,
        "state": mine.state,
    }
    before = {"assignment_id": standing.id, "reviewer_id": standing.reviewer_id}
    record(op, AuditAction.ITEM_TAKE_OVER, subject=("item", item_id), before=before, after=after, reason=reason)


def end_assignments(op: Operation, item_ids: Collection[int], action: AssignmentAction) -> None:
    """End the open assignments of items that were reviewed, or that wait no more; the act that did it is on record."""
    state = move_assignment(AssignmentState.OPEN, action)
    for chunk in chunks(item_ids):
        standing = ReviewAssignment.item_id.in_(chunk), ReviewAssignment.state == AssignmentState.OPEN
        op.db.execute(
            update(ReviewAssignment).where(*standing).values(state=state, ended_at=op.now),
            execution_options={"synchronize_session": False},
        )


def _assign(op: Operation, item: ItemRow, reviewer_id: int, person_id: int, due_on: date | None) -> bool:
    """Whether the item came to somebody who did not have it."""
    if item.state is not ItemState.SUBMITTED:
        raise NotWaiting
    standing = assignments_of(op.db, [item.id]).get(item.id)
    if standing is not None and (standing.reviewer_id, standing.due_on) == (reviewer_id, due_on):
        return False
    before = None
    if standing is not None:
        before = {"assignment_id": standing.id, "reviewer_id": standing.reviewer_id}
        _end(op, standing, AssignmentAction.REPLACE)
        if standing.reviewer_person_id != person_id:
            _tell(op, standing.reviewer_person_id, Kind.REVIEW_MOVED, {"item": item.id})
    made = _make(op, item, reviewer_id, person_id, due_on)
    after = {
        "assignment_id": made.id,
        "version_id": newest_version(op.db, item).id,
        "reviewer_id": reviewer_id,
        "due_on": due_on.isoformat() if due_on else None,
        "state": made.state,
    }
    record(op, AuditAction.ITEM_ASSIGN, subject=("item", item.id), before=before, after=after)
    return standing is None or standing.reviewer_person_id != person_id


def _make(op: Operation, item: ItemRow, reviewer_id: int, person_id: int, due_on: date | None) -> ReviewAssignment:
    made = ReviewAssignment(
        item_id=item.id,
        version=item.version,
        reviewer_id=reviewer_id,
        reviewer_person_id=person_id,
        assigned_by=account_of(op),
        assigned_at=op.now,
        due_on=due_on,
        state=move_assignment(None, AssignmentAction.ASSIGN),
    )
    op.db.add(made)
    op.db.flush()
    return made


def _end(op: Operation, standing: ReviewAssignment, action: AssignmentAction) -> None:
    standing.state, standing.ended_at = move_assignment(standing.state, action), op.now
    op.db.flush()


def _tell(op: Operation, person_id: int, kind: Kind, params: Mapping[str, int]) -> None:
    if person_id != op.actor.person_id:
        post(op.db, person_id=person_id, template=kind, params=params, now=op.now)
