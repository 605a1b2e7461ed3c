"""What the two offices do: an opinion by one person, a sign-off by another, a statement by the person in between."""

import hashlib
from collections.abc import Collection
from datetime import timedelta

from app.accounts.queries import person_of
from app.audit.actions import AuditAction
from app.audit.record import record
from app.clearance import queries
from app.clearance.events import AdverseOutcomeSigned
from app.clearance.models import Check, ClearanceCase, Opinion, SignOff, Statement
from app.clearance.rules import (
    APPROVES,
    HANDLES,
    OFFICE_WORDS,
    CaseAction,
    CaseState,
    CheckAction,
    CheckState,
    MoveRefused,
    Office,
    Outcome,
    OwnCase,
    SameHandler,
    StatementClosed,
    move_case,
    move_check,
    must_recuse,
    signing,
)
from app.errors import NotFound
from app.exams import queries as exams
from app.grading import queries as grading
from app.grading.events import PassConfirmed, ResultsReleased
from app.operation import House, Operation, acting_as
from app.outbox.post import post
from app.outbox.templates import Kind
from app.people import queries as people
from app.people.calendar import end_of_local_day, local_date
from app.people.rules import Relation
from app.people.service import add_workdays, decrypt_finding, encrypt_finding, relate, unmask_id_number


def open_cases(op: Operation, event: ResultsReleased) -> None:
    """Open a case with two checks for each pass, in the transaction of the release."""
    _open(op, event.exam_id, event.passed)


def open_confirmed(op: Operation, event: PassConfirmed) -> None:
    """The same for a pass that was withheld at the release, unless its case was opened then after all."""
    if queries.case_of_registration(op.db, event.registration_id) is None:
        _open(op, event.exam_id, [event.registration_id])


def _open(op: Operation, exam_id: int, registration_ids: Collection[int]) -> None:
    level = exams.exam_by_id(op.db, exam_id).level
    due_on = add_workdays(op, local_date(op.now), op.settings.check_working_days)
    for registration in exams.registrations_by_id(op.db, registration_ids):
        result = grading.result_row(op.db, registration.id)
        if result is None:
            raise NotFound
        case = ClearanceCase(
            person_id=registration.person_id,
            exam_id=exam_id,
            registration_id=registration.id,
            state=CaseState.CHECKING,
            review=1,
            opened_at=op.now,
        )
        op.db.add(case)
        op.db.flush()
        for office in Office:
            op.db.add(Check(case_id=case.id, office=office, state=CheckState.OPEN, round=1, due_on=due_on))
        after = {"person_id": case.person_id, "result_id": result.id, "level": level.value}
        record(op, AuditAction.CASE_OPEN, subject=("case", case.id), after=after)
    op.db.flush()


def refuse_own_case(op: Operation, case: ClearanceCase) -> None:
    """Refuse an actor who is the person of the case or close to them. Raises OwnCase."""
    if is_recused(op, case):
        raise OwnCase


def is_recused(op: Operation, case: ClearanceCase) -> bool:
    """Whether the actor is kept from a case (回避)."""
    close_to = people.close_to(op.db, case.person_id)
    return must_recuse(actor_person=op.actor.person_id or 0, judged=case.person_id, close_to=close_to)


def recuse(op: Operation, case: ClearanceCase, relation: Relation) -> None:
    """The actor declares a relation to the person of the case: they decide nothing about that person any more, here
    or elsewhere, and cannot take it back. Raises OwnCase where they are recused already."""
    refuse_own_case(op, case)
    relate(op, person_id=op.actor.person_id or 0, other_id=case.person_id, relation=relation)
    record(op, AuditAction.CASE_RECUSE, subject=("case", case.id), after={"account_id": op.actor.account_id})


