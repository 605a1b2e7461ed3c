"""A breach recorded, signed, told, answered, and decided by two other people (decision 0018)."""

import hashlib
from collections.abc import Collection
from datetime import datetime

from app.accounts.queries import person_of
from app.attempts import queries as attempts
from app.attempts.events import MisconductSettled, PersonBarred
from app.attempts.misconduct import queries
from app.attempts.misconduct.models import (
    MisconductCase,
    MisconductCitation,
    MisconductProposal,
    MisconductWitness,
)
from app.attempts.misconduct.rules import (
    GRADES,
    Category,
    Grade,
    MisconductAction,
    MisconductStatementClosed,
    NothingToEnd,
    Ruling,
    SignedAlready,
    check_people,
    check_signed,
    check_when,
    last_day_of_bar,
    may_state,
    move_misconduct,
    proposing,
    settling,
)
from app.attempts.proctoring.ledger import end_pause
from app.attempts.rules import WAITING_ROOM_OPENS, AttemptState, Closing, reckon
from app.attempts.service.closing import close
from app.attempts.signals.queries import sums_of
from app.attempts.signals.rules import SignalKind
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import FieldProblem, Invalid, NotFound
from app.exams.queries.seats import Seat, find_room, find_seat
from app.operation import Operation
from app.outbox.post import post
from app.outbox.templates import Kind
from app.people.calendar import end_of_local_day, local_date
from app.people.queries import close_to, lock_person
from app.people.rules import FactKind, StandingFact
from app.people.service import add_workdays, append_fact, decrypt_finding, encrypt_finding
from app.security.permissions import Capability

CASE, PROPOSAL = "misconduct_case", "misconduct_proposal"


def record_case(
    op: Operation,
    *,
    room_id: int,
    registration_id: int,
    category: Category,
    happened_at: datetime,
    facts: str,
    evidence: str,
    end: bool,
    cited: Collection[SignalKind] = (),
) -> MisconductCase:
    """Write down what a candidate of a room did, citing signals of theirs; with `end` their running attempt is ended
    now. What was saved until then is kept and scored, and the result is withheld until the case is decided (P2). Only a
    person does this.

    Raises NotFound, Invalid naming happened_at or cited, NothingToEnd, OwnMisconduct.
    """
    find_room(op.db, op.actor, room_id, by=Capability.ROOM_RUN)
    seat = find_seat(op.db, registration_id)
    if seat.room_id != room_id:
        raise NotFound
    _check_person(op, seat.person_id)
    check_when(happened_at, opens=seat.starts_at - WAITING_ROOM_OPENS, now=op.now)
    case = MisconductCase(
        registration_id=registration_id,
        room_id=room_id,
        seat=seat.seat,
        state=move_misconduct(None, MisconductAction.RECORD),
        category=category,
        happened_at=happened_at,
        facts_cipher="",
        evidence_cipher="",
        ended=end,
        reported_by=op.actor.account_id or 0,
        reported_at=op.now,
    )
    op.db.add(case)
    op.db.flush()
    case.facts_cipher = _shut(op, seat.person_id, (CASE, "facts_cipher", case.id), facts)
    case.evidence_cipher = _shut(op, seat.person_id, (CASE, "evidence_cipher", case.id), evidence)
    op.db.flush()
    _cite(op, case, cited)
    if end:
        _end_attempt(op, case)
    after = {
        "registration_id": registration_id,
        "category": category,
        "ended": end,
        "cited": sorted(cited),
        "facts_hash": _digest(case.facts_cipher),
        "evidence_hash": _digest(case.evidence_cipher),
    }
    record(op, AuditAction.MISCONDUCT_RECORD, subject=("misconduct", case.id), after=after)
    _tell(op, seat, Kind.MISCONDUCT_RECORDED)
    return case


def _cite(op: Operation, case: MisconductCase, kinds: Collection[SignalKind]) -> None:
    """Keep these signals of the candidate with the case, as they stand."""
    noticed = {one.kind: one for one in sums_of(op.db, op.actor, [case.registration_id]).get(case.registration_id, [])}
    if not set(kinds) <= noticed.keys():
        raise Invalid(FieldProblem("cited", "该考生没有这项过程记录。", "There is no such signal of this candidate."))
    for one in (noticed[kind] for kind in sorted(set(kinds))):
        op.db.add(
            MisconductCitation(
                case_id=case.id,
                kind=one.kind,
                count=one.count,
                seconds=one.seconds,
                first_at=one.first_at,
                last_at=one.last_at,
                more=one.capped,
            )
        )
    op.db.flush()


def _end_attempt(op: Operation, case: MisconductCase) -> None:
    found = attempts.attempt_of(op.db, case.registration_id)
    attempt = attempts.hold_any(op.db, found.id) if found else None
    if attempt is None or attempt.state is not AttemptState.OPEN:
        raise NothingToEnd
    as_of = min(reckon(op.now, paused_at=attempt.paused_at), attempt.deadline_at)
    end_pause(op, attempt)
    close(op, attempt, closing=Closing.ENDED, as_of=as_of, cause=case.category)


