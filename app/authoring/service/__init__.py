"""What is done to banks and items, and the facts that higher features append to item versions."""

from collections.abc import Mapping
from datetime import timedelta
from typing import cast

from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.exc import IntegrityError

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.models import Bank, ItemRow, ItemUsage
from app.authoring.queries import items_of, usage_in_exam
from app.authoring.queries.assignments import my_assignments, to_assign
from app.authoring.queries.documents import stale_count
from app.authoring.queries.exports import waiting_export_count
from app.authoring.queries.imports import waiting_counts
from app.authoring.queries.reviews import queue_size
from app.authoring.rules import BankNameTaken
from app.authoring.rules.assigning import Whose
from app.errors import FieldProblem
from app.operation import Operation, Task
from app.people.calendar import end_of_local_day
from app.people.queries import unit_by_id
from app.security.permissions import Capability


def create_bank(op: Operation, *, name: str, owner_unit_id: int, practice: bool = False) -> Bank:
    """A bank, seen by the author group of its owner; for `practice` or for exams, for good. Raises BankNameTaken,
    NotFound where there is no such unit."""
    bank = Bank(name=name, owner_unit_id=unit_by_id(op.db, owner_unit_id).id, practice=practice)
    try:
        with op.db.begin_nested():
            op.db.add(bank)
    except IntegrityError:
        raise BankNameTaken(FieldProblem("name", BankNameTaken.zh, BankNameTaken.en)) from None
    record(
        op,
        AuditAction.BANK_CREATE,
        subject=("bank", bank.id),
        after={"owner_unit_id": owner_unit_id, "practice": practice},
    )
    return bank


def note_usage(op: Operation, exam_id: int, counts: Mapping[int, int]) -> None:
    """Note how many more forms of an exam hold each item version (`counts`: forms by version id), and add it to what
    each item keeps: how often and when it was last seen."""
    if not counts:
        return
    known = {row.item_version_id: row for row in usage_in_exam(op.db, exam_id, counts)}
    for version_id, row in known.items():
        row.forms, row.at = row.forms + counts[version_id], op.now
    rows = [
        {"item_version_id": version_id, "exam_id": exam_id, "forms": forms, "at": op.now}
        for version_id, forms in sorted(counts.items())
        if version_id not in known
    ]
    if rows:
        op.db.execute(insert(ItemUsage), rows)
    items = items_of(op.db, counts)
    item = cast("Table", ItemRow.__table__)
    op.db.execute(
        update(item)
        .where(item.c.id == bindparam("of"))
        .values(forms_seen=item.c.forms_seen + bindparam("more"), last_seen_at=op.now),
        [{"of": items[version_id], "more": forms} for version_id, forms in sorted(counts.items())],
    )


def waiting(op: Operation) -> list[Task]:
    """待办: the author's returned items, drafts and unfinished imports; the reviewer's queue; what a lead assigns."""
    tasks: list[Task] = []
    if op.actor.scopes(Capability.ITEM_WRITE):
        found = waiting_counts(op.db, op.actor)
        tasks += [
            Task("道试题被退回，待修改", "items were returned to me", found.returned, "/items?state=returned"),
            Task(
                "道本人试题的依据已废止，待修改",
                "items of mine rest on a document that ends",
                stale_count(op.db, op.actor, Capability.ITEM_WRITE),
                "/stale?own=yes",
            ),
            Task("道草稿尚未提交审题", "drafts of mine wait to be submitted", found.drafts, "/items?state=draft"),
        ]
        tasks += [
            Task(
                "份题库文件已预览，待确认导入",
                "imports of mine wait to be finished",
                found.imports,
                f"/imports/{first}",
            )
            for first in found.first_import
        ]
    if op.actor.scopes(Capability.ITEM_REVIEW):
        mine, first_due = my_assignments(op.db, op.actor)
        due = end_of_local_day(first_due) - timedelta(minutes=1) if first_due else None
        words = "道试题指派本人审题", "items are assigned to me for review"
        tasks.append(Task(*words, mine, "/reviews?assigned=mine", due=due, urgent=due is not None and due < op.now))
        free = queue_size(op.db, op.actor, Whose.FREE)
        tasks.append(Task("道试题待审", "items wait for review", free, "/reviews?assigned=free"))
        stale = stale_count(op.db, op.actor, Capability.ITEM_REVIEW)
        tasks.append(Task("道试题的依据已废止，待复核", "items rest on a document that ends", stale, "/stale"))
    if op.actor.scopes(Capability.REVIEW_ASSIGN):
        tasks += [
            Task(
                "道待审试题尚未指派审题员",
                "submitted items have no reviewer yet",
                count,
                f"/banks/{bank_id}?state=submitted&assigned=none",
            )
            for bank_id, count in to_assign(op.db, op.actor).items()
        ]
    if op.may(Capability.EXAM_APPROVE):
        count = waiting_export_count(op.db, op.actor)
        tasks.append(Task("份题库导出申请待批准", "exports of banks wait for a grant", count, "/exports"))
    return tasks
