"""Sealing: committed records become leaves of the Merkle log, and signed anchors of it go outside.

The database commits first, the file follows, and whatever a crash kept from the file is added by the next run; the
other way round a crash would leave an anchor outside of a log that never was. One run at a time: on one machine by a
lock file, between machines by PostgreSQL (SQLite has one machine, P50).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from app.audit.actions import AuditAction
from app.audit.anchor_file import AnchorFile
from app.audit.anchors import Anchor, AnchorLine, Sign, make_anchor
from app.audit.canonical import leaf_content
from app.audit.log import (
    anchor_following,
    anchors_after,
    any_text,
    leaves_between,
    newest_anchor,
    read_frontier,
    read_record,
    unsealed,
)
from app.audit.merkle import Frontier, hash_leaf
from app.audit.models import AnchorKind, AuditAnchor, AuditLeaf
from app.audit.record import record
from app.database import Database
from app.errors import Unavailable
from app.operation import House, Operation
from app.security.actor import service
from app.security.signing_keys import KeyPurpose, Keyring

ANCHOR_EVERY = timedelta(seconds=60)
BATCH = 1000
"""Leaves per anchor, so that neither a line of the file nor a run's memory grows with the log."""
_LONGEST_TRANSACTION = timedelta(hours=1)
_LOCK = 7305002


class AnchorsDisagree(Unavailable):
    """The log in the database is not the one whose anchors stand outside; nothing is sealed over that."""

    code = "audit.anchors_disagree"
    retry_after = 60
    zh = "审计日志与外部锚点不一致，已停止封存。请运行 chizheng audit verify 查明；如为恢复备份，请用 backup restore。"
    en = (
        "The audit log does not agree with its anchors outside; sealing has stopped. Run `chizheng audit verify`;"
        " after restoring a backup, explain the gap with `backup restore`."
    )


@dataclass(frozen=True)
class Sealed:
    """What a run did: how many records it sealed, and the newest anchor, which now stands outside."""

    records: int
    anchor: Anchor


def seal(house: House) -> Sealed:
    """Seal every committed record, and anchor the log outside if it grew or the newest anchor is 60 s old.

    Call it at least every 60 s (P36). Opens its own transactions: never call it inside one. Raises AnchorsDisagree
    where log and file do not fit, OSError where the file cannot be written, Unavailable as every transaction does.
    """
    return _run(house, always=False)


def anchor_now(house: House) -> Sealed:
    """Seal as `seal` does, and write a fresh anchor in any case: before a change of state is shown to the public."""
    return _run(house, always=True)


def anchor_first(house: House, _caller: object, **_arguments: object) -> None:
    """`prepare=` of an act that changes what the public sees: everything that led to it stands anchored outside before
    anybody can see it (P36). Raises as `seal` does, and then the act is not done."""
    anchor_now(house)


def explain_gap(house: House, *, cause: str) -> Anchor | None:
    """After a restore: write the signed gap that says where the log goes on, against the last anchor outside.

    Returns the gap's anchor, or None where nothing needs explaining. The records lost, if any, are named in a record
    of their own. Raises AnchorsDisagree where the database is no earlier state of the anchored log: no restore
    explains that.
    """
    outside = AnchorFile(house.settings.anchor_folder)
    now = house.clock.now()
    with outside.held_alone(), _alone(house.database):
        with house.database.transaction() as session:
            newest, last = newest_anchor(session), outside.last()
            rebuilt = newest is not None and not outside.exists()
            if not rebuilt and (last is None or (newest is not None and newest.id >= last.anchor.id)):
                _check_agreement(session, outside, newest)
                return None
            if last and newest and not _stands_outside(outside, newest):
                raise AnchorsDisagree
            frontier = _frontier(session, newest)
            previous = last.anchor if last else newest
            gap = _write_anchor(house, session, previous, frontier, now=now, kind=AnchorKind.GAP)
            record(
                Operation(session, service("restore"), now, "service:restore", "", house),
                AuditAction.AUDIT_EXPLAIN_GAP,
                subject=("anchor", gap.id),
                after={
                    "cause": "anchors_rebuilt" if rebuilt else "restored",
                    "last_anchor_hash": gap.previous_anchor_hash,
                    "lost_from": frontier.size,
                    "lost_to": max(frontier.size, previous.tree_size) if previous else frontier.size,
                },
                reason=cause,
            )
        if rebuilt:
            outside.begin()
        _catch_up(house.database, outside)
        _seal_rest(house, outside, now=now, always=True)
    return gap


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    if database.dialect == "sqlite":
        yield
        return
    # The lock of a transaction, not of a session: a pooler gives each transaction another session.
    with database.engine.connect() as connection:
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        yield


def _run(house: House, *, always: bool) -> Sealed:
    outside = AnchorFile(house.settings.anchor_folder)
    with outside.held_alone(), _alone(house.database):
        # All batches of a run carry one moment: by it a record that comes too late for its age is told from one that
        # only waited for its batch.
        return _seal_rest(house, outside, now=house.clock.now(), always=always)


