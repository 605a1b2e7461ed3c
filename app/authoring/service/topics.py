"""知识点: nodes added, renamed, moved and merged. Items follow; no version changes, no blueprint is rewritten."""

from collections.abc import Mapping

from sqlalchemy import update

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.events import SupplyRestored, SupplyShrinks
from app.authoring.filing import joined, merged, moved, refused
from app.authoring.models import ItemRow, Topic
from app.authoring.queries import find_bank
from app.authoring.queries.topics import filters_by_topic, find_topic, hold_filed, hold_tree
from app.errors import NotFound
from app.operation import Operation
from app.people.calendar import local_date
from app.security.permissions import Capability
from question_bank.canonical import sha256_hex


def add_topic(op: Operation, *, bank_id: int, name: str, parent_id: int | None) -> int:
    """Add a node below another, or at the root; returns its id. Raises NotFound, TopicRefused."""
    find_bank(op.db, op.actor, bank_id, Capability.REGISTER_WRITE)
    tree = hold_tree(op.db, bank_id)
    path = joined(_above(tree, parent_id), name, field="name")
    if any(one.path == path for one in tree.values()):
        raise refused("name")
    topic = Topic(bank_id=bank_id, parent_id=parent_id, name=name, path=path)
    op.db.add(topic)
    op.db.flush()
    after = {"bank_id": bank_id, "path_hash": sha256_hex(path)}
    record(op, AuditAction.TOPIC_CREATE, subject=("topic", topic.id), after=after)
    return topic.id


def rename_topic(op: Operation, *, topic_id: int, name: str) -> None:
    """Give a node another name; those below it and all items go along. Raises NotFound, TopicRefused."""
    tree = _tree_of(op, topic_id)
    topic = tree[topic_id]
    to = joined(_above(tree, topic.parent_id), name, field="name")
    _go(op, tree, topic, to, AuditAction.TOPIC_RENAME, field="name")


def move_topic(op: Operation, *, topic_id: int, parent_id: int | None) -> None:
    """Put a node below another, or at the root (None); what is below it and all items go along. Raises NotFound,
    TopicRefused."""
    tree = _tree_of(op, topic_id)
    topic = tree[topic_id]
    to = joined(_above(tree, parent_id), topic.name, field="parent_id")
    _go(op, tree, topic, to, AuditAction.TOPIC_MOVE, field="parent_id")


def merge_topic(op: Operation, *, topic_id: int, into_id: int, reason: str) -> None:
    """Make a node one with another of its bank: items and nodes below go over, nodes of one name become one, saved
    filters follow. Raises NotFound, TopicRefused."""
    tree = _tree_of(op, topic_id)
    topic = tree[topic_id]
    if into_id not in tree:
        raise refused("into_id")
    before = {"path_hash": sha256_hex(topic.path)}
    into = tree[into_id].path
    done = merged({one.id: one.path for one in tree.values()}, top=topic.path, into=into, field="into_id")
    items = hold_filed(op.db, done.into)
    for gone, taker in done.into.items():
        op.db.execute(update(ItemRow).where(ItemRow.topic_id == gone).values(topic_id=taker))
    for kept in filters_by_topic(op.db, topic.bank_id, done.into):
        kept.query = {**kept.query, "topic": str(done.into[int(kept.query["topic"])])}
    bank_id = topic.bank_id
    _replant(op, tree, done.paths, gone=done.into)
    after = {"into_id": into_id, "items": items, "topics": len(done.into), "path_hash": sha256_hex(into)}
    record(op, AuditAction.TOPIC_MERGE, subject=("topic", topic_id), before=before, after=after, reason=reason)
    tell(op, bank_id)


def _go(op: Operation, tree: dict[int, Topic], topic: Topic, to: str, act: AuditAction, *, field: str) -> None:
    paths = moved({one.id: one.path for one in tree.values()}, top=topic.path, to=to, field=field)
    if not paths:
        return
    before = {"parent_id": topic.parent_id, "path_hash": sha256_hex(topic.path)}
    _replant(op, tree, paths, gone={})
    after = {"parent_id": topic.parent_id, "path_hash": sha256_hex(to), "topics": len(paths)}
    record(op, act, subject=("topic", topic.id), before=before, after=after)
    tell(op, topic.bank_id)


def _tree_of(op: Operation, topic_id: int) -> dict[int, Topic]:
    """The tree in which the topic stands, held, and read once it is held."""
    topic = find_topic(op.db, op.actor, topic_id, Capability.REGISTER_WRITE)
    tree = hold_tree(op.db, topic.bank_id)
    if topic_id not in tree:
        # Somebody merged it while this act waited for the tree.
        raise NotFound
    return tree


def _above(tree: Mapping[int, Topic], parent_id: int | None) -> str | None:
    if parent_id is None:
        return None
    if parent_id not in tree:
        raise refused("parent_id")
    return tree[parent_id].path


def _replant(op: Operation, tree: dict[int, Topic], paths: Mapping[int, str], *, gone: Mapping[int, int]) -> None:
    """Give nodes their new paths and parents, and take out those that went. No two may have one path even between two
    statements, so everything leaves its place before anything comes to a new one."""
    for one in (*paths, *gone):
        tree[one].path, tree[one].parent_id = f"//{one}", None
    op.db.flush()
    for one in gone:
        op.db.delete(tree.pop(one))
    op.db.flush()
    for one, path in paths.items():
        tree[one].path, tree[one].name = path, path.rpartition("/")[2]
    at = {topic.path: one for one, topic in tree.items()}
    for one, path in paths.items():
        tree[one].parent_id = at.get(path.rpartition("/")[0])
    op.db.flush()


def tell(op: Operation, bank_id: int) -> None:
    """Cells of blueprints name topics by path: some may find their items again, others may not any more."""
    op.publish(SupplyRestored(frozenset({bank_id})))
    op.publish(SupplyShrinks(frozenset({bank_id}), local_date(op.now)))