def witness(op: Operation, *, case_id: int) -> MisconductCase:
    """Confirm a record as one who saw it; another than its reporter. Raises NotFound, MisconductMoved, SignedAlready,
    SamePersonInCase, OwnMisconduct."""
    case = queries.find_case(op.db, op.actor, case_id, hold=True)
    find_room(op.db, op.actor, case.room_id, by=Capability.ROOM_RUN)
    case.state = move_misconduct(case.state, MisconductAction.SIGN)
    if op.actor.person_id in _witnesses(op, case):
        raise SignedAlready
    _check_person(op, _person(op, case), person_of(op.db, case.reported_by))
    op.db.add(MisconductWitness(case_id=case.id, account_id=op.actor.account_id or 0, at=op.now))
    op.db.flush()
    record(op, AuditAction.MISCONDUCT_WITNESS, subject=("misconduct", case.id), after={"by": "witness"})
    return case


def sign_own(op: Operation, *, case_id: int) -> MisconductCase:
    """The candidate signs that the record was read to them; it admits nothing. Raises NotFound, MisconductMoved,
    SignedAlready."""
    case = queries.own_case(op.db, op.actor, case_id, hold=True)
    case.state = move_misconduct(case.state, MisconductAction.SIGN)
    if case.signed_at is not None:
        raise SignedAlready
    case.signed_at = op.now
    op.db.flush()
    record(op, AuditAction.MISCONDUCT_WITNESS, subject=("misconduct", case.id), after={"by": "candidate"})
    return case


def notify(op: Operation, *, case_id: int, document_number: str) -> MisconductCase:
    """Give the notice (告知书): the person may make a statement until the last of so many working days is over.

    Raises NotFound, MisconductMoved, NotSigned, SamePersonInCase, OwnMisconduct.
    """
    case = queries.find_case(op.db, op.actor, case_id, hold=True)
    state = move_misconduct(case.state, MisconductAction.NOTIFY)
    witnesses = _witnesses(op, case)
    check_signed(by_candidate=case.signed_at is not None, witnesses=len(witnesses))
    _check_person(op, _person(op, case), person_of(op.db, case.reported_by), *witnesses)
    last_day = add_workdays(op, local_date(op.now), op.settings.statement_working_days)
    case.state, case.notice_number = state, document_number
    case.notified_by, case.notified_at = op.actor.account_id, op.now
    case.statement_due_at = end_of_local_day(last_day)
    op.db.flush()
    after = {"state": state, "until": case.statement_due_at}
    record(op, AuditAction.MISCONDUCT_NOTIFY, subject=("misconduct", case.id), after=after)
    _tell(op, _seat(op, case), Kind.MISCONDUCT_NOTIFIED, until=last_day.isoformat())
    return case


def file_statement(op: Operation, *, case_id: int, text: str) -> MisconductCase:
    """What the person says to the notice, once. Raises NotFound, MisconductStatementClosed."""
    case = queries.own_case(op.db, op.actor, case_id, hold=True)
    if not may_state(case.state, stated=case.stated_at is not None, due=case.statement_due_at, now=op.now):
        raise MisconductStatementClosed
    case.state = move_misconduct(case.state, MisconductAction.STATE)
    case.statement_cipher = _shut(op, _person(op, case), (CASE, "statement_cipher", case.id), text)
    case.stated_at = op.now
    op.db.flush()
    after = {"content_hash": _digest(case.statement_cipher)}
    record(op, AuditAction.MISCONDUCT_STATE, subject=("misconduct", case.id), after=after)
    return case


def propose(op: Operation, *, case_id: int, ruling: Ruling, document_number: str, reason: str) -> MisconductProposal:
    """Propose what follows; another person than the reporter and the witnesses. Raises NotFound, MisconductMoved,
    NotHeard, RulingTooGrave, SamePersonInCase, OwnMisconduct."""
    case = queries.find_case(op.db, op.actor, case_id, hold=True)
    action = proposing(
        ruling,
        category=case.category,
        ended=case.ended,
        notified=case.notified_at is not None,
        stated=case.stated_at is not None,
        due=case.statement_due_at,
        now=op.now,
    )
    before, case.state = case.state, move_misconduct(case.state, action)
    person_id = _person(op, case)
    _check_person(op, person_id, person_of(op.db, case.reported_by), *_witnesses(op, case))
    proposal = MisconductProposal(
        case_id=case.id,
        ruling=ruling,
        document_number=document_number,
        reason_cipher="",
        proposed_by=op.actor.account_id or 0,
        proposed_at=op.now,
    )
    op.db.add(proposal)
    op.db.flush()
    proposal.reason_cipher = _shut(op, person_id, (PROPOSAL, "reason_cipher", proposal.id), reason)
    op.db.flush()
    record(
        op,
        AuditAction.MISCONDUCT_PROPOSE,
        subject=("misconduct", case.id),
        before={"state": before},
        after={"state": case.state, "ruling": ruling, "reason_hash": _digest(proposal.reason_cipher)},
    )
    return proposal