def _seal_rest(house: House, outside: AnchorFile, *, now: datetime, always: bool) -> Sealed:
    records, more = 0, True
    while more:
        with house.database.transaction() as session:
            newest = newest_anchor(session)
            if newest is None and not outside.exists():
                outside.begin()
            _check_agreement(session, outside, newest)
            count = _seal_batch(house, session, newest, now=now, always=always)
        _catch_up(house.database, outside)
        records, more, always = records + count, count == BATCH, False
    with house.database.transaction(reading=True) as session:
        newest = newest_anchor(session)
    if newest is None:  # the first run always writes one
        raise AnchorsDisagree
    return Sealed(records, newest)


def _seal_batch(house: House, session: Session, newest: Anchor | None, *, now: datetime, always: bool) -> int:
    """Append up to BATCH leaves and, where due, an anchor; returns how many leaves."""
    above = _sealed_below(session, now=now)
    with any_text(session):
        rows = session.execute(unsealed(session, above=above).limit(BATCH)).all()
    due = always or newest is None or now - datetime.fromisoformat(newest.at) >= ANCHOR_EVERY
    if not rows and not due:
        return 0
    frontier = _frontier(session, newest)
    leaves = []
    for row in rows:
        said = read_record(row)
        leaf = hash_leaf(leaf_content(said))
        index = frontier.size
        subtree = frontier.append(leaf)
        leaves.append(
            {
                "leaf_index": index,
                "record_id": said["id"],
                "leaf_hash": leaf.hex(),
                "subtree_hash": subtree.hex(),
            }
        )
    if leaves:
        session.execute(insert(AuditLeaf), leaves)
    _write_anchor(house, session, newest, frontier, now=now, kind=AnchorKind.HEAD)
    return len(leaves)


def _write_anchor(
    house: House, session: Session, previous: Anchor | None, frontier: Frontier, *, now: datetime, kind: AnchorKind
) -> Anchor:
    keyring = house.tool(Keyring)

    def sign(message: bytes) -> tuple[str, bytes]:
        return keyring.sign(session, KeyPurpose.ANCHOR, message, now=now)

    signing: Sign = sign
    anchor = make_anchor(previous, kind=kind.value, tree_size=frontier.size, root=frontier.root(), at=now, sign=signing)
    session.execute(insert(AuditAnchor), asdict(anchor) | {"at": now, "kind": kind})
    key = keyring.find(session, KeyPurpose.ANCHOR, anchor.key_id)
    if key:
        AnchorFile(house.settings.anchor_folder).note_key(anchor.key_id, key.pem)
    return anchor


def _sealed_below(session: Session, *, now: datetime) -> int:
    """An id up to which every record that was committed has its leaf.

    PostgreSQL gives out ids in order but commits out of order; ids given out after some moment are greater than any
    that was sealed before it. So with transactions shorter than an hour, nothing new can stand below an id that was
    sealed an hour ago, and a run never rereads the log.
    """
    old = (
        select(AuditAnchor.tree_size)
        .where(AuditAnchor.at <= now - _LONGEST_TRANSACTION)
        .order_by(AuditAnchor.id.desc())
        .limit(1)
    )
    size = session.scalar(old) or 0
    found = session.scalar(select(AuditLeaf.record_id).where(AuditLeaf.leaf_index == size - 1))
    return -1 if found is None else found


def _frontier(session: Session, newest: Anchor | None) -> Frontier:
    """The right edge of the log, checked against its newest anchor."""
    size = newest.tree_size if newest else 0
    leaves = session.scalar(select(func.max(AuditLeaf.leaf_index)))
    frontier = read_frontier(session, size)
    if frontier is None or (leaves is None and size > 0) or (leaves is not None and leaves != size - 1):
        raise AnchorsDisagree
    if newest and frontier.root().hex() != newest.root_hash:
        raise AnchorsDisagree
    return frontier


def _check_agreement(session: Session, outside: AnchorFile, newest: Anchor | None) -> None:
    """Raise AnchorsDisagree where the database does not continue what stands outside."""
    last = outside.last()
    if last is None:
        if newest and not outside.exists():
            raise AnchorsDisagree
        return
    following = anchor_following(session, last.anchor.id)
    if following:
        if following.previous_anchor_hash != last.anchor.digest():
            raise AnchorsDisagree
    elif newest is None or newest.digest() != last.anchor.digest():
        raise AnchorsDisagree


def _stands_outside(outside: AnchorFile, anchor: Anchor) -> bool:
    found = outside.find(anchor.id)
    return found is not None and found.anchor.digest() == anchor.digest()


def _catch_up(database: Database, outside: AnchorFile) -> None:
    """Add to the file what the database has beyond it."""
    last = outside.last()
    size = last.anchor.tree_size if last else 0
    with database.transaction(reading=True) as session:
        lines = []
        for anchor in anchors_after(session, last.anchor.id if last else 0):
            start = min(size, anchor.tree_size)
            lines.append(AnchorLine(anchor, leaves_between(session, start, anchor.tree_size)))
            size = anchor.tree_size
            if len(lines) == 50:
                outside.add(lines)
                lines = []
        if lines:
            outside.add(lines)
