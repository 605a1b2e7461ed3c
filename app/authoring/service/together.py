"""批量处理: one act on many items. Each that allows it is done and audited by itself, each other is told by name.

Few are done at once; many are left to the worker, a part in a transaction, which goes on where it was after a crash.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.models import ItemRow
from app.authoring.queries import find_bank
from app.authoring.queries.assignments import loads_of, makers_among, reviewers_of
from app.authoring.queries.items import find_item, items_seen
from app.authoring.queries.together import bulk_by_id, find_bulk
from app.authoring.queries.topics import find_topic
from app.authoring.review_models import BulkAct
from app.authoring.rules import Confidentiality, ItemAction, ItemState, TooManyItems
from app.authoring.rules.assigning import NotWaiting, ReviewerRefused, distribute
from app.authoring.rules.together import (
    DONE_AT_ONCE,
    MOST_TOGETHER,
    NEEDED,
    AlreadyThere,
    BulkAction,
    BulkState,
    NothingChosen,
    TogetherAct,
    WordMissing,
    move_bulk,
)
from app.authoring.service.assigning import assign_items, refuse_past
from app.authoring.service.entering import account_of
from app.authoring.service.filing import file_item, tag_item, untag_item
from app.authoring.service.import_jobs import actor_of
from app.authoring.service.items import classify_item, move_together
from app.authoring.service.topics import tell
from app.errors import AppError, FieldProblem, Forbidden, NotFound
from app.jobs import queue
from app.jobs.worker import RunningJob
from app.operation import House, Operation, acting_as

JOB = "act_together"
_ATTEMPTS = 5
Outcome = tuple[list[int], list[tuple[int, AppError]]]


@dataclass(frozen=True)
class Wanted:
    """What is to be done, with all that the act needs to know."""

    act: TogetherAct
    reason: str = ""
    reviewer_ids: tuple[int, ...] = ()
    due_on: date | None = None
    tag: str = ""
    topic_id: int | None = None
    confidentiality: Confidentiality | None = None

    def to_json(self) -> dict[str, Any]:
        """As it is kept until the worker comes to it."""
        return {
            "act": self.act.value,
            "reason": self.reason,
            "reviewer_ids": [*self.reviewer_ids],
            "due_on": self.due_on.isoformat() if self.due_on else None,
            "tag": self.tag,
            "topic_id": self.topic_id,
            "confidentiality": self.confidentiality.value if self.confidentiality else None,
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Wanted":
        """As it was."""
        return cls(
            TogetherAct(kept["act"]),
            kept["reason"],
            tuple(kept["reviewer_ids"]),
            date.fromisoformat(kept["due_on"]) if kept["due_on"] else None,
            kept["tag"],
            kept["topic_id"],
            Confidentiality(kept["confidentiality"]) if kept["confidentiality"] else None,
        )


def start_together(op: Operation, *, bank_id: int, item_ids: Collection[int], wanted: Wanted) -> BulkAct:
    """Do something to many items of a bank, or have the worker do it.

    Raises NotFound, Forbidden where the actor's roles do not allow the act, NothingChosen, TooManyItems, and
    WordMissing, ReviewerRefused or DuePast, at the field, where the act as a whole cannot be.
    """
    if not op.may(NEEDED[wanted.act]):
        raise Forbidden
    find_bank(op.db, op.actor, bank_id, NEEDED[wanted.act])
    chosen = sorted(set(item_ids))
    if not chosen:
        raise NothingChosen
    if len(chosen) > MOST_TOGETHER:
        raise TooManyItems(limit=MOST_TOGETHER)
    _check(op, bank_id, wanted)
    bulk = BulkAct(
        bank_id=bank_id,
        act=wanted.act,
        params=wanted.to_json(),
        item_ids=chosen,
        position=0,
        done=0,
        stayed=[],
        state=move_bulk(None, BulkAction.START),
        asked_by=account_of(op),
        asked_at=op.now,
    )
    op.db.add(bulk)
    op.db.flush()
    after = {"act": wanted.act, "items": len(chosen), "bank_id": bank_id, "state": bulk.state}
    record(op, AuditAction.BULK_START, subject=("bulk", bulk.id), after=after, reason=wanted.reason)
    if len(chosen) <= DONE_AT_ONCE:
        _go_on(op, bulk)
    else:
        payload = {"bulk_id": bulk.id}
        bulk.job_id = queue.enqueue(
            op.db, kind=JOB, payload=payload, now=op.now, max_attempts=_ATTEMPTS, created_by=bulk.asked_by
        )
        op.db.flush()
    return bulk


def cancel_together(op: Operation, *, bulk_id: int) -> None:
    """Stop an act that the worker is at; what is done stays done. Raises NotFound, BulkOver, JobOver."""
    bulk = find_bulk(op.db, op.actor, bulk_id, lock=True)
    before, bulk.state, bulk.ended_at = bulk.state, move_bulk(bulk.state, BulkAction.CANCEL), op.now
    queue.cancel(op.db, bulk.job_id or 0, now=op.now)
    op.db.flush()
    after = {"job_id": bulk.job_id, "done": bulk.done, "state": bulk.state}
    record(op, AuditAction.BULK_CANCEL, subject=("bulk", bulk_id), before={"state": before}, after=after)


def make_handler(house: House) -> Callable[[RunningJob], None]:
    """The handler of the job that acts on many items."""

    def handle(job: RunningJob) -> None:
        bulk_id = int(job.payload["bulk_id"])
        while True:
            with house.database.transaction(reading=True) as db:
                bulk = bulk_by_id(db, bulk_id)
                position, total, actor = bulk.position, len(bulk.item_ids), actor_of(db, bulk.asked_by)
            job.progress(position, total, zh="正在逐题处理", en="dealing with the items one by one")
            with acting_as(house, "together", actor=actor) as op:
                held = bulk_by_id(op.db, bulk_id, lock=True)
                if held.state is not BulkState.OPEN:
                    return
                if _go_on(op, held) is BulkState.DONE:
                    job.finish(op.db, {"items": held.done})
                    return

    return handle


def _go_on(op: Operation, bulk: BulkAct) -> BulkState:
    """Deal with the next part; returns the state of the whole then."""
    part = bulk.item_ids[bulk.position : bulk.position + DONE_AT_ONCE]
    done, refused = _carry_out(op, bulk.bank_id, part, Wanted.from_json(bulk.params))
    bulk.position += len(part)
    bulk.done += len(done)
    bulk.stayed = [*bulk.stayed, *((one, error.sentence("zh"), error.sentence("en")) for one, error in refused)]
    if bulk.position >= len(bulk.item_ids):
        bulk.state, bulk.ended_at = move_bulk(bulk.state, BulkAction.FINISH), op.now
    op.db.flush()
    return bulk.state


def _check(op: Operation, bank_id: int, wanted: Wanted) -> None:
    """Refuse what cannot be for any item, before anything is done."""
    missing = {
        TogetherAct.RETIRE: ("reason", wanted.reason),
        TogetherAct.ASSIGN: ("reviewer_id", wanted.reviewer_ids),
        TogetherAct.DISTRIBUTE: ("reviewer_ids", wanted.reviewer_ids),
        TogetherAct.TAG: ("tag", wanted.tag),
        TogetherAct.UNTAG: ("tag", wanted.tag),
        TogetherAct.FILE: ("topic_id", wanted.topic_id),
        TogetherAct.CLASSIFY: ("confidentiality", wanted.confidentiality),
    }.get(wanted.act)
    if missing and not missing[1]:
        raise WordMissing(FieldProblem(missing[0], "请填写此项。", "Please fill this in."))
    if wanted.topic_id is not None and find_topic(op.db, op.actor, wanted.topic_id).bank_id != bank_id:
        raise NotFound
    if wanted.reviewer_ids and not set(wanted.reviewer_ids) <= reviewers_of(op.db, bank_id).keys():
        raise ReviewerRefused(FieldProblem("reviewer_ids", ReviewerRefused.zh, ReviewerRefused.en))
    refuse_past(op, wanted.due_on)


def _carry_out(op: Operation, bank_id: int, item_ids: Sequence[int], wanted: Wanted) -> Outcome:
    find_bank(op.db, op.actor, bank_id, NEEDED[wanted.act])
    here = items_seen(op.db, op.actor, bank_id, item_ids, NEEDED[wanted.act])
    elsewhere: list[tuple[int, AppError]] = [(one, NotFound()) for one in item_ids if one not in here]
    done, refused = _act(op, bank_id, sorted(here), wanted)
    return done, sorted([*elsewhere, *refused], key=lambda one: one[0])


def _act(op: Operation, bank_id: int, item_ids: Sequence[int], wanted: Wanted) -> Outcome:
    if wanted.act in _MOVES:
        return move_together(op, item_ids=item_ids, action=_MOVES[wanted.act], reason=wanted.reason)
    if wanted.act is TogetherAct.ASSIGN:
        return assign_items(op, plan=dict.fromkeys(item_ids, wanted.reviewer_ids[0]), due_on=wanted.due_on)
    if wanted.act is TogetherAct.DISTRIBUTE:
        return _distribute(op, bank_id, item_ids, wanted)
    outcome = _each(item_ids, lambda one: _REFILE[wanted.act](op, one, wanted))
    if wanted.act is TogetherAct.FILE and outcome[0]:
        tell(op, bank_id)
    return outcome


def _each(item_ids: Sequence[int], act: Callable[[int], None]) -> Outcome:
    done: list[int] = []
    refused: list[tuple[int, AppError]] = []
    for item_id in item_ids:
        try:
            act(item_id)
        except AppError as error:  # all are raised before anything of this item changes
            refused.append((item_id, error))
        else:
            done.append(item_id)
    return done, refused


def _classify(op: Operation, item_id: int, wanted: Wanted) -> None:
    to = wanted.confidentiality
    if to is None or find_item(op.db, op.actor, item_id, lock=True).confidentiality is to:
        raise AlreadyThere
    classify_item(op, item_id=item_id, confidentiality=to)


_MOVES = {TogetherAct.SUBMIT: ItemAction.SUBMIT, TogetherAct.RETIRE: ItemAction.RETIRE}
_REFILE: dict[TogetherAct, Callable[[Operation, int, Wanted], None]] = {
    TogetherAct.TAG: lambda op, one, wanted: tag_item(op, item_id=one, tag=wanted.tag),
    TogetherAct.UNTAG: lambda op, one, wanted: untag_item(op, item_id=one, tag=wanted.tag),
    TogetherAct.FILE: lambda op, one, wanted: file_item(op, item_id=one, topic_id=wanted.topic_id or 0),
    TogetherAct.CLASSIFY: _classify,
}


def _distribute(op: Operation, bank_id: int, item_ids: Sequence[int], wanted: Wanted) -> Outcome:
    """Evenly over the chosen reviewers, by what each has to do already; nobody gets what they made."""
    known = reviewers_of(op.db, bank_id)
    able = {account: known[account] for account in sorted(set(wanted.reviewer_ids)) if account in known}
    made = makers_among(op.db, item_ids, able)
    items: dict[int, ItemRow] = items_seen(op.db, op.actor, bank_id, item_ids, NEEDED[wanted.act])
    waiting = [one for one in item_ids if items[one].state is ItemState.SUBMITTED]
    plan = distribute(
        {one: [account for account in able if one not in made[account]] for one in waiting}, loads_of(op.db, able)
    )
    done, refused = assign_items(op, plan=plan, due_on=wanted.due_on)
    for one in item_ids:
        if one not in plan:
            why = ReviewerRefused() if items[one].state is ItemState.SUBMITTED else NotWaiting()
            refused.append((one, why))
    return done, refused
