"""Faulty items: reported from the exam page, told to the bank without a word of who, decided on by the officer."""

import hashlib
from collections import Counter

from app.accounts.queries import person_of
from app.attempts import queries as attempts
from app.attempts.hall import queries
from app.attempts.hall.models import ItemDecision, ItemReport
from app.attempts.hall.rules import (
    AlreadyReported,
    FaultDecision,
    ItemFault,
    NoHandNow,
    NoSuchItem,
    check_fault,
    tell_fault,
)
from app.attempts.hall.schemas import FaultCount, ItemReportsShown, ReportedItem
from app.attempts.rules import AttemptState
from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.queries.items import version_with_item
from app.authoring.queries.threads import settled_threads
from app.authoring.service.threads import forward_report
from app.errors import NotFound
from app.exams.queries import exam_by_id, find_exam, form_for
from app.exams.queries.seats import seat_in_exam
from app.exams.reading import read_form
from app.operation import Operation, Task
from app.people.queries import names_of
from app.security.permissions import Capability


def report_item(op: Operation, *, exam_id: int, position: int, fault: ItemFault, words: str) -> ItemReport:
    """Report an item of the actor's own running form. Raises NotFound, NoHandNow, NoSuchItem, AlreadyReported."""
    check_fault(fault, words)
    seat = seat_in_exam(op.db, exam_id=exam_id, person_id=op.actor.person_id)
    attempt = attempts.attempt_of(op.db, seat.registration_id)
    # The attempt is held, so that of two pages that report at once one comes second.
    held = attempts.hold_own(op.db, op.actor, attempt.id) if attempt else None
    if held is None or held.state is not AttemptState.OPEN:
        raise NoHandNow
    version_id = _version_at(op, seat.registration_id, position)
    if queries.own_report(op.db, seat.registration_id, version_id) is not None:
        raise AlreadyReported
    thread_id = forward_report(
        op,
        version_id=version_id,
        text=tell_fault(fault, words),
        officer_id=exam_by_id(op.db, exam_id).created_by,
        thread_id=queries.newest_thread(op.db, exam_id, version_id),
    )
    report = ItemReport(
        exam_id=exam_id,
        registration_id=seat.registration_id,
        item_version_id=version_id,
        position=position,
        fault=fault,
        words=words,
        thread_id=thread_id,
        reported_at=op.now,
    )
    op.db.add(report)
    op.db.flush()
    after = {
        "exam_id": exam_id,
        "registration_id": seat.registration_id,
        "version_id": version_id,
        "fault": fault,
        "words_hash": hashlib.sha256(words.encode()).hexdigest(),
    }
    record(op, AuditAction.ITEM_REPORT, subject=("item_report", report.id), after=after)
    return report


def decide_fault(
    op: Operation, *, exam_id: int, item_version_id: int, decision: FaultDecision, reason: str
) -> ItemDecision:
    """Say what becomes of a reported item; said again, the newest counts. Raises NotFound."""
    exam = find_exam(op.db, op.actor, exam_id, lock=True)
    if all(row.item_version_id != item_version_id for row in queries.reports_in(op.db, op.actor, exam.id)):
        raise NotFound
    before = queries.decisions_in(op.db, op.actor, exam.id).get(item_version_id)
    made = ItemDecision(
        exam_id=exam.id,
        item_version_id=item_version_id,
        decision=decision,
        reason=reason,
        decided_by=op.actor.account_id or 0,
        decided_at=op.now,
    )
    op.db.add(made)
    op.db.flush()
    record(
        op,
        AuditAction.ITEM_DECIDE_FAULT,
        subject=("item_decision", made.id),
        before={"decision": before.decision} if before else None,
        after={"exam_id": exam.id, "version_id": item_version_id, "decision": decision},
        reason=reason,
    )
    return made


def show_reports(op: Operation, *, exam_id: int) -> ItemReportsShown:
    """The reported items of an exam with how often and as what, and what was decided. Raises NotFound."""
    exam = find_exam(op.db, op.actor, exam_id)
    grouped: dict[int, list[ItemReport]] = {}
    for report in queries.reports_in(op.db, op.actor, exam.id):
        grouped.setdefault(report.item_version_id, []).append(report)
    decisions = queries.decisions_in(op.db, op.actor, exam.id)
    persons = {row.decided_by: person_of(op.db, row.decided_by) for row in decisions.values()}
    names = names_of(op.db, set(persons.values()))
    settled = settled_threads(op.db, {report.thread_id for reports in grouped.values() for report in reports})
    lines = []
    for version_id, reports in grouped.items():
        item, version = version_with_item(op.db, version_id)
        decision = decisions.get(version_id)
        counted = Counter(report.fault for report in reports)
        lines.append(
            ReportedItem(
                item_version_id=version_id,
                item_id=item.id,
                version=version.number,
                reports=len(reports),
                faults=[FaultCount(fault=fault, count=count) for fault, count in counted.most_common()],
                words=[report.words for report in reports if report.words],
                first_at=reports[0].reported_at,
                settled=all(report.thread_id in settled for report in reports),
                decision=decision.decision if decision else None,
                reason=decision.reason if decision else "",
                decided_by=names[persons[decision.decided_by]] if decision else "",
                decided_at=decision.decided_at if decision else None,
            )
        )
    lines.sort(key=lambda line: (line.decision is not None, -line.reports, line.first_at))
    return ItemReportsShown(
        exam_id=exam.id, exam_name=exam.name, items_reported=lines, decides=op.may(Capability.EXAM_WRITE)
    )


def waiting(op: Operation) -> list[Task]:
    """What waits: reported items to decide on, exam by exam."""
    if not op.may(Capability.EXAM_WRITE):
        return []
    return [
        Task("道被报告的试题待决定", "reported items to decide on", count, f"/exams/{exam_id}/item-reports")
        for exam_id, count in sorted(queries.exams_with_undecided(op.db, op.actor).items())
    ]


def _version_at(op: Operation, registration_id: int, position: int) -> int:
    row = form_for(op.db, registration_id)
    entries = read_form(row.content).entries if row else ()
    key = next((entry.item_key for entry in entries if entry.position == position), None)
    if key is None:
        raise NoSuchItem
    return int(key)
