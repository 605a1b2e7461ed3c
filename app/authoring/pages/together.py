"""批量处理: acts on many items at once; each that allows it is done, each that does not is told by name."""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

from app.authoring.listing_schemas import FilterGiven
from app.authoring.pages.front import desk
from app.authoring.pages.items import list_own
from app.authoring.pages.lists import read_filter
from app.authoring.queries import bank_owner_path, find_bank
from app.authoring.queries.assignments import reviewers_of
from app.authoring.queries.items import stems_of, tags_in, topics_of
from app.authoring.queries.listing import found_ids
from app.authoring.queries.together import find_bulk
from app.authoring.review_views import list_reviewers
from app.authoring.rules import ItemAction
from app.authoring.rules.together import MOST_TOGETHER, NEEDED, BulkState, FoundChanged, TogetherAct
from app.authoring.schemas import TopicShown
from app.authoring.service.items import move_together
from app.authoring.service.together import Wanted, cancel_together, start_together
from app.authoring.together_schemas import (
    BulkShown,
    ChoosingShown,
    OwnDone,
    OwnGiven,
    StayedShown,
    TogetherGiven,
)
from app.errors import FieldProblem, Invalid
from app.jobs import queue
from app.jobs.rules import LIVING
from app.operation import Operation
from app.security.permissions import Capability
from app.shapes import Done

_MOST_STAYED = 200
_NAMES = FilterGiven.model_fields.keys() - {"name"}


@desk.command("/items/together", Capability.ITEM_WRITE, template="authoring/own_done.html", retry=list_own)
def act_on_own(op: Operation, *, given: OwnGiven) -> OwnDone:
    """Submit or retire the chosen items of mine: each that allows it; the others are named with why they stay."""
    if given.act is TogetherAct.RETIRE and not given.reason:
        raise Invalid(FieldProblem("reason", "请填写停用理由。", "Please say why."))
    actions = {TogetherAct.SUBMIT: ItemAction.SUBMIT, TogetherAct.RETIRE: ItemAction.RETIRE}
    if given.act not in actions:
        raise Invalid(FieldProblem("act", "请从给出的选项中选择。", "Please choose one of those given."))
    done, refused = move_together(op, item_ids=given.item_ids, action=actions[given.act], reason=given.reason)
    told = [(item_id, error.sentence("zh"), error.sentence("en")) for item_id, error in refused]
    return OwnDone(act=given.act, done=done, stayed=_show_stayed(op, told))


@desk.view("/banks/{bank_id}/together", Capability.BANK_READ, template="authoring/choosing.html")
def choose_act(op: Operation, *, bank_id: int, item_ids: tuple[int, ...] = (), query: str = "") -> ChoosingShown:
    """What may be done to these items of a bank; where none is named, to all that the filter `query` finds."""
    bank = find_bank(op.db, op.actor, bank_id)
    narrowed = _read(query)
    found = len(item_ids) or len(_found(op, bank_id, narrowed))
    owner = bank_owner_path(op.db, bank_id)
    acts = [act for act, needed in NEEDED.items() if op.actor.covers(needed, owner)]
    able = reviewers_of(op.db, bank_id) if TogetherAct.ASSIGN in acts else {}
    return ChoosingShown(
        bank_id=bank.id,
        bank_name=bank.name,
        item_ids=sorted(set(item_ids)),
        query=urlencode(narrowed),
        found=found,
        acts=acts,
        reviewers=list_reviewers(op, able),
        topics=[TopicShown(id=one.id, path=one.path) for one in topics_of(op.db, bank_id)],
        tags=tags_in(op.db, bank_id),
    )


@desk.command(
    "/banks/{bank_id}/together",
    Capability.BANK_READ,
    then="/bulk-acts/{id}",
    retry=choose_act,
    said="已处理或交由后台处理。",
)
def act_together(op: Operation, *, bank_id: int, given: TogetherGiven) -> Done:
    """Do something to chosen items, or to all that a filter finds; more than 100 are left to the worker."""
    find_bank(op.db, op.actor, bank_id)
    item_ids: Sequence[int] = given.item_ids
    if not item_ids:
        item_ids = _found(op, bank_id, _read(given.query))
        if len(item_ids) != given.seen:
            raise FoundChanged(now=len(item_ids), seen=given.seen)
    wanted = Wanted(
        act=given.act,
        reason=given.reason,
        reviewer_ids=tuple(given.reviewer_ids) or ((given.reviewer_id,) if given.reviewer_id else ()),
        due_on=given.due_on,
        tag=given.tag,
        topic_id=given.topic_id,
        confidentiality=given.confidentiality,
    )
    return Done(id=start_together(op, bank_id=bank_id, item_ids=item_ids, wanted=wanted).id)


@desk.view("/bulk-acts/{bulk_id}", Capability.BANK_READ, template="authoring/bulk.html")
def show_bulk(op: Operation, *, bulk_id: int) -> BulkShown:
    """An act of mine on many items: how far it is, what was done and what stayed."""
    bulk = find_bulk(op.db, op.actor, bulk_id)
    job = queue.find(op.db, bulk.job_id) if bulk.job_id else None
    broken = job.error if job and job.state not in LIVING and bulk.state is BulkState.OPEN else None
    return BulkShown(
        id=bulk.id,
        bank_id=bulk.bank_id,
        bank_name=find_bank(op.db, op.actor, bulk.bank_id).name,
        act=bulk.act,
        state=bulk.state,
        total=len(bulk.item_ids),
        position=bulk.position,
        done=bulk.done,
        stayed_count=len(bulk.stayed),
        stayed=_show_stayed(op, bulk.stayed[:_MOST_STAYED]),
        asked_at=bulk.asked_at,
        running=bulk.state is BulkState.OPEN and job is not None and job.state in LIVING,
        broken_zh=broken["zh"] if broken else "",
        broken_en=broken["en"] if broken else "",
    )


@desk.command(
    "/bulk-acts/{bulk_id}/cancel",
    Capability.BANK_READ,
    then="/bulk-acts/{bulk_id}",
    retry=show_bulk,
    said="已取消；已处理的不受影响。",
)
def cancel_bulk(op: Operation, *, bulk_id: int) -> Done:
    """Stop an act of mine that the worker is at; what is done stays done."""
    cancel_together(op, bulk_id=bulk_id)
    return Done(id=bulk_id)


def _read(query: str) -> dict[str, str]:
    return {name: value for name, value in parse_qsl(query) if name in _NAMES}


def _found(op: Operation, bank_id: int, narrowed: dict[str, str]) -> Sequence[int]:
    return found_ids(op.db, op.actor, bank_id, read_filter(narrowed, after=0), limit=MOST_TOGETHER + 1)


def _show_stayed(op: Operation, told: Sequence[tuple[int, str, str]]) -> list[StayedShown]:
    stems = stems_of(op.db, op.actor, [item_id for item_id, _, _ in told])
    return [StayedShown(id=one, stem_start=stems.get(one, ""), zh=zh, en=en) for one, zh, en in told]
