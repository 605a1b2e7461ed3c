"""Where an item is filed: its topic and its tags. The institution's to change; no version changes with it (0008)."""

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.models import ItemTag
from app.authoring.queries import lock_bank
from app.authoring.queries.items import find_item, tags_of
from app.authoring.queries.topics import find_topic
from app.authoring.rules.together import MOST_TAGS, AlreadyThere, NotTagged, TooManyTags
from app.errors import NotFound
from app.operation import Operation
from app.security.permissions import Capability
from question_bank.canonical import sha256_hex


def tag_item(op: Operation, *, item_id: int, tag: str) -> None:
    """File an item with one more tag. Raises NotFound, AlreadyThere, TooManyTags."""
    row = find_item(op.db, op.actor, item_id, capability=Capability.ITEM_WRITE, lock=True)
    held = tags_of(op.db, [item_id])[item_id]
    if tag in held:
        raise AlreadyThere
    if len(held) >= MOST_TAGS:
        raise TooManyTags(limit=MOST_TAGS)
    into = postgresql.insert if op.house.database.dialect == "postgresql" else sqlite.insert
    op.db.execute(into(ItemTag).values(bank_id=row.bank_id, tag=tag, item_id=item_id).on_conflict_do_nothing())
    record(op, AuditAction.ITEM_TAG, subject=("item", item_id), after={"tag_hash": sha256_hex(tag)})


def untag_item(op: Operation, *, item_id: int, tag: str) -> None:
    """Take a tag off an item. Raises NotFound, NotTagged."""
    find_item(op.db, op.actor, item_id, capability=Capability.ITEM_WRITE, lock=True)
    if tag not in tags_of(op.db, [item_id])[item_id]:
        raise NotTagged
    op.db.execute(delete(ItemTag).where(ItemTag.item_id == item_id, ItemTag.tag == tag))
    record(op, AuditAction.ITEM_UNTAG, subject=("item", item_id), after={"tag_hash": sha256_hex(tag)})


def file_item(op: Operation, *, item_id: int, topic_id: int) -> None:
    """File an item under another topic of its bank. Raises NotFound, AlreadyThere.

    Holds the bank's tree before the item, as every act on the tree does. Whoever calls tells of it (`topics.tell`).
    """
    bank_id = find_item(op.db, op.actor, item_id, capability=Capability.REGISTER_WRITE).bank_id
    lock_bank(op.db, bank_id)
    if find_topic(op.db, op.actor, topic_id, Capability.REGISTER_WRITE).bank_id != bank_id:
        raise NotFound
    row = find_item(op.db, op.actor, item_id, capability=Capability.REGISTER_WRITE, lock=True)
    if row.topic_id == topic_id:
        raise AlreadyThere
    before, row.topic_id = row.topic_id, topic_id
    op.db.flush()
    after = {"topic_id": topic_id}
    record(op, AuditAction.ITEM_FILE, subject=("item", item_id), before={"topic_id": before}, after=after)