def give_opinion(op: Operation, *, check_id: int, outcome: Outcome, ground: str) -> Check:
    """The handler's word on a check. Raises NotFound for another office's, OwnCase, MoveRefused."""
    check = queries.find_check(op.db, op.actor, check_id)
    if not op.may(HANDLES[check.office]):
        raise NotFound
    case = queries.lock_case(op.db, check.case_id)
    refuse_own_case(op, case)
    check.state = move_check(check.state, CheckAction.OPINE)
    opinion = Opinion(
        check_id=check.id,
        round=check.round,
        handler_id=op.actor.account_id or 0,
        outcome=outcome,
        ground_cipher="",
        at=op.now,
    )
    op.db.add(opinion)
    op.db.flush()
    opinion.ground_cipher = encrypt_finding(
        op, person_id=case.person_id, table="opinion", column="ground_cipher", row=opinion.id, text=ground
    )
    after = {
        "case_id": case.id,
        "office": check.office.value,
        "outcome": outcome.value,
        "findings_hash": _digest(opinion.ground_cipher),
    }
    record(op, AuditAction.CHECK_GIVE_OPINION, subject=("check", check.id), after=after)
    return check


def unmask_person(op: Operation, *, check: Check, case: ClearanceCase) -> str:
    """The whole ID number of the person of a check that waits for its handler, who looks it up in the office's own
    records; each look is logged (P46). Raises OwnCase, MoveRefused once an opinion is given."""
    refuse_own_case(op, case)
    move_check(check.state, CheckAction.OPINE)  # only whoever may give an opinion has a use for it
    person = people.person_by_id(op.db, case.person_id)
    return unmask_id_number(op, person, why=f"{OFFICE_WORDS[check.office][0]} {check.id}")


def sign_off(op: Operation, *, check_id: int, agreed: bool, reason: str) -> Check:
    """The approver's word on the opinion: it becomes the office's outcome, or goes back to the handler.

    Raises NotFound for another office's, SameHandler, OwnCase, MoveRefused.
    """
    check = queries.find_check(op.db, op.actor, check_id)
    if not op.may(APPROVES[check.office]):
        raise NotFound
    case = queries.lock_case(op.db, check.case_id)
    refuse_own_case(op, case)
    opinion = queries.last_opinion(op.db, check.id)
    if opinion is None:
        raise MoveRefused
    action = signing(opinion.outcome, round_number=check.round) if agreed else CheckAction.SEND_BACK
    state = move_check(check.state, action)
    if person_of(op.db, opinion.handler_id) == op.actor.person_id:
        raise SameHandler
    signed = SignOff(
        opinion_id=opinion.id, approver_id=op.actor.account_id or 0, agreed=agreed, reason_cipher="", at=op.now
    )
    op.db.add(signed)
    op.db.flush()
    signed.reason_cipher = encrypt_finding(
        op, person_id=case.person_id, table="sign_off", column="reason_cipher", row=signed.id, text=reason
    )
    check.state = state
    about = {"case_id": case.id, "office": check.office.value}
    if not agreed:
        record(op, AuditAction.CHECK_RETURN, subject=("check", check.id), after=about)
        return check
    _settle(op, check, opinion.outcome)
    after = {**about, "outcome": opinion.outcome.value, "valid_until": check.valid_until}
    record(op, AuditAction.CHECK_SIGN_OFF, subject=("check", check.id), after=after)
    if check.state is CheckState.STATEMENT:
        until = {"case_id": case.id, "until": check.statement_due_at}
        record(op, AuditAction.STATEMENT_INVITE, subject=("check", check.id), after=until)
        last_day = local_date(check.statement_due_at).isoformat() if check.statement_due_at else ""
        post(
            op.db,
            person_id=case.person_id,
            template=Kind.STATEMENT_INVITED,
            params={"until": last_day},
            now=op.now,
        )
    if check.state is CheckState.SIGNED and check.outcome is Outcome.ADVERSE:
        op.publish(AdverseOutcomeSigned(case.id))
    _begin_review(op, case)
    return check


