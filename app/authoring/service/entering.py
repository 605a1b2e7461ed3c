"""Putting items into a bank: rows, versions, topics, involvement and audit, for one item as for a thousand."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite

from app.audit.actions import AuditAction
from app.audit.models import AuditRecord
from app.audit.record import compose
from app.authoring.models import ItemInvolvement, ItemRow, ItemVersion, Topic
from app.authoring.queries import lock_bank
from app.authoring.queries.items import topics_of
from app.authoring.reading import duplicate_mark, stem_start
from app.authoring.rules import Involvement, ItemState, topic_names
from app.authoring.service.indexing import index_items, searched, spelt
from app.errors import Forbidden
from app.operation import Operation
from question_bank.canonical import stem_fold
from question_bank.item_json import item_text
from question_bank.items import Item

_AT_ONCE = 2_000
"""How many items enter by one statement: what they hold while they do is bounded by it."""


def account_of(op: Operation) -> int:
    """The account in whose name something is written or reviewed; a process of the service has none."""
    if op.actor.account_id is None or op.actor.person_id is None:
        raise Forbidden
    return op.actor.account_id


@dataclass(frozen=True, slots=True)
class Prepared:
    """An item with all that can be worked out of it before a transaction opens: that is most of the work."""

    item: Item
    columns: dict[str, Any]
    content: str
    content_hash: str
    words: str


def prepare_item(item: Item) -> Prepared:
    """All of it."""
    content = item_text(item)
    return Prepared(item, _described(item), content.decode(), sha256(content).hexdigest(), searched(item))


def describe(item: Item, topic_id: int | None) -> dict[str, Any]:
    """The columns of an item's row that come from its newest content."""
    return {"topic_id": topic_id, **_described(item)}


def _described(item: Item) -> dict[str, Any]:
    return {
        "item_type": item.item_type,
        "level": item.level,
        "difficulty": item.difficulty,
        "stem_start": stem_start(item),
        "stem_fold": stem_fold(item.stem),
        "duplicate_mark": duplicate_mark(item),
        **spelt(item),
    }


def version_row(op: Operation, *, item_id: int, number: int, item: Item, reason: str) -> dict[str, Any]:
    """The columns of a new version."""
    return _version(op, item_id=item_id, number=number, item=prepare_item(item), reason=reason)


def _version(op: Operation, *, item_id: int, number: int, item: Prepared, reason: str) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "number": number,
        "content": item.content,
        "content_hash": item.content_hash,
        "author_id": account_of(op),
        "reason": reason,
        "created_at": op.now,
    }


def enter_items(
    op: Operation, *, bank_id: int, items: Sequence[Item], state: ItemState, import_id: int | None = None
) -> list[int]:
    """Put items into a bank as their first versions, in the actor's name; returns their ids, in order.

    Every item has its audit record of creation, and one of submission where `state` is submitted. The caller has
    judged them valid and notes the involvement.
    """
    topics = ensure_topics(op, bank_id, {item.topic for item in items})
    ids: list[int] = []
    for start in range(0, len(items), _AT_ONCE):
        some = [prepare_item(item) for item in items[start : start + _AT_ONCE]]
        rows = [
            {
                "bank_id": bank_id,
                "state": state,
                "version": 1,
                "import_id": import_id,
                "created_by": account_of(op),
                "created_at": op.now,
                "topic_id": topics.get(topic_names(one.item.topic)),
                **one.columns,
            }
            for one in some
        ]
        ids += _enter(op, bank_id, some, rows)
    return ids


def _enter(op: Operation, bank_id: int, items: Sequence[Prepared], rows: list[dict[str, Any]]) -> list[int]:
    state, import_id = rows[0]["state"], rows[0]["import_id"]
    ids = list(op.db.scalars(insert(ItemRow).returning(ItemRow.id, sort_by_parameter_order=True), rows))
    versions = [
        _version(op, item_id=item_id, number=1, item=one, reason="") for item_id, one in zip(ids, items, strict=True)
    ]
    version_ids = op.db.scalars(insert(ItemVersion).returning(ItemVersion.id, sort_by_parameter_order=True), versions)
    acts = []
    for item_id, version_id, version in zip(ids, version_ids, versions, strict=True):
        after = {"version_id": version_id, "content_hash": version["content_hash"], "import_id": import_id}
        acts.append(compose(op, AuditAction.ITEM_CREATE, subject=("item", item_id), after=after))
        if state is ItemState.SUBMITTED:
            acts.append(
                compose(
                    op,
                    AuditAction.ITEM_SUBMIT,
                    subject=("item", item_id),
                    before={"state": ItemState.DRAFT},
                    after={"version_id": version_id, "state": state},
                )
            )
    keep_records(op, acts)
    found = {item_id: one.item for item_id, one in zip(ids, items, strict=True)}
    index_items(op, bank_id, found, words=[one.words for one in items])
    return ids


def keep_records(op: Operation, acts: Sequence[Mapping[str, Any]]) -> None:
    """Write many audit records, composed by `app.audit.record.compose`, at once."""
    if acts:
        # Rows with a NULL among rows without would go one by one otherwise.
        op.db.execute(insert(AuditRecord).execution_options(render_nulls=True), list(acts))


def involve(op: Operation, item_ids: Collection[int], involvement: Involvement) -> None:
    """Note that the actor's person had this to do with the items; what is noted already stays as it is."""
    account_of(op)
    rows = [
        {"item_id": item_id, "person_id": op.actor.person_id, "involvement": involvement, "at": op.now}
        for item_id in item_ids
    ]
    if not rows:
        return
    into = postgresql.insert if op.house.database.dialect == "postgresql" else sqlite.insert
    op.db.execute(into(ItemInvolvement).on_conflict_do_nothing(), rows)


def ensure_topics(op: Operation, bank_id: int, wanted: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    """The ids of these topic paths and of those above them; what the tree lacks is made. Locks the bank."""
    paths = {topic_names(topic)[:depth] for topic in wanted for depth in range(1, len(topic) + 1)}
    if not paths:
        return {}
    lock_bank(op.db, bank_id)
    known = {tuple(topic.path.split("/")): topic.id for topic in topics_of(op.db, bank_id)}
    for path in sorted(paths - known.keys(), key=len):
        topic = Topic(bank_id=bank_id, parent_id=known.get(path[:-1]), name=path[-1], path="/".join(path))
        op.db.add(topic)
        op.db.flush()
        known[path] = topic.id
    return known
