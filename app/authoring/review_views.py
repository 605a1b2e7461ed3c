"""What goes on between author and reviewer, as a page shows it: threads, assignments, who may be asked."""

from collections.abc import Collection

from app.accounts.queries import persons_of
from app.authoring.assignment_schemas import AssignmentShown, ReviewerShown
from app.authoring.models import ItemRow
from app.authoring.queries.assignments import assignments_of, loads_of, makers_among, reviewers_of
from app.authoring.queries.items import made_by, stems_of
from app.authoring.queries.pairs import enemies_of
from app.authoring.queries.threads import comments_of, threads_of
from app.authoring.rules import ItemState
from app.authoring.schemas import EnemyShown
from app.authoring.thread_schemas import CommentShown, ThreadShown
from app.authoring.views import names_of
from app.operation import Operation
from app.people.calendar import local_date
from app.security.permissions import Capability


def show_threads(op: Operation, item: ItemRow, may: Collection[Capability]) -> list[ThreadShown]:
    """What was said about an item, thread by thread, to an actor who holds these capabilities in its bank."""
    threads = threads_of(op.db, item.id)
    said = comments_of(op.db, [thread.id for thread in threads])
    accounts = {one.author_id for comments in said.values() for one in comments}
    names, persons = names_of(op.db, accounts), persons_of(op.db, accounts)
    judges = Capability.ITEM_REVIEW in may and not made_by(op.db, [item.id], op.actor.person_id)
    return [
        ThreadShown(
            id=thread.id,
            version=thread.version,
            field=thread.field,
            state=thread.state,
            comments=[
                CommentShown(
                    id=one.id,
                    act=one.act,
                    author=names[one.author_id],
                    at=one.at,
                    text="" if one.withdrawn_at else one.text,
                    withdrawn=one.withdrawn_at is not None,
                    own=persons[one.author_id] == op.actor.person_id,
                )
                for one in said[thread.id]
            ],
            may_settle=judges or persons[thread.opened_by] == op.actor.person_id,
        )
        for thread in threads
    ]


def show_enemies(op: Operation, item_id: int) -> list[EnemyShown]:
    """The items that this one may not meet, of those that the actor may see."""
    pairs = {pair.other_id if pair.item_id == item_id else pair.item_id: pair for pair in enemies_of(op.db, item_id)}
    stems = stems_of(op.db, op.actor, pairs)
    return [
        EnemyShown(pair_id=pair.id, item_id=other, stem_start=stems[other], reason=pair.reason)
        for other, pair in pairs.items()
        if other in stems
    ]


def show_assignments(op: Operation, item_ids: Collection[int]) -> dict[int, AssignmentShown]:
    """Who is asked to review which of these items, by item."""
    standing = assignments_of(op.db, item_ids)
    names = names_of(op.db, {account for one in standing.values() for account in (one.reviewer_id, one.assigned_by)})
    today = local_date(op.now)
    return {
        item_id: AssignmentShown(
            reviewer_id=one.reviewer_id,
            reviewer=names[one.reviewer_id],
            assigned_by=names[one.assigned_by],
            assigned_at=one.assigned_at,
            due_on=one.due_on,
            late=one.due_on is not None and one.due_on < today,
            mine=one.reviewer_person_id == op.actor.person_id,
        )
        for item_id, one in standing.items()
    }


def show_reviewers(op: Operation, item: ItemRow, may: Collection[Capability]) -> list[ReviewerShown]:
    """Whom the actor, who holds these capabilities in its bank, may ask to review an item that waits: not who made it;
    those with the least to do first."""
    if item.state is not ItemState.SUBMITTED or Capability.REVIEW_ASSIGN not in may:
        return []
    able = reviewers_of(op.db, item.bank_id)
    made = makers_among(op.db, [item.id], able)
    return list_reviewers(op, [account for account in able if item.id not in made[account]])


def list_reviewers(op: Operation, accounts: Collection[int]) -> list[ReviewerShown]:
    """These accounts with their names and what they have to do, those with the least first."""
    names, loads = names_of(op.db, accounts), loads_of(op.db, accounts)
    found = [ReviewerShown(account_id=one, name=names[one], load=loads.get(one, 0)) for one in accounts]
    return sorted(found, key=lambda one: (one.load, one.account_id))