def settle(op: Operation, *, case_id: int, agreed: bool, note: str) -> MisconductCase:
    """Decide as was proposed, or send it back; a person who has had no part in the case. What follows for result,
    clearance and certificate follows in this transaction (P27, P32).

    Raises NotFound, MisconductMoved, SamePersonInCase, OwnMisconduct.
    """
    case = queries.find_case(op.db, op.actor, case_id, hold=True)
    action = settling(agreed=agreed, notified=case.notified_at is not None)
    before, case.state = case.state, move_misconduct(case.state, action)
    proposal = queries.proposals_of(op.db, case.id)[-1]
    seat = _seat(op, case)
    parts = person_of(op.db, case.reported_by), person_of(op.db, proposal.proposed_by)
    _check_person(op, seat.person_id, *parts, *_witnesses(op, case))
    proposal.agreed, proposal.decided_by, proposal.decided_at = agreed, op.actor.account_id, op.now
    after: dict[str, object] = {
        "state": case.state,
        "ruling": proposal.ruling,
        "agreed": agreed,
        "proposed_by": proposal.proposed_by,
    }
    if agreed:
        case.ruling, case.settled_at = proposal.ruling, op.now
        if proposal.ruling is Ruling.BAR:
            first = local_date(op.now)
            proposal.bar_until = last_day_of_bar(first, months=bar_months(op, case.category))
            after["bar_until"] = proposal.bar_until
    op.db.flush()
    record(
        op,
        AuditAction.MISCONDUCT_SETTLE,
        subject=("misconduct", case.id),
        before={"state": before},
        after=after,
        reason=note,
    )
    if agreed:
        op.publish(MisconductSettled(case.id, case.registration_id, seat.exam_id, proposal.ruling))
        if proposal.bar_until is not None:
            _bar(op, case, proposal, seat.person_id)
        _tell(op, seat, Kind.MISCONDUCT_SETTLED)
    return case


def _bar(op: Operation, case: MisconductCase, proposal: MisconductProposal, person_id: int) -> None:
    """Held like an issue holds the person: a certificate is issued before the bar, or not at all."""
    lock_person(op.db, person_id)
    first = local_date(op.now)
    fact = StandingFact(FactKind.BARRED, f"misconduct:{case.id}", first, proposal.bar_until)
    append_fact(op, person_id=person_id, fact=fact)
    record(op, AuditAction.PERSON_BAR, subject=("person", person_id), after={"until": proposal.bar_until})
    op.publish(PersonBarred(person_id))


def bar_months(op: Operation, category: Category) -> int:
    """How long cheating of this category keeps a person from sitting, by the settings."""
    settings = op.settings
    return settings.bar_months_grave if GRADES[category] is Grade.GRAVE else settings.bar_months_cheating


def facts_of(op: Operation, case: MisconductCase) -> tuple[str, str, str]:
    """Facts, evidence and statement of a case in clear; empty once the person's data have been erased."""
    person_id = _person(op, case)
    stored = (
        ("facts_cipher", case.facts_cipher),
        ("evidence_cipher", case.evidence_cipher),
        ("statement_cipher", case.statement_cipher or ""),
    )
    facts, evidence, statement = (
        decrypt_finding(op, person_id=person_id, table=CASE, column=column, row=case.id, stored=text) if text else ""
        for column, text in stored
    )
    return facts, evidence, statement


def reason_of(op: Operation, case: MisconductCase, proposal: MisconductProposal) -> str:
    """Why it was proposed, in clear; empty once the person's data have been erased."""
    return decrypt_finding(
        op,
        person_id=_person(op, case),
        table=PROPOSAL,
        column="reason_cipher",
        row=proposal.id,
        stored=proposal.reason_cipher,
    )


def had_part(op: Operation, case: MisconductCase, *, proposal: MisconductProposal | None) -> bool:
    """Whether the actor reported, witnessed or (with a proposal) proposed, under whatever account."""
    parts = {person_of(op.db, case.reported_by), *_witnesses(op, case)}
    return op.actor.person_id in parts | ({person_of(op.db, proposal.proposed_by)} if proposal else set())


def _seat(op: Operation, case: MisconductCase) -> Seat:
    return find_seat(op.db, case.registration_id)


def _person(op: Operation, case: MisconductCase) -> int:
    return _seat(op, case).person_id


def _witnesses(op: Operation, case: MisconductCase) -> set[int]:
    return {person_of(op.db, witness.account_id) for witness in queries.witnesses_of(op.db, [case.id])[case.id]}


def _check_person(op: Operation, judged: int, *others: int) -> None:
    check_people(op.actor.person_id, others=others, judged=judged, close_to=close_to(op.db, judged))


def _shut(op: Operation, person_id: int, place: tuple[str, str, int], text: str) -> str:
    table, column, row = place
    return encrypt_finding(op, person_id=person_id, table=table, column=column, row=row, text=text)


def _digest(stored: str) -> str:
    return hashlib.sha256(stored.encode()).hexdigest()


def _tell(op: Operation, seat: Seat, kind: Kind, **more: str) -> None:
    post(op.db, person_id=seat.person_id, template=kind, params={"exam": seat.exam_name, **more}, now=op.now)
