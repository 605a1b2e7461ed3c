"""Destruction lists: drawn up by one administrator, approved by two others, handed to the worker."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import FieldProblem, Invalid
from app.exams.service.deciding import acting_account
from app.holdings import look
from app.jobs.queue import enqueue
from app.operation import Operation
from app.retention import queries
from app.retention.holdings import BY_CLASS
from app.retention.models import DestructionEntry, DestructionList
from app.retention.rules import (
    Fate,
    ListAction,
    ListAltered,
    ListState,
    ListWaits,
    NothingDue,
    check_people,
    move_list,
)
from app.retention.rules.classes import TIMED, RecordClass, due_before
from app.retention.service import persons_behind
from app.retention.service.terms import days_of
from app.security.derivation import Purpose, derive

JOB = "retention.destroy"
MOST_LISTED = 5000
"""Subjects on one list; what is due beyond stands on the next. A list is read by people."""
MOST_ROWS = 100_000
"""A list with so many rows takes no more subjects: it is drawn up in one transaction, for which others that write wait
on SQLite (0.9 s measured)."""
_AT_ONCE = 100


@dataclass(frozen=True)
class _Listed:
    """What a list says of one subject of a holding."""

    holding: str
    subject_id: int
    rows: int
    digest: str
    fate: Fate = Fate.LISTED


def draw_up(op: Operation, *, record_class: RecordClass) -> DestructionList:
    """List what is due of a class now and what nothing holds. Raises Invalid for what is kept for good, NothingDue,
    ListWaits."""
    if record_class not in TIMED:
        raise Invalid(FieldProblem("record_class", "这类记录永久保存。", "These records are kept for good."))
    if queries.list_waiting(op.db, record_class) is not None:
        raise ListWaits
    terms = queries.terms_in_force(op.db)
    until = due_before(days_of(terms)[record_class], now=op.now)
    entries = _gather(op, record_class, until)
    if not entries:
        raise NothingDue
    row = DestructionList(
        record_class=record_class,
        state=move_list(None, ListAction.DRAW_UP),
        terms_id=terms.id,
        counted_until=until,
        subjects=len(entries),
        rows=sum(entry.rows for entry in entries),
        list_hash=_hash_of(entries),
        drawn_up_by=acting_account(op),
        drawn_up_at=op.now,
        remark="",
    )
    try:
        with op.db.begin_nested():
            op.db.add(row)
    except IntegrityError:  # another administrator was first
        raise ListWaits from None
    op.db.execute(insert(DestructionEntry), [{**asdict(entry), "list_id": row.id} for entry in entries])
    record(op, AuditAction.DESTRUCTION_DRAW_UP, subject=("destruction_list", row.id), after=_told(row))
    return row


def approve(op: Operation, *, list_id: int) -> DestructionList:
    """Approve a list, as the first or the second of two; after the second the worker carries it out. Raises NotFound,
    RetentionMoved, SameAdministrator, ListAltered."""
    row = queries.find_list(op.db, op.actor, list_id, lock=True)
    again = row.state is ListState.APPROVED_ONCE
    state = move_list(row.state, ListAction.APPROVE_AGAIN if again else ListAction.APPROVE)
    check_people(*persons_behind(op, row.drawn_up_by, row.approved_by), decider=op.actor.person_id)
    if not stands_as_listed(op, row):
        raise ListAltered
    before = {"state": row.state}
    row.state = state
    if again:
        row.approved_again_by, row.approved_again_at = acting_account(op), op.now
        hand_over(op, row)
    else:
        row.approved_by, row.approved_at = acting_account(op), op.now
    op.db.flush()
    record(op, AuditAction.DESTRUCTION_APPROVE, subject=("destruction_list", row.id), before=before, after=_told(row))
    return row


def decline(op: Operation, *, list_id: int, reason: str) -> DestructionList:
    """Do not approve a list, with a reason: nothing of it is destroyed. Raises NotFound, RetentionMoved,
    SameAdministrator."""
    row = queries.find_list(op.db, op.actor, list_id, lock=True)
    state = move_list(row.state, ListAction.DECLINE)
    check_people(*persons_behind(op, row.drawn_up_by), decider=op.actor.person_id)
    before = {"state": row.state}
    row.state, row.declined_by, row.declined_at, row.remark = state, acting_account(op), op.now, reason
    op.db.flush()
    about = ("destruction_list", row.id)
    record(op, AuditAction.DESTRUCTION_DECLINE, subject=about, before=before, after=_told(row), reason=reason)
    return row


def hand_over(op: Operation, row: DestructionList) -> None:
    """Hand an approved list to the worker; asked again while it is at it, nothing more comes of it."""
    key = f"{JOB}/{row.id}"
    row.job_id = enqueue(
        op.db, kind=JOB, payload={"list_id": row.id}, now=op.now, dedupe_key=key, created_by=op.actor.account_id
    )


def stands_as_listed(op: Operation, row: DestructionList) -> bool:
    """Whether the entries are those that were listed, whatever has become of them."""
    return _hash_of(queries.every_entry(op.db, row.id)) == row.list_hash


def digest_key(op: Operation) -> bytes:
    """The key under which what is destroyed is digested."""
    return derive(op.settings.secret_key.get_secret_value(), Purpose.DESTRUCTION)


def _gather(op: Operation, record_class: RecordClass, until: datetime) -> list[_Listed]:
    """The entries of a list, by holding and subject."""
    key = digest_key(op)
    entries: list[_Listed] = []
    for holding in sorted(BY_CLASS[record_class], key=lambda one: one.name):
        due = queries.due_subjects(record_class, holding, until)
        subjects = op.db.scalars(due.order_by(due.selected_columns[0]).limit(MOST_LISTED - len(entries))).all()
        for first in range(0, len(subjects), _AT_ONCE):
            if sum(entry.rows for entry in entries) >= MOST_ROWS:
                break
            there = look(op.db, holding, subjects[first : first + _AT_ONCE], until=until, key=key)
            entries += [_Listed(holding.name, subject, found.rows, found.digest) for subject, found in there.items()]
    return entries


def _hash_of(entries: Iterable[_Listed | DestructionEntry]) -> str:
    told = sorted((one.holding, one.subject_id, one.rows, one.digest) for one in entries)
    lines = (".".join(map(str, one)) + "\n" for one in told)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _told(row: DestructionList) -> dict[str, object]:
    return {
        "record_class": row.record_class,
        "state": row.state,
        "subjects": row.subjects,
        "rows": row.rows,
        "list_hash": row.list_hash,
        "counted_until": row.counted_until,
        "drawn_up_by": row.drawn_up_by,
        "approved_by": row.approved_by,
    }
