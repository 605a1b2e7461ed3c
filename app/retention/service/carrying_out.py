"""Carrying out an approved list, slice by slice: each is one transaction, and whatever was done stays done."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select

from app.audit.actions import AuditAction
from app.audit.record import record
from app.holdings import Holding, destroy, look
from app.jobs.worker import RunningJob
from app.operation import House, Operation, acting_as
from app.retention import queries
from app.retention.holdings import BY_CLASS
from app.retention.models import DestructionEntry, DestructionList
from app.retention.rules import Fate, ListAction, judge_entry, move_list
from app.retention.rules.classes import due_before
from app.retention.service.lists import digest_key, hand_over, stands_as_listed
from app.retention.service.terms import days_of

_AT_ONCE = 50


def make_handler(house: House) -> Callable[[RunningJob], None]:
    """The handler of the job. Begun again after a crash it goes on where it stood: what became of each entry stands
    beside it, written in the transaction that destroyed it."""

    def handle(job: RunningJob) -> None:
        list_id = int(job.payload["list_id"])
        _compare(house, list_id)
        while not _carry_on(house, job, list_id):
            job.check()

    return handle


def resume(house: House) -> None:
    """Hand every approved list that is not carried out to the worker again: its job may have failed for good."""
    with acting_as(house, "retention") as op:
        for row in queries.lists_approved(op.db):
            hand_over(op, row)


def _compare(house: House, list_id: int) -> None:
    """Where the entries are not those that were approved, let all stay that is still there."""
    with acting_as(house, "retention") as op:
        if not stands_as_listed(op, queries.list_by_id(op.db, list_id)):
            queries.keep_the_rest(op.db, list_id)


def _carry_on(house: House, job: RunningJob, list_id: int) -> bool:
    """Carry out one slice; returns whether the list has come to its end."""
    with acting_as(house, "retention") as op:
        row = queries.list_by_id(op.db, list_id)
        finished = move_list(row.state, ListAction.FINISH)
        entries = queries.entries_left(op.db, list_id, limit=_AT_ONCE)
        if entries:
            _carry_out(op, row, entries)
            return False
        before = {"state": row.state}
        row.state, row.finished_at = finished, op.now
        op.db.flush()
        after = {"record_class": row.record_class, "list_hash": row.list_hash, **_sums(op, row)}
        record(op, AuditAction.DESTRUCTION_FINISH, subject=("destruction_list", row.id), before=before, after=after)
        job.finish(op.db, _sums(op, row))
    return True


def _carry_out(op: Operation, row: DestructionList, entries: Sequence[DestructionEntry]) -> None:
    holding = _named(row, entries[0].holding)
    subjects = [entry.subject_id for entry in entries]
    # Held first, judged afterwards: nobody changes meanwhile what is about to be destroyed.
    found = look(op.db, holding, subjects, until=row.counted_until, key=digest_key(op), lock=True)
    due = holding.due(_due_until(op, row)).subquery()
    still = set(op.db.scalars(select(due.c[0]).where(due.c[0].in_(subjects))))
    held = queries.held_among(op.db, row.record_class, holding, subjects)
    for entry in entries:
        there = found[entry.subject_id].digest if entry.subject_id in still else ""
        entry.fate = judge_entry(approved=entry.digest, found=there, held=entry.subject_id in held)
    gone = [entry for entry in entries if entry.fate is Fate.DESTROYED]
    if holding.note is not None:
        holding.note(op.db, [entry.subject_id for entry in gone], op.now)
    rows = sum(entry.rows for entry in gone)
    destroy(op.db, holding, [entry.subject_id for entry in gone], until=row.counted_until, rows=rows)
    op.db.flush()
    after = {
        "record_class": row.record_class,
        "holding": holding.name,
        "subjects": [entry.subject_id for entry in gone],
        "rows": rows,
        "kept": len(entries) - len(gone),
    }
    record(op, AuditAction.DESTRUCTION_CARRY_OUT, subject=("destruction_list", row.id), after=after)


def _due_until(op: Operation, row: DestructionList) -> datetime:
    """What is due, as of the list, by the terms of today: they may have become longer since it was drawn up."""
    days = days_of(queries.terms_in_force(op.db))[row.record_class]
    return min(row.counted_until, due_before(days, now=op.now))


def _named(row: DestructionList, name: str) -> Holding:
    return next(one for one in BY_CLASS[row.record_class] if one.name == name)


def _sums(op: Operation, row: DestructionList) -> dict[str, int]:
    fates = queries.fates_of(op.db, row.id)
    destroyed = fates.get(Fate.DESTROYED, queries.NONE)
    return {
        "destroyed": destroyed.subjects,
        "rows": destroyed.rows,
        "held": fates.get(Fate.HELD, queries.NONE).subjects,
        "changed": fates.get(Fate.CHANGED, queries.NONE).subjects,
    }
