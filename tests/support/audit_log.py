"""A log to tamper with: acts that fill it, statements that the guard would refuse, and the check of it all."""

from datetime import datetime

from sqlalchemy import func, insert, select, text

from app.audit.actions import AuditAction
from app.audit.anchor_file import AnchorFile, Lines
from app.audit.anchors import NO_ANCHOR
from app.audit.canonical import leaf_content
from app.audit.export import export
from app.audit.findings import Verdict
from app.audit.guard import TABLES
from app.audit.log import anchor_of, read_record, record_columns
from app.audit.merkle import EMPTY_ROOT, Frontier, hash_leaf
from app.audit.models import AuditAnchor, AuditLeaf, AuditRecord
from app.audit.record import record
from app.audit.verification import verify
from app.operation import House, acting_as


def act(house: House, times: int = 1) -> None:
    """Let something happen, so many times, each time to another subject."""
    for _ in range(times):
        with acting_as(house, "test") as op:
            subject = ("case", 1 + (op.db.scalar(select(func.max(AuditRecord.id))) or 0))
            record(op, AuditAction.CASE_CLOSE, subject=subject, before={"state": "open"}, after={"state": "closed"})


def check(house: House, *, as_of: datetime | None = None) -> Verdict:
    """What `audit verify` says of the database as it stands."""
    outside = AnchorFile(house.settings.anchor_folder)
    lines = Lines(outside.anchors) if outside.exists() else None
    return verify(export(house.database, outside.public_keys()), lines, outside.public_keys(), as_of=as_of)


def force(house: House, *statements: str) -> None:
    """What somebody with the database's own password can do: the guard down, then any statement."""
    with house.database.transaction() as db:
        for table in TABLES:
            if house.database.dialect == "sqlite":
                for name in ("no_update", "no_delete", "no_replace"):
                    db.execute(text(f"DROP TRIGGER IF EXISTS {table}_{name}"))
            else:
                db.execute(text(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}"))
        for statement in statements:
            db.execute(text(statement))


def hash_again(house: House, *, forge_anchors: bool = True) -> None:
    """What a thorough forger does: all leaves made anew from the records as they stand, and all roots to fit."""
    force(house, "DELETE FROM audit_leaf")
    with house.database.transaction() as db:
        frontier, roots = Frontier(), {0: EMPTY_ROOT}
        for row in db.execute(select(*record_columns(db)).order_by(AuditRecord.id)).all():
            said = read_record(row)
            leaf = hash_leaf(leaf_content(said))
            index, subtree = frontier.size, frontier.append(leaf)
            roots[frontier.size] = frontier.root()
            db.execute(
                insert(AuditLeaf).values(
                    leaf_index=index, record_id=said["id"], leaf_hash=leaf.hex(), subtree_hash=subtree.hex()
                )
            )
        if forge_anchors:
            previous = NO_ANCHOR
            for row in db.scalars(select(AuditAnchor).order_by(AuditAnchor.id)):
                row.previous_anchor_hash = previous
                row.tree_size = min(row.tree_size, frontier.size)
                row.root_hash = roots[row.tree_size].hex()
                previous = anchor_of(row).digest()