def _settle(op: Operation, check: Check, outcome: Outcome) -> None:
    """Write down what a signed outcome means for its check."""
    today = local_date(op.now)
    if check.state is CheckState.SIGNED:
        check.outcome, check.signed_at = outcome, op.now
        check.valid_until = op.now + timedelta(days=op.settings.clearance_valid_days)
    elif check.state is CheckState.STATEMENT:
        last_day = add_workdays(op, today, op.settings.statement_working_days)
        check.statement_due_at = end_of_local_day(last_day)
    else:
        check.due_on = add_workdays(op, today, op.settings.check_working_days)
    op.db.flush()


def _begin_review(op: Operation, case: ClearanceCase) -> None:
    """Once every office has signed, the case is the panel's."""
    checks = queries.checks_of(op.db, [case.id])[case.id]
    if all(check.state is CheckState.SIGNED for check in checks):
        before = case.state
        case.state = move_case(before, CaseAction.CHECKS_SIGNED)
        op.db.flush()
        record(
            op,
            AuditAction.CASE_MOVE,
            subject=("case", case.id),
            before={"state": before.value},
            after={"state": case.state.value},
        )


def file_statement(op: Operation, *, check_id: int, text: str) -> Check:
    """What the person says before an adverse outcome is final; the second round begins. Raises StatementClosed."""
    mine = {check.id: check for check in queries.checks_awaiting_person(op.db, op.actor.person_id or 0)}
    if check_id not in mine:
        raise NotFound
    case = queries.lock_case(op.db, mine[check_id].case_id)
    check = mine[check_id]
    op.db.refresh(check)
    if check.statement_due_at is None or op.now >= check.statement_due_at or queries.statement_of(op.db, check.id):
        raise StatementClosed
    stored = encrypt_finding(
        op, person_id=case.person_id, table="statement", column="text_cipher", row=check.id, text=text
    )
    op.db.add(Statement(check_id=check.id, text_cipher=stored, at=op.now))
    op.db.flush()
    after = {"case_id": case.id, "content_hash": _digest(stored)}
    record(op, AuditAction.STATEMENT_FILE, subject=("check", check.id), after=after)
    _reopen(op, check)
    return check


def _reopen(op: Operation, check: Check) -> None:
    """Begin the second round: the office looks again, knowing what the person said, if anything."""
    check.state = move_check(check.state, CheckAction.REOPEN)
    check.round = 2
    check.due_on = add_workdays(op, local_date(op.now), op.settings.check_working_days)
    op.db.flush()
    after = {"case_id": check.case_id, "office": check.office.value, "round": check.round}
    record(op, AuditAction.CHECK_REOPEN, subject=("check", check.id), after=after)


def sweep_statements(house: House) -> None:
    """Begin the second round of every check whose time for a statement is over; harmless to repeat."""
    with house.database.transaction(reading=True) as session:
        due = queries.overdue_statements(session, house.clock.now())
    for case_id in due:
        with acting_as(house, "statements") as op:
            queries.lock_case(op.db, case_id)
            for check in queries.checks_of(op.db, [case_id])[case_id]:
                over = check.statement_due_at is not None and check.statement_due_at <= op.now
                if check.state is CheckState.STATEMENT and over:
                    _reopen(op, check)


def ground_of(op: Operation, check: Check, case: ClearanceCase) -> str:
    """The ground of the newest opinion on a check; empty where there is none, or once the person was erased."""
    opinion = queries.last_opinion(op.db, check.id)
    if opinion is None:
        return ""
    return decrypt_finding(
        op,
        person_id=case.person_id,
        table="opinion",
        column="ground_cipher",
        row=opinion.id,
        stored=opinion.ground_cipher,
    )


def statement_text(op: Operation, check: Check, case: ClearanceCase) -> str:
    """What the person has stated on a check; empty where nothing."""
    statement = queries.statement_of(op.db, check.id)
    if statement is None:
        return ""
    return decrypt_finding(
        op,
        person_id=case.person_id,
        table="statement",
        column="text_cipher",
        row=check.id,
        stored=statement.text_cipher,
    )


def _digest(stored: str) -> str:
    return hashlib.sha256(stored.encode()).hexdigest()
