"""Public notice and objections, and what of the clearance a certificate asks for."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.accounts.queries import person_of
from app.audit.actions import AuditAction
from app.audit.record import record
from app.clearance import queries
from app.clearance.models import ClearanceCase, NoticeEntry, Objection, PublicNotice
from app.clearance.rules import (
    CaseState,
    NothingToShow,
    NoticeAction,
    NoticeClosed,
    NoticeState,
    ObjectionAction,
    ObjectionState,
    SameHandler,
    move_notice,
    move_objection,
    notice_open,
    still_clear,
)
from app.clearance.service.checks import refuse_own_case
from app.clearance.service.reviews import restart_checks
from app.errors import NotFound
from app.exams import queries as exams
from app.operation import Operation
from app.people import queries as people
from app.people.calendar import end_of_local_day, local_date
from app.people.identity import mask_name
from app.people.service import add_workdays, decrypt_finding, encrypt_finding


def propose_notice(op: Operation, *, exam_id: int, document_number: str) -> PublicNotice:
    """Put everyone approved and not shown yet on a notice, names masked. Raises NothingToShow."""
    exam = exams.hold_exam(op.db, exam_id)
    cases = queries.approved_unshown(op.db, exam.id)
    if not cases:
        raise NothingToShow
    notice = PublicNotice(
        exam_id=exam.id,
        state=NoticeState.PROPOSED,
        document_number=document_number,
        working_days=op.settings.notice_working_days,
        proposed_by=op.actor.account_id or 0,
        proposed_at=op.now,
    )
    op.db.add(notice)
    op.db.flush()
    persons = people.persons_by_id(op.db, [case.person_id for case in cases])
    units = people.units_by_id(op.db, {person.unit_id for person in persons.values()})
    for case in cases:
        person = persons[case.person_id]
        op.db.add(
            NoticeEntry(
                notice_id=notice.id,
                case_id=case.id,
                masked_name=mask_name(person.name),
                unit_name=units[person.unit_id].name,
            )
        )
    op.db.flush()
    after = {"exam_id": exam.id, "cases": [case.id for case in cases]}
    record(op, AuditAction.NOTICE_PROPOSE, subject=("notice", notice.id), after=after)
    return notice


def publish_notice(op: Operation, *, notice_id: int) -> PublicNotice:
    """Show the notice from now for its working days; another person than who proposed. Raises SameHandler."""
    notice = queries.find_notice(op.db, notice_id, lock=True)
    state = move_notice(notice.state, NoticeAction.PUBLISH)
    if person_of(op.db, notice.proposed_by) == op.actor.person_id:
        raise SameHandler
    today = local_date(op.now)
    notice.state, notice.published_by, notice.published_at = state, op.actor.account_id, op.now
    notice.last_day = add_workdays(op, today, notice.working_days)
    notice.ends_at = end_of_local_day(notice.last_day)
    op.db.flush()
    cases = [entry.case_id for entry in queries.entries_of(op.db, notice.id)]
    after = {"cases": cases, "begins_on": today, "ends_on": notice.last_day, "proposed_by": notice.proposed_by}
    record(op, AuditAction.NOTICE_PUBLISH, subject=("notice", notice.id), after=after)
    return notice


def decline_notice(op: Operation, *, notice_id: int, reason: str) -> PublicNotice:
    """Send a proposed notice back; its persons may be put on another."""
    notice = queries.find_notice(op.db, notice_id, lock=True)
    notice.state = move_notice(notice.state, NoticeAction.DECLINE)
    op.db.flush()
    after = {"exam_id": notice.exam_id}
    record(op, AuditAction.NOTICE_DECLINE, subject=("notice", notice.id), after=after, reason=reason)
    return notice


def raise_objection(op: Operation, *, notice_id: int, entry_id: int, text: str, contact: str) -> Objection:
    """Anyone may object while the notice is shown; it holds that one person back. Raises NoticeClosed, NotFound."""
    notice = queries.find_notice(op.db, notice_id)
    if notice.state is not NoticeState.PUBLISHED:
        raise NotFound
    entry = queries.find_entry(op.db, notice_id, entry_id)
    if not notice_open(published_at=notice.published_at, ends_at=notice.ends_at, now=op.now):
        raise NoticeClosed
    case = queries.lock_case(op.db, entry.case_id)
    objection = Objection(
        entry_id=entry.id,
        state=ObjectionState.OPEN,
        text_cipher="",
        contact_cipher="",
        raised_at=op.now,
    )
    op.db.add(objection)
    op.db.flush()
    for column, value in (("text_cipher", text), ("contact_cipher", contact)):
        stored = encrypt_finding(
            op, person_id=case.person_id, table="objection", column=column, row=objection.id, text=value
        )
        setattr(objection, column, stored)
    op.db.flush()
    digest = hashlib.sha256(objection.text_cipher.encode()).hexdigest()
    after = {"case_id": case.id, "content_hash": digest}
    record(op, AuditAction.OBJECTION_FILE, subject=("objection", objection.id), after=after)
    return objection


def decide_objection(op: Operation, *, objection_id: int, uphold: bool, reason: str) -> Objection:
    """The panel's word on an objection: dismissed it holds nobody back, upheld the checks begin anew.

    Raises OwnCase, MoveRefused.
    """
    case = queries.lock_case(op.db, queries.case_of_objection(op.db, objection_id))
    refuse_own_case(op, case)
    objection = queries.find_objection(op.db, objection_id)
    action = ObjectionAction.UPHOLD if uphold else ObjectionAction.DISMISS
    objection.state = move_objection(objection.state, action)
    objection.decided_by, objection.decided_at = op.actor.account_id, op.now
    objection.decision_cipher = encrypt_finding(
        op,
        person_id=case.person_id,
        table="objection",
        column="decision_cipher",
        row=objection.id,
        text=reason,
    )
    op.db.flush()
    after = {"case_id": case.id, "upheld": uphold}
    record(op, AuditAction.OBJECTION_DECIDE, subject=("objection", objection.id), after=after)
    if uphold and case.state is CaseState.APPROVED:
        restart_checks(op, case, reason=reason)
    return objection


def objection_words(op: Operation, objection: Objection, *, person_id: int) -> tuple[str, str]:
    """The text and the contact of an objection in clear, for the panel."""
    text, contact = (
        decrypt_finding(op, person_id=person_id, table="objection", column=column, row=objection.id, stored=stored)
        for column, stored in (
            ("text_cipher", objection.text_cipher),
            ("contact_cipher", objection.contact_cipher),
        )
    )
    return text, contact


@dataclass(frozen=True)
class ClearanceStanding:
    """What P28 asks of the clearance of one case, at one moment."""

    checks_clear: bool
    approved: bool
    notice_ended: bool
    no_open_objection: bool


def clearance_standing(op: Operation, case_id: int) -> ClearanceStanding:
    """The clearance conditions of a certificate for a case, its row locked so that nothing moves meanwhile (P28)."""
    return clearance_standings(op, [queries.lock_case(op.db, case_id)])[case_id]


def clearance_standings(op: Operation, cases: Sequence[ClearanceCase]) -> dict[int, ClearanceStanding]:
    """The same for many cases, by case: for a list to look at, where nothing is locked."""
    ids = [case.id for case in cases]
    checks = queries.checks_of(op.db, ids)
    notices = queries.notices_of_cases(op.db, ids)
    objected = queries.objected_cases(op.db, ids)
    return {
        case.id: ClearanceStanding(
            checks_clear=still_clear({c.office: (c.outcome, c.valid_until) for c in checks[case.id]}, now=op.now),
            approved=case.state is CaseState.APPROVED,
            notice_ended=_ended(notices.get(case.id), decided_at=case.decided_at, now=op.now),
            no_open_objection=case.id not in objected,
        )
        for case in cases
    }


def _ended(notice: PublicNotice | None, *, decided_at: datetime | None, now: datetime) -> bool:
    """Whether the notice is over, and was published after the decision that it shows."""
    if notice is None or notice.ends_at is None or notice.published_at is None or decided_at is None:
        return False
    return decided_at <= notice.published_at and notice.ends_at <= now
