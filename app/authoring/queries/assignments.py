"""指派: who is asked to review which item, and how much each has to do."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Exists, func, select
from sqlalchemy.orm import Session

from app.accounts.queries import holders_of
from app.authoring.models import ItemRow
from app.authoring.queries import bank_owner_path, chunks, visible_ids
from app.authoring.queries.items import made_by
from app.authoring.review_models import ReviewAssignment
from app.authoring.rules import ItemState
from app.authoring.rules.assigning import AssignmentState, Whose
from app.security.actor import Actor
from app.security.permissions import Capability


def _open(*more: ColumnElement[bool]) -> Exists:
    """Whether the item of a list has an open assignment, such as that."""
    standing = ReviewAssignment.item_id == ItemRow.id, ReviewAssignment.state == AssignmentState.OPEN
    return select(ReviewAssignment.id).where(*standing, *more).correlate(ItemRow).exists()


def assigned_to(person_id: int | None) -> Exists:
    """Whether the item of a list is assigned to that natural person now."""
    return _open(ReviewAssignment.reviewer_person_id == person_id)


def whose_turn(actor: Actor, whose: Whose) -> ColumnElement[bool]:
    """The condition on the items of a list that they are the actor's to review, nobody's, or somebody else's."""
    mine, free = assigned_to(actor.person_id), ~_open()
    if whose is Whose.MINE:
        return mine
    if whose is Whose.FREE:
        return free
    return ~mine & ~free if whose is Whose.OTHERS else mine | free


def with_reviewer(account_id: BindParameter[int]) -> Exists:
    """Whether the item of a list is assigned to that account now."""
    return _open(ReviewAssignment.reviewer_id == account_id)


def unassigned() -> ColumnElement[bool]:
    """Whether nobody is assigned to the item of a list."""
    return ~_open()


def assignments_of(db: Session, item_ids: Collection[int]) -> dict[int, ReviewAssignment]:
    """The open assignments of these items, by item; their rows are the item's to hold."""
    found: dict[int, ReviewAssignment] = {}
    for chunk in chunks(item_ids):
        asked = select(ReviewAssignment).where(
            ReviewAssignment.item_id.in_(chunk), ReviewAssignment.state == AssignmentState.OPEN
        )
        for one in db.scalars(asked.execution_options(populate_existing=True)):
            found[one.item_id] = one
    return found


def reviewers_of(db: Session, bank_id: int) -> dict[int, int]:
    """The accounts that may review items of a bank, each with its person."""
    return holders_of(db, Capability.ITEM_REVIEW, bank_owner_path(db, bank_id))


def makers_among(db: Session, item_ids: Collection[int], reviewers: dict[int, int]) -> dict[int, set[int]]:
    """For each of these reviewers (accounts with their persons) the items that they made themselves."""
    return {account: made_by(db, item_ids, person) for account, person in reviewers.items()}


def loads_of(db: Session, account_ids: Collection[int]) -> dict[int, int]:
    """How many items are assigned to each of these accounts now; who has none is left out."""
    rows = db.execute(
        select(ReviewAssignment.reviewer_id, func.count())
        .where(ReviewAssignment.reviewer_id.in_(account_ids), ReviewAssignment.state == AssignmentState.OPEN)
        .group_by(ReviewAssignment.reviewer_id)
    )
    return {row[0]: row[1] for row in rows}


def my_assignments(db: Session, actor: Actor) -> tuple[int, date | None]:
    """How many items are assigned to the actor's person, and the first day by which one is due."""
    mine = ReviewAssignment.reviewer_person_id == actor.person_id, ReviewAssignment.state == AssignmentState.OPEN
    row = db.execute(select(func.count(), func.min(ReviewAssignment.due_on)).where(*mine)).one()
    return row[0], row[1]


def to_assign(db: Session, actor: Actor) -> dict[int, int]:
    """How many submitted items nobody is assigned to, by bank in which the actor assigns."""
    wanted: tuple[Any, ...] = (
        ItemRow.state == ItemState.SUBMITTED,
        ItemRow.bank_id.in_(visible_ids(actor, Capability.REVIEW_ASSIGN)),
        unassigned(),
    )
    rows = db.execute(
        select(ItemRow.bank_id, func.count()).where(*wanted).group_by(ItemRow.bank_id).order_by(ItemRow.bank_id)
    )
    return {row[0]: row[1] for row in rows}
