"""知识点: the tree of a bank, one node, and what may be done to them."""

from app.authoring.filing import is_at_or_below
from app.authoring.pages.front import desk
from app.authoring.queries import bank_owner_path, find_bank
from app.authoring.queries.items import topics_of
from app.authoring.queries.topics import filed_counts, find_topic
from app.authoring.service import topics
from app.authoring.topic_schemas import (
    MergeGiven,
    NameGiven,
    NodePageShown,
    NodeShown,
    PlaceGiven,
    TopicGiven,
    TreeShown,
)
from app.operation import Operation
from app.security.permissions import Capability
from app.shapes import Done


@desk.view("/banks/{bank_id}/topics", Capability.BANK_READ, template="authoring/topics.html")
def list_topics(op: Operation, *, bank_id: int) -> TreeShown:
    """The tree of topics of a bank, with how many items are filed where."""
    bank = find_bank(op.db, op.actor, bank_id)
    return TreeShown(bank_id=bank.id, bank_name=bank.name, nodes=_nodes(op, bank_id), may=_may(op, bank.id))


@desk.command(
    "/banks/{bank_id}/topics",
    Capability.REGISTER_WRITE,
    then="/banks/{bank_id}/topics",
    retry=list_topics,
    said="知识点已新增。",
)
def add_topic(op: Operation, *, bank_id: int, given: TopicGiven) -> Done:
    """Add a node."""
    return Done(id=topics.add_topic(op, bank_id=bank_id, name=given.name, parent_id=given.parent_id))


@desk.view("/topics/{topic_id}", Capability.BANK_READ, template="authoring/topic.html")
def show_topic(op: Operation, *, topic_id: int) -> NodePageShown:
    """One node of a tree."""
    topic = find_topic(op.db, op.actor, topic_id)
    bank = find_bank(op.db, op.actor, topic.bank_id)
    nodes = _nodes(op, bank.id)
    node = next(one for one in nodes if one.id == topic_id)
    return NodePageShown(
        bank_id=bank.id,
        bank_name=bank.name,
        node=node,
        parent_id=topic.parent_id,
        below=[one for one in nodes if one.path.rpartition("/")[0] == topic.path],
        others=[one for one in nodes if not is_at_or_below(one.path, topic.path)],
        may=_may(op, bank.id),
    )


@desk.command(
    "/topics/{topic_id}/rename",
    Capability.REGISTER_WRITE,
    then="/topics/{topic_id}",
    retry=show_topic,
    said="知识点已改名，试题随之归入。",
)
def rename_topic(op: Operation, *, topic_id: int, given: NameGiven) -> Done:
    """Give a node another name."""
    topics.rename_topic(op, topic_id=topic_id, name=given.name)
    return Done(id=topic_id)


@desk.command(
    "/topics/{topic_id}/move",
    Capability.REGISTER_WRITE,
    then="/topics/{topic_id}",
    retry=show_topic,
    said="知识点已移动，下级和试题随之移动。",
)
def move_topic(op: Operation, *, topic_id: int, given: PlaceGiven) -> Done:
    """Put a node below another, or at the root."""
    topics.move_topic(op, topic_id=topic_id, parent_id=given.parent_id)
    return Done(id=topic_id)


@desk.command(
    "/topics/{topic_id}/merge",
    Capability.REGISTER_WRITE,
    then="/topics/{id}",
    retry=show_topic,
    said="知识点已合并，试题已归入此处。",
)
def merge_topic(op: Operation, *, topic_id: int, given: MergeGiven) -> Done:
    """Make a node one with another, which stays."""
    topics.merge_topic(op, topic_id=topic_id, into_id=given.into_id, reason=given.reason)
    return Done(id=given.into_id)


def _may(op: Operation, bank_id: int) -> bool:
    return op.actor.covers(Capability.REGISTER_WRITE, bank_owner_path(op.db, bank_id))


def _nodes(op: Operation, bank_id: int) -> list[NodeShown]:
    """Every node, each before those below it."""
    counts = filed_counts(op.db, bank_id)
    found = topics_of(op.db, bank_id)
    sums: dict[str, int] = {}
    for topic in found:
        names = topic.path.split("/")
        for depth in range(1, len(names) + 1):
            above = "/".join(names[:depth])
            sums[above] = sums.get(above, 0) + counts.get(topic.id, 0)
    return [
        NodeShown(
            id=topic.id,
            name=topic.name,
            path=topic.path,
            depth=topic.path.count("/"),
            own=counts.get(topic.id, 0),
            items=sums[topic.path],
        )
        for topic in found
    ]
